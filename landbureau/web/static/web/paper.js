// Pages of a document: which one is looked at, to the previous and the next, zoom without loading again.
"use strict";

const dressPaper = (viewer) => {
  const pages = viewer && viewer.querySelector("[data-paper-pages]");
  if (!pages || "dressed" in viewer.dataset) return;
  viewer.dataset.dressed = "";
  const pictures = [...pages.querySelectorAll("img")];
  const number = viewer.querySelector("[data-paper-number]");
  const now = () => {
    const middle = pages.scrollTop + pages.clientHeight / 2;
    const passed = pictures.filter((picture) => picture.offsetTop - pages.offsetTop <= middle);
    return Math.max(1, passed.length);
  };
  for (const part of viewer.querySelectorAll("[data-paper-now], [data-paper-move]")) {
    part.hidden = part.matches("[data-paper-move]") && pictures.length < 2;
  }
  pages.addEventListener("scroll", () => { number.textContent = now(); }, { passive: true });
  for (const button of viewer.querySelectorAll("[data-paper-move]")) {
    button.addEventListener("click", () => {
      const picture = pictures[now() - 1 + Number(button.dataset.paperMove)];
      if (picture) pages.scrollTo({ top: picture.offsetTop - pages.offsetTop - 12, behavior: "smooth" });
    });
  }
  const zooms = [...viewer.querySelectorAll("[data-paper-zoom]")];
  for (const link of zooms) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      for (const other of zooms) {
        pages.classList.toggle(`doc-zoom-${other.dataset.paperZoom}`, other === link);
        other.toggleAttribute("aria-current", other === link);
      }
      for (const picture of pictures) {
        picture.sizes = link === zooms[0] ? "(max-width: 991px) 90vw, 660px" : "1300px";
      }
    });
  }
};

addEventListener("DOMContentLoaded", () => dressPaper(document.querySelector("[data-paper]")));
addEventListener("htmx:load", (event) => {
  const loaded = event.detail.elt;
  dressPaper(loaded.matches("[data-paper]") ? loaded : loaded.querySelector("[data-paper]"));
});
