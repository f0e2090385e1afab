/* A button that may be pressed again only after a while says how long: what the server would say anyway. */
"use strict";

document.querySelectorAll("button[data-wait]").forEach((button) => {
  const words = button.querySelector("span");
  const said = words.textContent;
  let left = Number(button.dataset.wait);
  const tick = () => {
    button.disabled = left > 0;
    words.textContent = left > 0 ? `${left} ${button.dataset.waiting}` : said;
    if (left-- > 0) setTimeout(tick, 1000);
  };
  tick();
});
