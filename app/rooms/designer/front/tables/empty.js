// A new file: one decision with one question and one answer, and no rule yet; named in the language of whoever draws it.
const NAMES = { zh: ["决策表", "条件", "结果"], en: ["Decision table", "Condition", "Result"] };
const word = (text) => text.replace(/\W/g, "_");

export function empty(process, name, language) {
  const [table, input, output] = NAMES[language] || NAMES.zh;
  const id = word(name.split("/").pop().replace(/\.dmn$/, ""));
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="${id}_file" name="${id}" namespace="${word(process)}">
  <decision id="${id}" name="${table}">
    <decisionTable id="${id}_table" hitPolicy="UNIQUE">
      <input id="${id}_in" label="${input}">
        <inputExpression id="${id}_ask" typeRef="string"><text></text></inputExpression>
      </input>
      <output id="${id}_out" label="${output}" name="result" typeRef="string" />
    </decisionTable>
  </decision>
</definitions>
`;
}
