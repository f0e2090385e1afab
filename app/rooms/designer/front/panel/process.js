// The process as a whole and its lanes: what they are called, who may start, how long cases are kept.
import { choice, field, place, placeOf, roleOptions, table, text } from "./inputs.js";
import { h } from "./html.js";
import { subjectOf } from "./person.js";
import { readPlace, readRoleAt, writePlace, writeRoleAt } from "./values.js";
import { said, say } from "../words/say.js";

export function processBasics(panel) {
  return [
    field(say("标题"), text("title", panel.get("title"), (to) => panel.set("title", to), { class: "form-control is-code", list: "variables" }), say("每一件在列表中的标题，用表达式写，如 name + \"的请假\"")),
    field(say("编号"), text("number", panel.get("number"), (to) => panel.set("number", to), { class: "form-control is-code", placeholder: "QJ{year}{serial:04}", check: (typed) => /^[^{}|]*(\{(year|month|serial(:0[1-9])?)\}[^{}|]*)+$/.test(typed) && typed.split("{serial").length === 2 }), say("{year} 年、{month} 月、{serial:04} 四位流水号")),
    field(say("分类"), text("category", panel.get("category"), (to) => panel.set("category", to), { list: "categories" })),
    h("datalist", { id: "categories" }, panel.choices.categories.map((one) => h("option", { value: one }))),
    field(say("流程负责人"), choice("owner", panel.get("owner") ?? "", roleOptions(panel.choices), (to) => panel.set("owner", to)), say("他们在监控中照看这一流程")),
    field(say("属于哪个地区"), belonging(panel), say("发起人没有任职地点时，由这个字段决定它归哪个地区照看和统计")),
  ];
}

/** Where what is started at no place belongs: a field of the form. */
function belonging(panel) {
  const now = readPlace(panel.get("at") ?? "") ?? { kind: "variable", variable: "", level: "" };
  const names = panel.variables();
  if (now.variable && !names.some(([name]) => name === now.variable)) names.push([now.variable, now.variable]);
  return choice("at", now.variable, [["", say("（发起人任职的地点）")], ...names], (variable) => panel.set("at", variable && writePlace({ ...now, kind: "variable", variable })));
}

export function starters(panel) {
  const value = panel.get("start") ?? "";
  const rows = value.split(";").map((one) => one.trim()).filter(Boolean);
  const anybody = rows.includes("person");
  const write = (changed) => panel.set("start", changed.filter(Boolean).join("; "));
  const roles = rows.filter((one) => one !== "person").map(readRoleAt);
  const put = (index, part) => write(roles.map((one, each) => writeRoleAt(each === index ? { ...one, ...part } : one)));
  const kinds = [["", say("（请选择）")], ["person", say("任何登录的人")], ["roles", say("担任以下角色的人")]];
  const columns = [
    { label: say("角色"), control: (row, index) => choice(`start-${index}`, row.role, roleOptions(panel.choices), (role) => role && put(index, { role, place: "" })) },
    { label: say("地点"), control: (row, index) => place(`start-${index}-place`, row.place, (at) => put(index, { place: at }), panel) },
  ];
  const first = panel.choices.roles[0]?.key ?? "";
  return [
    field(say("谁可以发起"), choice("start", anybody ? "person" : rows.length ? "roles" : "", kinds, (to) => write(to === "roles" ? [first] : [to]))),
    !anybody && rows.length > 0 && table("starters", columns, roles, {
      label: say("添加角色"), empty: "", add: () => write([...rows, first]), remove: (index) => write(rows.filter((_one, each) => each !== index)),
    }),
  ];
}

export function processForm(panel) {
  const key = panel.get("form") ?? "";
  return [
    field(say("发起时填写的表单"), choice("form", key, [["", say("（不用表单）")], ...panel.choices.forms.map((one) => [one.id, said(one.title) || one.id])], (to) => panel.set("form", to)),
      panel.choices.forms.length ? "" : say("这个流程还没有表单。")),
    panel.formsLink(key, "start"),
    field(say("打印模板"), choice("print", panel.get("print") ?? "", [["", say("（无）")], ...panel.choices.documents.map((one) => [one, one])], (to) => panel.set("print", to))),
  ];
}

export function processAdvanced(panel) {
  const value = panel.get("retention") ?? "";
  const years = value.match(/^P(.*)Y$/)?.[1]; // whatever is typed there: the check says what is wrong with it
  const kinds = [["", say("按平台规定")], ["years", say("若干年")], ["permanent", say("永久")]];
  return [
    field(say("办结后保存"), choice("retention", years === undefined ? value : "years", kinds, (to) => panel.set("retention", to === "years" ? "P10Y" : to))),
    years !== undefined && field(say("年数"), text("retention-years", years, (typed) => panel.set("retention", `P${typed}Y`), { inputmode: "numeric", class: "form-control panel-number", check: (typed) => /^[1-9]\d{0,2}$/.test(typed) })),
  ];
}

export function lane(panel) {
  const role = panel.choices.roles.find((one) => one.key === panel.get("role"));
  return [
    field(say("角色"), choice("role", panel.get("role") ?? "", [["", say("（不指定：系统或发起人）")], ...roleOptions(panel.choices).slice(1)], (key) => {
      const chosen = panel.choices.roles.find((one) => one.key === key);
      const at = chosen && chosen.place !== "none" ? placeOf(panel.choices, key, panel.get("at")) : "";
      panel.writer.together(() => {
        panel.setAll({ role: key, at, for: chosen?.subject ? panel.get("for") : "" });
        if (chosen && !panel.bo.name) panel.modeler.get("modeling").updateLabel(panel.element, chosen.title.zh);
      });
    })),
    (role ? role.place !== "none" : panel.get("at")) && field(say("在哪里任职"), place("at", panel.get("at") ?? "", (to) => panel.set("at", to), panel)),
    (role ? role.subject : panel.get("for")) && field(say("针对"), subjectOf("for", panel.get("for"), (to) => panel.set("for", to), panel)),
    h("div", { class: "panel-reach", "data-reach": JSON.stringify({ role: panel.get("role") ?? "", at: panel.get("at") ?? "", for: panel.get("for") ?? "" }), role: "status" }),
  ];
}
