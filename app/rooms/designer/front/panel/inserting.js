// A step more between two: all that lies behind makes room, and the way leads through the new one.
import { is } from "bpmn-js/lib/util/ModelUtil";

const ROOM = 160;

/** The one flow out of a step that a step more can be put into; null where there is none, or are several. */
export function onward(element) {
  if (!is(element, "bpmn:FlowNode") || is(element, "bpmn:Gateway")) return null;
  const flows = (element.outgoing ?? []).filter((one) => is(one, "bpmn:SequenceFlow"));
  return flows.length === 1 ? flows[0] : null;
}

/** Put a user task behind `element` into its flow, and select it. */
export function insertAfter(modeler, writer, element) {
  const [factory, modeling, space] = ["elementFactory", "modeling", "spaceTool"].map((name) => modeler.get(name));
  const flow = onward(element);
  const { target } = flow;
  const isRight = target.x >= element.x + element.width;
  const shape = factory.createShape({ type: "bpmn:UserTask" });
  writer.together(() => {
    if (isRight && target.x - element.x - element.width < ROOM + 60) {
      const start = element.x + element.width + 10;
      const all = modeler.get("elementRegistry").filter((one) => one.parent && !one.waypoints);
      const { movingShapes, resizingShapes } = space.calculateAdjustments(all, "x", ROOM, start);
      modeling.createSpace(movingShapes, resizingShapes, { x: ROOM, y: 0 }, "e", start);
    }
    const at = { x: element.x + element.width + 100, y: element.y + element.height / 2 };
    modeling.createShape(shape, at, flow);
  });
  modeler.get("selection").select(shape);
  modeler.get("canvas").scrollToElement(shape, 100);
  modeler.get("directEditing").activate(shape);
}
