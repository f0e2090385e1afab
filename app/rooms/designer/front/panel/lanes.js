// Who does it, drawn: the lane a task lies in, found or made for a role at a place, and the task moved there in one step.
import CommandInterceptor from "diagram-js/lib/command/CommandInterceptor";
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";
import { getProperty } from "./properties.js";

const mid = (shape) => ({ x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 });

/** The innermost lane a shape stands in, or null. */
export function laneOf(element, registry) {
  let shape = element.host ?? element;
  while (shape.parent && is(shape.parent, "bpmn:SubProcess")) shape = shape.parent;
  const at = mid(shape);
  const around = registry.filter(
    (one) => is(one, "bpmn:Lane") && at.x > one.x && at.x < one.x + one.width && at.y > one.y && at.y < one.y + one.height,
  );
  return around.sort((a, b) => a.width * a.height - b.width * b.height)[0] ?? null;
}

export function who(lane) {
  const bo = getBusinessObject(lane);
  return { role: getProperty(bo, "role") ?? "", at: getProperty(bo, "at") ?? "", for: getProperty(bo, "for") ?? "" };
}

const same = (one, other) => one.role === other.role && one.at === other.at && one.for === other.for;

/** Put a task into the lane of `{role, at, for}`; where there is none, one named `{zh, en}` is made below the task's. */
export function putInto(modeler, writer, element, wanted, name) {
  const registry = modeler.get("elementRegistry");
  const modeling = modeler.get("modeling");
  writer.together(() => {
    let shape = element;
    while (is(shape.parent, "bpmn:SubProcess")) shape = shape.parent;
    const lanes = registry.filter((one) => is(one, "bpmn:Lane"));
    let lane = lanes.find((one) => same(who(one), wanted));
    if (!lane) {
      lane = modeling.addLane(laneOf(shape, registry) ?? poolOf(modeler, shape), "bottom");
      modeling.updateLabel(lane, name.zh);
      writer.setAll(lane, { "name.en": name.en, ...wanted });
    }
    const from = laneOf(shape, registry);
    if (from !== lane) {
      const delta = { x: 0, y: Math.round(mid(lane).y - mid(shape).y) };
      modeling.moveElements([shape], delta, lane);
    }
    if (getProperty(getBusinessObject(element), "assignee")) writer.set(element, "assignee", "");
  });
}

function poolOf(modeler, shape) {
  let pool = shape;
  while (pool && !is(pool, "bpmn:Participant")) pool = pool.parent;
  if (pool) return pool;
  const canvas = modeler.get("canvas");
  const process = canvas.getRootElement();
  const made = modeler.get("elementFactory").createParticipantShape({ type: "bpmn:Participant" });
  const box = canvas.getActiveLayer().getBBox();
  Object.assign(made, { width: Math.max(box.width + 160, 600), height: Math.max(box.height + 120, 250) });
  const pooled = modeler.get("modeling").createShape(made, { x: box.x + box.width / 2, y: box.y + box.height / 2 }, process);
  modeler.get("modeling").updateLabel(pooled, getBusinessObject(pooled).processRef?.name ?? "");
  return pooled;
}

/** The form a chain is started with: what its steps look at, until they are given another. */
function formOfStart(bo) {
  let process = bo;
  while (process && !is(process, "bpmn:Process")) process = process.$parent;
  return process && getProperty(process, "form");
}

/** A task drawn where no role stands behind the lane is its starter's, until it is moved to one. */
export class StartersOwn extends CommandInterceptor {
  static $inject = ["eventBus", "elementRegistry", "modeling", "bpmnFactory"];

  constructor(eventBus, registry, modeling, bpmnFactory) {
    super(eventBus);
    const roleless = (shape) => {
      const lane = laneOf(shape, registry);
      return lane && !who(lane).role;
    };
    const isTask = (shape) => is(shape, "bpmn:UserTask") || is(shape, "bpmn:ManualTask");
    this.postExecuted(["shape.create", "shape.append"], 200, ({ context }) => {
      const shape = context.shape;
      const bo = getBusinessObject(shape);
      if (!isTask(shape) || bo.extensionElements) return;
      const form = formOfStart(bo);
      const own = { ...(roleless(shape) ? { assignee: "starter" } : {}), ...(form ? { form } : {}) };
      if (!Object.keys(own).length) return;
      const entries = Object.entries(own).map(([name, value]) => bpmnFactory.create("spiffworkflow:Property", { name, value }));
      const list = bpmnFactory.create("spiffworkflow:Properties", { properties: entries });
      const holder = bpmnFactory.create("bpmn:ExtensionElements", { values: [list] });
      for (const one of entries) one.$parent = list;
      list.$parent = holder;
      holder.$parent = bo;
      modeling.updateModdleProperties(shape, bo, { extensionElements: holder });
    });
    this.preExecute("elements.move", 200, ({ context }) => {
      context.wereRoleless = context.shapes.filter((one) => isTask(one) && roleless(one));
    });
    this.postExecuted("elements.move", 200, ({ context }) => {
      for (const shape of context.wereRoleless ?? []) {
        const bo = getBusinessObject(shape);
        const list = bo.extensionElements?.values?.find((one) => one.$type === "spiffworkflow:Properties");
        const own = list?.properties?.find((one) => one.name === "assignee" && one.value === "starter");
        const lane = laneOf(shape, registry);
        if (!own || !lane || !who(lane).role) continue;
        modeling.updateModdleProperties(shape, list, { properties: list.properties.filter((one) => one !== own) });
      }
    });
  }
}

export const startersOwnModule = { __init__: ["startersOwn"], startersOwn: ["type", StartersOwn] };
