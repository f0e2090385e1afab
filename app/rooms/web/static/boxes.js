// What the boxes do better with JavaScript: filters at once, clean addresses, how many are ticked.

const sieve = document.querySelector("[data-sieve]");
const fold = sieve?.querySelector("[data-fold]");

// A choice applies at once; the bar stays as open as it was.
if (fold) {
  const name = fold.dataset.fold;
  if (sessionStorage.getItem(name)) fold.open = true;
  fold.addEventListener("toggle", () => {
    if (fold.open) sessionStorage.setItem(name, "1");
    else sessionStorage.removeItem(name);
  });
}
sieve?.addEventListener("change", (event) => {
  if ("atOnce" in event.target.dataset) sieve.requestSubmit();
});
// Going back shows what the address says, not what was typed before leaving.
window.addEventListener("pageshow", (event) => event.persisted && sieve?.reset());
// What was left empty stays out of the address, and several ticks of one filter become one parameter.
sieve?.addEventListener("formdata", ({ formData }) => {
  for (const key of new Set(formData.keys())) {
    const all = formData.getAll(key).filter(Boolean);
    if (all.length) formData.set(key, all.join("."));
    else formData.delete(key);
  }
});

// Ticks: how many, and all of the page; the keys that tick are in inbox.js, ranges by Shift and a click in bulk.js.
const ticks = [...document.querySelectorAll('input[name="row"][form="inbox-rows"]')];
const told = document.querySelector(".box-ticked");
const otherwise = told?.textContent;
let all = null;

function tell() {
  const count = ticks.filter((tick) => tick.checked).length;
  if (told) {
    told.textContent = count ? told.dataset.ticked.replace("{count}", count) : otherwise;
    told.classList.toggle("is-on", count > 0);
  }
  if (all) {
    all.checked = count > 0 && count === ticks.length;
    all.indeterminate = count > 0 && count < ticks.length;
  }
}
const head = document.querySelector(".inbox-table [data-tick-all]");
if (head) {
  all = Object.assign(document.createElement("input"), { type: "checkbox", className: "form-check-input" });
  all.setAttribute("aria-label", head.dataset.tickAll);
  head.replaceChildren(all);
  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
    tell();
  });
}
for (const tick of ticks) {
  tick.addEventListener("change", tell);
}
window.addEventListener("pageshow", tell); // the browser may bring ticks back
tell();
