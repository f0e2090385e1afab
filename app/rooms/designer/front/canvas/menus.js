// What may be drawn: only elements the platform runs, and a task is a user task unless one says otherwise.
import { is } from "bpmn-js/lib/util/ModelUtil";

const NOT_RUN =
  /conditional|escalation|link-|compensation|cancel-|complex|transaction|ad-hoc|none-intermediate|replace-with-task$|pool|send-task|receive-task|collapsed|data-store/;
const MANY = ["bpmn:SubProcess", "bpmn:CallActivity", "bpmn:ServiceTask"];

function keep(entries, wanted) {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => wanted(name)));
}

class Menus {
  static $inject = ["contextPad", "popupMenu", "elementFactory", "autoPlace", "create", "translate", "appendPreview"];

  constructor(contextPad, popupMenu, elementFactory, autoPlace, create, translate, appendPreview) {
    Object.assign(this, { elementFactory, autoPlace, create, translate, appendPreview });
    contextPad.registerProvider(500, {
      getContextPadEntries: (element) => (entries) => this.around(element, entries),
    });
    popupMenu.registerProvider("bpmn-replace", 500, {
      getPopupMenuEntries: () => (entries) => keep(entries, (name) => !NOT_RUN.test(name)),
      getPopupMenuHeaderEntries: (element) => (entries) =>
        keep(entries, (name) => name === "toggle-non-interrupting" || (/toggle-(parallel|sequential)-mi/.test(name) && MANY.some((type) => is(element, type)))),
    });
  }

  around(element, entries) {
    const known = keep(entries, (name) => !/append\.(append-task|intermediate-event|condition|compensation|receive)/.test(name));
    if (!entries["append.append-task"]) return known;
    return {
      "append.user-task": this.append("bpmn:UserTask", "bpmn-icon-user-task", this.translate("Append user task")),
      ...known,
      "append.service-task": this.append("bpmn:ServiceTask", "bpmn-icon-service-task", this.translate("Append service task")),
    };
  }

  append(type, className, title) {
    const start = (event, source) => this.create.start(event, this.elementFactory.createShape({ type }), { source });
    return {
      group: "model",
      className,
      title,
      action: {
        dragstart: start,
        click: (_event, source) => this.autoPlace.append(source, this.elementFactory.createShape({ type })),
        hover: (_event, source) => {
          this.appendPreview.create(source, type, {});
          return () => this.appendPreview.cleanUp();
        },
      },
    };
  }
}

export default { __init__: ["menus"], menus: ["type", Menus], paletteProvider: ["value", {}] };
