// The drawing of a rehearsal: tokens, the way walked, and what no test has walked; and who plays, chosen without a button.
import Viewer from "bpmn-js/lib/NavigatedViewer";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";

const drawing = JSON.parse(document.getElementById("drawing").textContent);
const box = document.getElementById("canvas");

const mark = (canvas, registry, id, name) => registry.get(id) && canvas.addMarker(id, name);

const token = (stuck) => {
  const spot = document.createElement("span");
  spot.className = stuck ? "rehearse-dot is-stuck" : "rehearse-dot";
  spot.title = stuck ? drawing.words.stuck : drawing.words.here;
  return spot;
};

const draw = async () => {
  const viewer = new Viewer({ container: box });
  await viewer.importXML(drawing.xml);
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const overlays = viewer.get("overlays");
  const walked = new Set(drawing.walked);
  const visited = drawing.visited ?? {};
  for (const element of registry.filter((one) => !one.labelTarget)) {
    const id = element.id;
    const type = element.businessObject?.$type ?? "";
    if (type === "bpmn:SequenceFlow") {
      canvas.addMarker(id, walked.has(id) ? "is-walked" : drawing.flows[id] ? "is-covered" : "is-left");
    } else if (/Task|Event|Gateway|CallActivity|SubProcess/.test(type)) {
      canvas.addMarker(id, visited[id] ? "is-walked" : drawing.elements[id] ? "is-covered" : "is-left");
    }
  }
  for (const id of drawing.here) {
    if (!registry.get(id)) continue;
    mark(canvas, registry, id, "is-here");
    overlays.add(id, { position: { top: -9, right: 9 }, html: token(drawing.stuck?.includes(id)) });
  }
  canvas.zoom("fit-viewport", "auto");
  const zooms = { in: () => canvas.zoom(canvas.zoom() * 1.25), out: () => canvas.zoom(canvas.zoom() / 1.25), fit: () => canvas.zoom("fit-viewport", "auto") };
  window.addEventListener("resize", zooms.fit);
  for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", zooms[button.dataset.zoom]);
  const steps = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };
  box.addEventListener("keydown", (event) => {
    if (event.key in steps) {
      const [dx, dy] = steps[event.key];
      canvas.scroll({ dx, dy });
      event.preventDefault();
    } else if (event.key === "+" || event.key === "=") zooms.in();
    else if (event.key === "-") zooms.out();
    else if (event.key === "0") zooms.fit();
  });
  box.dataset.drawn = "";
};

if (drawing.xml) {
  draw().catch(() => {
    box.textContent = drawing.words.failed;
    box.dataset.drawn = "";
  });
}

// Who plays: another one is another page; what is typed there would be his, so the form is drawn anew.
for (const chooser of document.querySelectorAll("[data-chooser]")) {
  const who = chooser.elements._who;
  const role = chooser.querySelector("[data-role]");
  const apply = chooser.querySelector("button");
  apply.classList.add("visually-hidden");
  chooser.addEventListener("change", (event) => {
    if (event.target === who && who.value === "role") {
      role.hidden = false;
      role.querySelector("select").focus();
      apply.classList.remove("visually-hidden");
      return;
    }
    chooser.requestSubmit();
  });
}

// A drawing of the step may be far up on a small screen: after a move the step itself comes into view.
if (document.getElementById("error-summary")) document.getElementById("error-summary").focus();
