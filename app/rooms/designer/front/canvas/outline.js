// The outline: every element by name, nested as it is drawn; searched by name or id.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";
import { h } from "../panel/html.js";
import { laneOf } from "../panel/lanes.js";
import { kindOf } from "../panel/kinds.js";
import { whenReleased } from "../panel/pressing.js";
import { say } from "../words/say.js";

const SHOWN = /Task$|Event$|Gateway$|SubProcess$|CallActivity$/;

export class Outline {
  constructor(modeler, room, search) {
    Object.assign(this, { modeler, room, search });
    this.marks = new Map();
    search.addEventListener("input", () => this.draw());
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") (this.room.querySelector("button:not(.is-beside)") ?? this.room.querySelector("button"))?.click();
      if (event.key === "Escape") {
        search.value = "";
        this.draw();
        modeler.get("canvas").focus();
      }
    });
    room.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const all = [...room.querySelectorAll("button")];
      all[all.indexOf(document.activeElement) + step]?.focus();
    });
    modeler.on(["import.done", "commandStack.changed"], () => this.soon());
    modeler.on("selection.changed", () => this.choose());
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => whenReleased(this.again), 60);
  }

  /** Elements with a finding: id → level. */
  mark(levels) {
    this.marks = levels;
    whenReleased(this.again); // findings come at any time: a line that is pressed stays until it is let go
  }

  again = () => this.draw();

  draw() {
    const registry = this.modeler.get("elementRegistry");
    const wanted = this.search.value.trim().toLowerCase();
    const nodes = registry.filter((one) => one.type !== "label" && SHOWN.test(one.type));
    const order = (a, b) => a.x - b.x || a.y - b.y;
    const fits = (one) => !wanted || one.id.toLowerCase().includes(wanted) || (getBusinessObject(one).name ?? "").toLowerCase().includes(wanted);
    const lines = [];
    const put = (one, depth) => {
      if (fits(one)) lines.push(this.line(one, depth));
      for (const inner of nodes.filter((each) => each.parent === one).sort(order)) put(inner, depth + 1);
    };
    const lanes = registry.filter((one) => is(one, "bpmn:Lane")).sort((a, b) => a.y - b.y);
    const top = nodes.filter((one) => !is(one.parent, "bpmn:SubProcess"));
    const inLane = new Map(top.map((one) => [one, laneOf(one, registry)]));
    for (const lane of [...lanes, null]) {
      const inside = top.filter((one) => inLane.get(one) === lane).sort(order);
      if (lane && (fits(lane) || inside.some(fits))) lines.push(this.line(lane, 0, !fits(lane)));
      for (const one of inside) put(one, lane ? 1 : 0);
    }
    this.room.replaceChildren(...(lines.length ? lines : [h("li", { class: "outline-none" }, wanted ? say("没有找到") : say("还没有画任何步骤"))]));
    this.choose();
  }

  line(element, depth, isBeside = false) {
    const bo = getBusinessObject(element);
    const level = this.marks.get(element.id);
    return h("li", {}, h("button", { type: "button", "data-id": element.id, class: `outline-line depth-${Math.min(depth, 4)}${is(element, "bpmn:Lane") ? " is-lane" : ""}${isBeside ? " is-beside" : ""}`, title: `${kindOf(bo)} · ${element.id}`, onclick: () => this.go(element) },
      h("span", { class: "outline-name" }, bo.name || kindOf(bo)), !bo.name || is(element, "bpmn:Lane") ? null : h("small", {}, kindOf(bo)),
      level && h("i", { class: `outline-mark is-${level}`, title: level === "error" ? say("有错误") : say("有提醒") })));
  }

  go(element) {
    this.modeler.get("selection").select(element);
    if (!is(element, "bpmn:Lane")) this.modeler.get("canvas").scrollToElement(element, 80);
  }

  choose() {
    const chosen = new Set(this.modeler.get("selection").get().map((one) => one.id));
    for (const line of this.room.querySelectorAll("button")) line.setAttribute("aria-current", String(chosen.has(line.dataset.id)));
  }
}
