// Two diagrams beside each other: they move together, what differs is marked, and the list leads to its place.
import Viewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";

const diagrams = JSON.parse(document.getElementById("compared").textContent);
const room = document.getElementById("canvases");
const chooser = document.getElementById("diagram");
const items = [...document.querySelectorAll(".compare-change[data-element]")]
  .filter((item) => diagrams.some((one) => one.file === item.dataset.file));
const sides = ["before", "after"].map((side) => ({
  side,
  viewer: new Viewer({ container: `#${side}-canvas` }),
  shown: false,
}));
let leading = null;
let at = -1;

// Whoever is moved leads; the other follows without leading in turn.
for (const one of sides) {
  one.viewer.on("canvas.viewbox.changed", ({ viewbox }) => {
    if (leading && leading !== one) return;
    leading = one;
    for (const other of sides) {
      if (other !== one && other.shown) {
        other.viewer.get("canvas").viewbox({ x: viewbox.x, y: viewbox.y, width: viewbox.width, height: viewbox.height });
      }
    }
    leading = null;
  });
}

async function show(number) {
  const diagram = diagrams[number];
  for (const one of sides) {
    one.shown = false;
    const text = diagram[one.side];
    if (text) {
      await one.viewer.importXML(text).then(() => { one.shown = true; }, () => {});
    } else {
      one.viewer.clear();
    }
    if (!one.shown) continue;
    const canvas = one.viewer.get("canvas");
    const known = one.viewer.get("elementRegistry");
    for (const [element, kind] of Object.entries(diagram.marks)) {
      for (const id of [element, `${element}_label`]) if (known.get(id)) canvas.addMarker(id, `is-${kind}`);
    }
  }
  fit();
}

// The larger of the two drawings is made to fit; the other follows.
function fit() {
  const shown = sides.filter((each) => each.shown);
  const width = (one) => one.viewer.get("canvas").viewbox().inner.width;
  const one = shown.sort((left, right) => width(right) - width(left))[0];
  if (one) one.viewer.get("canvas").zoom("fit-viewport", "auto");
}

async function lead(item, focus = true) {
  const number = diagrams.findIndex((each) => each.file === item.dataset.file);
  if (number < 0) return;
  if (chooser && Number(chooser.value) !== number) {
    chooser.value = String(number);
    await show(number);
  }
  items.forEach((each) => each.classList.toggle("is-shown", each === item));
  at = items.indexOf(item);
  for (const one of [...sides].reverse()) {
    const canvas = one.viewer.get("canvas");
    const known = one.viewer.get("elementRegistry");
    known.forEach((each) => canvas.removeMarker(each, "is-shown"));
    const found = known.get(item.dataset.element);
    if (found && found !== canvas.getRootElement()) {
      canvas.addMarker(found, "is-shown");
      if (canvas.zoom() < 0.7) canvas.zoom(0.9);
      canvas.scrollToElement(found, 80);
    }
  }
  if (focus) item.scrollIntoView({ block: "nearest" });
}

if (diagrams.length) {
  room.hidden = false;
  await show(0);
  document.getElementById("fit").addEventListener("click", fit);
  document.getElementById("next").addEventListener("click", () => items.length && lead(items[(at + 1) % items.length]));
  document.getElementById("previous").addEventListener("click", () => items.length && lead(items[(at - 1 + items.length) % items.length]));
  if (chooser) chooser.addEventListener("change", () => show(Number(chooser.value)));
  for (const item of items) {
    const head = item.querySelector("p b");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "compare-lead";
    button.textContent = head.textContent;
    head.replaceWith(button);
    button.addEventListener("click", () => lead(item, false));
  }
  for (const one of sides) {
    one.viewer.on("element.click", ({ element }) => {
      const item = items.find((each) => each.dataset.element === element.id.replace(/_label$/, ""));
      if (item) lead(item);
    });
  }
}
room.dataset.ready = "true";
