// What each kind of element is called.
import { say } from "../words/say.js";

const KINDS = {
  Process: "流程", Collaboration: "流程", Participant: "流程", Lane: "泳道", UserTask: "用户任务", ManualTask: "线下任务", ServiceTask: "系统动作",
  BusinessRuleTask: "决策表", ScriptTask: "赋值", ReceiveTask: "接收消息", SendTask: "发送消息", StartEvent: "开始", EndEvent: "结束",
  IntermediateCatchEvent: "等待事件", IntermediateThrowEvent: "发出事件", BoundaryEvent: "边界事件", ExclusiveGateway: "排他网关", ParallelGateway: "并行网关",
  InclusiveGateway: "相容网关", EventBasedGateway: "事件网关", SequenceFlow: "走向", SubProcess: "子流程", CallActivity: "调用流程",
  DataObjectReference: "数据", TextAnnotation: "文字说明", Group: "分组", Association: "关联",
};

/** What a kind of element is called. */
export function kindOf(bo) {
  const kind = bo.$type.replace("bpmn:", "");
  return KINDS[kind] ? say(KINDS[kind]) : kind;
}
