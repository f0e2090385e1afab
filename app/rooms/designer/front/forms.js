// The form designer: a form of a draft as fields, rights by step, preview and text; everything is saved by itself.
import { Canvas } from "./forms/canvas.js";
import { fill, h } from "./forms/dom.js";
import { Grid } from "./forms/grid.js";
import { at, History, holder, insert, ofPath, parts, reserved, taken, titled, unused } from "./forms/model.js";
import { englishFor, nameFor } from "./forms/naming.js";
import { Palette } from "./forms/palette.js";
import { Panel } from "./forms/panel.js";
import { Preview } from "./forms/preview.js";
import { read, same, write } from "./forms/text.js";
import { Banner } from "./draft/banner.js";
import { Life } from "./draft/life.js";
import { ask } from "./draft/talk.js";

const told = JSON.parse(document.getElementById("told").textContent);
for (const name of told.reserved) reserved.add(name);
const find = (mark) => document.querySelector(`[data-${mark}]`);
const english = told.language === "en";

/** What every part of the page works with: the form, what is chosen, and the words. */
class Room {
  constructor() {
    this.told = told;
    this.kinds = new Map(told.kinds.map((each) => [each.key, each]));
    this.selected = [];
    this.view = "fields";
    this.complaints = told.complaints;
    this.fresh = new Set(); // names of fields begun here: they still follow their labels
    this.locked = false;
    this.saved = told.text;
    try {
      this.tree = read(told.text);
      this.history = new History(this.tree.value);
    } catch {
      this.tree = null;
      this.history = new History({});
    }
    this.listeners = [];
    this.history.listeners.push((kind) => this.changed(kind));
  }
  get data() {
    return this.history.data;
  }
  get text() {
    return this.broken ?? (this.tree ? write(this.data, this.tree) : told.text);
  }
  w(key, values) {
    return fill(told.words[key] ?? key, values ?? {});
  }
  /** Text of a part in the reader's language. */
  said(one, key) {
    return (english && one?.[`${key}.en`]) || one?.[key] || "";
  }
  name(item) {
    return (english && (item["label.en"] || item["title.en"] || item["text.en"]?.[0])) || titled(item) || item.type;
  }
  kindName(type) {
    return this.kinds.get(type)?.label ?? this.w(type);
  }
  change(kind, alter) {
    if (this.locked) return undefined;
    return this.history.change(kind, alter);
  }
  select(path, focus = "") {
    const same_ = ofPath(path) === ofPath(this.selected);
    this.selected = path;
    if (!same_) this.tellAll("select");
    if (focus) panel.focus(focus);
  }
  tellAll(kind) {
    for (const each of this.listeners) each(kind);
  }
  changed(kind) {
    if (at(this.data, this.selected) === undefined) this.selected = holder(this.selected.slice(0, -2));
    this.broken = null;
    this.tellAll(kind);
    life?.touch();
    judge();
  }
  say(words) {
    find("said").textContent = words;
  }
  /** What is complained of at a part, without what lies in its own parts. */
  wrong(path, deep = false) {
    return this.complaints.filter((each) => {
      const place = parts(each.path);
      const its = holder(place);
      return deep ? ofPath(its).startsWith(ofPath(path)) : ofPath(its) === ofPath(path);
    });
  }
  add(type, where = this.selected, place = null) {
    let now = null;
    this.change("add", (data) => {
      const item = this.made(type, data);
      if (place !== null) {
        const list = at(data, where) ?? [];
        list.splice(place, 0, item);
        now = [...where, place];
      } else now = insert(data, where.includes("columns") ? where.slice(0, where.indexOf("columns")) : where, item);
      if (item.name) this.fresh.add(item.name);
    });
    if (!now) return;
    this.select(now, "label");
    this.say(this.w("added", { name: this.name(at(this.data, now)) }));
  }
  made(type, data) {
    const label = this.kindName(type);
    if (type === "section") return { type, title: label, "title.en": english ? label : "Section", fields: [] };
    if (type === "note") return { type, text: [label], "text.en": [english ? label : "Note"] };
    const name = unused(type, taken(data, ["fields", -1]));
    return { type, name, label, "label.en": english ? label : englishFor(label), ...this.begun(type) };
  }
  /** What a new field of a kind must say. */
  begun(type) {
    const option = (number) => ({ code: String(number), label: english ? `Option ${number}` : `选项${number}`, "label.en": `Option ${number}` });
    const known = {
      choice: () => ({ choices: [option(1), option(2)] }),
      table: () => ({ columns: [{ type: "text", name: "name", label: english ? "Name" : "名称", "label.en": "Name" }, { type: "number", name: "quantity", label: english ? "Quantity" : "数量", "label.en": "Quantity" }] }),
      computed: () => ({ expression: "0" }),
      region: () => ({ level: "district" }),
      person: () => ({ role: told.pickers.role[0]?.value ?? "platform.administrator" }),
    };
    return known[type]?.() ?? {};
  }
  /** The label is typed: its English and, of a field begun here, its name follow until somebody writes them. */
  label(path, key, text) {
    let renamed = null;
    this.change(`type:${ofPath(path)}.${key}`, (data) => {
      const one = at(data, path);
      const old = one[key] ?? "";
      one[key] = text;
      const other = `${key}.en`;
      if ([undefined, "", old, englishFor(old), "Section"].includes(one[other]) || one[other] === englishFor(this.kindName(one.type))) one[other] = englishFor(text) || text;
      if (key !== "label" || !this.fresh.has(one.name)) return;
      const name = unused(nameFor(text, one.type), taken(data, path));
      if (name === one.name) return;
      renamed = [one.name, name];
    });
    return renamed;
  }
}

const room = new Room();
let life = null;
let judging = 0;

// The server's word on the form, a moment after it has changed.
function judge() {
  clearTimeout(judging);
  judging = setTimeout(async () => {
    const text = room.text;
    const answer = await ask(`/designer/drafts/${told.draft}/form-check`, { text }).catch(() => null);
    if (!answer || text !== room.text) return;
    room.complaints = answer.complaints;
    room.tellAll("complaints");
  }, 400);
}

const canvas = new Canvas(room, find("canvas"));
const panel = new Panel(room, find("panel"));
const grid = new Grid(room, find("rights"), find("brushes"));
const preview = new Preview(room, find("preview"), find("paper"));
new Palette(room, find("palette"), canvas);

const views = ["fields", "rights", "preview", "json"];
const tab = (view) => document.getElementById(`tab-${view}`);
room.show = (view) => {
  room.view = view;
  for (const each of views) {
    const on = each === view;
    tab(each).setAttribute("aria-selected", String(on));
    tab(each).tabIndex = on ? 0 : -1;
    document.getElementById(`view-${each}`).hidden = !on;
  }
  draw("view");
};
for (const view of views) {
  tab(view).addEventListener("click", () => room.show(view));
  tab(view).addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    const next = views[(views.indexOf(view) + way + views.length) % views.length];
    room.show(next);
    tab(next).focus();
  });
}

const json = document.getElementById("json");
json.addEventListener("input", () => {
  const error = find("json-error");
  try {
    const tree = read(json.value);
    if (!same(tree.value, JSON.parse(json.value)) || typeof tree.value !== "object") throw new Error("");
    room.tree = tree;
    error.hidden = true;
    const before = room.data;
    room.change("type:json", (data) => {
      for (const key of Object.keys(data)) delete data[key];
      Object.assign(data, tree.value);
    });
    if (room.data === before) room.changed("type:json"); // the looks alone have changed
  } catch {
    room.broken = json.value;
    life?.touch();
    judge();
  }
});

function complain() {
  const count = room.complaints.length;
  const button = find("complaints");
  button.hidden = count === 0;
  button.textContent = room.w("complaint_many", { count });
  const box = document.getElementById("complaints");
  if (!count) box.hidden = true;
  button.setAttribute("aria-expanded", String(!box.hidden));
  box.replaceChildren(
    h("ul", {}, room.complaints.map((each) => {
      const path = holder(parts(each.path));
      const item = at(room.data, path);
      const words = path.length && item ? room.w("complaint_at", { name: room.name(item), message: each.message }) : each.message;
      return h("li", {}, h("button", { type: "button", class: "btn-link forms-complaint", onclick: () => {
        room.show("fields");
        room.select(path);
        panel.focus(parts(each.path).at(-1));
      } }, words));
    })),
  );
  const error = find("json-error");
  const broken = room.complaints.find((each) => ["not_json", "duplicate_key"].includes(each.code));
  error.hidden = !broken;
  error.textContent = broken?.message ?? "";
}
find("complaints").addEventListener("click", (event) => {
  const box = document.getElementById("complaints");
  box.hidden = !box.hidden;
  event.currentTarget.setAttribute("aria-expanded", String(!box.hidden));
});

function draw(kind) {
  find("title").textContent = room.said(room.data, "title") || told.form;
  for (const [mark, way] of [["undo", -1], ["redo", 1]]) find(mark).disabled = !room.history.can(way) || room.locked;
  if (room.view === "fields") {
    canvas.draw(kind);
    if (!kind.startsWith("type:")) panel.draw(kind);
  }
  if (room.view === "rights") grid.draw();
  if (room.view === "preview" && kind !== "select" && kind !== "complaints") preview.draw();
  if (room.view === "json" && kind !== "type:json") json.value = room.text;
  if (kind === "complaints") complain();
}
room.listeners.push(draw);

function go(way) {
  if (room.locked || !room.history.go(way)) return;
  room.say(room.w(way < 0 ? "undone" : "redone"));
}
find("undo").addEventListener("click", () => go(-1));
find("redo").addEventListener("click", () => go(1));
document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  if (key === "s") {
    event.preventDefault();
    life.saving.now();
  }
  const writing = event.target.matches?.("textarea, input:not([type=checkbox], [type=radio])");
  if (writing || !["z", "y"].includes(key)) return;
  event.preventDefault();
  go(key === "y" || event.shiftKey ? 1 : -1);
});

function lock(on) {
  if (room.locked === on) return;
  room.locked = on;
  document.querySelector("main").classList.toggle("is-locked", on);
  json.readOnly = on;
  draw("lock");
}

class FormLife extends Life {
  changes() {
    return room.text === room.saved ? {} : { [told.file]: room.text };
  }
  peek() {
    return this.changes();
  }
  settled() {
    room.saved = this.files[told.file];
    if (room.text !== room.saved) this.touch(); // changed while it was on its way
  }
  locked(closed) {
    lock(closed);
  }
  show(read) {
    if (read.files[told.file] !== room.saved) location.reload(); // another has changed it
  }
  restore(files) {
    json.value = files[told.file];
    json.dispatchEvent(new Event("input"));
    draw("history");
  }
}

life = new FormLife({ draft: told.draft, line: find("saved"), banner: new Banner(find("banners")) });
life.begin(told.revision, { [told.file]: told.text });
if (told.standing) life.stand(told.standing);
if (!room.tree) {
  for (const view of ["fields", "rights"]) tab(view).disabled = true;
  room.show("json");
} else draw("begin");
complain();
