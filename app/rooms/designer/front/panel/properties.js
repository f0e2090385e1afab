// An element's properties read from its extension elements and written through the command stack, one undo step each.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";

/** The process a root or pool stands for; any other element's own business object. */
export function subject(element) {
  const own = getBusinessObject(element);
  if (is(own, "bpmn:Participant")) return own.processRef ?? own;
  if (is(own, "bpmn:Collaboration")) return own.participants?.find((one) => one.processRef)?.processRef ?? own;
  return own;
}

const extensions = (bo, type) => bo.extensionElements?.values?.find((one) => one.$type === `spiffworkflow:${type}`);

export const getProperty = (bo, name) => extensions(bo, "Properties")?.properties?.find((one) => one.name === name)?.value;

export const properties = (bo) =>
  Object.fromEntries((extensions(bo, "Properties")?.properties ?? []).map((one) => [one.name, one.value]));

/** Everything the panel writes goes through here. */
export class Writer {
  constructor(modeler) {
    this.modeling = modeler.get("modeling");
    this.factory = modeler.get("bpmnFactory");
    this.stack = modeler.get("commandStack");
    this.modeler = modeler;
  }

  /** Do several things as one step of undo. */
  together(run) {
    this.stack.execute("panel.together", { run });
  }

  create(type, values = {}, parent = null) {
    const made = this.factory.create(type, values);
    if (parent) made.$parent = parent;
    return made;
  }

  attributes(element, bo, values) {
    this.modeling.updateModdleProperties(element, bo, values);
  }

  /** Set a property; an empty value takes it away. */
  set(element, name, value, bo = subject(element)) {
    this.setAll(element, { [name]: value }, bo);
  }

  setAll(element, values, bo = subject(element)) {
    const changed = Object.entries(values).filter(([name, value]) => (getProperty(bo, name) ?? "") !== (value ?? ""));
    if (!changed.length) return;
    const holder = extensions(bo, "Properties");
    const kept = [...(holder?.properties ?? [])];
    if (changed.length === 1) {
      const [[name, value]] = changed;
      const entry = kept.find((one) => one.name === name);
      if (entry && value) return void this.attributes(element, entry, { value });
    }
    const list = kept.map((one) => {
      const change = changed.find(([name]) => name === one.name);
      return change ? this.#entry(change, holder) : one;
    });
    for (const change of changed) if (!kept.some((one) => one.name === change[0])) list.push(this.#entry(change, holder));
    this.extension(element, bo, "Properties", { properties: list.filter((one) => one.value) }, list.some((one) => one.value));
  }

  #entry([name, value], holder) {
    return this.create("spiffworkflow:Property", { name, value: value || undefined }, holder);
  }

  /** Make or change the extension element of one type, or take it away. */
  extension(element, bo, type, values, keep = true) {
    const ext = bo.extensionElements;
    const others = (ext?.values ?? []).filter((one) => one.$type !== `spiffworkflow:${type}`);
    if (!keep) {
      if (!extensions(bo, type)) return;
      if (others.length) this.attributes(element, ext, { values: others });
      else this.attributes(element, bo, { extensionElements: undefined });
      return;
    }
    const old = extensions(bo, type);
    if (old) return void this.attributes(element, old, values);
    const made = this.create(`spiffworkflow:${type}`, values);
    for (const list of Object.values(values)) if (Array.isArray(list)) list.forEach((one) => (one.$parent = made));
    if (ext) {
      made.$parent = ext;
      // properties come first, as everywhere in our files
      this.attributes(element, ext, { values: type === "Properties" ? [made, ...others] : [...others, made] });
    } else {
      const holder = this.create("bpmn:ExtensionElements", { values: [made] }, bo);
      made.$parent = holder;
      this.attributes(element, bo, { extensionElements: holder });
    }
  }

  operator(bo) {
    return extensions(bo, "ServiceTaskOperator");
  }

  decision(bo) {
    return extensions(bo, "CalledDecisionId");
  }

  /** What people read: a pool's name and its process's are one. */
  rename(element, name) {
    const own = getBusinessObject(element);
    const bo = subject(element);
    this.together(() => {
      if (bo === own) this.modeling.updateLabel(element, name);
      else {
        this.attributes(element, bo, { name });
        const pools = is(own, "bpmn:Participant") ? [element] : (element.children ?? []);
        for (const pool of pools) {
          if (getBusinessObject(pool).processRef === bo) this.modeling.updateLabel(pool, name);
        }
      }
    });
  }
}

/** The command behind `together`. */
export const togetherModule = {
  __init__: [
    ["commandStack", (stack) => stack.registerHandler("panel.together", class { preExecute(context) { context.run(); } })],
  ],
};
