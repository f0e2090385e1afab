// The `spiffworkflow:` namespace, so that everything a file carries in it is read and written back as it stood.
export default {
  name: "SpiffWorkflow",
  uri: "http://spiffworkflow.org/bpmn/schema/1.0/core",
  prefix: "spiffworkflow",
  xml: { tagAlias: "lowerCase" },
  types: [
    { name: "Properties", superClass: ["Element"], properties: [{ name: "properties", type: "Property", isMany: true }] },
    {
      name: "Property",
      superClass: ["Element"],
      properties: ["id", "name", "value"].map((name) => ({ name, isAttr: true, type: "String" })),
    },
    {
      name: "ServiceTaskOperator",
      superClass: ["Element"],
      properties: [{ name: "id", isAttr: true, type: "String" }, { name: "parameterList", type: "Parameters" }],
    },
    { name: "Parameters", superClass: ["Element"], properties: [{ name: "parameters", type: "Parameter", isMany: true }] },
    {
      name: "Parameter",
      superClass: ["Element"],
      properties: ["id", "type", "value"].map((name) => ({ name, isAttr: true, type: "String" })),
    },
    { name: "CalledDecisionId", superClass: ["Element"], properties: [{ name: "decision", isBody: true, type: "String" }] },
  ],
};
