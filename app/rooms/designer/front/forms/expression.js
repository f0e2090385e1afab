// The language of conditions, as far as it can be chosen: rows `field operator value`, joined by `and` or by `or`.
// What cannot be said in rows stays the text it is. The server alone judges whether a text is right.

const TOKEN = /'[^'\\\r\n]*'|"[^"\\\r\n]*"|[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?|==|!=|<=|>=|[<>()[\],.+\-*/%]|\s+|./g;

const isText = (token) => token[0] === "'" || token[0] === '"';

/** Whether an expression reads the variable `name`. */
export const reads = (text, name) => tokens(text).includes(name);

/** The expression with the variable `old` called `name`; words in quotation marks stay. */
export function rename(text, old, name) {
  const found = text.match(TOKEN) ?? [];
  return found.map((token, place) => (token === old && found[place - 1] !== "." ? name : token)).join("");
}

const tokens = (text) => (text.match(TOKEN) ?? []).filter((each) => each.trim());

/** What a token in quotation marks says; any other token as it is. */
export const unquoted = (token) => (/^(['"]).*\1$/.test(token) ? token.slice(1, -1) : token);
/** A text in quotation marks. The language has no escapes: what it cannot write is left out. */
export function quoted(text) {
  const plain_ = String(text).replace(/[\\\r\n]/g, "");
  return plain_.includes("'") ? `"${plain_.replaceAll('"', "")}"` : `'${plain_}'`;
}
/** The texts of a list in brackets. */
export const listed = (list) => (list.match(TOKEN) ?? []).filter(isText).map(unquoted);

/** The rows of an expression, or null where rows cannot say it. `{ joint, rows: [{ left, sign, right }] }` */
export function rows(text) {
  const list = tokens(text);
  const found = { joint: "and", rows: [] };
  let start = 0;
  let depth = 0;
  const joints = new Set();
  for (let place = 0; place <= list.length; place += 1) {
    const token = list[place];
    if (token === "(" || token === "[") depth += 1;
    if (token === ")" || token === "]") depth -= 1;
    if (place < list.length && !(depth === 0 && (token === "and" || token === "or"))) continue;
    if (token) joints.add(token);
    const row = rowOf(list.slice(start, place));
    if (!row) return null;
    found.rows.push(row);
    start = place + 1;
  }
  if (joints.size > 1) return null;
  found.joint = [...joints][0] ?? "and";
  return text.replace(/\s+/g, " ").trim() === said(found) ? found : same(text, said(found)) ? found : null;
}

const same = (one, other) => tokens(one).map(plain).join(" ") === tokens(other).map(plain).join(" ");
const plain = (token) => (isText(token) ? quoted(unquoted(token)) : token);

/** The expression that rows say. */
export const said = ({ joint, rows: many }) => many.map(one).join(` ${joint} `);

function one({ left, sign, right }) {
  switch (sign) {
    case "yes":
      return left;
    case "no":
      return `not ${left}`;
    case "filled":
      return `${left} != null`;
    case "empty":
      return `${left} == null`;
    case "any":
      return `len(${left}) > 0`;
    case "none":
      return `len(${left}) == 0`;
    case "holds":
      return `${right} in ${left}`;
    case "holds_not":
      return `${right} not in ${left}`;
    default:
      return `${left} ${sign} ${right}`;
  }
}

function rowOf(list) {
  const whole = list.join("");
  const name = /^[a-z][a-z0-9_]*$/;
  if (list.length === 1 && name.test(list[0])) return { left: list[0], sign: "yes", right: "" };
  if (list.length === 2 && list[0] === "not" && name.test(list[1])) return { left: list[1], sign: "no", right: "" };
  const length = /^len\(([a-z][a-z0-9_]*)\)(>|==)0$/.exec(whole);
  if (length) return { left: length[1], sign: length[2] === ">" ? "any" : "none", right: "" };
  if (isText(list[0] ?? "") && list.length >= 3) {
    const not = list[1] === "not" ? 1 : 0;
    if (list[1 + not] !== "in" || list.length !== 3 + not || !name.test(list[2 + not])) return null;
    return { left: list[2 + not], sign: not ? "holds_not" : "holds", right: quoted(unquoted(list[0])) };
  }
  const period = list.length > 4 && name.test(list[0]) && list[1] === "[" && isText(list[2]) && list[3] === "]";
  if (!period && !name.test(list[0] ?? "")) return null;
  const left = period ? `${list[0]}[${quoted(unquoted(list[2]))}]` : list[0];
  const rest = list.slice(period ? 4 : 1);
  const [sign, ...value] = rest;
  if (["==", "!="].includes(sign) && value.length === 1 && value[0] === "null") return { left, sign: sign === "==" ? "empty" : "filled", right: "" };
  if (sign === "in" && value[0] === "[" && value.at(-1) === "]") {
    const inner = value.slice(1, -1);
    if (!inner.every((each, place) => (place % 2 ? each === "," : isText(each) || /^\d/.test(each)))) return null;
    return { left, sign, right: `[${inner.filter((_, place) => place % 2 === 0).map((each) => (isText(each) ? quoted(unquoted(each)) : each)).join(", ")}]` };
  }
  if (!["==", "!=", "<", "<=", ">", ">="].includes(sign)) return null;
  const right = valueOf(value);
  return right === null ? null : { left, sign, right };
}

function valueOf(list) {
  const whole = list.join("");
  if (list.length === 1 && isText(list[0])) return quoted(unquoted(list[0]));
  if (/^-?\d+(\.\d+)?$/.test(whole) || /^(true|false)$/.test(whole)) return whole;
  if (/^[a-z][a-z0-9_]*$/.test(whole) || whole === "today()") return whole;
  const period = list.length === 4 && list[1] === "[" && list[3] === "]" && isText(list[2]);
  return period ? `${list[0]}[${quoted(unquoted(list[2]))}]` : null;
}

/** What may be compared with a field of this kind: `{ sign, word, value }`; value says how the right side is asked for. */
export function signs(field) {
  const ordered = (value, before) => [
    { sign: ">", word: before ? "after" : "above", value },
    { sign: ">=", word: before ? "not_before" : "at_least", value },
    { sign: "<", word: before ? "before" : "below", value },
    { sign: "<=", word: before ? "not_after" : "at_most", value },
    { sign: "==", word: "is", value },
    { sign: "!=", word: "is_not", value },
  ];
  const answered = [
    { sign: "filled", word: "filled", value: "" },
    { sign: "empty", word: "empty_value", value: "" },
  ];
  const counted = [
    { sign: "any", word: "filled", value: "" },
    { sign: "none", word: "empty_value", value: "" },
  ];
  switch (field.type) {
    case "yes_no":
      return [{ sign: "yes", word: "yes", value: "" }, { sign: "no", word: "no", value: "" }];
    case "outcome":
      return [{ sign: "==", word: "is", value: "choice" }, { sign: "!=", word: "is_not", value: "choice" }, { sign: "in", word: "one_of", value: "choices" }];
    case "choice":
      if (field.many) return [{ sign: "holds", word: "holds", value: "choice" }, { sign: "holds_not", word: "holds_not", value: "choice" }, ...counted];
      return [{ sign: "==", word: "is", value: "choice" }, { sign: "!=", word: "is_not", value: "choice" }, { sign: "in", word: "one_of", value: "choices" }, ...answered];
    case "number":
    case "money":
      return [...ordered("number", false), ...answered];
    case "computed":
      return ordered("number", false);
    case "date":
    case "date_time":
    case "day":
      return [...ordered("date", true), ...answered];
    case "period":
      return answered;
    case "file":
    case "photo":
    case "signature":
    case "table":
      return counted;
    default:
      return [{ sign: "==", word: "is", value: "text" }, { sign: "!=", word: "is_not", value: "text" }, ...answered];
  }
}
