// Runs the form designer's own model for test_form_text.py: a line of JSON in, a line out.
import { createInterface } from "node:readline";

const front = process.argv[2];
const model = await import(`${front}/model.js`);
const { read, write } = await import(`${front}/text.js`);
const { rows, said } = await import(`${front}/expression.js`);
const { nameFor, englishFor } = await import(`${front}/naming.js`);

const EDITS = {
  label: (data, path, { text }) => model.put(model.at(data, path), model.at(data, path).type === "section" ? "title" : "label", text),
  required: (data, path) => model.put(model.at(data, path), "required", !model.at(data, path).required),
  remove: (data, path) => model.remove(data, path),
  up: (data, path) => model.step(data, path, -1),
  down: (data, path) => model.step(data, path, 1),
  top: (data, path) => model.move(data, path, ["fields"], 0),
  right: (data, path, { step, right }) => model.put(model.at(data, path), "at", { ...model.at(data, path).at, [step]: right }),
  add: (data, path, { name }) => model.insert(data, path, { type: "text", name: model.unused(name, model.taken(data, ["fields", -1])), label: "新", "label.en": "New" }),
  section: (data, path) => model.insert(data, path, { type: "section", title: "节", "title.en": "Section", fields: [] }),
  rename: (data, path, { name }) => model.at(data, path).name && model.rechristen(data, path, model.unused(name, model.taken(data, path))),
};

const answer = ({ text, edits, expressions, labels }) => {
  if (expressions) return expressions.map((each) => rows(each) && said(rows(each)));
  if (labels) return labels.map((each) => [nameFor(each, "text"), englishFor(each)]);
  const tree = read(text);
  const history = new model.History(tree.value);
  for (const edit of edits) {
    history.change(edit.verb, (data) => {
      const paths = [...model.walk(data)].map(({ path }) => path);
      if (paths.length || edit.verb === "add") EDITS[edit.verb](data, paths[edit.place % (paths.length || 1)] ?? [], edit);
    });
  }
  const edited = write(history.data, tree);
  const data = history.data;
  while (history.go(-1));
  return { text: edited, data, undone: write(history.data, tree) };
};

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(answer(JSON.parse(line))));
