// Where a visit is made: asked of the browser, shown with its accuracy; without it the reason is asked for.
//   visit: {tell, changed}
"use strict";

const visitPlace = (form, visit) => {
  const find = (selector) => form.querySelector(selector);
  const OLD = 5 * 60 * 1000;
  let located = null;

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
        visit.tell.at({ no_position_reason: [] });
        visit.changed();
      },
      (error) => {
        if (form.elements.longitude.value) return showPosition(); // the earlier one still holds
        const why = { 1: "没有定位权限，请在浏览器设置中允许", 2: "收不到定位信号", 3: "定位超时" };
        place(why[error.code] || "不能定位", "failed");
      },
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
    );
  };

  // With photos of a later moment: a position that has grown old is asked for anew.
  const renew = () => {
    if (located && Date.now() - located > OLD) locate();
  };

  return { locate, renew, show: showPosition, isKnown: () => Boolean(form.elements.longitude.value) };
};
