// The slider of an instance's page: let go of it and the page shows that moment. Without this file a button does it.

const slider = document.querySelector("form[data-slider]");
if (slider) {
  slider.querySelector("[data-without-script]").hidden = true;
  const range = slider.elements.at;
  const told = slider.querySelector("output");
  range.addEventListener("input", () => {
    told.textContent = told.textContent.replace(/\d+/, range.value);
  });
  range.addEventListener("change", () => slider.requestSubmit());
}

// The drawing begins where the matter is.
const drawing = document.querySelector(".case-drawing");
const here = drawing?.querySelector('[data-state="here"], [data-state="stuck"]');
if (here) {
  const spot = here.getBoundingClientRect();
  const frame = drawing.getBoundingClientRect();
  drawing.scrollLeft = spot.left - frame.left - frame.width / 2 + spot.width / 2;
  drawing.scrollTop = spot.top - frame.top - frame.height / 2 + spot.height / 2;
}
