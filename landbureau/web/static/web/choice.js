// A form shows the lines that belong to the chosen radio; without this script it shows all of them.
//   <form data-choice> <input type=radio data-lines="a b" data-required="a" data-titles='{"a": "…"}'
//   data-defaults='{"a": "…"}'> … <div data-line="a" data-off>…<span data-line-title>…<span data-line-required>
//   <p data-choice-note="value">
"use strict";

(() => {
  const show = (form) => {
    const radio = form.querySelector("input[data-lines]:checked");
    if (!radio) return;
    const lines = radio.dataset.lines.split(" ");
    const required = radio.dataset.required.split(" ");
    const titles = JSON.parse(radio.dataset.titles);
    for (const line of form.querySelectorAll("[data-line]")) {
      const name = line.dataset.line;
      line.toggleAttribute("data-off", !lines.includes(name));
      line.querySelector("[data-line-title]").textContent = titles[name];
      line.querySelector("[data-line-required]").hidden = !required.includes(name);
    }
    for (const note of form.querySelectorAll("[data-choice-note]")) {
      note.toggleAttribute("data-off", note.dataset.choiceNote !== radio.value);
    }
    fill(form, JSON.parse(radio.dataset.defaults));
  };

  // What is usual with this choice is filled in; what was filled in for another choice goes again.
  const fill = (form, defaults) => {
    for (const line of form.querySelectorAll("[data-line]")) {
      const input = line.querySelector("input, select, textarea");
      const usual = defaults[line.dataset.line];
      if (input.dataset.filled !== undefined && input.value === input.dataset.filled) {
        input.value = "";
        delete input.dataset.filled;
      }
      if (usual && !input.value) input.value = input.dataset.filled = usual;
    }
  };

  const begin = () => document.querySelectorAll("form[data-choice]").forEach(show);
  // Before others hear of the change: what they ask for is asked with the lines as they are now.
  document.addEventListener("change", (event) => {
    if (event.target.matches("form[data-choice] input[data-lines]")) show(event.target.form);
  }, true);
  addEventListener("DOMContentLoaded", begin);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "main") begin();
  });
})();
