// Decision tables of a draft: dmn-js for the table alone, saved by itself, checked and tried on the server.
import EditingManager from "dmn-js-shared/lib/base/EditingManager";
import DecisionTableEditor from "dmn-js-decision-table/lib/Editor";
import { is } from "dmn-js-shared/lib/util/ModelUtil";
import { HIT_POLICIES } from "dmn-js-decision-table/lib/features/hit-policy/HitPolicies";
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import { Banner } from "./draft/banner.js";
import { readable } from "./draft/ids.js";
import { Life } from "./draft/life.js";
import { ask } from "./draft/talk.js";
import { translated } from "./tables/words.js";
import { empty } from "./tables/empty.js";
import { separator } from "./words/say.js";

const room = document.getElementById("tables");
const { draft, name, process, language } = room.dataset;
const words = JSON.parse(document.getElementById("words").textContent);
const at = (id) => document.getElementById(id);
const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

// Tables alone: no requirements diagram, no literal expressions. The platform runs nothing else.
class Tables extends EditingManager {
  _getViewProviders() {
    return [{
      id: "decisionTable",
      constructor: DecisionTableEditor,
      opens: (element) => is(element, "dmn:Decision") && is(element.decisionLogic, "dmn:DecisionTable"),
    }];
  }
}

const RUN = ["UNIQUE", "COLLECT"]; // of the policies, those the platform runs
HIT_POLICIES.splice(0, HIT_POLICIES.length, ...HIT_POLICIES.filter((one) => RUN.includes(one.value.hitPolicy)));

const tables = new Tables({
  container: "#canvas",
  decisionTable: { additionalModules: [{ translate: ["value", translated(language)] }] },
  common: {
    // Cells are written in the platform's own language: plain text, not FEEL's editor.
    dataTypes: ["string", "number", "boolean", "date"],
    expressionLanguages: { options: [{ value: "chengpi", label: "Chengpi" }], defaults: { editor: "chengpi" } },
  },
});

let text = JSON.parse(at("text").textContent) || empty(process, name, language);
let saved = text;
let life = null;

class TableLife extends Life {
  changes() {
    return text === saved ? {} : { [name]: text };
  }
  peek() {
    return this.changes();
  }
  settled() {
    saved = this.files[name];
    if (text !== saved) this.touch(); // changed while it was on its way
  }
  locked(closed) {
    room.inert = closed;
  }
  show(read) {
    if ((read.files[name] ?? saved) !== saved) location.reload(); // another has changed it
  }
  async restore(files) {
    text = files[name];
    await open();
  }
}

let timer = 0;
async function judge() {
  const supposed = Object.fromEntries([...at("asks").querySelectorAll("input")].map((one) => [one.name, one.value]));
  const answer = await ask(`/designer/drafts/${draft}/tables/try`, { name, text, supposed }).catch(() => null);
  if (answer) show(answer);
}
function soon() {
  clearTimeout(timer);
  timer = setTimeout(judge, 400);
}

function show({ problems, decisions }) {
  const line = (said, tone) => Object.assign(document.createElement("li"), { textContent: said, className: tone });
  at("problems").replaceChildren(...(problems.length ? problems.map((one) => line(one.message, "is-bad")) : [line(words.none, "is-ok")]));
  const open = tables.getActiveView()?.element?.id;
  const one = decisions.find((each) => each.decision === open) ?? decisions[0];
  const known = [...at("asks").querySelectorAll("input")].map((each) => each.name);
  const asked = one?.asks.map((each) => each.name) ?? [];
  if (one && known.join() !== asked.join()) {
    const before = Object.fromEntries([...at("asks").querySelectorAll("input")].map((each) => [each.name, each.value]));
    at("asks").replaceChildren(...one.asks.map(({ name: variable, label: head }) => {
      const label = document.createElement("label");
      const input = Object.assign(document.createElement("input"), { name: variable, value: before[variable] ?? "", className: "form-control", autocomplete: "off" });
      const called = document.createElement("span");
      if (head) called.append(head, " ");
      called.append(Object.assign(document.createElement("code"), { textContent: variable }));
      label.append(called, input);
      return label;
    }));
  }
  const result = [];
  if (one?.why_not) result.push([one.why_not, "is-bad"]);
  else if (one) {
    result.push([one.rules.length ? say(words.holds, { rules: one.rules.join(separator) }) : words.nothing, ""]);
    for (const [key, value] of Object.entries(one.outputs ?? {})) result.push([`${key} = ${value === null ? "null" : JSON.stringify(value)}`, "is-value"]);
  }
  at("result").replaceChildren(...result.map(([said, tone]) => Object.assign(document.createElement("p"), { textContent: said, className: tone })));
  mark(one?.rules ?? []);
}

// The rules that hold are marked in the table itself.
function mark(rules) {
  const head = document.querySelector("#canvas .index-column");
  if (head && !head.textContent) head.textContent = words.rule; // left empty by dmn-js: a column without a name
  document.querySelectorAll("#canvas tbody tr").forEach((row, number) => row.classList.toggle("is-held", rules.includes(number + 1)));
}

function views() {
  const all = tables.getViews();
  const open = tables.getActiveView();
  at("views").hidden = all.length < 2;
  at("views").replaceChildren(...all.map((view) => {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: view.element.name || view.element.id });
    button.setAttribute("aria-pressed", String(view === open || view.element.id === open?.element.id));
    button.addEventListener("click", async () => {
      await tables.open(view);
      follow();
      soon();
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}

// Each view has an editor of its own, with its own steps back and forth.
const followed = new WeakSet();
function follow() {
  views();
  const viewer = tables.getActiveViewer();
  if (!viewer) return;
  const steps = viewer.get("commandStack");
  const buttons = () => {
    at("undo").disabled = !steps.canUndo();
    at("redo").disabled = !steps.canRedo();
  };
  buttons();
  if (followed.has(viewer)) return;
  followed.add(viewer);
  viewer.on("commandStack.changed", async () => {
    buttons();
    text = (await tables.saveXML({ format: true })).xml;
    life.touch();
    views();
    soon();
  });
}
at("undo").addEventListener("click", () => tables.getActiveViewer().get("commandStack").undo());
at("redo").addEventListener("click", () => tables.getActiveViewer().get("commandStack").redo());
at("asks").addEventListener("input", soon);
at("try").addEventListener("submit", (event) => event.preventDefault());

async function open() {
  try {
    await tables.importXML(readable(text));
    follow();
  } catch (error) {
    const why = [error.message, ...(error.warnings ?? []).map((each) => each.message)].join("; ");
    at("canvas").replaceChildren(Object.assign(document.createElement("p"), { className: "tables-unreadable", textContent: say(words.unreadable, { why }) }));
  }
  soon();
}

await open();
life = new TableLife({ draft, line: at("state"), banner: new Banner(at("banners")) });
life.begin(Number(room.dataset.revision), { [name]: saved });
if (room.dataset.standing) life.stand(room.dataset.standing);
room.dataset.ready = "true";
