// The frame of the process stays: with its pool a process would lose its key, its name and all that is set on it.
import RuleProvider from "diagram-js/lib/features/rules/RuleProvider";
import { is } from "bpmn-js/lib/util/ModelUtil";

class Frame extends RuleProvider {
  static $inject = ["eventBus", "elementRegistry"];

  constructor(eventBus, elementRegistry) {
    super(eventBus);
    const isPool = (element) => is(element, "bpmn:Participant") && Boolean(element.businessObject.processRef);
    this.addRule("elements.delete", 1500, ({ elements }) => {
      const going = elements.filter(isPool);
      if (!going.length) return undefined;
      const left = elementRegistry.filter(isPool).length - going.length;
      return left > 0 ? undefined : elements.filter((one) => one !== going[0]);
    });
  }
}

export default { __init__: ["frame"], frame: ["type", Frame] };
