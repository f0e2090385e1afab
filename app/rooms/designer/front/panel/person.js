// A task of people: who does it, on which form, with which buttons, by when.
import { choice, duration, field, place, placeOf, roleAt, roleOptions, table, text, tick, ticks } from "./inputs.js";
import { branch, canBranch } from "./branching.js";
import { h } from "./html.js";
import { laneOf, putInto, who } from "./lanes.js";
import { readList, readOutcomes, writeOutcomes } from "./values.js";
import { said, say } from "../words/say.js";

const PRESETS = [
  ["同意 / 不同意", "approve=同意|Approve; reject=不同意|Reject!-"],
  ["同意 / 退回 / 不同意", "approve=同意|Approve; return=退回修改|Return!-; reject=不同意|Reject!-"],
  ["提交", "submit=提交|Submit"],
  ["已阅", "read=已阅|Read"],
];

/** 办理人. */
export function people(panel) {
  const { element, choices } = panel;
  const lane = laneOf(element, panel.modeler.get("elementRegistry"));
  const now = lane ? who(lane) : { role: "", at: "", for: "" };
  const assignee = panel.get("assignee") ?? "";
  const kind = !assignee ? "lane" : assignee === "starter" ? "starter" : assignee.split(":")[0];
  const lanes = panel.modeler.get("elementRegistry").filter((one) => one.type === "bpmn:Lane" && who(one).role);
  const role = choices.roles.find((one) => one.key === now.role);
  const move = (values) => {
    const wanted = { ...now, ...values };
    const chosen = choices.roles.find((one) => one.key === wanted.role);
    if (!chosen) return;
    wanted.at = chosen.place === "none" ? "" : placeOf(choices, chosen.key, wanted.at);
    wanted.for = chosen.subject ? wanted.for : "";
    putInto(panel.modeler, panel.writer, element, wanted, chosen.title);
  };
  const kinds = [
    ["lane", say("担任某个角色的人")], ["starter", say("发起人本人")], ["variable", say("表单中选定的人")],
    ["last", say("上次办理某一步骤的人")], ["hook", say("由系统确定")],
  ].filter(([each]) => each === kind || firstOf(panel, each) !== ""); // one that can name nothing is not offered
  return [
    field(say("由谁办理"), choice("assignee-kind", kind, kind === "lane" ? kinds : [...kinds, ...roleKinds(choices)], (to) => {
      if (to.startsWith("role:")) move({ role: to.slice(5), at: "" });
      else if (to === "lane") panel.set("assignee", "");
      else panel.set("assignee", to === "starter" ? "starter" : `${to}:${firstOf(panel, to)}`);
    })),
    kind === "lane" && [
      field(say("角色"), choice("role", now.role, roleOptions(choices), (key) => key && move({ role: key, at: "" })),
        say("选定后，这一步自动移入对应的泳道；没有则新建。")),
      role && role.place !== "none" && field(say("在哪里任职"), place("at", now.at, (at) => at && move({ at }), panel)),
      role?.subject && field(say("针对"), subjectOf("for", now.for, (value) => value && move({ for: value }), panel)),
      lanes.length > 0 && field(say("所在泳道"), choice("lane", lane?.id ?? "", [["", say("（无）")], ...panel.lanes()], (id) => panel.intoLane(id))),
      h("div", { class: "panel-reach", "data-reach": JSON.stringify(now), role: "status" }),
    ],
    kind === "variable" && field(say("字段"), choice("assignee-variable", assignee.slice(9), panel.variables(), (name) => panel.set("assignee", `variable:${name}`))),
    kind === "last" && field(say("步骤"), choice("assignee-last", assignee.slice(5), panel.tasks(), (id) => panel.set("assignee", `last:${id}`))),
    kind === "hook" && field(say("规则"), choice("assignee-hook", assignee.slice(5), choices.assignees.map((one) => [one, one]), (name) => panel.set("assignee", `hook:${name}`))),
    seats(panel),
    nobody(panel),
    h("fieldset", {}, h("legend", {}, say("回避")), ticks("avoid", readList(panel.get("avoid")), [
      ["own_unit", say("本单位的人")], ["previous", say("上一步办理人")], ["starter", say("发起人")],
    ], (value) => panel.set("avoid", value))),
  ];
}

/** Each role as an answer of its own: who it is, chosen at once. */
const roleKinds = (choices) => choices.roles.map((one) => [`role:${one.key}`, say("角色：{name}", { name: said(one.title) })]);

function firstOf(panel, kind) {
  if (kind === "variable") return panel.variables()[0]?.[0] ?? "";
  if (kind === "last") return panel.tasks()[0]?.[0] ?? "";
  return kind === "hook" ? panel.choices.assignees[0] ?? "" : kind;
}

export function subjectOf(id, value, set, panel) {
  return choice(id, (value ?? "").replace(/^variable:/, ""), [["", say("（请选择）")], ...panel.variables()], (name) => set(name && `variable:${name}`));
}

function seats(panel) {
  const value = panel.get("seats") ?? "";
  const [kind, share = "0.6"] = (value || "one").split(":");
  const kinds = [
    ["one", say("一人办理（签收）")], ["any", say("或签：任一人决定")], ["all", say("会签：全部同意")],
    ["sequence", say("依次：一人接一人")], ["share", say("票签：达到比例")],
  ];
  return [
    field(say("几人办理"), choice("seats", kind, kinds, (to) => panel.set("seats", to === "one" ? "" : to === "share" ? `share:${share}` : to))),
    kind === "share" && field(say("比例（0–1）"), text("seats-share", share, (typed) => panel.set("seats", `share:${typed}`), { inputmode: "decimal", class: "form-control panel-number", check: (typed) => /^(0?\.\d{1,3}|1|1\.0)$/.test(typed) && Number(typed) > 0 })),
  ];
}

function nobody(panel) {
  const value = panel.get("nobody") ?? "";
  const kind = value.includes("@") ? "role" : value.split(":")[0] || "incident";
  const outcomes = readOutcomes(panel.get("outcomes")) ?? [];
  const kinds = [["incident", say("报告故障，等管理员处理")], ["up", say("交给上级区域")], ["skip", say("跳过这一步")], ["role", say("改由另一角色办理")]];
  return [
    field(say("无人可办时"), choice("nobody", kind, kinds, (to) => {
      if (to === "skip") panel.set("nobody", `skip:${outcomes[0]?.key ?? "done"}`);
      else if (to === "role") panel.set("nobody", `${panel.choices.roles[0].key}@${placeOf(panel.choices, panel.choices.roles[0].key)}`);
      else panel.set("nobody", to === "incident" ? "" : to);
    })),
    kind === "skip" && field(say("视同结果"), choice("nobody-outcome", value.slice(5), outcomes.map((one) => [one.key, one.zh]), (key) => panel.set("nobody", `skip:${key}`))),
    kind === "role" && field(say("改由"), roleAt("nobody-role", value, (to) => panel.set("nobody", to), panel)),
  ];
}

/** 表单与字段. */
export function form(panel) {
  const key = panel.get("form") ?? "";
  const chosen = panel.choices.forms.find((one) => one.id === key);
  const summary = readList(panel.get("summary"));
  const fields = panel.choices.forms.flatMap((one) => one.fields);
  return [
    field(say("表单"), choice("form", key, [["", say("（不用表单）")], ...panel.choices.forms.map((one) => [one.id, said(one.title) || one.id])], (to) => panel.set("form", to)),
      panel.choices.forms.length ? "" : say("这个流程还没有表单。")),
    panel.formsLink(key, panel.element.id),
    chosen && h("p", { class: "panel-hint" }, say("各步骤中哪些字段隐藏、只读、可填、必填，在表单设计中设定。")),
    fields.length > 0 && h("fieldset", {}, h("legend", {}, say("待办列表中显示的字段（最多 5 个）")),
      ticks("summary", summary, unique(fields).map((one) => [one.name, said(one.label) || one.name]), (value) => panel.set("summary", value))),
  ];
}

const unique = (fields) => [...new Map(fields.map((one) => [one.name, one])).values()];

/** 按钮. */
export function buttons(panel) {
  const value = panel.get("outcomes") ?? "";
  const rows = readOutcomes(value);
  // what stands now, not what stood when this was drawn: nothing is drawn anew while somebody types from cell to cell
  const current = () => readOutcomes(panel.get("outcomes")) ?? [];
  const write = (changed) => panel.set("outcomes", writeOutcomes(changed));
  const change = (index, part) => write(current().map((row, each) => (each === index ? { ...row, ...part } : row)));
  const cell = (index, name, label, more = {}) => text(`outcome-${index}-${name}`, rows[index][name], (typed) => change(index, { [name]: typed }), { "aria-label": label, ...more });
  const columns = [
    { label: say("中文"), control: (_row, index) => cell(index, "zh", say("中文")) },
    { label: "English", control: (_row, index) => cell(index, "en", "English") },
    { label: say("键"), class: "is-key", control: (_row, index) => cell(index, "key", say("键"), { class: "form-control is-code", check: (typed) => /^[a-z][a-z0-9_]{0,39}$/.test(typed) }) },
    { label: say("意见"), hint: say("须填写意见"), class: "is-tick", control: (row, index) => box(`outcome-${index}-opinion`, say("须填写意见"), row.opinion, (on) => change(index, { opinion: on })) },
    { label: say("否定"), hint: say("属于否定的结果"), class: "is-tick", control: (row, index) => box(`outcome-${index}-negative`, say("属于否定的结果"), row.negative, (on) => change(index, { negative: on })) },
  ];
  return [
    h("h3", {}, say("结果按钮")),
    rows === null ? field(say("原样"), text("outcomes", value, (typed) => panel.set("outcomes", typed), { area: 3, class: "form-control is-code" })) :
    table("outcomes", columns, rows, {
      label: say("添加按钮"), empty: say("没有设定按钮，办理时只有“完成”。"),
      add: () => write([...current(), { key: freeKey(current()), zh: say("结果"), en: "", opinion: false, negative: false }]),
      remove: (index) => write(current().filter((_row, each) => each !== index)),
    }),
    rows?.length === 0 && h("div", { class: "panel-presets", role: "group", "aria-label": say("常用") },
      PRESETS.map(([label, preset], index) => h("button", { type: "button", class: "btn btn-sm", id: `preset-${index}`, onclick: () => panel.set("outcomes", preset) }, say(label)))),
    canBranch(panel.element) && h("button", { type: "button", class: "btn btn-sm panel-wide", id: "branch", onclick: () => {
      branch(panel.modeler, panel.writer, panel.element, panel.processProperty("form"));
    } }, say("画出按结果分开的走向")),
    h("fieldset", {}, h("legend", {}, say("允许的操作")), ticks("allow", readList(panel.get("allow")), [
      ["transfer", say("转办"), say("交给同一角色的另一人")], ["delegate", say("委托"), say("请他人代办，办完交回")],
      ["signers", say("加签减签"), say("增减会签人")], ["return", say("退回任意步骤"), say("退到已走过的步骤")],
      ["withdraw", say("撤回"), say("后续无人办理前可收回")], ["copy", say("抄送"), say("知会他人，不须办理")],
      ["ask", say("征询"), say("先请他人提供意见")], ["bulk", say("批量办理"), say("可与同类待办一起办")],
    ], (to) => panel.set("allow", to))),
  ];
}

const box = (id, label, checked, set) =>
  h("input", { class: "form-check-input", type: "checkbox", id, checked, "aria-label": label, title: label, onchange: (event) => set(event.target.checked) });

function freeKey(rows) {
  for (let n = rows.length + 1; ; n += 1) if (!rows.some((row) => row.key === `outcome_${n}`)) return `outcome_${n}`;
}

/** 时限. */
export function time(panel) {
  const late = Boolean(panel.get("due"));
  return [
    field(say("办理期限"), duration("due", panel.get("due"), (to) => panel.set("due", to)), say("自任务到达起算")),
    late && [
      field(say("提前提醒"), duration("remind", panel.get("remind"), (to) => panel.set("remind", to)), say("到期前多久提醒办理人")),
      field(say("逾期上报"), roleAt("escalate", panel.get("escalate"), (to) => panel.set("escalate", to), panel)),
      tick("pause", say("征询期间停止计时"), readList(panel.get("pause")).includes("asking"), (on) => panel.set("pause", on ? "asking" : "")),
    ],
  ];
}
