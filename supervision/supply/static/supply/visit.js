// The visit on the site: photos one by one, the position, a draft that survives a closed tab and a lost network,
// sent once. Without this script the form is a plain one.
"use strict";

// The bureau's time, whatever the phone is set to: ``2026-11-23T10:40``.
const visitClock = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai",
  dateStyle: "short",
  timeStyle: "short",
});
const visitMinute = (at) => visitClock.format(new Date(at)).replace(" ", "T");
const visitTime = (at) => visitMinute(at).slice(11);
const visitDay = (at) => {
  const [day, time] = visitMinute(at).split("T");
  const [, month, date] = day.split("-").map(Number);
  return visitMinute(Date.now()).startsWith(day) ? time : `${month}月${date}日 ${time}`;
};

const beginVisit = async (form) => {
  const key = `${form.dataset.user}:${form.dataset.supply}`;
  const find = (selector) => form.querySelector(selector);
  const NOT_KEPT = new Set(["csrfmiddlewaretoken", "kept", "drop", "photos"]);
  const RETRY_SECONDS = [3, 5, 10, 20, 30, 60];
  let sending = false; // wants to be sent, now or when the network is back
  let posting = false; // is being sent
  let closed = false; // sent: nothing is kept any more
  let storable = true;
  let savedAt = null;
  let timeIsTyped = false;
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
    photos.restore(kept);
    if (!row) return;
    savedAt = row.savedAt;
    timeIsTyped = Boolean(row.timeIsTyped);
    sending = Boolean(row.sending);
    find("[data-restored]").hidden = false;
    find("[data-restored-text]").textContent = sending
      ? `${visitDay(savedAt)} 的巡查记录还没有送达，正在接着提交。`
      : `已恢复 ${visitDay(savedAt)} 的草稿。`;
  };

  // --- The other parts ------------------------------------------------------------------------------------
  const tell = visitErrors(form);
  const place = visitPlace(form, { tell, changed });
  const photos = visitPhotos(form, {
    key,
    tell,
    saveSoon,
    isClosed: () => closed,
    added: (isFirst) => {
      if (!timeIsTyped && isFirst) setNow();
      place.renew();
      changed();
    },
    uploaded: () => {
      if (sending) send();
    },
    reached: () => {
      failures = 0;
    },
    retryLater: () => retryLater(),
    signedOut: () => tellSignedOut(),
    notStorable: () => {
      storable = false;
      tellSaved();
    },
  });

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

  const setNow = () => {
    form.elements.at.value = visitMinute(Date.now());
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
    timer = setTimeout(photos.upload, seconds * 1000);
  };

  const tellSignedOut = () => {
    sending = false;
    save();
    tellStatus("");
    const link = document.createElement("a");
    link.href = `${form.dataset.login}?next=${encodeURIComponent(location.pathname)}`;
    link.textContent = "重新登录";
    tell.general("登录已过期。草稿还在手机里，登录后接着填写、提交：", link);
  };

  const stop = () => {
    sending = false;
    save();
    tellStatus("");
  };

  const send = async () => {
    if (posting || closed) return;
    if (photos.areUnusable()) {
      tell.at({ photos: [VISIT_UNUSABLE] });
      stop();
      return tell.toFirst();
    }
    posting = true;
    tellStatus("正在提交…");
    const body = new FormData(form);
    body.delete("photos");
    for (const photo of photos.all()) body.append("kept", photo.pk);
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
    const answer = visitParsed(await response.text().catch(() => ""));
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
      tell.clear();
      tell.at(answer.errors);
      if (answer.errors.photos) photos.again();
      return tell.toFirst();
    }
    if (response.status >= 500) return retryLater();
    tellSignedOut();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending || closed) return;
    tell.clear();
    const errors = tell.missing(photos);
    if (Object.keys(errors).length) {
      tell.at(errors);
      return tell.toFirst();
    }
    sending = true;
    failures = 0;
    tellStatus(navigator.onLine ? "正在提交…" : OFFLINE);
    await save();
    photos.upload();
  });

  // --- Events ---------------------------------------------------------------------------------------------
  form.addEventListener("input", (event) => {
    if (event.target.name === "at") timeIsTyped = true;
    const field = event.target.closest("[data-field]");
    if (field && event.target.type !== "file") tell.at({ [field.dataset.field]: [] });
    saveSoon();
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick]")) {
      const files = [...event.target.files];
      event.target.value = "";
      event.stopPropagation();
      photos.add(files);
      return;
    }
    if (event.target.name === "finding") showBlocks();
  });
  find("[data-locate]").addEventListener("click", place.locate);
  find("[data-discard]").addEventListener("click", async () => {
    closed = true;
    clearTimeout(waitingToSave);
    for (const photo of photos.all()) await photos.remove(photo);
    await visitStore.clear(key).catch(() => {});
    location.reload();
  });
  addEventListener("online", () => {
    failures = 0;
    tellSaved();
    if (sending) tellStatus("正在提交…");
    else form.dispatchEvent(new CustomEvent("visit-changed"));
    photos.upload();
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
  if (place.isKnown()) place.show();
  else place.locate();
  if (sending) tellStatus(navigator.onLine ? "正在提交…" : OFFLINE);
  form.dispatchEvent(new CustomEvent("visit-changed"));
  photos.upload();
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
