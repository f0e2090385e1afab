// The panel beside the canvas: what the selected element is, in tabs, and everything one may set of it.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";
import { LONGEST_NAME } from "../canvas/names.js";
import { event } from "./events.js";
import { field, text } from "./inputs.js";
import { flow, ways } from "./flows.js";
import { h } from "./html.js";
import { insertAfter, onward } from "./inserting.js";
import { kindOf } from "./kinds.js";
import { whenReleased } from "./pressing.js";
import { laneOf, who } from "./lanes.js";
import * as person from "./person.js";
import * as process from "./process.js";
import { getProperty, properties, subject, Writer } from "./properties.js";
import { readList, readWords, writeWords } from "./values.js";
import * as work from "./work.js";
import { said, say } from "../words/say.js";

const TABS = [["basic", "基本"], ["people", "办理人"], ["form", "表单与字段"], ["buttons", "按钮"], ["time", "时限"], ["advanced", "高级"]];
const STAGED = /UserTask|ManualTask|ServiceTask|Event|EventBasedGateway|SubProcess|CallActivity|ReceiveTask|SendTask/;
const UNNAMED = /Process|Collaboration/;

export class Panel {
  constructor(modeler, room, { choices, formsLink, onShown }) {
    this.modeler = modeler;
    this.writer = new Writer(modeler);
    this.room = room;
    this.choices = choices;
    this.formsAddress = formsLink;
    this.onShown = onShown;
    this.tab = "basic";
    this.locked = false;
    this.findings = [];
    this.written = new WeakSet(); // flows whose condition is written, though it could be chosen
    room.addEventListener("focusout", () => this.isRendering || this.later());
    this.holdStill();
    modeler.on("selection.changed", () => this.select());
    modeler.on("commandStack.changed", () => this.later());
    modeler.on("import.done", () => this.select());
  }

  /** While something in it is pressed, nothing is drawn anew: the press would go to what is there no more. */
  holdStill() {
    const release = () => setTimeout(() => {
      this.pressed = null;
      this.later();
    });
    this.room.addEventListener("pointerdown", (event) => (this.pressed = event.target));
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => this.pressed && !this.pressed.matches("select") && release());
    // a list that is open ends with a choice, or when one goes elsewhere
    this.room.addEventListener("change", (event) => event.target === this.pressed && release());
    this.room.addEventListener("focusout", (event) => event.target === this.pressed && release());
  }

  select() {
    const chosen = this.modeler.get("selection").get();
    let element = chosen.length === 1 ? chosen[0] : this.modeler.get("canvas").getRootElement();
    if (element.labelTarget) element = element.labelTarget;
    this.flush();
    this.element = element;
    this.many = chosen.length > 1 ? chosen.length : 0;
    this.render();
  }

  /** Write what is typed and not written yet. */
  flush() {
    for (const input of this.room.querySelectorAll("input, textarea")) input.write?.();
  }

  later() {
    cancelAnimationFrame(this.waits);
    this.waits = requestAnimationFrame(() => whenReleased(this.again));
  }

  again = () => {
    const active = document.activeElement;
    const isTyping = this.room.contains(active) && active.matches("input[type=text], textarea");
    if (!this.pressed && (!isTyping || !active.isConnected)) this.render();
  };

  get bo() {
    return subject(this.element);
  }

  get(name) {
    return getProperty(this.bo, name);
  }

  set(name, value) {
    this.writer.set(this.element, name, value, this.bo);
  }

  setAll(values) {
    this.writer.setAll(this.element, values, this.bo);
  }

  processProperty(name) {
    return getProperty(subject(this.modeler.get("canvas").getRootElements()[0]), name);
  }

  /** Everything an expression may name: fields of the forms, and what steps bring. */
  variables() {
    const found = new Map();
    for (const form of this.choices.forms) {
      for (const one of form.variables) found.set(one.name, said(one.label) ? `${said(one.label)}（${one.name}）` : one.name);
    }
    for (const element of this.modeler.get("elementRegistry").getAll()) {
      const bo = getBusinessObject(element);
      const operator = bo.extensionElements && this.writer.operator(bo);
      const returned = operator ? this.choices.actions.find((one) => one.name === operator.id)?.returns : [];
      const brought = readList(getProperty(bo, "data"));
      const assigned = [...(bo.script ?? "").matchAll(/^\s*([a-z]\w*)\s*=(?!=)/gm)].map((match) => match[1]);
      const carried = is(element, "bpmn:DataObjectReference") && bo.dataObjectRef ? [bo.dataObjectRef.id] : [];
      for (const name of [...(returned ?? []), ...brought, ...assigned, ...carried]) if (!found.has(name)) found.set(name, name);
    }
    return [...found];
  }

  tasks() {
    const tasks = this.modeler.get("elementRegistry").filter((one) => is(one, "bpmn:UserTask") || is(one, "bpmn:ManualTask"));
    return tasks.filter((one) => one !== this.element).map((one) => [one.id, getBusinessObject(one).name || one.id]);
  }

  lanes() {
    return this.modeler.get("elementRegistry").filter((one) => is(one, "bpmn:Lane") && who(one).role).map((one) => [one.id, getBusinessObject(one).name || one.id]);
  }

  intoLane(id) {
    const registry = this.modeler.get("elementRegistry");
    const lane = registry.get(id);
    if (!lane || laneOf(this.element, registry) === lane) return;
    const delta = { x: 0, y: Math.round(lane.y + lane.height / 2 - this.element.y - this.element.height / 2) };
    this.modeler.get("modeling").moveElements([this.element], delta, lane);
  }

  formsLink(form, step) {
    if (!this.formsAddress) return null;
    const address = form ? `${this.formsAddress}/${form}?step=${encodeURIComponent(step)}` : this.formsAddress;
    return h("p", {}, h("a", { href: address, class: "btn btn-sm" }, form ? say("打开表单设计") : say("新建表单")));
  }

  /** The contents of each tab; a tab without any is not shown. */
  parts() {
    const { element, bo } = this;
    const isPerson = is(bo, "bpmn:UserTask") || is(bo, "bpmn:ManualTask");
    const parts = { basic: [this.names(), STAGED.test(bo.$type) && this.stage()], people: [], form: [], buttons: [], time: [], advanced: [] };
    if (isPerson) {
      for (const tab of ["people", "form", "buttons", "time"]) parts[tab].push(person[tab](this));
    } else if (UNNAMED.test(bo.$type) && bo.$type === "bpmn:Process") {
      parts.basic.push(process.processBasics(this));
      parts.people.push(process.starters(this));
      parts.form.push(process.processForm(this));
      parts.advanced.push(process.processAdvanced(this));
    } else if (is(bo, "bpmn:Lane")) parts.people.push(process.lane(this));
    if (is(bo, "bpmn:ServiceTask")) parts.basic.push(work.action(this));
    if (is(bo, "bpmn:BusinessRuleTask")) parts.basic.push(work.decision(this));
    if (is(bo, "bpmn:ScriptTask")) parts.basic.push(work.script(this));
    if (is(bo, "bpmn:CallActivity")) parts.basic.push(work.called(this));
    if (/Event$|ReceiveTask|SendTask/.test(bo.$type)) parts.basic.push(event(this));
    parts.basic.push(flow(this), ways(this), this.insertion());
    parts.advanced.push(work.several(this), this.documentation(), this.raw(), element.type !== "label" && this.identity());
    return parts;
  }

  names() {
    const { bo } = this;
    if (bo.$type === "bpmn:TextAnnotation") return [field(say("文字"), text("name", bo.text, (to) => this.modeler.get("modeling").updateProperties(this.element, { text: to }), { area: 4 }))];
    if (bo.$type === "bpmn:Group" || bo.$type === "bpmn:Association") return [];
    return [
      field(say("名称"), text("name", bo.name, (to) => this.writer.rename(this.element, to), { maxlength: LONGEST_NAME })),
      !/DataObject|DataStore/.test(bo.$type) && field(say("英文名称"), text("name-en", this.get("name.en"), (to) => this.set("name.en", to), { maxlength: 200, lang: "en" })),
    ];
  }

  stage() {
    const now = readWords(this.get("stage"));
    const put = (part) => this.set("stage", writeWords(Object.assign(now, part)));
    return field(say("办理到这里时的状态"), h("div", { class: "panel-pair is-even" },
      text("stage", now.zh, (zh) => put({ zh }), { placeholder: say("如：待审核"), maxlength: 100 }),
      text("stage-en", now.en, (en) => put({ en }), { placeholder: "Awaiting review", maxlength: 100, "aria-label": say("状态的英文"), lang: "en" })));
  }

  insertion() {
    return onward(this.element) && h("button", { type: "button", class: "btn btn-sm panel-wide", id: "insert", onclick: () => insertAfter(this.modeler, this.writer, this.element) }, say("在其后插入一步"));
  }

  documentation() {
    const now = this.bo.documentation?.[0];
    if (this.bo.$type === "bpmn:TextAnnotation") return [];
    return field(say("说明"), text("documentation", now?.text, (to) => {
      const made = to ? [this.writer.create("bpmn:Documentation", { text: to }, this.bo)] : [];
      this.writer.attributes(this.element, this.bo, { documentation: made });
    }, { area: 3 }));
  }

  /** Properties as they stand in the file, those the tabs have no input for marked as such. */
  raw() {
    const all = Object.entries(properties(this.bo));
    return all.length > 0 && h("details", { class: "panel-raw" }, h("summary", {}, say("属性原文（{n}）", { n: all.length })),
      h("dl", {}, all.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value ?? "")])));
  }

  identity() {
    return h("p", { class: "panel-hint" }, say("标识"), " ", h("code", {}, this.bo.id ?? ""));
  }

  render() {
    if (!this.element || !this.choices) return;
    const active = document.activeElement;
    const held = this.room.contains(active) ? { id: active.id, from: active.selectionStart, to: active.selectionEnd } : null;
    const top = this.room.querySelector(".panel-body")?.scrollTop ?? 0;
    const parts = this.parts();
    const isFull = (part) => part.flat(Infinity).some(Boolean);
    const shown = TABS.filter(([key]) => isFull(parts[key]));
    const tab = shown.some(([key]) => key === this.tab) ? this.tab : "basic";
    const heading = h("div", { class: "panel-head" }, h("h2", {}, this.bo.name || this.bo.text || kindOf(this.bo)),
      h("span", {}, this.many ? say("选中 {n} 个元素", { n: this.many }) : kindOf(this.bo)));
    const bar = h("div", { class: "panel-tabs", role: "tablist", "aria-label": say("属性") }, shown.map(([key, label]) =>
      h("button", { type: "button", role: "tab", id: `tab-${key}`, "aria-selected": String(key === tab), "aria-controls": "panel-body", tabindex: key === tab ? 0 : -1, onclick: () => this.show(key), onkeydown: (pressed) => this.turn(pressed, shown, key) }, say(label))));
    const mine = this.findings.filter((one) => one.element === this.bo.id || one.element === this.element.id);
    const body = h("div", { class: "panel-body", id: "panel-body", role: "tabpanel", "aria-labelledby": `tab-${tab}`, tabindex: 0 },
      mine.length > 0 && h("ul", { class: "panel-findings" }, mine.map((one) => h("li", { class: `is-${one.level}` }, one.message))),
      h("fieldset", { class: "panel-all", disabled: this.locked }, parts[tab]),
      h("datalist", { id: "variables" }, this.variables().map(([name, label]) => h("option", { value: name }, label))));
    this.isRendering = true; // what is replaced loses the focus, which is no reason to draw again
    this.room.replaceChildren(heading, bar, body);
    this.isRendering = false;
    body.scrollTop = top;
    const again = held?.id && this.room.querySelector(`#${CSS.escape(held.id)}`);
    if (again) {
      again.focus({ preventScroll: true });
      if (held.from !== null && again.setSelectionRange && again.type === "text") again.setSelectionRange(held.from, held.to);
    }
    this.onShown?.(this);
  }

  show(tab) {
    this.flush();
    this.tab = tab;
    this.render();
    this.room.querySelector(`#tab-${tab}`)?.focus();
  }

  turn(pressed, shown, key) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[pressed.key];
    if (!step) return;
    pressed.preventDefault();
    const at = shown.findIndex(([each]) => each === key);
    this.show(shown[(at + step + shown.length) % shown.length][0]);
  }
}
