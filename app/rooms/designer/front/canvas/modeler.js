// The canvas: bpmn-js with our namespace, our language, our menus, and what keeps files as they were.
import Modeler from "bpmn-js/lib/Modeler";
import minimap from "diagram-js-minimap";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "diagram-js-minimap/assets/diagram-js-minimap.css";
import chinese from "./chinese.js";
import frame from "./frame.js";
import lock from "./lock.js";
import menus from "./menus.js";
import spiffworkflow from "./moddle.js";
import names from "./names.js";
import { startersOwnModule } from "../panel/lanes.js";
import { togetherModule } from "../panel/properties.js";

/** A modeler in `container`. */
export function modelerIn(container) {
  const modeler = new Modeler({
    container,
    additionalModules: [chinese, menus, lock, names, frame, minimap, togetherModule, startersOwnModule],
    moddleExtensions: { spiffworkflow },
  });
  // a loop may name a variable that no element of the file is: bpmn-js would drop what it cannot find
  modeler.on("import.parse.complete", ({ references = [] }) => {
    for (const one of references) {
      if (one.property !== "bpmn:loopDataInputRef" || one.element.loopDataInputRef) continue;
      one.element.loopDataInputRef = modeler.get("moddle").create("bpmn:ItemAwareElement", { id: one.id });
    }
  });
  return modeler;
}

/** Show the whole diagram; of an empty one there is nothing to fit. */
export function fit(modeler) {
  const canvas = modeler.get("canvas");
  const root = canvas.getRootElement();
  if (!root?.children?.length) return canvas.zoom(1);
  canvas.zoom("fit-viewport", "auto");
  canvas.zoom(Math.min(canvas.zoom() * 0.95, 1), "auto");
}
