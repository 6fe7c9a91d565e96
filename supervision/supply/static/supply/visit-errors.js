// What is wrong with a visit, told at its field; and what is missing, told before it is sent.
"use strict";

const VISIT_UNUSABLE = "有照片不能上传，请移除后再提交。";

const visitErrors = (form) => {
  const find = (selector) => form.querySelector(selector);

  const at = (errors) => {
    const elsewhere = [];
    for (const [name, messages] of Object.entries(errors)) {
      const field = form.querySelector(`[data-field="${name}"]`);
      const line = field && field.querySelector("[data-error]");
      if (line) line.textContent = messages.join(" ");
      else elsewhere.push(...messages);
      if (field) field.toggleAttribute("data-wrong", messages.length > 0);
    }
    if (elsewhere.length) general(elsewhere.join(" "));
  };

  const general = (text, link) => {
    const box = find("[data-error-general]");
    box.hidden = !text;
    const line = box.querySelector("[data-error-text]");
    line.textContent = text;
    if (link) line.append(link);
  };

  const clear = () => {
    for (const line of form.querySelectorAll("[data-error]")) line.textContent = "";
    for (const field of form.querySelectorAll("[data-wrong]")) field.removeAttribute("data-wrong");
    general("");
  };

  const toFirst = () => {
    const first = find("[data-wrong]") || find("[data-error-general]");
    first.scrollIntoView({ block: "center" });
    const field = first.querySelector("input:not([type=hidden]), textarea");
    if (field) field.focus({ preventScroll: true });
  };

  // What would be refused is told before: out there the answer of the server may be hours away.
  const missing = (photos) => {
    const errors = {};
    if (!photos.all().length && !find("input[name=kept]")) errors.photos = ["请至少上传一张现场照片。"];
    if (photos.areUnusable()) errors.photos = [VISIT_UNUSABLE];
    if (!form.elements.longitude.value && !form.elements.no_position_reason.value.trim()) {
      errors.no_position_reason = ["请定位；不能定位的，请说明原因。"];
    }
    const chosen = form.elements.finding && form.elements.finding.value;
    for (const field of form.querySelectorAll("[data-needed-always], [data-needed]")) {
      if ("needed" in field.dataset && !field.dataset.needed.split(" ").includes(chosen)) continue;
      const name = field.dataset.field;
      if (!form.elements[name].value) errors[name] = [name === "since" ? "请填写日期。" : "请选择。"];
    }
    if (!form.elements.remark.value.trim()) {
      const found = form.querySelector("[name^=found_][value='1']:checked");
      const untold = form.dataset.tellStartWhen === chosen;
      if (found) errors.remark = ["发现问题的，请在情况说明中写明。"];
      else if (untold) errors.remark = ["没有开工的记录：请写明何时开工，查不到的写“开工日期不明”。"];
    }
    if (!form.elements.at.value) errors.at = ["请填写巡查时间。"];
    return errors;
  };

  return { at, general, clear, toFirst, missing };
};
