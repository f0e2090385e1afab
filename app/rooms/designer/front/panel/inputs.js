// The inputs of the panel: each shows a value, says when it is changed, and loses nothing it does not know.
import { h, icon } from "./html.js";
import { whenReleased } from "./pressing.js";
import { readDuration, readPlace, readRoleAt, writeDuration, writePlace, writeRoleAt } from "./values.js";
import { said, say } from "../words/say.js";

const PAUSE = 400;
let serial = 0;

/** A label above what is put in, with a line of explanation below. */
export function field(label, control, hint = "") {
  const inner = control.matches?.("input, select, textarea") ? control : control.querySelector("input, select, textarea");
  const id = inner?.id || `field-${(serial += 1)}`;
  if (inner) inner.id = id;
  const note = hint && h("p", { class: "panel-hint", id: `${id}-hint` }, hint);
  if (note && inner) inner.setAttribute("aria-describedby", note.id);
  return h("div", { class: "panel-field" }, h("label", { for: id }, label), control, note);
}

/** Text that is written as one types, half a second after the last key; what is written is one step of undo. */
export function text(id, value, set, more = {}) {
  const { area, list, check, ...attributes } = more;
  let timer;
  let last = value ?? "";
  const write = () => {
    clearTimeout(timer);
    const typed = input.value.trim();
    input.classList.toggle("is-invalid", Boolean(typed && check && !check(typed)));
    if (typed === last) return;
    last = typed;
    set(typed);
  };
  const input = h(area ? "textarea" : "input", {
    class: "form-control", id, value: last, autocomplete: "off", spellcheck: "false", list, ...(area ? { rows: area } : { type: "text" }), ...attributes,
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => whenReleased(write), PAUSE);
    },
    onchange: () => whenReleased(write),
  });
  input.write = write;
  if (last && check && !check(last)) input.classList.add("is-invalid");
  return input;
}

/** One of several; a value that is none of them stays, and is shown as what it is. */
export function choice(id, value, options, set, more = {}) {
  const known = options.some(([each]) => each === (value ?? ""));
  const shown = known ? options : [...options, [value, say("{value}（未识别，原样保留）", { value })]];
  return h(
    "select",
    { class: "form-select", id, ...more, onchange: (event) => set(event.target.value) },
    shown.map(([each, words]) => h("option", { value: each, selected: each === (value ?? "") }, words)),
  );
}

export function tick(id, label, checked, set, hint = "") {
  return h(
    "label",
    { class: "form-check panel-tick" },
    h("input", { class: "form-check-input", type: "checkbox", id, checked, onchange: (event) => set(event.target.checked) }),
    h("span", { class: "form-check-label" }, label, hint && h("small", {}, hint)),
  );
}

/** Some of several, as a property holds them: parted by spaces; what is not known stays at the end. */
export function ticks(id, values, options, set) {
  const unknown = values.filter((one) => !options.some(([each]) => each === one));
  const change = (key, on) => {
    const kept = options.map(([each]) => each).filter((each) => (each === key ? on : values.includes(each)));
    set([...kept, ...unknown].join(" "));
  };
  return h(
    "div",
    { class: "panel-ticks" },
    options.map(([key, label, hint]) => tick(`${id}-${key}`, label, values.includes(key), (on) => change(key, on), hint)),
    unknown.length > 0 && h("p", { class: "panel-hint" }, say("未识别，原样保留：{value}", { value: unknown.join(" ") })),
  );
}

const UNITS = () => [["WD", say("工作日")], ["D", say("天")], ["W", say("周")], ["H", say("小时")], ["M", say("分钟")]];

/** How long: a number and its unit; any other text is written as it is. */
export function duration(id, value, set) {
  const read = readDuration(value);
  if (value && !read) return text(id, value, set, { class: "form-control is-code" });
  const now = { count: read?.count ?? "", unit: read?.unit ?? "WD" };
  const write = () => set(now.count ? writeDuration(now) : "");
  const count = text(id, now.count, (typed) => {
    now.count = /^[1-9]\d{0,3}$/.test(typed) ? typed : "";
    write();
  }, { inputmode: "numeric", class: "form-control panel-number", check: (typed) => /^[1-9]\d{0,3}$/.test(typed) });
  const unit = choice(`${id}-unit`, now.unit, UNITS(), (chosen) => {
    now.unit = chosen;
    if (now.count) write();
  }, { "aria-label": say("单位") });
  return h("div", { class: "panel-pair" }, count, unit);
}

const LEVELS = () => [["", say("本级")], ["province", say("省级")], ["city", say("市级")], ["district", say("区县级")]];

/** Where a role is held. */
export function place(id, value, set, panel) {
  const read = value ? readPlace(value) : { kind: "", variable: "", level: "" };
  if (!read) return text(id, value, set, { class: "form-control is-code" });
  const now = { ...read };
  const write = () => set(now.kind && (now.kind !== "variable" || now.variable) ? writePlace(now) : "");
  const kinds = [
    ["", say("（请选择）")], ["starter.unit", say("发起人所在单位")], ["starter.region", say("发起人所在区域")],
    ["variable", say("表单中的字段")], ["everywhere", say("不限地点")],
  ];
  const parts = [choice(id, now.kind, kinds, (kind) => {
    now.kind = kind;
    if (kind === "variable" && !now.variable) now.variable = panel.variables()[0]?.[0] ?? "";
    write();
  })];
  if (now.kind === "variable") {
    parts.push(choice(`${id}-variable`, now.variable, [["", say("（请选择）")], ...panel.variables()], (name) => {
      now.variable = name;
      write();
    }, { "aria-label": say("字段") }));
  }
  if (now.kind === "variable" || now.kind === "starter.region") {
    parts.push(choice(`${id}-level`, now.level, LEVELS(), (level) => {
      now.level = level;
      write();
    }, { "aria-label": say("上溯到") }));
  }
  return h("div", { class: "panel-stack" }, parts);
}

export const roleOptions = (choices) => [["", say("（请选择）")], ...choices.roles.map((one) => [one.key, said(one.title)])];

/** A role, and where it is held; for `escalate`, `nobody`, `from`. */
export function roleAt(id, value, set, panel) {
  const now = readRoleAt(value);
  const write = () => set(now.role ? writeRoleAt(now) : "");
  return h(
    "div",
    { class: "panel-stack" },
    choice(id, now.role, roleOptions(panel.choices), (role) => {
      now.role = role;
      now.place = placeOf(panel.choices, role, now.place);
      write();
    }),
    now.role && place(`${id}-place`, now.place, (at) => {
      now.place = at;
      write();
    }, panel),
  );
}

/** A place that suits a role: what was chosen, or what is usual. */
export function placeOf(choices, role, chosen = "") {
  const kind = choices.roles.find((one) => one.key === role)?.place ?? "none";
  if (kind === "none") return "everywhere";
  return chosen && chosen !== "everywhere" ? chosen : `starter.${kind === "unit" ? "unit" : "region"}`;
}

/** A small table one adds rows to; `columns`: label, and a control for a row. */
export function table(id, columns, rows, { add, remove, label, empty }) {
  return h(
    "div",
    { class: "panel-table", id },
    rows.length === 0 ? h("p", { class: "panel-hint" }, empty) :
    h("table", {},
      h("thead", {}, h("tr", {}, columns.map((one) => h("th", { scope: "col", class: one.class ?? null, title: one.hint ?? null }, one.label)), h("th", {}, h("span", { class: "visually-hidden" }, say("删除"))))),
      h("tbody", {}, rows.map((row, index) => h("tr", {},
        columns.map((one) => h("td", { class: one.class ?? null }, one.control(row, index))),
        h("td", {}, h("button", { type: "button", class: "panel-remove", title: say("删除"), "aria-label": say("删除第 {n} 行", { n: index + 1 }), onclick: () => remove(index) }, icon("close"))))))),
    h("button", { type: "button", class: "btn btn-sm", id: `${id}-add`, onclick: add }, label),
  );
}
