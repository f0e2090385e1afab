// Applies a quick fix of a finding through bpmn-js's own commands, as one step that can be undone.
import { getBusinessObject } from "bpmn-js/lib/util/ModelUtil";

const TOGETHER = "fixes.together";
const ready = new WeakSet();

/** The shape or flow to work on, and the business object that a fix speaks of: a process has no shape of its own. */
function find(modeler, id) {
  const registry = modeler.get("elementRegistry");
  const own = registry.get(id);
  if (own) return [own, getBusinessObject(own)];
  const pool = registry.find((one) => getBusinessObject(one)?.processRef?.id === id);
  if (pool) return [pool, getBusinessObject(pool).processRef];
  throw new Error(`${id} is not in the drawing`);
}

const extension = (bo, type) => bo.extensionElements?.values?.find((one) => one.$type === `spiffworkflow:${type}`);

const entries = (bo) => extension(bo, "Properties")?.properties ?? [];

function create(modeler, type, values, parent) {
  const made = modeler.get("moddle").create(type, values);
  if (parent) made.$parent = parent;
  return made;
}

/** Write the whole list of an element's properties; an empty list takes what holds them away. */
function writeEntries(modeler, element, bo, list) {
  const modeling = modeler.get("modeling");
  const holder = extension(bo, "Properties");
  if (holder) {
    list.forEach((one) => (one.$parent = holder));
    modeling.updateModdleProperties(element, holder, { properties: list });
    return;
  }
  const made = create(modeler, "spiffworkflow:Properties", { properties: list });
  list.forEach((one) => (one.$parent = made));
  const around = bo.extensionElements;
  if (around) {
    made.$parent = around;
    modeling.updateModdleProperties(element, around, { values: [made, ...(around.values ?? [])] });
  } else {
    const fresh = create(modeler, "bpmn:ExtensionElements", { values: [made] }, bo);
    made.$parent = fresh;
    modeling.updateModdleProperties(element, bo, { extensionElements: fresh });
  }
}

function put(modeler, id, name, value) {
  const [element, bo] = find(modeler, id);
  const fresh = create(modeler, "spiffworkflow:Property", { name, value });
  const kept = entries(bo);
  const list = kept.some((one) => one.name === name)
    ? kept.map((one) => (one.name === name ? fresh : one))
    : [...kept, fresh];
  writeEntries(modeler, element, bo, list);
}

function condition(modeler, id, text) {
  const [flow, bo] = find(modeler, id);
  const conditionExpression = text === null ? undefined : create(modeler, "bpmn:FormalExpression", { body: text }, bo);
  modeler.get("modeling").updateProperties(flow, { conditionExpression });
}

/** Write the parameters of a service task's action anew: `change` is handed the list there is. */
function parameters(modeler, id, change) {
  const [element, bo] = find(modeler, id);
  const operator = extension(bo, "ServiceTaskOperator");
  if (!operator) throw new Error(`${id} names no action`);
  const list = change(operator.parameterList?.parameters ?? []);
  const holder = list.length ? create(modeler, "spiffworkflow:Parameters", { parameters: list }, operator) : undefined;
  list.forEach((one) => (one.$parent = holder));
  modeler.get("modeling").updateModdleProperties(element, operator, { parameterList: holder });
}

const parameter = (modeler, values) => create(modeler, "spiffworkflow:Parameter", { type: "any", ...values });

/** What each fix does, by its name (`platform/design/finding.py`). */
const FIXES = {
  default_flow(modeler, { gateway, flow }) {
    const [shape] = find(modeler, gateway);
    const [, bo] = find(modeler, flow);
    if (bo.conditionExpression) condition(modeler, flow, null);
    modeler.get("modeling").updateProperties(shape, { default: bo });
  },
  remove_condition: (modeler, { flow }) => condition(modeler, flow, null),
  set_condition: (modeler, { flow, value }) => condition(modeler, flow, value),
  set_property: (modeler, { element, name, value }) => put(modeler, element, name, value),
  suggest: (modeler, { element, property, value }) => put(modeler, element, property, value),
  remove_property(modeler, { element, name }) {
    const [shape, bo] = find(modeler, element);
    writeEntries(modeler, shape, bo, entries(bo).filter((one) => one.name !== name));
  },
  rename_property(modeler, { element, name, to }) {
    const [shape, bo] = find(modeler, element);
    const renamed = (one) => create(modeler, "spiffworkflow:Property", { name: to, value: one.value });
    writeEntries(modeler, shape, bo, entries(bo).map((one) => (one.name === name ? renamed(one) : one)));
  },
  own_id(modeler, { element }) {
    const [shape, bo] = find(modeler, element);
    const [definition] = bo.eventDefinitions;
    const id = modeler.get("moddle").ids.nextPrefixed("event_", definition);
    modeler.get("modeling").updateModdleProperties(shape, definition, { id });
  },
  add_lane_role(modeler, { lane, role, at }) {
    put(modeler, lane, "role", role);
    if (at) put(modeler, lane, "at", at);
  },
  rename(modeler, { element, value }) {
    const [shape, bo] = find(modeler, element);
    if (getBusinessObject(shape) === bo) modeler.get("modeling").updateLabel(shape, value);
    else modeler.get("modeling").updateModdleProperties(shape, bo, { name: value });
  },
  set_operator(modeler, { element, value }) {
    const [shape, bo] = find(modeler, element);
    modeler.get("modeling").updateModdleProperties(shape, extension(bo, "ServiceTaskOperator"), { id: value });
  },
  add_parameter: (modeler, { element, name, value }) =>
    parameters(modeler, element, (list) => [...list, parameter(modeler, { id: name, value })]),
  rename_parameter: (modeler, { element, name, to }) =>
    parameters(modeler, element, (list) =>
      list.map((one) => (one.id === name ? parameter(modeler, { id: to, type: one.type, value: one.value }) : one))),
  remove_parameter: (modeler, { element, name }) =>
    parameters(modeler, element, (list) => list.filter((one) => one.id !== name)),
  remove_element: (modeler, { element }) => modeler.get("modeling").removeElements([find(modeler, element)[0]]),
};

/** Whether a fix is one that can be applied here. */
/** `own_file_id` is of a file that is not drawn: whoever holds the files does it (draft/diagrams.js). */
export const knows = (fix) => Object.hasOwn(FIXES, fix.fix) || fix.fix === "own_file_id";

/** Apply a fix, as one step of undo. Throws where what it speaks of is no longer there. */
export function apply(modeler, fix) {
  if (!Object.hasOwn(FIXES, fix.fix)) throw new Error(`there is no quick fix ${fix.fix}`);
  const stack = modeler.get("commandStack");
  if (!ready.has(stack)) {
    stack.register(TOGETHER, { preExecute: ({ run }) => run() });
    ready.add(stack);
  }
  stack.execute(TOGETHER, { run: () => FIXES[fix.fix](modeler, fix) });
}
