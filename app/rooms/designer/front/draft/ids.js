// Ids that stand twice in a file: bpmn-js and dmn-js leave one of the two out, so each is given its own before they read it.

/** The text of a file with ids that are each their own: of an event's definition or of the file's root, as nothing points there. */
export function readable(text) {
  const xml = new DOMParser().parseFromString(text, "application/xml");
  if (xml.querySelector("parsererror")) return text;
  const nodes = [...xml.querySelectorAll("[id]")];
  const count = new Map();
  for (const { id } of nodes) count.set(id, (count.get(id) ?? 0) + 1);
  const doubles = nodes.filter((node) => count.get(node.id) > 1 && /(EventDefinition|^definitions)$/.test(node.localName));
  for (const node of doubles) {
    if (count.get(node.id) < 2) continue; // the other one has been given its own
    count.set(node.id, count.get(node.id) - 1);
    let id = node === xml.documentElement ? `${node.id}_file` : `${node.parentNode.id}_${node.localName}`;
    while (count.has(id)) id += "_";
    count.set(id, 1);
    node.setAttribute("id", id);
  }
  return doubles.length ? new XMLSerializer().serializeToString(xml) : text;
}
