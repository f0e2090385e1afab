// What can be drawn, as buttons: dragged or clicked onto the canvas, or placed after the selected step by the keyboard.
import { is } from "bpmn-js/lib/util/ModelUtil";
import { h } from "../panel/html.js";
import { say } from "../words/say.js";

const ELEMENTS = [
  ["user-task", "bpmn:UserTask", "用户任务", {}],
  ["gateway-xor", "bpmn:ExclusiveGateway", "排他网关", {}],
  ["gateway-parallel", "bpmn:ParallelGateway", "并行网关", {}],
  ["service-task", "bpmn:ServiceTask", "系统动作", {}],
  ["start-event-none", "bpmn:StartEvent", "开始", {}],
  ["end-event-none", "bpmn:EndEvent", "结束", {}],
  ["intermediate-event-catch-timer", "bpmn:IntermediateCatchEvent", "定时", { eventDefinitionType: "bpmn:TimerEventDefinition" }],
  ["subprocess-expanded", "bpmn:SubProcess", "子流程", { isExpanded: true }],
  ["data-object", "bpmn:DataObjectReference", "数据", {}],
  ["text-annotation", "bpmn:TextAnnotation", "文字说明", {}],
];
const TOOLS = [
  ["hand-tool", "handTool", "activateHand", "平移画布"],
  ["lasso-tool", "lassoTool", "activateSelection", "框选"],
  ["space-tool", "spaceTool", "activateSelection", "腾出空间"],
  ["connection-multi", "globalConnect", "start", "连线"],
];

/** Fill `room` with the buttons. */
export function palette(modeler, room) {
  const [factory, create, autoPlace, selection, canvas, modeling] = ["elementFactory", "create", "autoPlace", "selection", "canvas", "modeling"].map((name) => modeler.get(name));
  const shapes = (type, more) => {
    const shape = factory.createShape({ type, ...more });
    if (type !== "bpmn:SubProcess") return [shape];
    return [shape, factory.createShape({ type: "bpmn:StartEvent", x: 40, y: 82, parent: shape })];
  };
  const start = (event, type, more) => {
    const made = shapes(type, more);
    create.start(event, made.length > 1 ? made : made[0], made.length > 1 ? { hints: { autoSelect: [made[0]] } } : {});
  };
  const place = (type, more) => {
    const [chosen] = selection.get();
    if (chosen && is(chosen, "bpmn:FlowNode") && !is(chosen, "bpmn:EndEvent") && !/StartEvent|DataObject|TextAnnotation/.test(type)) {
      return autoPlace.append(chosen, factory.createShape({ type, ...more }));
    }
    const view = canvas.viewbox();
    const made = modeling.createElements(shapes(type, more), { x: view.x + view.width / 2, y: view.y + view.height / 2 }, target(chosen));
    selection.select(made[0]);
    modeler.get("directEditing").activate(made[0]);
    return made[0];
  };
  const target = (chosen) => {
    let parent = chosen;
    while (parent && !is(parent, "bpmn:Participant") && !is(parent, "bpmn:SubProcess")) parent = parent.parent;
    return parent ?? modeler.get("elementRegistry").find((one) => is(one, "bpmn:Participant")) ?? canvas.getRootElement();
  };
  room.append(
    h("div", { class: "palette-tools", role: "group", "aria-label": say("工具") }, TOOLS.map(([mark, service, verb, label]) =>
      h("button", { type: "button", title: say(label), "aria-label": say(label), "data-tool": mark, onclick: (event) => modeler.get(service)[verb](event) }, h("i", { class: `bpmn-icon-${mark}` })))),
    h("div", { class: "palette-elements", role: "group", "aria-label": say("可画的元素") }, ELEMENTS.map(([mark, type, label, more]) =>
      h("button", {
        type: "button", draggable: "true", "data-element": type, title: say("{name}：拖到画布，或选中一个步骤后按回车接在其后", { name: say(label) }),
        ondragstart: (event) => {
          event.preventDefault();
          start(event, type, more);
        },
        onclick: (event) => (event.detail === 0 ? place(type, more) : start(event, type, more)),
      }, h("i", { class: `bpmn-icon-${mark}` }), h("span", {}, say(label))))),
  );
}
