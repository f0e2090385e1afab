// A name typed on the canvas counts as one typed in the panel: it is as long, at most (a note may be longer), and how a
// case ended is what its end is called.
import { getBusinessObject, is } from "bpmn-js/lib/util/ModelUtil";
import { getProperty, Writer } from "../panel/properties.js";

export const LONGEST_NAME = 200;

function Names(eventBus, directEditing) {
  const isName = (element) => element && !is(element, "bpmn:TextAnnotation");
  const box = () => directEditing._textbox?.content;
  // what goes beyond is not taken, as by a field with `maxlength`
  const typed = (event) => {
    const content = box();
    if (!content?.contains(event.target) || !event.inputType?.startsWith("insert") || event.isComposing) return;
    const chosen = String(content.ownerDocument.getSelection() ?? "").length;
    const more = event.data?.length ?? event.dataTransfer?.getData("text/plain").length ?? 1;
    if (content.textContent.length - chosen + more > LONGEST_NAME) event.preventDefault();
  };
  eventBus.on("directEditing.activate", ({ active }) => {
    if (isName(active?.element)) box()?.addEventListener("beforeinput", typed);
  });
  eventBus.on(["directEditing.complete", "directEditing.cancel"], () => box()?.removeEventListener("beforeinput", typed));
  // and what comes in another way (a paste, an input method) is cut off
  eventBus.on("commandStack.element.updateLabel.preExecute", 2000, ({ context }) => {
    if (isName(context.element) && context.newLabel?.length > LONGEST_NAME) context.newLabel = context.newLabel.slice(0, LONGEST_NAME);
  });
}
Names.$inject = ["eventBus", "directEditing"];

/** The stage of an end follows its name, until somebody says it otherwise. */
function Stages(eventBus, injector) {
  eventBus.on("commandStack.element.updateLabel.preExecute", 1500, ({ context: { element, newLabel } }) => {
    const bo = getBusinessObject(element);
    const stage = (getProperty(bo, "stage") ?? "").split("|")[0].trim();
    if (is(bo, "bpmn:EndEvent") && ["", bo.name ?? ""].includes(stage)) new Writer(injector).set(element, "stage", newLabel, bo);
  });
}
Stages.$inject = ["eventBus", "injector"];

export default { __init__: ["longestNames", "stages"], longestNames: ["type", Names], stages: ["type", Stages] };
