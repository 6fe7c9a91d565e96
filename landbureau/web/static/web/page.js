// Conveniences only: every page works without them.
"use strict";

const root = document.documentElement;
root.classList.add("js");

if ("themeAuto" in root.dataset) {
  const device = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => root.setAttribute("data-bs-theme", device.matches ? "dark" : "light");
  device.addEventListener("change", follow);
  follow();
}

// One submission per press: the services are safe against a second one, people need not see it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "again" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  setTimeout(() => {
    for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true;
  });
});
// What a form would do is not asked any more once it is sent.
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest("form[data-sent], form.htmx-request");
  if (form && form !== event.target) event.preventDefault();
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button:disabled")) button.disabled = false;
  }
});

// What is filled in anew is no longer called wrong: neither at the field nor at the head of the form.
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.id || !field.form || !field.classList.contains("is-invalid")) return;
  field.classList.remove("is-invalid");
  field.removeAttribute("aria-invalid");
  const place = document.getElementById(`div_${field.id}`);
  if (place) place.querySelectorAll(".invalid-feedback").forEach((told) => told.remove());
  const line = field.form.querySelector(`.lb-alert-error a[href="#${field.id}"]`)?.closest("div");
  if (!line) return;
  const list = line.parentElement;
  line.remove();
  if (!list.children.length) list.closest(".lb-alert-error").remove();
});

// Menus are <details>: a click elsewhere or Escape closes them.
const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.lb-dropdown[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.activeElement.closest("details.lb-dropdown[open]");
    closeMenus(null);
    if (menu) menu.querySelector("summary").focus();
    if (location.hash === "#navigation") location.hash = "#main";
  } else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
    const search = document.querySelector("[data-global-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});

// Lists: how many rows are selected, all of this page, all that the filters show.
addEventListener("DOMContentLoaded", () => {
  const bar = document.querySelector("[data-bulk]");
  if (!bar) return;
  const boxes = [...document.querySelectorAll('input[name="pk"][form="bulk"]')];
  const all = document.querySelector("[data-check-all]");
  const everything = bar.querySelector("[data-bulk-all]");
  const reset = bar.querySelector("[data-bulk-reset]");
  const count = bar.querySelector("[data-bulk-count]");
  reset.hidden = false;
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    bar.classList.toggle("lb-bulk-on", chosen > 0);
    count.textContent = everything && everything.checked ? "全部" : chosen;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    if (!chosen && everything) everything.checked = false;
  };
  for (const box of boxes) box.addEventListener("change", show);
  if (everything) everything.addEventListener("change", show);
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  reset.addEventListener("click", (event) => {
    event.preventDefault();
    for (const box of boxes) box.checked = false;
    show();
  });
  show();
});
