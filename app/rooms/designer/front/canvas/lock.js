// Looking without drawing: while another edits, or an earlier state is shown, nothing can be changed on the canvas.
import RuleProvider from "diagram-js/lib/features/rules/RuleProvider";

const GUARDED = [
  "shape.create", "elements.create", "elements.move", "shape.resize", "shape.attach", "shape.replace", "connection.start",
  "connection.create", "connection.reconnect", "connection.updateWaypoints", "elements.delete", "element.copy",
  "elements.align", "elements.distribute", "shape.append", "lane.updateRefs",
];

export class Lock extends RuleProvider {
  static $inject = ["eventBus", "directEditing", "contextPad"];

  constructor(eventBus, directEditing, contextPad) {
    super(eventBus);
    this.closed = false;
    this.contextPad = contextPad;
    for (const action of GUARDED) this.addRule(action, 5000, () => (this.closed ? false : undefined));
    eventBus.on(["element.dblclick", "autoPlace.start"], 10000, () => (this.closed ? false : undefined));
    eventBus.on("directEditing.activate", () => {
      if (this.closed) directEditing.cancel(); // a listener that answers false keeps the others from hearing
    });
    contextPad.registerProvider(100, {
      getContextPadEntries: () => (entries) => (this.closed ? {} : entries),
      getMultiElementContextPadEntries: () => (entries) => (this.closed ? {} : entries),
    });
  }

  set(closed) {
    this.closed = closed;
    this.contextPad.close();
  }
}

export default { __init__: ["lock"], lock: ["type", Lock] };
