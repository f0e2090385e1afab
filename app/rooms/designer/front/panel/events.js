// Events: what they wait for or send, under which name, and for whom.
import { choice, duration, field, placeOf, roleAt, text } from "./inputs.js";
import { h } from "./html.js";
import { readDuration } from "./values.js";
import { say } from "../words/say.js";

const NAMED = { MessageEventDefinition: ["messageRef", "Message"], SignalEventDefinition: ["signalRef", "Signal"], ErrorEventDefinition: ["errorRef", "Error"] };

export const definitionOf = (bo) => bo.eventDefinitions?.[0];

/** The event of an element, or nothing where it has none. */
export function event(panel) {
  const { bo } = panel;
  const definition = definitionOf(bo);
  const kind = definition?.$type.replace("bpmn:", "");
  const [reference, type] = NAMED[kind] ?? (bo.$type === "bpmn:ReceiveTask" || bo.$type === "bpmn:SendTask" ? ["messageRef", "Message"] : []);
  if (kind === "TimerEventDefinition") return timer(panel, definition);
  if (!reference) return [];
  const holder = definition ?? bo;
  const catches = !/ThrowEvent|EndEvent|SendTask/.test(bo.$type);
  return [
    name(panel, holder, reference, type),
    type !== "Error" && [
      field(say("对应哪一件（表达式）"), text("correlation", panel.get("correlation"), (to) => panel.set("correlation", to), { class: "form-control is-code", list: "variables" }), say("两边的值相等时才送到")),
      catches && field(say("带来的变量"), text("data", panel.get("data"), (to) => panel.set("data", to), { class: "form-control is-code" }), say("用逗号分开")),
      catches && sender(panel),
      !catches && field(say("何时送到"), choice("deliver", panel.get("deliver") ?? "", [["", say("本步骤完成之后")], ["together", say("与本步骤同时，成败一体")]], (to) => panel.set("deliver", to))),
    ],
  ];
}

function sender(panel) {
  const value = panel.get("from") ?? "";
  return [
    field(say("谁可以送来"), choice("from-kind", value && value !== "hooks" ? "role" : "", [["", say("系统动作与业务系统")], ["role", say("担任某个角色的人")]], (to) => {
      const first = panel.choices.roles[0]?.key;
      panel.set("from", to && first ? `${first}@${placeOf(panel.choices, first)}` : "");
    })),
    value && value !== "hooks" && field(say("角色"), roleAt("from", value, (to) => panel.set("from", to), panel)),
  ];
}

/** The message, signal or error it points to: one of those in the file, or a new one of the name typed. */
function name(panel, holder, reference, type) {
  const definitions = panel.modeler.getDefinitions();
  const all = definitions.rootElements.filter((one) => one.$type === `bpmn:${type}`);
  const now = holder[reference];
  const label = { Message: say("消息名称"), Signal: say("信号名称"), Error: say("错误代码") }[type];
  const called = (one) => one.errorCode || one.name || one.id;
  const set = (typed) => {
    const found = all.find((one) => called(one) === typed);
    panel.writer.together(() => {
      let target = found;
      if (!target && typed) {
        target = panel.writer.create(`bpmn:${type}`, { name: typed, ...(type === "Error" ? { errorCode: typed } : {}) }, definitions);
        panel.writer.attributes(panel.element, definitions, { rootElements: [...definitions.rootElements, target] });
      }
      panel.writer.attributes(panel.element, holder, { [reference]: target });
    });
  };
  return [
    field(label, text("event-name", now ? called(now) : "", set, { list: "event-names" })),
    h("datalist", { id: "event-names" }, all.map((one) => h("option", { value: called(one) }))),
  ];
}

function timer(panel, definition) {
  const kind = definition.timeDate ? "timeDate" : "timeDuration";
  const body = definition[kind]?.body ?? "";
  const bare = body.replace(/^["']|["']$/g, "");
  const put = (part, value) => {
    const made = value ? panel.writer.create("bpmn:FormalExpression", { body: value }, definition) : undefined;
    panel.writer.attributes(panel.element, definition, { timeDate: undefined, timeDuration: undefined, [part]: made });
  };
  const chosen = kind === "timeDate" ? "date" : !body || readDuration(bare) ? "duration" : "expression";
  return [
    field(say("何时"), choice("timer-kind", chosen, [["duration", say("过一段时间")], ["date", say("到某一时刻")], ["expression", say("由表达式算出")]], (to) => {
      if (to === "duration") put("timeDuration", "P1WD");
      else put(to === "date" ? "timeDate" : "timeDuration", to === "date" ? "2030-01-01T09:00:00+08:00" : panel.variables()[0]?.[0] ?? "days");
    })),
    chosen === "duration" && field(say("多久"), duration("timer", bare, (to) => put("timeDuration", to))),
    chosen === "date" && field(say("时刻或表达式"), text("timer-date", body, (to) => put("timeDate", to), { class: "form-control is-code", list: "variables" }), "2030-01-01T09:00:00+08:00"),
    chosen === "expression" && field(say("表达式"), text("timer-expression", body, (to) => put("timeDuration", to), { class: "form-control is-code", list: "variables" })),
  ];
}
