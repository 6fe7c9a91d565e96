// The photos of a visit: kept in the browser at once, uploaded one by one, again when the network is back.
//   visit: {key, tell, isClosed, saveSoon, added, uploaded, reached, retryLater, signedOut, notStorable}
"use strict";

const visitParsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const visitPhotos = (form, visit) => {
  const find = (selector) => form.querySelector(selector);
  const most = Number(form.dataset.mostPhotos);
  const mostBytes = Number(form.dataset.mostBytes);
  const photos = [];
  const WORDS = { waiting: "等待上传", sending: "上传中", kept: "已上传", failed: "不能上传" };

  const showTile = (photo) => {
    const { tile } = photo;
    const failedOnce = photo.state === "waiting" && Boolean(photo.tried);
    const word = photo.state === "sending" ? `上传中 ${photo.percent || 0}%` : WORDS[photo.state];
    tile.dataset.state = photo.state;
    tile.querySelector("[data-word]").textContent = failedOnce ? "稍后再传" : word;
    tile.querySelector("progress").value = photo.state === "kept" ? 100 : photo.percent || 0;
    tile.querySelector("progress").hidden = photo.state === "kept" || photo.state === "failed";
    tile.querySelector("[data-retry]").hidden = !failedOnce;
    showTotal();
  };

  const showTotal = () => {
    const done = photos.filter((photo) => photo.state === "kept").length;
    const percent = photos.reduce((sum, photo) => sum + (photo.state === "kept" ? 100 : photo.percent || 0), 0);
    const total = find("[data-total]");
    total.hidden = !photos.length;
    total.querySelector("progress").value = photos.length ? percent / photos.length : 0;
    find("[data-total-word]").textContent = `${done} / ${photos.length} 张`;
    find("[data-photos-chosen]").textContent = photos.length ? `，已选 ${photos.length} 张` : "";
  };

  const addTile = (photo) => {
    const tile = find("[data-tile]").content.firstElementChild.cloneNode(true);
    const number = photos.length + 1;
    const picture = tile.querySelector("img");
    if (photo.blob) picture.src = URL.createObjectURL(photo.blob);
    picture.alt = `照片 ${photo.name}`;
    tile.querySelector("progress").setAttribute("aria-label", `第 ${number} 张的上传进度`);
    const cross = tile.querySelector(".visit-photo-remove");
    cross.setAttribute("aria-label", `移除 ${photo.name}`);
    cross.addEventListener("click", () => remove(photo));
    tile.querySelector("[data-retry]").addEventListener("click", () => {
      photo.tried = false;
      showTile(photo);
      upload();
    });
    photo.tile = tile;
    photos.push(photo);
    find(".visit-pick").before(tile);
    showTile(photo);
  };

  const rowOf = ({ id, name, blob, order, pk }) => ({ id, draft: visit.key, name, blob, order, pk: pk || null });

  const keepPhoto = async (photo) => {
    try {
      await visitStore.savePhoto(rowOf(photo));
    } catch {
      visit.notStorable();
    }
  };

  // What is not taken, and why: nothing of it stays in the form.
  const refused = (large, tooMany) => {
    const said = [];
    const megabytes = (size) => `${(size / 1024 / 1024).toFixed(1)} MB`;
    if (large.length) {
      const names = large.map((file) => `${file.name}（${megabytes(file.size)}）`).join("、");
      said.push(`${names}没有加入：每张不能超过 ${megabytes(mostBytes)}，请调低相机的分辨率后重拍。`);
    }
    if (tooMany) said.push(`一次巡查最多 ${most} 张照片，多选的 ${tooMany} 张没有加入。`);
    return said;
  };

  const add = async (files) => {
    const large = files.filter((file) => file.size > mostBytes);
    const fitting = files.filter((file) => file.size <= mostBytes);
    const taken = fitting.slice(0, Math.max(0, most - photos.length));
    visit.tell.at({ photos: refused(large, fitting.length - taken.length) });
    const isFirst = !photos.length;
    for (const file of taken) {
      const photo = { id: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}` };
      Object.assign(photo, { name: file.name, blob: file, order: Date.now() + photos.length, state: "waiting" });
      addTile(photo);
      await keepPhoto(photo);
    }
    if (!taken.length) return;
    visit.added(isFirst);
    upload();
  };

  const remove = async (photo) => {
    photos.splice(photos.indexOf(photo), 1);
    if (photo.request) photo.request.abort();
    URL.revokeObjectURL(photo.tile.querySelector("img").src);
    const next = photo.tile.nextElementSibling;
    photo.tile.remove();
    (next.querySelector(".visit-photo-remove") || next.querySelector("input")).focus();
    showTotal();
    await visitStore.removePhoto(photo.id).catch(() => {});
    if (photo.pk) {
      const body = new FormData();
      body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      // What cannot be removed now is left out when the visit is sent, and cleared away later.
      fetch(form.dataset.removeUrl.replace("/0/", `/${photo.pk}/`), { method: "POST", body }).catch(() => {});
    }
    visit.saveSoon();
  };

  const upload = () => {
    if (visit.isClosed() || !navigator.onLine || photos.some((photo) => photo.state === "sending")) return;
    const photo = photos.find((one) => one.state === "waiting");
    if (!photo) {
      visit.uploaded();
      return;
    }
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("draft_key", form.elements.draft_key.value);
    body.append("photo", photo.blob, photo.name);
    const request = new XMLHttpRequest();
    photo.request = request;
    photo.state = "sending";
    photo.percent = 0;
    showTile(photo);
    request.open("POST", form.dataset.photosUrl);
    request.setRequestHeader("Accept", "application/json");
    request.timeout = 180_000;
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      photo.percent = Math.min(99, Math.floor((event.loaded / event.total) * 100));
      showTile(photo);
    });
    const goOn = () => {
      photo.request = null;
      showTile(photo);
      upload();
    };
    const later = () => {
      if (!photos.includes(photo)) return upload();
      photo.request = null;
      Object.assign(photo, { state: "waiting", percent: 0, tried: true });
      showTile(photo);
      visit.retryLater();
    };
    request.addEventListener("error", later);
    request.addEventListener("timeout", later);
    request.addEventListener("abort", upload);
    request.addEventListener("load", async () => {
      const answer = visitParsed(request.responseText);
      if (request.status === 201 && answer) {
        visit.reached();
        Object.assign(photo, { state: "kept", pk: answer.pk, percent: 100 });
        await keepPhoto(photo);
        visit.saveSoon();
        return goOn();
      }
      if (request.status === 422 && answer) {
        photo.state = "failed";
        visit.tell.at({ photos: [`${photo.name}：${answer.error}`] });
        await visitStore.removePhoto(photo.id).catch(() => {});
        return goOn();
      }
      if (request.status >= 500) return later();
      photo.state = "waiting";
      showTile(photo);
      visit.signedOut();
    });
    request.send(body);
  };

  // The server does not know some photo any more: those that it has are not kept twice.
  const again = () => {
    for (const photo of photos) {
      if (photo.state !== "kept" || !photo.blob) continue;
      Object.assign(photo, { state: "waiting", pk: null, percent: 0 });
      showTile(photo);
    }
    upload();
  };

  return {
    add,
    again,
    remove,
    upload,
    restore: (kept) => kept.forEach((photo) => addTile({ ...photo, state: photo.pk ? "kept" : "waiting" })),
    all: () => [...photos],
    areUnusable: () => photos.some((photo) => photo.state === "failed"),
  };
};
