// The visit on the site: photos one by one, the position, a draft that survives a closed tab and a lost network,
// sent once. Without this script the form is a plain one.
"use strict";

const visitTime = (at) =>
  new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const visitDay = (at) => {
  const day = new Date(at);
  const same = day.toDateString() === new Date().toDateString();
  return same ? visitTime(at) : `${day.getMonth() + 1}月${day.getDate()}日 ${visitTime(at)}`;
};

const beginVisit = async (form) => {
  const key = `${form.dataset.user}:${form.dataset.supply}`;
  const find = (selector) => form.querySelector(selector);
  const NOT_KEPT = new Set(["csrfmiddlewaretoken", "kept", "drop", "photos"]);
  const RETRY_SECONDS = [3, 5, 10, 20, 30, 60];
  const photos = [];
  let sending = false; // wants to be sent, now or when the network is back
  let posting = false; // is being sent
  let closed = false; // sent: nothing is kept any more
  let storable = true;
  let savedAt = null;
  let timeIsTyped = false;
  let located = null;
  let failures = 0;
  let timer = null;

  // --- The draft ---------------------------------------------------------------------------------------
  const values = () => {
    const found = {};
    for (const field of form.elements) {
      if (!field.name || NOT_KEPT.has(field.name) || field.type === "file") continue;
      if (field.type === "radio") {
        if (field.checked) found[field.name] = field.value;
      } else {
        found[field.name] = field.value;
      }
    }
    return found;
  };

  const tellSaved = () => {
    const place = document.querySelector("[data-saved]");
    const icon = document.createElement("i");
    icon.className = navigator.onLine ? "ti ti-cloud-check" : "ti ti-cloud-off";
    icon.setAttribute("aria-hidden", "true");
    const said = savedAt ? `草稿已存 ${visitTime(savedAt)}` : "";
    const text = storable ? said : "草稿存不下，请及时提交";
    place.classList.toggle("visit-offline", !navigator.onLine || !storable);
    if (!text && navigator.onLine) return place.replaceChildren();
    place.replaceChildren(icon, navigator.onLine || !storable ? text : `断网${text && `，${text}`}`);
  };

  const save = async () => {
    if (closed) return;
    const now = Date.now();
    try {
      await visitStore.saveDraft({ key, values: values(), savedAt: now, sending, timeIsTyped });
      savedAt = now;
    } catch {
      storable = false;
    }
    tellSaved();
  };

  let waitingToSave = null;
  const saveSoon = () => {
    clearTimeout(waitingToSave);
    waitingToSave = setTimeout(save, 250);
  };

  const changed = () => {
    form.dispatchEvent(new CustomEvent("visit-changed"));
    saveSoon();
  };

  const restore = async () => {
    await visitStore.clearOld();
    const row = await visitStore.draft(key);
    const kept = await visitStore.photos(key);
    if (!row && !kept.length) return;
    for (const [name, value] of Object.entries(row ? row.values : {})) {
      const field = form.elements[name];
      if (!field) continue;
      if (field instanceof RadioNodeList) {
        for (const one of field) one.checked = one.value === value;
      } else if (field.type === "radio") {
        field.checked = field.value === value;
      } else {
        field.value = value;
      }
    }
    for (const photo of kept) addTile({ ...photo, state: photo.pk ? "kept" : "waiting" });
    if (!row) return;
    savedAt = row.savedAt;
    timeIsTyped = Boolean(row.timeIsTyped);
    sending = Boolean(row.sending);
    find("[data-restored]").hidden = false;
    find("[data-restored-text]").textContent = sending
      ? `${visitDay(savedAt)} 的巡查记录还没有送达，正在接着提交。`
      : `已恢复 ${visitDay(savedAt)} 的草稿。`;
    if (form.elements.longitude.value) showPosition();
  };

  // --- What is asked depends on what was found ----------------------------------------------------------
  const showBlocks = () => {
    const chosen = form.elements.finding && form.elements.finding.value;
    for (const block of form.querySelectorAll("[data-shown]")) {
      const shown = block.dataset.shown.split(" ").includes(chosen);
      const needed = block.dataset.needed.split(" ").includes(chosen);
      block.toggleAttribute("data-off", !shown);
      const title = block.querySelector("[data-title]");
      const titles = JSON.parse(block.dataset.titles);
      if (title && titles[chosen]) title.textContent = titles[chosen];
      const mark = block.querySelector("[data-needed-mark]");
      if (mark) mark.hidden = !needed;
    }
  };

  // --- Photos -------------------------------------------------------------------------------------------
  const WORDS = { waiting: "等待上传", sending: "上传中", kept: "已上传", failed: "不能上传" };
  const UNUSABLE = "有照片不能上传，请移除后再提交。";

  const showTile = (photo) => {
    const { tile } = photo;
    const again = photo.state === "waiting" && Boolean(photo.tried);
    const word = photo.state === "sending" ? `上传中 ${photo.percent || 0}%` : WORDS[photo.state];
    tile.dataset.state = photo.state;
    tile.querySelector("[data-word]").textContent = again ? "稍后再传" : word;
    tile.querySelector("progress").value = photo.state === "kept" ? 100 : photo.percent || 0;
    tile.querySelector("progress").hidden = photo.state === "kept" || photo.state === "failed";
    tile.querySelector("[data-retry]").hidden = !again;
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
    const remove = tile.querySelector(".visit-photo-remove");
    remove.setAttribute("aria-label", `移除 ${photo.name}`);
    remove.addEventListener("click", () => removePhoto(photo));
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

  const rowOf = ({ id, name, blob, order, pk }) => ({ id, draft: key, name, blob, order, pk: pk || null });

  const keepPhoto = async (photo) => {
    try {
      await visitStore.savePhoto(rowOf(photo));
    } catch {
      storable = false;
      tellSaved();
    }
  };

  const addFiles = async (files) => {
    tellErrors({ photos: [] });
    for (const file of files) {
      if (photos.length >= Number(form.dataset.mostPhotos)) {
        tellErrors({ photos: [`一次巡查最多上传 ${form.dataset.mostPhotos} 张照片。`] });
        break;
      }
      const photo = { id: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}` };
      Object.assign(photo, { name: file.name, blob: file, order: Date.now() + photos.length, state: "waiting" });
      if (file.size > Number(form.dataset.mostBytes)) {
        const most = Math.round(Number(form.dataset.mostBytes) / 1024 / 1024);
        photo.state = "failed";
        tellErrors({ photos: [`${file.name}：超过 ${most} MB，请缩小后再传。`] });
      }
      addTile(photo);
      if (photo.state === "waiting") await keepPhoto(photo);
    }
    if (!timeIsTyped && photos.length === files.length) setNow();
    if (located && Date.now() - located > 5 * 60 * 1000) locate();
    changed();
    upload();
  };

  const removePhoto = async (photo) => {
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
    saveSoon();
  };

  const upload = () => {
    if (closed || !navigator.onLine || photos.some((photo) => photo.state === "sending")) return;
    const photo = photos.find((one) => one.state === "waiting");
    if (!photo) {
      if (sending) send();
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
      retryLater();
    };
    request.addEventListener("error", later);
    request.addEventListener("timeout", later);
    request.addEventListener("abort", upload);
    request.addEventListener("load", async () => {
      const answer = parsed(request.responseText);
      if (request.status === 201 && answer) {
        failures = 0;
        Object.assign(photo, { state: "kept", pk: answer.pk, percent: 100 });
        await keepPhoto(photo);
        saveSoon();
        return goOn();
      }
      if (request.status === 422 && answer) {
        photo.state = "failed";
        tellErrors({ photos: [`${photo.name}：${answer.error}`] });
        await visitStore.removePhoto(photo.id).catch(() => {});
        return goOn();
      }
      if (request.status >= 500) return later();
      photo.state = "waiting";
      showTile(photo);
      tellSignedOut();
    });
    request.send(body);
  };

  const parsed = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  };

  // --- Position -----------------------------------------------------------------------------------------
  const place = (word, state) => {
    find("[data-position]").hidden = false;
    find("[data-position]").dataset.state = state;
    find("[data-position-word]").textContent = word;
    find("[data-reason]").toggleAttribute("data-off", state !== "failed");
  };

  const showPosition = () => {
    const { longitude, latitude, accuracy } = form.elements;
    place("已定位", "found");
    const told = [`北纬 ${Number(latitude.value).toFixed(4)}°`, `东经 ${Number(longitude.value).toFixed(4)}°`];
    if (accuracy.value) told.push(`精度 ${Math.round(Number(accuracy.value))} 米`);
    const facts = told.map((text) => Object.assign(document.createElement("span"), { textContent: text }));
    find("[data-position-facts]").replaceChildren(...facts);
  };

  const locate = () => {
    if (!isSecureContext || !navigator.geolocation) {
      return place("浏览器不提供定位：须用 HTTPS 打开本系统", "failed");
    }
    place("正在定位…", "asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.longitude.value = coords.longitude.toFixed(7);
        form.elements.latitude.value = coords.latitude.toFixed(7);
        form.elements.accuracy.value = Math.round(coords.accuracy);
        located = Date.now();
        showPosition();
        tellErrors({ no_position_reason: [] });
        changed();
      },
      (error) => {
        if (form.elements.longitude.value) return showPosition(); // the earlier one still holds
        const why = { 1: "没有定位权限，请在浏览器设置中允许", 2: "收不到定位信号", 3: "定位超时" };
        place(why[error.code] || "不能定位", "failed");
      },
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
    );
  };

  const setNow = () => {
    const now = new Date();
    const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
    form.elements.at.value = local.toISOString().slice(0, 16);
  };

  // --- Errors -------------------------------------------------------------------------------------------
  const tellErrors = (errors) => {
    const general = [];
    for (const [name, messages] of Object.entries(errors)) {
      const field = form.querySelector(`[data-field="${name}"]`);
      const line = field && field.querySelector("[data-error]");
      if (line) line.textContent = messages.join(" ");
      else general.push(...messages);
      if (field) field.toggleAttribute("data-wrong", messages.length > 0);
    }
    if (general.length) tellGeneral(general.join(" "));
  };

  const tellGeneral = (text, link) => {
    const box = find("[data-error-general]");
    box.hidden = !text;
    const line = box.querySelector("[data-error-text]");
    line.textContent = text;
    if (link) line.append(link);
  };

  const clearErrors = () => {
    for (const line of form.querySelectorAll("[data-error]")) line.textContent = "";
    for (const field of form.querySelectorAll("[data-wrong]")) field.removeAttribute("data-wrong");
    tellGeneral("");
  };

  const toFirstError = () => {
    const first = find("[data-wrong]") || find("[data-error-general]");
    first.scrollIntoView({ block: "center" });
    const field = first.querySelector("input:not([type=hidden]), textarea");
    if (field) field.focus({ preventScroll: true });
  };

  // What would be refused is told before: out there the answer of the server may be hours away.
  const missing = () => {
    const errors = {};
    if (!photos.length && !find("input[name=kept]")) errors.photos = ["请至少上传一张现场照片。"];
    if (photos.some((photo) => photo.state === "failed")) errors.photos = [UNUSABLE];
    if (!form.elements.longitude.value && !form.elements.no_position_reason.value.trim()) {
      errors.no_position_reason = ["请定位；不能定位的，请说明原因。"];
    }
    const chosen = form.elements.finding && form.elements.finding.value;
    for (const field of form.querySelectorAll("[data-needed-always], [data-needed]")) {
      if ("needed" in field.dataset && !field.dataset.needed.split(" ").includes(chosen)) continue;
      const name = field.dataset.field;
      if (!form.elements[name].value) errors[name] = [name === "since" ? "请填写日期。" : "请选择。"];
    }
    if (!form.elements.at.value) errors.at = ["请填写巡查时间。"];
    return errors;
  };

  // --- Sending ------------------------------------------------------------------------------------------
  const tellStatus = (text) => {
    const line = find("[data-status]");
    line.hidden = !text;
    line.textContent = text;
    const button = find("[data-send]");
    button.disabled = sending;
    button.textContent = sending ? (navigator.onLine ? "正在提交…" : "联网后自动提交") : "提交巡查记录";
  };

  const OFFLINE = "没有网络。内容和照片已存在手机里，联网后自动提交；关掉本页也不会丢，下次打开接着提交。";

  const retryLater = () => {
    clearTimeout(timer);
    const seconds = RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length - 1)];
    failures += 1;
    if (sending) tellStatus(navigator.onLine ? `网络中断，${seconds} 秒后再试。内容已存在手机里。` : OFFLINE);
    timer = setTimeout(upload, seconds * 1000);
  };

  const tellSignedOut = () => {
    sending = false;
    save();
    tellStatus("");
    const link = document.createElement("a");
    link.href = `${form.dataset.login}?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = "重新登录";
    tellGeneral("登录已过期。草稿还在手机里，登录后接着填写、提交：", link);
  };

  const stop = () => {
    sending = false;
    save();
    tellStatus("");
  };

  const send = async () => {
    if (posting || closed) return;
    if (photos.some((photo) => photo.state === "failed")) {
      tellErrors({ photos: [UNUSABLE] });
      stop();
      return toFirstError();
    }
    posting = true;
    tellStatus("正在提交…");
    const body = new FormData(form);
    body.delete("photos");
    for (const photo of photos) body.append("kept", photo.pk);
    let response;
    try {
      response = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout ? AbortSignal.timeout(60_000) : undefined,
      });
    } catch {
      posting = false;
      return retryLater();
    }
    const answer = parsed(await response.text().catch(() => ""));
    posting = false;
    if (response.ok && answer && answer.url) {
      closed = true;
      clearTimeout(waitingToSave);
      await visitStore.clear(key).catch(() => {});
      location.assign(answer.url);
      return;
    }
    if (response.status === 422 && answer) {
      stop();
      clearErrors();
      tellErrors(answer.errors);
      if (answer.errors.photos) uploadAgain();
      return toFirstError();
    }
    if (response.status >= 500) return retryLater();
    tellSignedOut();
  };

  // The server does not know some photo any more: those that it has are not kept twice.
  const uploadAgain = () => {
    for (const photo of photos) {
      if (photo.state !== "kept" || !photo.blob) continue;
      Object.assign(photo, { state: "waiting", pk: null, percent: 0 });
      showTile(photo);
    }
    upload();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending || closed) return;
    clearErrors();
    const errors = missing();
    if (Object.keys(errors).length) {
      tellErrors(errors);
      return toFirstError();
    }
    sending = true;
    failures = 0;
    tellStatus(navigator.onLine ? "正在提交…" : OFFLINE);
    await save();
    upload();
  });

  // --- Events ---------------------------------------------------------------------------------------------
  form.addEventListener("input", (event) => {
    if (event.target.name === "at") timeIsTyped = true;
    const field = event.target.closest("[data-field]");
    if (field && event.target.type !== "file") tellErrors({ [field.dataset.field]: [] });
    saveSoon();
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick]")) {
      const files = [...event.target.files];
      event.target.value = "";
      event.stopPropagation();
      addFiles(files);
      return;
    }
    if (event.target.name === "finding") showBlocks();
  });
  find("[data-locate]").addEventListener("click", locate);
  find("[data-discard]").addEventListener("click", async () => {
    closed = true;
    clearTimeout(waitingToSave);
    for (const photo of [...photos]) await removePhoto(photo);
    await visitStore.clear(key).catch(() => {});
    location.reload();
  });
  addEventListener("online", () => {
    failures = 0;
    tellSaved();
    if (sending) tellStatus("正在提交…");
    else form.dispatchEvent(new CustomEvent("visit-changed"));
    upload();
  });
  addEventListener("offline", () => {
    tellSaved();
    if (sending) tellStatus(OFFLINE);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload(); // the way back: not with the keys of what was sent
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && savedAt) save();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (sending || !navigator.onLine) event.preventDefault(); // asked again when the network is back
  });

  showBlocks();
  try {
    await restore();
  } catch {
    storable = false; // private windows of some browsers: everything works, but nothing is kept
  }
  showBlocks();
  tellSaved();
  if (!form.elements.longitude.value) locate();
  else if (!located) showPosition();
  if (sending) tellStatus(navigator.onLine ? "正在提交…" : OFFLINE);
  form.dispatchEvent(new CustomEvent("visit-changed"));
  upload();
};

// The officer's round: which visits have begun and wait in this browser.
const markRound = async (round) => {
  for (const link of round.querySelectorAll("[data-supply]")) {
    const row = await visitStore.draft(`${round.dataset.user}:${link.dataset.supply}`).catch(() => null);
    if (!row) continue;
    link.textContent = row.sending ? "接着提交" : "继续巡查";
    const note = link.parentElement.querySelector("[data-draft]");
    note.textContent = row.sending ? `${visitDay(row.savedAt)} 的记录还没有送达` : `草稿 ${visitDay(row.savedAt)}`;
  }
};

addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-visit]");
  if (form) beginVisit(form);
  const round = document.querySelector("[data-round]");
  if (round) markRound(round);
});
