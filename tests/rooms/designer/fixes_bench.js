// What the tests of quick fixes put into a page: a modeler as the editor's, and the fixes.
import Modeler from "bpmn-js/lib/Modeler";
import { apply } from "../../../app/rooms/designer/front/fixes/apply.js";

const attributes = (...names) => names.map((name) => ({ name, isAttr: true, type: "String" }));
const spiffworkflow = {
  name: "SpiffWorkflow",
  uri: "http://spiffworkflow.org/bpmn/schema/1.0/core",
  prefix: "spiffworkflow",
  xml: { tagAlias: "lowerCase" },
  types: [
    { name: "Properties", superClass: ["Element"], properties: [{ name: "properties", type: "Property", isMany: true }] },
    { name: "Property", superClass: ["Element"], properties: attributes("id", "name", "value") },
    {
      name: "ServiceTaskOperator",
      superClass: ["Element"],
      properties: [...attributes("id"), { name: "parameterList", type: "Parameters" }],
    },
    { name: "Parameters", superClass: ["Element"], properties: [{ name: "parameters", type: "Parameter", isMany: true }] },
    { name: "Parameter", superClass: ["Element"], properties: attributes("id", "type", "value") },
    { name: "CalledDecisionId", superClass: ["Element"], properties: [{ name: "decision", isBody: true, type: "String" }] },
  ],
};

/** A file with a fix applied to it, and the same once that is undone. */
window.fixed = async (text, fix) => {
  const container = document.body.appendChild(document.createElement("div"));
  container.style.height = "600px";
  const modeler = new Modeler({ container, moddleExtensions: { spiffworkflow } });
  await modeler.importXML(text);
  const xml = async () => (await modeler.saveXML({ format: true })).xml;
  const meant = (one) => one.split("<bpmndi:BPMNDiagram")[0]; // below it, labels may have got their place
  const before = await xml();
  apply(modeler, fix);
  const after = await xml();
  modeler.get("commandStack").undo();
  const undone = await xml();
  modeler.destroy();
  container.remove();
  return { after, isUndone: meant(undone) === meant(before) };
};
