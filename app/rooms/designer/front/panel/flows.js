// Conditions of flows: chosen where they are of a usual kind, written in the expression language where not.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";
import { choice, field, text } from "./inputs.js";
import { h } from "./html.js";
import { outcomesBefore } from "./branching.js";
import { kindOf } from "./kinds.js";
import { readCondition, writeCondition } from "./values.js";
import { say } from "../words/say.js";

const OPERATORS = () => [["==", say("等于")], ["!=", say("不等于")], [">", say("大于")], [">=", say("不小于")], ["<", say("小于")], ["<=", say("不大于")]];

/** The condition of a flow out of a gateway that parts ways. */
export function condition(panel, flow) {
  const bo = getBusinessObject(flow);
  const source = getBusinessObject(flow.source);
  const isDefault = source.default === bo;
  const read = readCondition(bo.conditionExpression?.body);
  const now = read.kind === "compare" && panel.written.has(bo) ? { kind: "text", text: bo.conditionExpression.body } : read;
  const outcomes = outcomesBefore(flow.source);
  const id = `condition-${flow.id}`;
  const kinds = [
    ["", say("（未设定）")], ["default", say("其余情况（默认走向）")],
    ...outcomes.map((one) => [`outcome:${one.key}`, say("结果为“{name}”", { name: one.zh })]),
    ["compare", say("比较字段或变量")], ["text", say("表达式")],
  ];
  const kind = isDefault ? "default" : now.kind === "outcome" ? `outcome:${now.outcome}` : now.kind;
  const put = (values) => write(panel, flow, writeCondition({ ...now, ...values }));
  return h("div", { class: "panel-condition" },
    choice(id, kind, kinds, (to) => {
      panel.written[to === "text" ? "add" : "delete"](bo); // a comparison that one wants to write on
      if (to === "default") setDefault(panel, flow);
      else if (to.startsWith("outcome:")) {
        const outcome = outcomes.find((one) => one.key === to.slice(8));
        panel.writer.together(() => {
          write(panel, flow, writeCondition({ kind: "outcome", outcome: outcome.key }));
          if (!bo.name) panel.modeler.get("modeling").updateLabel(flow, outcome.zh);
        });
      } else if (to === "compare") write(panel, flow, writeCondition({ kind: "compare", name: panel.variables()[0]?.[0] ?? "days", operator: ">", value: "0" }));
      else write(panel, flow, to === "text" ? bo.conditionExpression?.body || "true" : "");
      panel.later();
    }, { "aria-label": say("什么情况下走这里") }),
    !isDefault && now.kind === "compare" && h("div", { class: "panel-compare" },
      choice(`${id}-name`, now.name, panel.variables(), (name) => put({ name }), { "aria-label": say("字段") }),
      choice(`${id}-operator`, now.operator, OPERATORS(), (operator) => put({ operator }), { "aria-label": say("比较") }),
      text(`${id}-value`, now.value, (value) => put({ value }), { "aria-label": say("值") })),
    !isDefault && now.kind === "text" && text(`${id}-text`, now.text, (typed) => write(panel, flow, typed), { area: 2, class: "form-control is-code", "aria-label": say("表达式") }));
}

function write(panel, flow, body) {
  const bo = getBusinessObject(flow);
  panel.writer.together(() => {
    if (getBusinessObject(flow.source).default === bo) panel.modeler.get("modeling").updateProperties(flow.source, { default: undefined });
    const made = body ? panel.writer.create("bpmn:FormalExpression", { body }, bo) : undefined;
    panel.modeler.get("modeling").updateProperties(flow, { conditionExpression: made });
    const left = flow.source.outgoing.filter((one) => one !== flow && is(one, "bpmn:SequenceFlow") && !getBusinessObject(one).conditionExpression);
    // where all other ways have their condition, the one without is for all other cases
    if (body && left.length === 1 && is(flow.source, "bpmn:ExclusiveGateway") && !getBusinessObject(flow.source).default) setDefault(panel, left[0]);
  });
}

function setDefault(panel, flow) {
  panel.writer.together(() => {
    const modeling = panel.modeler.get("modeling");
    modeling.updateProperties(flow, { conditionExpression: undefined });
    modeling.updateProperties(flow.source, { default: getBusinessObject(flow) });
  });
}

/** Below a gateway: where each flow leads, and when. */
export function ways(panel) {
  const flows = (panel.element.outgoing ?? []).filter((one) => is(one, "bpmn:SequenceFlow"));
  const parts = is(panel.element, "bpmn:ExclusiveGateway") || is(panel.element, "bpmn:InclusiveGateway");
  if (!/Gateway$/.test(panel.element.type)) return [];
  return [
    h("h3", {}, say("走向")),
    flows.map((flow) => h("div", { class: "panel-way" },
      h("p", {}, say("到“{name}”", { name: called(flow.target) })), parts && flows.length > 1 && condition(panel, flow))),
    field(say("添加走向，到已有的步骤"), choice("way-to", "", [["", say("（请选择）")], ...targets(panel)], (id) => {
      if (id) connect(panel.modeler, panel.element, panel.modeler.get("elementRegistry").get(id));
    })),
  ];
}

/** Draw a way to a step that may lie beyond others: along the gateway's own row, or above all that lies between. */
function connect(modeler, from, to) {
  const [x, y] = [from.x + from.width / 2, from.y + from.height / 2];
  const [toX, toY] = [to.x + to.width / 2, to.y + to.height / 2];
  const isRight = toX > x;
  let waypoints;
  if (Math.abs(y - toY) > (from.height + to.height) / 2) {
    waypoints = [{ x: isRight ? from.x + from.width : from.x, y }, { x: toX, y }, { x: toX, y: toY > y ? to.y : to.y + to.height }];
  } else {
    const [left, right] = [Math.min(x, toX), Math.max(x, toX)];
    const between = modeler.get("elementRegistry").filter((one) =>
      is(one, "bpmn:FlowNode") && one.x < right && one.x + one.width > left && Math.abs(one.y + one.height / 2 - y) < 100);
    const top = Math.min(...between.map((one) => one.y)) - 30;
    waypoints = [{ x, y: from.y }, { x, y: top }, { x: toX, y: top }, { x: toX, y: to.y }];
  }
  modeler.get("modeling").connect(from, to, { type: "bpmn:SequenceFlow", waypoints });
}

const called = (one) => getBusinessObject(one).name || kindOf(getBusinessObject(one));

/** The steps a way may yet lead to, from left to right. */
function targets(panel) {
  const gateway = panel.element;
  const there = new Set((gateway.outgoing ?? []).map((one) => one.target));
  const all = panel.modeler.get("elementRegistry").filter((one) =>
    one !== gateway && one.type !== "label" && one.parent === gateway.parent && !there.has(one) && is(one, "bpmn:FlowNode") && !/StartEvent|BoundaryEvent/.test(one.type));
  return all.sort((a, b) => a.x - b.x || a.y - b.y).map((one) => [one.id, called(one)]);
}

/** A selected flow. */
export function flow(panel) {
  if (!is(panel.element, "bpmn:SequenceFlow")) return [];
  const source = panel.element.source;
  if (!is(source, "bpmn:ExclusiveGateway") && !is(source, "bpmn:InclusiveGateway")) return [];
  return [field(say("什么情况下走这里"), condition(panel, panel.element))];
}
