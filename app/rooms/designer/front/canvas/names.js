// A name typed on the canvas is as long as one typed in the panel, at most; a note may be longer.
import { is } from "bpmn-js/lib/util/ModelUtil";

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

export default { __init__: ["longestNames"], longestNames: ["type", Names] };
