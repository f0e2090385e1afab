// The buttons around the canvas: undo and redo, zoom, the menu, and the dialogs they open.
import { say } from "../words/say.js";

/** Wire the buttons that the page has; each says by `data-do` what it does. */
export function toolbar({ room, modeler, life, drawer, fit }) {
  const [stack, canvas] = ["commandStack", "canvas"].map((name) => modeler.get(name));
  const verbs = {
    undo: () => stack.undo(),
    redo: () => stack.redo(),
    fit,
    in: () => canvas.zoom(Math.min(canvas.zoom() * 1.25, 4), "auto"),
    out: () => canvas.zoom(Math.max(canvas.zoom() / 1.25, 0.2), "auto"),
    map: () => modeler.get("minimap").toggle(),
    check: () => drawer.toggle("problems"),
    keep: () => life.askNote(),
    help: () => room.querySelector("#keys-help").showModal(),
    import: async () => {
      if (!(await life.saving.now())) return;
      room.querySelector("#import-window").value = life.window;
      room.querySelector("#import").showModal();
    },
    outline: () => room.classList.toggle("shows-outline"),
  };
  for (const button of room.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => {
      button.closest("details")?.removeAttribute("open");
      verbs[button.dataset.do]();
    });
  }
  for (const close of room.querySelectorAll("dialog [data-close]")) close.addEventListener("click", () => close.closest("dialog").close());
  const press = () => {
    room.querySelector("[data-do=undo]").disabled = !stack.canUndo();
    room.querySelector("[data-do=redo]").disabled = !stack.canRedo();
  };
  modeler.on(["commandStack.changed", "import.done"], press);
  press();
  const note = room.querySelector("#keep");
  note.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    note.close();
    life.keep(note.querySelector("input").value.trim() || say("手动保存"));
  });
}
