// A process's page: Shift with a click on a step adds it to those chosen, and the two dates show only where they count.

const DOT = "~"; // for the dot of an id, which parts several in an address
const drawing = document.querySelector(".process-drawing");

drawing?.addEventListener("click", (event) => {
  const step = event.shiftKey && event.target.closest("a")?.querySelector("[data-element]");
  if (!step) return;
  event.preventDefault();
  const code = step.dataset.element.replaceAll(".", DOT);
  const url = new URL(location.href);
  const chosen = (url.searchParams.getAll("element").join(".") || "").split(".").filter(Boolean);
  const left = chosen.includes(code) ? chosen.filter((one) => one !== code) : [...chosen, code];
  url.searchParams.delete("element");
  url.searchParams.delete("page");
  if (left.length) url.searchParams.set("element", left.join("."));
  url.hash = "diagram";
  location.assign(url);
  if (url.href === location.href) location.reload();
});

// The drawing begins where something is chosen, is late, or most waits, and goes there again when the window's width
// changes; a button shows all of it at once.
if (drawing) {
  const svg = drawing.querySelector("svg");
  const whole = document.querySelector("[data-whole]");
  const badge = (kind) => drawing.querySelector(`[data-badge="${kind}"]`);
  const spot = drawing.querySelector("[aria-current]") ?? badge("incident") ?? badge("overdue") ?? busiest("open") ?? busiest("waiting");
  let width = 0;
  const settle = () => {
    if (drawing.clientWidth === width) return; // its height changes by itself
    width = drawing.clientWidth;
    if (whole && svg) whole.hidden = !(svg.width.baseVal.value > width || svg.height.baseVal.value > drawing.clientHeight);
    centre(spot);
  };
  whole?.addEventListener("click", () => {
    whole.setAttribute("aria-pressed", String(drawing.classList.toggle("is-whole")));
    centre(spot);
  });
  new ResizeObserver(settle).observe(drawing);
  settle();
}

function busiest(kind) {
  const number = (one) => parseFloat(one.textContent) * (one.textContent.includes("万") ? 10_000 : one.textContent.includes("k") ? 1000 : 1);
  return [...drawing.querySelectorAll(`[data-badge="${kind}"]`)].reduce((most, one) => (most && number(most) >= number(one) ? most : one), undefined);
}

function centre(spot) {
  if (!spot) return;
  const at = spot.getBoundingClientRect();
  const frame = drawing.getBoundingClientRect();
  drawing.scrollLeft += at.left - frame.left - frame.width / 2 + at.width / 2;
  drawing.scrollTop += at.top - frame.top - frame.height / 2 + at.height / 2;
}

const period = document.querySelector("select[data-period]");
const dates = document.querySelector("[data-dates]");
if (period && dates) {
  const tell = () => {
    dates.hidden = period.value !== "dates";
    dates.disabled = dates.hidden;
  };
  period.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
  tell();
}
