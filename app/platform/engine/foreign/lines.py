"""What a translation tells: each thing that was put into our words, and each that could not be, with what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.platform.registry import Words

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "refused": ("文件无法读取：{reason_zh}", "The file cannot be read: {reason_en}"),
    "harmless": (
        "“{found}”只关系到原平台如何运行，已去掉；无需处理",
        "“{found}” only concerns how the other product runs and was left out; nothing to do",
    ),
    "person": (
        "“{found}”写明了某个人；本平台按角色和任职确定办理人，请为泳道“{lane}”选择角色",
        "“{found}” names a person; here people are found by role and post: choose the role of the lane “{lane}”",
    ),
    "group": (
        "候选组“{found}”成为泳道“{lane}”，请为泳道选择角色",
        "The candidate group “{found}” became the lane “{lane}”: choose the lane's role",
    ),
    "group_in_lane": (
        "候选组“{found}”：任务在泳道“{lane}”中，请为泳道选择角色",
        "The candidate group “{found}”: the task is in the lane “{lane}”, choose the lane's role",
    ),
    "nobody": (
        "任务没有说明由谁办理，请放入有角色的泳道，或设定办理人",
        "Nothing says who does this task: put it into a lane with a role, or set its assignee",
    ),
    "signers": (
        "会签的人员来自“{found}”；请为泳道“{lane}”选择角色，任此职的人各有一席",
        "Those who sign came from “{found}”: choose the role of the lane “{lane}”; whoever holds it has a seat",
    ),
    "seats": (
        "会签的完成条件“{found}”没有对应的规则，已改为全部同意（all）；请核对席位规则",
        "No rule of ours corresponds to the completion condition “{found}”; it is now `all`: check the seats",
    ),
    "starters": (
        "“{found}”限定了谁可以发起，请在流程属性“发起人”中选择角色",
        "“{found}” says who may start: choose roles in the process's property `start`",
    ),
    "form": (
        "表单“{found}”不在流程图文件中；已建立空白表单“{form}”，请画出字段",
        "The form “{found}” is not in the diagram's file; “{form}” was begun empty: draw its fields",
    ),
    "field": (
        "表单字段“{found}”的类型没有对应，已改为文本；请核对",
        "No kind of field corresponds to “{found}”; it is a text now: check it",
    ),
    "field_rule": (
        "表单字段的设置“{found}”没有译出，请在表单中重新设定",
        "“{found}” of a form field was not translated: set it in the form anew",
    ),
    "due": (
        "期限“{found}”不能译出，请设定属性 due，例如 P3WD（三个工作日）",
        "The due date “{found}” cannot be translated: set the property `due`, such as P3WD (three working days)",
    ),
    "condition": (
        "条件“{found}”不能译出，已保留原文；请改写为本平台的表达式",
        "The condition “{found}” cannot be translated and was left as it is: write it anew in our language",
    ),
    "no_default": (
        "网关没有默认流向，请选择一条",
        "The gateway has no default flow: choose one",
    ),
    "timer": (
        "定时“{found}”不能译出，已保留原文；请改为 P3WD、P2D、PT4H、日期或表达式",
        "The time “{found}” cannot be translated and was left as it is: P3WD, P2D, PT4H, a date or an expression",
    ),
    "script": (
        "脚本“{found}”不会运行；请改为“变量 = 表达式”的赋值，或改为服务任务",
        "The script “{found}” never runs here: rewrite it as assignments `name = expression`, or as a service task",
    ),
    "service": (
        "“{found}”由原平台的程序完成；请为该任务选择本平台的动作",
        "“{found}” is code of the other product: choose one of the platform's actions for this task",
    ),
    "listener": (
        "监听器“{found}”不会运行，已去掉；如仍需要，请在此处画一个服务任务",
        "The listener “{found}” never runs here and was left out: if it is needed, draw a service task at this place",
    ),
    "mapping": (
        "变量映射“{found}”已去掉：变量在整个流程中通用；如名称不同，请加脚本任务赋值",
        "The mapping “{found}” was left out, variables are known throughout: where names differ, assign in a script",
    ),
    "call": (
        "调用的流程“{found}”要在运行时才知道，请指明文件包中的一个流程",
        "The called process “{found}” is only known at run time: name a process of the bundle",
    ),
    "decision_result": (
        "决策结果“{found}”已去掉：决策表的每个输出列成为同名变量",
        "“{found}” was left out: each output of a decision table becomes the variable of its name",
    ),
    "decision": (
        "决策“{found}”要在运行时才知道，请指明文件包中的一个决策",
        "The decision “{found}” is only known at run time: name a decision of the bundle",
    ),
    "correlation": (
        "消息的关联“{found}”不能译出，请设定属性 correlation",
        "The message's correlation “{found}” cannot be translated: set the property `correlation`",
    ),
    "loop": (
        "多实例的“{found}”不能译出，已去掉；请核对",
        "“{found}” of the multi-instance cannot be translated and was left out: check it",
    ),
    "process": (
        "文件中还有流程“{found}”，没有带入；如有需要，请单独上传",
        "The file also holds the process “{found}”, which was left out: upload it by itself if it is needed",
    ),
    "pool": (
        "泳池“{found}”只是外部参与者，已去掉；与它的往来请用消息事件表示",
        "The pool “{found}” is only somebody outside and was left out: draw message events for what passes",
    ),
    "message_flow": (
        "消息流“{found}”已去掉：它只是图示，消息由事件收发",
        "The message flow “{found}” was left out: it is only drawn, events send and receive messages",
    ),
    "element": (
        "不支持“{found}”，已保留在图中：{advice_zh}",
        "“{found}” is not supported and stays drawn: {advice_en}",
    ),
    "attribute": (
        "不支持属性“{found}”，已保留；请去掉，或换一种画法",
        "The attribute “{found}” is not supported and was left: remove it, or draw this in another way",
    ),
    "unknown": (
        "扩展“{found}”属于其他产品，没有译出，已去掉；如它有意义，请用本平台的属性重新设定",
        "The extension “{found}” belongs to another product, was not understood and was left out: "
        "if it mattered, set it anew with our properties",
    ),
    "cell": (
        "决策表中的“{found}”不能译出，已保留原文；请改写",
        "“{found}” in the decision table cannot be translated and was left as it is: write it anew",
    ),
    "hit_policy": (
        "命中策略“{found}”没有对应，已保留；请改为 UNIQUE（规则互不重叠）或 COLLECT",
        "No hit policy of ours corresponds to “{found}”: use UNIQUE, with rules that do not overlap, or COLLECT",
    ),
    "more": ("另有 {count} 条没有列出", "{count} more are not listed"),
}


@dataclass(frozen=True, slots=True)
class Translation:
    """One thing now said in our words. `element`: its id; `found`, `made`: what stood there and what stands now."""

    element: str | None
    found: str
    made: str

    @property
    def words(self) -> Words:
        """The line in both languages."""
        return Words(f"“{self.found}”译为“{self.made}”", f"“{self.found}” became “{self.made}”")


@dataclass(frozen=True, slots=True)
class Untranslated:
    """One thing that was not understood. `harmless`: there is nothing to do about it."""

    code: str
    element: str | None
    found: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def harmless(self) -> bool:
        """Whether it means nothing here."""
        return self.code == "harmless"

    @property
    def words(self) -> Words:
        """What it is and what to do, in both languages."""
        zh, en = _SENTENCES[self.code]
        given = {"found": self.found, **self.parameters}
        return Words(zh.format(**given), en.format(**given))


Line = Translation | Untranslated
