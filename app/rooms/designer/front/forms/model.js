// A form as it is being drawn: its JSON, found by paths, and every way of changing it. Paths are as the server says
// them, in parts: ["fields", 2, "fields", 0]. A change works on a copy; what was before stays as it was, for undoing.

import { rename, reads } from "./expression.js";

const ORDER = ["$schema", "id", "type", "name", "title", "title.en", "text", "text.en", "label", "label.en", "required", "entity", "row", "steps", "tabs"];
const LATE = ["width", "help", "help.en", "placeholder", "placeholder.en", "mask", "sensitive", "variable", "at", "show_if", "require_if", "check", "messages", "columns", "fields", "checks"];
const rank = (key) => (ORDER.includes(key) ? ORDER.indexOf(key) : LATE.includes(key) ? 100 + LATE.indexOf(key) : 50);

/** Set `key` where such keys stand; an empty value takes it out. */
export function put(one, key, value) {
  const nothing = value === undefined || value === null || value === "" || value === false || (Array.isArray(value) && !value.length) || (typeof value === "object" && !Array.isArray(value) && !Object.keys(value).length);
  if (nothing) {
    delete one[key];
    return;
  }
  if (key in one) {
    one[key] = value;
    return;
  }
  const entries = Object.entries(one);
  let place = entries.length;
  while (place > 0 && rank(entries[place - 1][0]) > rank(key)) place -= 1;
  entries.splice(place, 0, [key, value]);
  for (const name of Object.keys(one)) delete one[name];
  for (const [name, each] of entries) one[name] = each;
}

export const at = (data, path) => path.reduce((one, key) => one?.[key], data);
export const ofPath = (path) => path.join(".");

/** The server's `$.fields[2].fields[0].label` in parts. */
export const parts = (path) => [...path.matchAll(/[^.[\]$]+/g)].map(([each]) => (/^\d+$/.test(each) ? Number(each) : each));

/** The part of a form a path lies in: a field, a column, a section, else the form. */
export function holder(path) {
  let kept = 0;
  for (let place = 0; place + 1 < path.length; place += 2) {
    if (!["fields", "columns"].includes(path[place]) || typeof path[place + 1] !== "number") break;
    kept = place + 2;
  }
  return path.slice(0, kept);
}

/** Every item with its path, sections before what is in them. */
export function* walk(data) {
  for (const [place, item] of (data.fields ?? []).entries()) {
    yield { item, path: ["fields", place], section: null };
    for (const [inner, each] of (item.type === "section" ? item.fields ?? [] : []).entries()) yield { item: each, path: ["fields", place, "fields", inner], section: item };
  }
}

export const fields = (data) => [...walk(data)].filter(({ item }) => item.name).map(({ item }) => item);
export const titled = (item) => item?.label ?? item?.title ?? item?.text?.[0] ?? item?.name ?? "";

/** Names that pages and conditions use themselves: the server says which. */
export const reserved = new Set();

/** Names that a new one may not be, where `path` is to be. */
export function taken(data, path) {
  const column = path.lastIndexOf("columns");
  const among = column > 0 ? at(data, path.slice(0, column + 1)) ?? [] : fields(data);
  const own = at(data, path);
  return new Set([...among.filter((each) => each !== own).map((each) => each.name), ...reserved]);
}

export function unused(wanted, known) {
  if (wanted && !known.has(wanted)) return wanted;
  const start = wanted.replace(/_\d+$/, "");
  for (let number = 2; ; number += 1) if (!known.has(`${start}_${number}`)) return `${start}_${number}`;
}

/** Put `item` into `data` after `path` (or at the end, or into a section that is named); say where it is now. */
export function insert(data, path, item) {
  const chosen = at(data, path);
  if (path.length === 0) {
    data.fields = [...(data.fields ?? []), item];
    return ["fields", data.fields.length - 1];
  }
  if (chosen?.type === "section" && item.type !== "section") {
    chosen.fields = [...(chosen.fields ?? []), item];
    return [...path, "fields", chosen.fields.length - 1];
  }
  const beside = item.type === "section" ? path.slice(0, 2) : path;
  const place = beside.at(-1) + 1;
  at(data, beside.slice(0, -1)).splice(place, 0, item);
  return [...beside.slice(0, -1), place];
}

export function remove(data, path) {
  at(data, path.slice(0, -1)).splice(path.at(-1), 1);
}

/** Take what is at `from` to stand before what is at `list`[`place`]; `list` is the path of an array. */
export function move(data, from, list, place) {
  const source = at(data, from.slice(0, -1));
  const target = at(data, list);
  const [item] = source.splice(from.at(-1), 1);
  const shifted = source === target && from.at(-1) < place ? place - 1 : place;
  target.splice(shifted, 0, item);
  for (const { item: each, path } of walk(data)) if (each === item) return path;
  return [...list, shifted];
}

/** Where Alt and an arrow takes an item: within its list, out of its section, or into the next one. */
export function step(data, path, way) {
  const list = path.slice(0, -1);
  const place = path.at(-1);
  const many = at(data, list);
  const item = many[place];
  const other = many[place + way];
  if (other?.type === "section" && item.type !== "section") {
    const inside = [...list, place + way, "fields"];
    at(data, inside) ?? (other.fields = []);
    return move(data, path, inside, way > 0 ? 0 : other.fields.length);
  }
  if (other) return move(data, path, list, way > 0 ? place + 2 : place - 1);
  if (list.length > 1 && list.at(-1) === "fields") return move(data, path, list.slice(0, -2), way > 0 ? list.at(-2) + 1 : list.at(-2));
  return path;
}

/** Call a field otherwise everywhere it is spoken of. */
export function rechristen(data, path, name) {
  const one = at(data, path);
  const old = one.name;
  one.name = name;
  const column = path.lastIndexOf("columns");
  const table = column > 0 ? at(data, path.slice(0, column)) : null;
  const within = table ? table.columns : fields(data);
  for (const each of within) mention(each, old, name);
  if (table) {
    if (table.key === old) table.key = name;
    for (const each of fields(data)) if (each.sum_of === `${table.name}.${old}`) each.sum_of = `${table.name}.${name}`;
    return;
  }
  for (const { item } of walk(data)) if (item.type === "section") mention(item, old, name);
  for (const check of data.checks ?? []) {
    if (typeof check !== "object") continue;
    if (check.that) check.that = rename(check.that, old, name);
    if (check.field === old) check.field = name;
  }
}

function mention(one, old, name) {
  for (const key of ["show_if", "require_if", "resident_if", "expression"]) if (one[key] && reads(one[key], old)) one[key] = rename(one[key], old, name);
  for (const key of Object.keys(one.fills ?? {})) if (one.fills[key] === old) one.fills[key] = name;
  if (one.sum_of?.startsWith(`${old}.`)) one.sum_of = name + one.sum_of.slice(old.length);
}

/** The right at a step, as the server works it out, and whether the part says so itself. */
export function right(step, own, ...above) {
  for (const [place, rights] of [own, ...above].entries()) {
    const found = rights?.[step] ?? rights?.["*"];
    if (found) return { right: found, own: place === 0 && step in (rights ?? {}) };
  }
  return { right: "read", own: false };
}

/** A form with its undo: states are kept whole, small changes of the same sort become one. */
export class History {
  constructor(data) {
    this.states = [{ data, kind: "", at: 0 }];
    this.place = 0;
    this.listeners = [];
  }
  get data() {
    return this.states[this.place].data;
  }
  change(kind, alter) {
    const copy = structuredClone(this.data);
    const answer = alter(copy);
    if (JSON.stringify(copy) === JSON.stringify(this.data)) return answer;
    const now = Date.now();
    const last = this.states[this.place];
    const joins = kind.startsWith("type:") && last.kind === kind && now - last.at < 1500 && this.place > 0;
    this.states.length = joins ? this.place : this.place + 1;
    this.states.push({ data: copy, kind, at: now });
    if (this.states.length > 200) this.states.shift();
    this.place = this.states.length - 1;
    for (const each of this.listeners) each(kind);
    return answer;
  }
  go(way) {
    const next = this.place + way;
    if (!this.states[next]) return false;
    this.place = next;
    this.states[next].kind = "";
    for (const each of this.listeners) each("history");
    return true;
  }
  can(way) {
    return Boolean(this.states[this.place + way]);
  }
}
