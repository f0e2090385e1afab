// What lists do better with JavaScript: one tick for the whole page, and how many are ticked.

for (const head of document.querySelectorAll("[data-tick-all]")) {
  const ticks = [...head.closest("table").querySelectorAll('tbody input[name="row"]')];
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "form-check-input";
  all.setAttribute("aria-label", head.dataset.tickAll);
  head.replaceChildren(all);
  const hint = document.querySelector("[data-ticked]");
  const otherwise = hint?.textContent;

  const tell = () => {
    const count = ticks.filter((tick) => tick.checked).length;
    all.checked = count > 0 && count === ticks.length;
    all.indeterminate = count > 0 && count < ticks.length;
    if (hint) hint.textContent = count ? hint.dataset.ticked.replace("{count}", count) : otherwise;
  };
  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
    tell();
  });
  for (const tick of ticks) tick.addEventListener("change", tell);
  window.addEventListener("pageshow", tell); // the browser may bring ticks back
  tell();
}
