// The little syntaxes of properties (design/bpmn.md), read and written; the server's reader is app/platform/engine/properties.py.

/** `approve=同意|Approve; return=退回|Return!-` as rows; null where it is not of that syntax. */
export function readOutcomes(text) {
  const rows = [];
  for (const part of (text ?? "").split(";").map((one) => one.trim()).filter(Boolean)) {
    const match = /^([a-z][a-z0-9_]{0,39})\s*=\s*([^;=]+?)([!-]*)$/.exec(part);
    if (!match) return null;
    const [zh, en = ""] = match[2].split("|").map((one) => one.trim());
    rows.push({ key: match[1], zh, en, opinion: match[3].includes("!"), negative: match[3].includes("-") });
  }
  return rows;
}

export function writeOutcomes(rows) {
  const clean = (text) => text.replace(/[;=|]/g, " ").trim();
  return rows
    .map((row) => `${row.key}=${clean(row.zh) || row.key}${clean(row.en) ? `|${clean(row.en)}` : ""}${row.opinion ? "!" : ""}${row.negative ? "-" : ""}`)
    .join("; ");
}

/** `P3WD` as `{count, unit}`; units: WD working days, D days, W weeks, H hours, M minutes; null for any other text. */
export function readDuration(text) {
  const match = /^(?:P([1-9]\d{0,3})(WD|W|D)|PT([1-9]\d{0,3})(H|M))$/.exec((text ?? "").trim());
  return match && { count: match[1] ?? match[3], unit: match[2] ?? match[4] };
}

export const writeDuration = ({ count, unit }) => (unit === "H" || unit === "M" ? `PT${count}${unit}` : `P${count}${unit}`);

/** `variable:x(city)` as `{kind, variable, level}`; null for any other text. */
export function readPlace(text) {
  const match = /^(starter\.unit|starter\.region|everywhere|variable)(?::([a-z][a-z0-9_]*))?(?:\(([a-z]+)\))?$/.exec((text ?? "").trim());
  if (!match || (match[1] === "variable") !== Boolean(match[2])) return null;
  if (match[3] && (match[1] === "starter.unit" || match[1] === "everywhere")) return null;
  return { kind: match[1], variable: match[2] ?? "", level: match[3] ?? "" };
}

export function writePlace({ kind, variable, level }) {
  const levelled = level && (kind === "starter.region" || kind === "variable") ? `(${level})` : "";
  return `${kind}${kind === "variable" ? `:${variable}` : ""}${levelled}`;
}

/** `role@place` as `{role, place}`. */
export function readRoleAt(text) {
  const [role, ...rest] = (text ?? "").trim().split("@");
  return { role, place: rest.join("@") };
}

export const writeRoleAt = ({ role, place }) => (place ? `${role}@${place}` : role);

/** `中文|English`. */
export function readWords(text) {
  const [zh = "", en = ""] = (text ?? "").split("|").map((one) => one.trim());
  return { zh, en };
}

export const writeWords = ({ zh, en }) => (zh ? zh + (en ? `|${en}` : "") : "");

/** What a condition says, if it is of a kind that is chosen rather than written. */
export function readCondition(text) {
  const body = (text ?? "").trim();
  if (!body) return { kind: "" };
  let match = /^outcome\s*==\s*(["'])([a-z][a-z0-9_]*)\1$/.exec(body);
  if (match) return { kind: "outcome", outcome: match[2] };
  match = /^([a-z][a-z0-9_]*)\s*(==|!=|>=|<=|>|<)\s*(?:(["'])([^"'\\]*)\3|(-?\d+(?:\.\d+)?)|(true|false|True|False))$/.exec(body);
  if (match && match[1] !== "outcome") {
    return { kind: "compare", name: match[1], operator: match[2], value: match[4] ?? match[5] ?? match[6], quoted: match[3] !== undefined };
  }
  return { kind: "text", text: body };
}

export function writeCondition(condition) {
  if (condition.kind === "outcome") return `outcome == "${condition.outcome}"`;
  if (condition.kind !== "compare") return condition.text ?? "";
  const bare = !condition.quoted && /^(-?\d+(\.\d+)?|true|false|True|False)$/.test(condition.value);
  return `${condition.name} ${condition.operator} ${bare ? condition.value : `"${condition.value.replace(/["'\\]/g, "")}"`}`;
}

/** The assignments of a script task, one a line, as rows; null where a line is none. */
export function readAssignments(text) {
  const rows = [];
  for (const line of (text ?? "").split("\n").filter((one) => one.trim())) {
    const match = /^\s*([A-Za-z_]\w*)\s*=(?!=)\s*(.*)$/.exec(line);
    if (!match) return null;
    rows.push({ name: match[1], expression: match[2].trim() });
  }
  return rows;
}

export const writeAssignments = (rows) => rows.map((row) => `${row.name} = ${row.expression}`).join("\n");

export const readList = (text) => (text ?? "").split(/[\s,;]+/).filter(Boolean);

/** Chinese text without any quotes is no expression: what is meant is the text. */
export const quoted = (typed) => (/[\u4e00-\u9fff]/.test(typed) && !/[\x22\x27\\]/.test(typed) ? JSON.stringify(typed) : typed);
