// The way after a decision, drawn in one step: a gateway, a flow for each outcome, and what follows a negative one.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";
import { who } from "./lanes.js";
import { getProperty } from "./properties.js";
import { readCondition, readOutcomes, writeCondition, writeWords } from "./values.js";
import { say } from "../words/say.js";

/** Whether the outcomes of a task can be parted for it: it has several, and no gateway parts them yet. */
export function canBranch(element) {
  const outcomes = readOutcomes(getProperty(getBusinessObject(element), "outcomes"));
  const after = (element.outgoing ?? []).filter((one) => is(one, "bpmn:SequenceFlow"));
  return outcomes?.length > 1 && after.length < 2 && !after.some((one) => is(one.target, "bpmn:ExclusiveGateway"));
}

/** Ends drawn for positive outcomes nothing followed yet, with the outcome: they give way to what is drawn on. */
const openEnds = new WeakMap();

/**
 * Draw it. The positive outcome goes on as drawn, where something follows; a `return` goes to the starter, who sends it
 * again; any other ends. The last negative one is the default.
 */
export function branch(modeler, writer, element, formOfStart) {
  const [factory, modeling] = ["elementFactory", "modeling"].map((name) => modeler.get(name));
  const outcomes = readOutcomes(getProperty(getBusinessObject(element), "outcomes"));
  const positive = outcomes.find((one) => !one.negative) ?? outcomes[0];
  const open = [];
  let gateway;
  writer.together(() => {
    const [onward] = (element.outgoing ?? []).filter((one) => is(one, "bpmn:SequenceFlow"));
    gateway = modeling.appendShape(
      element,
      factory.createShape({ type: "bpmn:ExclusiveGateway" }),
      { x: element.x + element.width + 75, y: element.y + element.height / 2 },
      element.parent,
    );
    const middle = { x: gateway.x + gateway.width, y: gateway.y + gateway.height / 2 };
    if (onward) {
      modeling.reconnectStart(onward, gateway, middle);
      name(onward, positive, false);
    }
    const rest = outcomes.filter((one) => one !== positive || !onward);
    const last = rest.findLast((one) => one.negative) ?? rest.at(-1);
    let below = 0;
    for (const outcome of rest) {
      const isReturn = outcome.negative && (outcome.key === "return" || outcome.key.startsWith("return_"));
      const shape = factory.createShape({ type: isReturn ? "bpmn:UserTask" : "bpmn:EndEvent" });
      const isAhead = outcome === positive && !isReturn;
      const at = isAhead ? { x: middle.x + 100, y: middle.y }
        : isReturn ? overTask(modeler, element)
        : { x: gateway.x + 25 + 90 * below++, y: element.y + element.height + 50 };
      const made = modeling.appendShape(gateway, shape, at, element.parent);
      name(made.incoming[0], outcome, outcome === last);
      if (isReturn) {
        modeling.updateLabel(made, say("修改后重新提交"));
        writer.setAll(made, { "name.en": "Correct and send again", assignee: "starter", form: formOfStart, outcomes: "submit=重新提交|Send again" });
        modeling.connect(made, element);
      } else {
        modeling.updateLabel(made, outcome.zh);
        writer.setAll(made, { "name.en": outcome.en, stage: writeWords(outcome) });
        if (!outcome.negative) open.push([made, outcome]);
      }
    }
  });
  for (const [end, outcome] of open) openEnds.set(end, outcome);
  modeler.get("selection").select(gateway); // where one draws on
  modeler.get("canvas").scrollToElement(gateway, 160);
  return gateway;

  function name(flow, outcome, isDefault) {
    nameAfter(modeler, writer, flow, outcome, isDefault);
  }
}

/** The way out of a gateway to an end that was drawn for an outcome, and that nobody has changed since. */
function openWay(gateway) {
  return (gateway.outgoing ?? []).find(({ target }) =>
    openEnds.has(target) && target.incoming.length === 1 && getBusinessObject(target).name === openEnds.get(target).zh);
}

/** Where the starter corrects what comes back: over the task, in the lane nobody's role stands behind, or in its own. */
function overTask(modeler, task) {
  const lane = modeler.get("elementRegistry").find((one) => is(one, "bpmn:Lane") && !who(one).role);
  const isItsOwn = !lane || (task.y >= lane.y && task.y < lane.y + lane.height);
  const y = isItsOwn ? task.y - 70 : lane.y + lane.height / 2;
  return { x: freeIn(modeler, task.x + task.width / 2, y), y };
}

/** The first place at or right of `x` in a row where a task hides nothing. */
function freeIn(modeler, x, y) {
  const isTaken = (at) => modeler.get("elementRegistry").find((one) =>
    is(one, "bpmn:FlowNode") && one.type !== "label" && !is(one, "bpmn:SubProcess") &&
    Math.abs(one.x + one.width / 2 - at) < one.width / 2 + 70 && Math.abs(one.y + one.height / 2 - y) < one.height / 2 + 50);
  let free = x;
  while (isTaken(free)) free += 60;
  return free;
}

/** Let a flow be the way of an outcome: by its condition, or as the gateway's default, which has none. */
function nameAfter(modeler, writer, flow, outcome, isDefault) {
  const modeling = modeler.get("modeling");
  const body = writeCondition({ kind: "outcome", outcome: outcome.key });
  const condition = isDefault ? undefined : writer.create("bpmn:FormalExpression", { body }, getBusinessObject(flow));
  modeling.updateProperties(flow, { conditionExpression: condition });
  if (isDefault) modeling.updateProperties(flow.source, { default: getBusinessObject(flow) });
  else if (getBusinessObject(flow.source).default === getBusinessObject(flow)) modeling.updateProperties(flow.source, { default: undefined });
  modeling.updateLabel(flow, outcome.zh);
  if (outcome.en) writer.set(flow, "name.en", outcome.en);
}

/** The outcomes a gateway parts: those of the one task before it, if no gateway between has parted them already. */
export function outcomesBefore(gateway) {
  const flows = (gateway.incoming ?? []).filter((one) => is(one, "bpmn:SequenceFlow"));
  const before = flows.map((one) => one.source);
  if (before.length !== 1) return [];
  const condition = readCondition(getBusinessObject(flows[0]).conditionExpression?.body);
  if (condition.kind === "outcome" || getBusinessObject(before[0]).default === getBusinessObject(flows[0])) return [];
  if (is(before[0], "bpmn:UserTask") || is(before[0], "bpmn:ManualTask")) {
    return readOutcomes(getProperty(getBusinessObject(before[0]), "outcomes")) ?? [];
  }
  return is(before[0], "bpmn:ExclusiveGateway") ? outcomesBefore(before[0]) : [];
}

/**
 * A flow drawn out of a gateway after a decision takes the next outcome that has no way yet; the last is the default.
 * Where an end was drawn for a positive one, what is drawn now takes its place.
 */
export function followOutcomes(modeler, writer) {
  const modeling = modeler.get("modeling");
  modeler.on("autoPlace", 2500, ({ source, shape }) => {
    const way = is(source, "bpmn:ExclusiveGateway") && openWay(source);
    if (way) return { x: source.x + source.width + 50 + shape.width / 2, y: source.y + source.height / 2 };
  });
  modeler.on("commandStack.connection.create.postExecuted", 200, ({ context }) => {
    const flow = context.connection;
    if (!is(flow, "bpmn:SequenceFlow") || !is(flow.source, "bpmn:ExclusiveGateway")) return;
    const bo = getBusinessObject(flow);
    if (bo.conditionExpression || bo.name) return;
    const way = openWay(flow.source);
    if (way) {
      const [outcome, isDefault] = [openEnds.get(way.target), getBusinessObject(flow.source).default === getBusinessObject(way)];
      modeling.removeShape(way.target);
      return void nameAfter(modeler, writer, flow, outcome, isDefault);
    }
    const outcomes = outcomesBefore(flow.source);
    if (outcomes.length < 2) return;
    const bodies = flow.source.outgoing.map((one) => readCondition(getBusinessObject(one).conditionExpression?.body));
    const left = outcomes.filter((one) => !bodies.some((each) => each.outcome === one.key));
    const hasDefault = Boolean(getBusinessObject(flow.source).default);
    if (left.length) nameAfter(modeler, writer, flow, left[0], left.length === 1 && !hasDefault);
  });
}
