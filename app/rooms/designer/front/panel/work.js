// What the platform does by itself: actions, decision tables, assignments, processes called, and all that for several items.
import { choice, field, table, text } from "./inputs.js";
import { h } from "./html.js";
import { quoted, readAssignments, writeAssignments } from "./values.js";
import { said, say } from "../words/say.js";

/** A service task: the action and its parameters. */
export function action(panel) {
  const { writer, element, bo, choices } = panel;
  const operator = writer.operator(bo);
  const facts = choices.actions.find((one) => one.name === operator?.id);
  const given = operator?.parameterList?.parameters ?? [];
  const names = [...new Set([...(facts?.parameters ?? []), ...given.map((one) => one.id)])];
  const put = (name, value) => {
    // what stands now, not what stood when this was drawn: nothing is drawn anew while somebody types from input to input
    const before = writer.operator(bo)?.parameterList?.parameters ?? [];
    const list = names
      .map((each) => ({ id: each, value: each === name ? value : before.find((one) => one.id === each)?.value, type: before.find((one) => one.id === each)?.type }))
      .filter((one) => one.value)
      .map((one) => writer.create("spiffworkflow:Parameter", one));
    const holder = list.length ? writer.create("spiffworkflow:Parameters", { parameters: list }, operator) : undefined;
    list.forEach((one) => (one.$parent = holder));
    writer.attributes(element, operator, { parameterList: holder });
  };
  const groups = choices.actions.map((one) => [one.name, said(one.about) ? `${said(one.about)}（${one.name}）` : one.name]);
  const label = (name) => `${said(facts?.labels[name]) || name}${facts?.required.includes(name) ? " *" : ""}${facts && !facts.parameters.includes(name) ? say("（未识别）") : ""}`;
  const examples = (name) => Object.entries(facts?.examples[name] ?? {});
  return [
    field(say("动作"), choice("action", operator?.id ?? "", [["", say("（请选择）")], ...groups], (to) => choose(panel, to))),
    facts && h("p", { class: "panel-hint" }, facts.returns.length ? say("返回变量：{names}", { names: facts.returns.join(", ") }) : say("不返回变量")),
    names.length > 0 && h("h3", {}, say("参数")),
    names.length > 0 && h("p", { class: "panel-hint" }, say("文字直接填写，保存时加上引号；也可以写表达式，如 day_count + 1。")),
    names.map((name) => field(label(name),
      text(`parameter-${name}`, given.find((one) => one.id === name)?.value, (to) => put(name, quoted(to)), { class: "form-control is-code", list: examples(name).length ? `examples-${name}` : "variables", required: facts?.required.includes(name) ?? false }),
      examples(name).map(([value, words]) => say("{value} 表示{words}", { value, words: said(words) })).join(" "))),
    names.map((name) => examples(name).length > 0 && h("datalist", { id: `examples-${name}` }, examples(name).map(([value, words]) => h("option", { value }, said(words))))),
    field(say("何时执行"), choice("when", panel.get("when") ?? "", [["", facts?.when === "after" ? say("按动作规定：稍后在后台") : say("按动作规定：立即")], ["now", say("立即，成败与办理一体")], ["after", say("稍后在后台，失败自动重试")]], (to) => panel.set("when", to))),
  ];
}

/** Let a service task run an action, with what that action usually begins with. */
function choose({ writer, element, bo, choices }, name) {
  const begun = Object.entries(choices.actions.find((one) => one.name === name)?.begun ?? {});
  writer.together(() => {
    writer.extension(element, bo, "ServiceTaskOperator", { id: name }, Boolean(name));
    const operator = writer.operator(bo);
    if (!operator || operator.parameterList || !begun.length) return;
    const list = begun.map(([id, value]) => writer.create("spiffworkflow:Parameter", { id, value }));
    const holder = writer.create("spiffworkflow:Parameters", { parameters: list }, operator);
    list.forEach((one) => (one.$parent = holder));
    writer.attributes(element, operator, { parameterList: holder });
  });
}

/** A business rule task: the decision it asks. */
export function decision(panel) {
  const { writer, element, bo, choices } = panel;
  const now = writer.decision(bo)?.decision?.trim() ?? "";
  return [
    field(say("决策表"), choice("decision", now, [["", say("（请选择）")], ...choices.decisions.map((one) => [one.id, one.name || one.id])],
      (to) => writer.extension(element, bo, "CalledDecisionId", { decision: to }, Boolean(to))),
      choices.decisions.length ? "" : say("这个流程还没有决策表。")),
  ];
}

/** A script task: assignments as rows; anything else as it stands. */
export function script(panel) {
  const body = panel.bo.script ?? "";
  const rows = readAssignments(body);
  const write = (to) => panel.writer.attributes(panel.element, panel.bo, { script: to || undefined });
  if (rows === null) return [field(say("赋值（每行 变量 = 表达式）"), text("script", body, write, { area: 6, class: "form-control is-code" }))];
  const current = () => readAssignments(panel.bo.script ?? "") ?? [];
  const change = (index, part) => write(writeAssignments(current().map((row, each) => (each === index ? { ...row, ...part } : row))));
  const columns = [
    { label: say("变量"), control: (row, index) => text(`assign-${index}-name`, row.name, (name) => change(index, { name }), { class: "form-control is-code", "aria-label": say("变量"), check: (typed) => /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(typed) }) },
    { label: say("表达式"), control: (row, index) => text(`assign-${index}-expression`, row.expression, (expression) => change(index, { expression }), { class: "form-control is-code", "aria-label": say("表达式"), list: "variables" }) },
  ];
  return [
    h("h3", {}, say("赋值")),
    table("assignments", columns, rows, {
      label: say("添加赋值"), empty: say("还没有赋值。"), add: () => write(writeAssignments([...current(), { name: `value_${current().length + 1}`, expression: "0" }])),
      remove: (index) => write(writeAssignments(current().filter((_row, each) => each !== index))),
    }),
  ];
}

/** A call activity: the process of the bundle it runs. */
export function called(panel) {
  const now = panel.bo.calledElement ?? "";
  return [field(say("调用的流程"), choice("called", now, [["", say("（请选择）")], ...panel.choices.processes.map((one) => [one.id, one.name || one.id])],
    (to) => panel.writer.attributes(panel.element, panel.bo, { calledElement: to || undefined })), say("须在同一流程包内"))];
}

/** Multi-instance, of what may have it. */
export function several(panel) {
  const { writer, element, bo } = panel;
  if (!["bpmn:SubProcess", "bpmn:CallActivity", "bpmn:ServiceTask"].includes(bo.$type) || bo.triggeredByEvent) return [];
  const loop = bo.loopCharacteristics;
  const kind = !loop ? "" : loop.isSequential ? "sequential" : "parallel";
  const put = (values) => writer.attributes(element, loop, values);
  const expression = (value) => (value ? writer.create("bpmn:FormalExpression", { body: value }, loop) : undefined);
  return [
    field(say("办理几次"), choice("loop", kind, [["", say("一次")], ["parallel", say("对每一项同时")], ["sequential", say("对每一项依次")]], (to) => {
      if (!to) panel.modeler.get("modeling").updateProperties(element, { loopCharacteristics: undefined });
      else if (loop) put({ isSequential: to === "sequential" });
      else {
        const made = writer.create("bpmn:MultiInstanceLoopCharacteristics", { isSequential: to === "sequential" }, bo);
        made.loopCardinality = writer.create("bpmn:FormalExpression", { body: "3" }, made);
        panel.modeler.get("modeling").updateProperties(element, { loopCharacteristics: made });
      }
    })),
    loop && [
      field(say("依据"), choice("loop-by", loop.loopDataInputRef ? "list" : "count", [["count", say("次数")], ["list", say("一串编号（变量）")]], (to) => {
        if (to === "count") put({ loopDataInputRef: undefined, loopCardinality: expression("3") });
        else put({ loopCardinality: undefined, loopDataInputRef: writer.create("bpmn:ItemAwareElement", { id: panel.variables()[0]?.[0] ?? "items" }), inputDataItem: loop.inputDataItem ?? writer.create("bpmn:DataInput", { id: `${bo.id}_item`, name: "item" }, loop) });
      })),
      !loop.loopDataInputRef && field(say("次数（表达式）"), text("loop-count", loop.loopCardinality?.body, (to) => put({ loopCardinality: expression(to) }), { class: "form-control is-code", list: "variables" }), say("最多 200")),
      loop.loopDataInputRef && field(say("变量"), text("loop-items", loop.loopDataInputRef.id, (to) => to && put({ loopDataInputRef: writer.create("bpmn:ItemAwareElement", { id: to }) }), { class: "form-control is-code", list: "variables" })),
      loop.inputDataItem && field(say("每一项叫作"), text("loop-item", loop.inputDataItem.name ?? loop.inputDataItem.id, (to) => to && writer.attributes(element, loop.inputDataItem, { name: to }), { class: "form-control is-code" })),
      field(say("提前结束的条件"), text("loop-until", loop.completionCondition?.body, (to) => put({ completionCondition: expression(to) }), { class: "form-control is-code", placeholder: "loop_done >= 2" }), say("可用 loop_done、loop_count")),
    ],
  ];
}
