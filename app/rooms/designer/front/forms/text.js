// JSON that keeps its own looks: what has not changed is written as it was read, to the letter.
//
// `read(text)` is a tree whose nodes know where they stand; `write(value, tree)` is the text of `value`, in which every
// part equal to one of the tree is copied, and what is new is laid out like its neighbours.

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /"(?:[^"\\\u0000-\u001f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

export class Unreadable extends Error {}

export function read(source) {
  let at = source.startsWith("\uFEFF") ? 1 : 0;
  const take = (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (!found) throw new Unreadable(String(at));
    at = pattern.lastIndex;
    return found[0];
  };
  const sign = (wanted) => {
    if (source[at] !== wanted) throw new Unreadable(String(at));
    at += 1;
  };
  const list = (close, each) => {
    const parts = [];
    at += 1;
    let before = take(SPACE);
    if (source[at] === close) {
      at += 1;
      return { parts, tail: before };
    }
    for (;;) {
      parts.push({ before, ...each() });
      const after = take(SPACE);
      if (source[at] === close) {
        at += 1;
        return { parts, tail: after };
      }
      sign(",");
      before = after + take(SPACE); // a space before a comma moves behind it, should its neighbour change
    }
  };
  const value = () => {
    const start = at;
    const end = (node) => Object.assign(node, { start, end: at });
    if (source[at] === "{") {
      const { parts, tail } = list("}", () => {
        const key = take(SCALAR);
        if (key[0] !== '"') throw new Unreadable(String(at));
        const colon = take(SPACE);
        sign(":");
        const gap = `${colon}:${take(SPACE)}`;
        return { key: JSON.parse(key), gap, node: value() };
      });
      return end({ kind: "object", parts, tail, value: Object.fromEntries(parts.map((each) => [each.key, each.node.value])) });
    }
    if (source[at] === "[") {
      const { parts, tail } = list("]", () => ({ node: value() }));
      return end({ kind: "array", parts, tail, value: parts.map((each) => each.node.value) });
    }
    return end({ kind: "scalar", value: JSON.parse(take(SCALAR)) });
  };
  take(SPACE);
  const root = value();
  take(SPACE);
  if (at !== source.length) throw new Unreadable(String(at));
  return { source, root, value: root.value };
}

export function same(one, other) {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  const others = Object.keys(other);
  return keys.length === others.length && keys.every((key, place) => key === others[place] && same(one[key], other[key]));
}

export function write(value, tree) {
  const { source, root } = tree;
  const line = source.includes("\r\n") ? "\r\n" : "\n";
  const known = new Map(); // what stood anywhere in the old text, by what it says
  const note = (node) => {
    if (node.kind === "scalar") return;
    known.set(JSON.stringify(node.value), node);
    for (const each of node.parts) note(each.node);
  };
  note(root);

  const indentOf = (before) => (before.includes("\n") ? before.slice(before.lastIndexOf("\n") + 1) : null);
  const raw = (node) => source.slice(node.start, node.end);
  const indentAt = (node) => /^[ \t]*/.exec(source.slice(source.lastIndexOf("\n", node.start - 1) + 1))[0];

  const moved = (node, indent) => {
    const old = indentAt(node);
    return raw(node).split(/\r?\n/).map((each, place) => (place && each.startsWith(old) ? indent + each.slice(old.length) : each)).join(line);
  };
  const opens = (node) => node.parts.some((each) => each.before.includes("\n"));
  // New parts are laid out as their neighbours are: fields in one line or a line per property.
  const laid = (one, indent, spread) => {
    if (typeof one !== "object" || one === null) return JSON.stringify(one);
    const found = known.get(JSON.stringify(one));
    if (found) return moved(found, indent);
    const isList = Array.isArray(one);
    const parts = isList ? one.map((each) => ["", each]) : Object.entries(one).map(([key, each]) => [`${JSON.stringify(key)}: `, each]);
    if (!parts.length) return isList ? "[]" : "{}";
    const wide = spread || (!isList && Array.isArray(one.fields)) || (isList && one.some((each) => each?.type && (each.label || each.title || each.text)));
    const inner = indent + "  ";
    const said = parts.map(([key, each]) => key + laid(each, wide ? inner : indent, spread));
    const [open, close] = isList ? "[]" : "{}";
    return wide ? `${open}${line}${inner}${said.join(`,${line}${inner}`)}${line}${indent}${close}` : `${open}${said.join(", ")}${close}`;
  };

  const object = (one, node, indent) => {
    const old = new Map(node.parts.map((each) => [each.key, each]));
    const own = node.parts[0]?.before ?? "";
    const next = node.parts[1]?.before ?? (own.includes("\n") ? own : " ");
    const inner = indentOf(own) ?? indentOf(next) ?? indent;
    const said = Object.entries(one).map(([key, each], place) => {
      const part = old.get(key);
      const before = place === 0 ? own : part && part !== node.parts[0] ? part.before : next;
      const gap = part?.gap ?? node.parts[0]?.gap ?? ": ";
      const deeper = indentOf(before) ?? inner;
      return `${before}${JSON.stringify(key)}${gap}${part ? written(each, part.node, deeper) : laid(each, deeper, opens(node) && opens(root) && spreads(node))}`;
    });
    return `{${said.join(",")}${said.length ? node.tail : ""}}`;
  };
  // Whether everything within is spread over lines, as `JSON.stringify(…, 2)` does.
  const spreads = (node) => node.parts.every((each) => each.node.kind === "scalar" || !each.node.parts.length || (opens(each.node) && spreads(each.node)));

  const list = (many, node, indent) => {
    const pairs = matched(many, node.parts);
    const own = node.parts[0]?.before ?? (many.some((each) => each && typeof each === "object" && each.type) ? `${line}${indent}  ` : "");
    const next = node.parts[1]?.before ?? (own.includes("\n") ? own : " ");
    const spread = node.parts.length ? node.parts.some((each) => each.node.kind === "object" && opens(each.node) && spreads(each.node) && !each.node.value.fields) : spreads(root) && opens(root);
    const said = many.map((each, place) => {
      const part = pairs[place];
      const before = place === 0 ? own : part && part !== node.parts[0] ? part.before : next;
      const deeper = indentOf(before) ?? indent;
      return before + (part ? written(each, part.node, deeper) : laid(each, deeper, spread));
    });
    const tail = node.parts.length ? node.tail : own.includes("\n") ? `${line}${indent}` : "";
    return `[${said.join(",")}${said.length ? tail : ""}]`;
  };

  const written = (one, node, indent) => {
    if (same(one, node.value)) return raw(node);
    if (node.kind === "array" && Array.isArray(one)) return one.length ? list(one, node, indent) : "[]";
    if (node.kind === "object" && one && typeof one === "object" && !Array.isArray(one)) return Object.keys(one).length ? object(one, node, indent) : "{}";
    return laid(one, indent, false);
  };
  const text = same(value, root.value) ? raw(root) : written(value, root, "");
  return source.slice(0, root.start) + text + source.slice(root.end);
}

// Which old part each new one was: the same, else of the same name, else in the same place and of the same sort.
function matched(many, parts) {
  const left = new Set(parts);
  const found = new Array(many.length);
  const claim = (fits) => {
    many.forEach((one, place) => {
      if (found[place]) return;
      const part = [...left].find((each) => fits(one, each.node.value, place, each));
      if (!part) return;
      found[place] = part;
      left.delete(part);
    });
  };
  const mark = (one) => (one && typeof one === "object" ? one.name ?? one.code ?? one.title ?? one.text?.[0] : undefined);
  claim((one, other) => same(one, other));
  claim((one, other) => mark(one) !== undefined && one.type === other?.type && mark(one) === mark(other));
  claim((one, other, place, part) => parts.indexOf(part) === place && typeof one === typeof other && one?.type === other?.type);
  return found;
}
