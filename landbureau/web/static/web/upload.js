// Files of a form: previews, removal before sending, size, progress. Without this script: plain file inputs.
//   <form hx-post …> <div data-upload data-most-bytes="20971520"> <input type=file multiple data-upload-all>
//   <input type=file capture> <ul data-upload-list> <progress hidden> <p role=alert data-upload-trouble hidden>
"use strict";

(() => {
  const megabytes = (size) =>
    size < 100_000 ? `${Math.ceil(size / 1024)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
  const same = (one, other) =>
    one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

  const put = (box, files) => {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    box.querySelector("[data-upload-all]").files = transfer.files;
    list(box);
  };

  // What was chosen now comes to what was chosen before: a camera gives one photo at a time.
  const add = (box, input) => {
    const before = box.chosen || [];
    const now = [...input.files].filter((file) => !before.some((other) => same(file, other)));
    const whole = box.querySelector("[data-upload-all]");
    if (input !== whole) input.value = "";
    put(box, [...before, ...now]);
  };

  const list = (box) => {
    const files = (box.chosen = [...box.querySelector("[data-upload-all]").files]);
    const rows = box.querySelector("[data-upload-list]");
    for (const picture of rows.querySelectorAll("img")) URL.revokeObjectURL(picture.src);
    rows.replaceChildren(...files.map((file) => row(box, file)));
  };

  const row = (box, file) => {
    const item = document.createElement("li");
    if (file.type.startsWith("image/")) {
      const picture = document.createElement("img");
      picture.src = URL.createObjectURL(file);
      picture.alt = "";
      item.append(picture);
    }
    const text = document.createElement("span");
    const large = file.size > Number(box.dataset.mostBytes);
    text.append(file.name, Object.assign(document.createElement("small"), {
      textContent: large ? `${megabytes(file.size)}，超过 ${megabytes(Number(box.dataset.mostBytes))} 的上限` : megabytes(file.size),
      className: large ? "lb-late" : "",
    }));
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "btn btn-sm btn-plain";
    remove.textContent = "移除";
    remove.setAttribute("aria-label", `移除 ${file.name}`);
    remove.addEventListener("click", () => put(box, box.chosen.filter((other) => other !== file)));
    item.append(text, remove);
    return item;
  };

  document.addEventListener("change", (event) => {
    const box = event.target.type === "file" && event.target.closest("[data-upload]");
    if (box) add(box, event.target);
  });

  const trouble = (form, text) => {
    const place = form.querySelector("[data-upload-trouble]");
    if (!place) return;
    place.textContent = text;
    place.hidden = !text;
    if (text) form.querySelector("progress").hidden = true;
  };
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = event.target.querySelector && event.target.querySelector("[data-upload] progress");
    if (!bar || !event.detail.lengthComputable || event.detail.total < 100_000) return;
    bar.hidden = false;
    bar.value = Math.round((event.detail.loaded / event.detail.total) * 100);
  });
  document.addEventListener("htmx:beforeRequest", (event) => trouble(event.target, ""));
  document.addEventListener("htmx:sendError", (event) =>
    trouble(event.target, "网络中断，没有提交成功。填写的内容和照片还在本页，请到信号好的地方再提交一次。"));
  document.addEventListener("htmx:responseError", (event) =>
    trouble(event.target, event.detail.xhr.status === 413
      ? "照片太大，没有提交成功。请移除一部分，分几次提交。"
      : "没有提交成功，请稍后再试；填写的内容和照片还在本页。"));
})();
