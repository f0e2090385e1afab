// The editor of a draft: the canvas, its panel and outline, and everything kept by itself.
import { fit, modelerIn } from "./canvas/modeler.js";
import { Outline } from "./canvas/outline.js";
import { palette } from "./canvas/palette.js";
import { Banner } from "./draft/banner.js";
import { Drawer } from "./draft/drawer.js";
import { DiagramLife } from "./draft/diagrams.js";
import { ask } from "./draft/talk.js";
import { followOutcomes } from "./panel/branching.js";
import { kindOf } from "./panel/kinds.js";
import { reach } from "./panel/reach.js";
import { Panel } from "./panel/panel.js";
import { keys } from "./canvas/keys.js";
import { toolbar } from "./canvas/toolbar.js";
import { say } from "./words/say.js";

const room = document.querySelector(".designer");
const find = (selector) => room.querySelector(selector);
const base = `/designer/drafts/${room.dataset.draft}`;

const modeler = modelerIn(find("#canvas"));
const banner = new Banner(find(".designer-banners"));
const life = new DiagramLife({ room, modeler, banner, checked });
const panel = new Panel(modeler, find(".designer-panel"), {
  choices: null,
  formsLink: room.dataset.forms,
  onShown: (shown) => reach(shown, room.dataset.reach),
});
const outline = new Outline(modeler, find(".outline-list"), find("#outline-search"));
const drawer = new Drawer(find(".designer-drawer"), {
  base,
  named: (one) => called(modeler.get("elementRegistry").get(one.element)?.businessObject) || one.where || one.element,
  pick: (one) => life.go(one),
  look: (state) => life.look(state),
  restore: (state) => life.backTo(state),
  fix: (one, fix) => life.fix(one, fix),
  xml: () => life.text(),
  resized: () => {
    modeler.get("canvas").resized();
    const [chosen] = modeler.get("selection").get();
    if (chosen) modeler.get("canvas").scrollToElement(chosen, 60);
  },
});
Object.assign(life, { panel, drawer });

const called = (bo) => bo && (bo.name || kindOf(bo));

/** The server has checked what was saved. */
function checked(findings) {
  drawer.found(findings);
  const levels = new Map();
  for (const one of findings) if (one.element && levels.get(one.element) !== "error") levels.set(one.element, one.level);
  outline.mark(levels);
  const [canvas, registry] = [modeler.get("canvas"), modeler.get("elementRegistry")];
  for (const element of registry.getAll()) {
    for (const level of ["error", "warning", "hint"]) {
      const isOn = levels.get(element.id) === level;
      if (canvas.hasMarker(element, `has-${level}`) !== isOn) canvas.toggleMarker(element, `has-${level}`);
    }
  }
  panel.findings = findings;
  panel.later();
}

palette(modeler, find(".designer-palette"));
followOutcomes(modeler, panel.writer);
toolbar({ room, modeler, life, drawer, fit: () => fit(modeler) });
let width = 0;
new ResizeObserver(([{ contentRect }]) => {
  if (width && Math.abs(contentRect.width - width) > 40) {
    modeler.get("canvas").resized();
    const [chosen] = modeler.get("selection").get();
    if (chosen) modeler.get("canvas").scrollToElement(chosen, 40);
    else fit(modeler);
  }
  width = contentRect.width;
}).observe(find("#canvas"));
keys({ room, modeler, life, drawer, search: find("#outline-search") });

try {
  const [choices] = await Promise.all([ask(`/designer/choices?draft=${room.dataset.draft}`), life.open()]);
  panel.choices = choices;
  panel.render();
  room.dataset.ready = "";
  if (location.hash === "#history") drawer.open("history");
} catch (error) {
  banner.set("gone", say("没有打开：{why}", { why: error.message }), [[say("重试"), () => location.reload()]], "bad");
}
