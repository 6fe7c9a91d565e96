// A list of groups shows the group of what was chosen before it; without this script it shows all of them.
//   <select data-narrows="id_village"> … <select id="id_village"><optgroup label="…">
"use strict";

(() => {
  const narrow = (chosen) => {
    const list = document.getElementById(chosen.dataset.narrows);
    const title = chosen.value && chosen.selectedOptions[0].text;
    for (const group of list.querySelectorAll("optgroup")) {
      group.hidden = group.disabled = Boolean(title) && group.label !== title;
    }
    if (list.selectedOptions[0]?.parentElement.disabled) list.value = "";
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-narrows]")) narrow(event.target);
  });
  addEventListener("DOMContentLoaded", () => document.querySelectorAll("select[data-narrows]").forEach(narrow));
})();
