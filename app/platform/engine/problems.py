"""What is wrong with a bundle: a code, where, and the sentence a designer reads in either language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.platform.registry import Words

_SENTENCES: Mapping[str, tuple[str, str]] = {
    # the file
    "file_too_large": ("文件超过 {limit} kB", "the file is larger than {limit} kB"),
    "doctype": ("不允许 DOCTYPE 或实体声明", "DOCTYPE and entity declarations are not allowed"),
    "not_xml": ("不是格式良好的 XML：{reason}", "this is not well-formed XML: {reason}"),
    "too_many_nodes": ("XML 节点超过 {limit} 个", "more than {limit} XML nodes"),
    "not_bpmn": ("不是 BPMN 2.0 文件", "this is not a BPMN 2.0 file"),
    "one_process": (
        "一个文件须恰好有一个流程，现有 {found} 个",
        "a file holds exactly one process, this one has {found}",
    ),
    "no_process": ("文件包中没有流程“{process}”", "the bundle has no process “{process}”"),
    "not_executable": ("流程标记为不可执行", "the process is marked as not executable"),
    "too_many_elements": (
        "流程节点超过 {limit} 个（{found} 个）",
        "more than {limit} flow nodes ({found})",
    ),
    "file_name": (
        "文件名不能使用：须为相对路径，不含“..”、反斜杠和控制字符，最多 200 字",
        "this file name cannot be used: a relative path without “..”, backslashes and control characters, "
        "at most 200 characters",
    ),
    "template_syntax": ("模板有语法错误：{reason}", "the template is not well-formed: {reason}"),
    "template_reach": (
        "模板中不能使用“{found}”（第 {line} 行）",
        "“{found}” cannot be used in a template (line {line})",
    ),
    "trial": (
        "试运行没有在限定的时间和内存内结束（{reason}）",
        "trying it out did not end within time and memory ({reason})",
    ),
    # what stands in it
    "unknown_element": ("不支持的元素“{found}”（第 {line} 行）", "“{found}” is not supported (line {line})"),
    "unknown_attribute": (
        "不支持的属性“{found}”（第 {line} 行）",
        "the attribute “{found}” is not supported (line {line})",
    ),
    "foreign": (
        "扩展“{found}”属于其他产品；请在设计器中打开此文件，它会译成本平台的属性",
        "the extension “{found}” belongs to another product; open the file in the designer, which translates it",
    ),
    "unknown_extension": ("不支持的扩展元素“{found}”", "the extension “{found}” is not supported"),
    "unknown_property": ("没有属性“{found}”{hint}", "there is no property “{found}”{hint}"),
    "property_value": (
        "属性“{name}”的值“{value}”不正确，应为：{expected}",
        "the property “{name}” has the value “{value}”, expected: {expected}",
    ),
    "bad_id": (
        "“{found}”没有有效的 id（第 {line} 行）",
        "“{found}” has no valid id (line {line})",
    ),
    "twice": ("“{name}”重复出现", "“{name}” occurs twice"),
    "no_name": ("缺少名称", "a name is missing"),
    "no_english": ("没有填写英文名称", "the English name is missing"),
    "dangling": ("指向不存在的元素“{found}”", "it points to “{found}”, which is not there"),
    "language": (
        "条件只能使用本平台的表达式语言，不能是“{found}”",
        "conditions use the platform's expression language, not “{found}”",
    ),
    # expressions and names
    "expression": (
        "表达式“{text}”第 {position} 个字符处有误：{reason_zh}",
        "expression “{text}”, character {position}: {reason_en}",
    ),
    "not_an_assignment": (
        "脚本第 {line} 行“{text}”不是“变量 = 表达式”形式的赋值",
        "script line {line}, “{text}”: only assignments `name = expression` are allowed",
    ),
    "empty_script": ("脚本为空", "the script is empty"),
    "script_format": ("不支持的脚本语言“{found}”", "the script language “{found}” is not supported"),
    "unknown_variable": ("没有变量“{found}”{hint}", "there is no variable “{found}”{hint}"),
    "unknown_action": ("没有动作“{found}”{hint}", "there is no action “{found}”{hint}"),
    "unknown_parameter": ("该动作没有参数“{found}”{hint}", "the action has no parameter “{found}”{hint}"),
    "missing_parameter": (
        "动作“{action}”缺少参数“{name}”",
        "the action “{action}” needs the parameter “{name}”",
    ),
    "no_action": ("服务任务须指明一个动作", "a service task names exactly one action"),
    "never_now": (
        "动作“{action}”只能在提交之后执行",
        "the action “{action}” can only run after the decision",
    ),
    "unknown_form": ("没有表单“{found}”{hint}", "there is no form “{found}”{hint}"),
    "unknown_field": ("表单中没有字段“{found}”{hint}", "no form has a field “{found}”{hint}"),
    "unknown_role": ("没有角色“{found}”{hint}", "there is no role “{found}”{hint}"),
    "unknown_assignee": ("没有办理人函数“{found}”{hint}", "there is no assignee hook “{found}”{hint}"),
    "unknown_task": ("没有用户任务“{found}”{hint}", "there is no user task “{found}”{hint}"),
    "unknown_outcome": (
        "前面的任务没有声明结果“{found}”{hint}",
        "no task before declares the outcome “{found}”{hint}",
    ),
    # people
    "no_one": (
        "没有设办理人：不在有角色的泳道中，也没有指定由谁办理",
        "nobody does this task: it is in no lane with a role, and no person is named",
    ),
    "needs_due": ("“{zh}”需要先设办理期限", "“{en}” needs a deadline"),
    "needs_ask": (
        "征询期间停止计时，需要先允许征询意见",
        "stopping the clock while asking needs asking to be allowed",
    ),
    "lane_without_role": ("泳道没有角色，不能有“{name}”", "a lane without a role cannot have “{name}”"),
    "lane_without_place": (
        "角色“{role}”按地点任职，泳道须设所在地点",
        "the role “{role}” is held at a place, so the lane must say where",
    ),
    "lane_without_subject": (
        "角色“{role}”按“{subject}”任职，泳道须设对象",
        "the role “{role}” is held for a {subject}, so the lane must say for which",
    ),
    "role_without_subject": (
        "角色“{role}”不区分对象，泳道不能设对象",
        "the role “{role}” is not held for anything, so the lane cannot say for what",
    ),
    # decision tables
    "not_dmn": ("不是 DMN 1.1 至 1.3 文件", "this is not a DMN 1.1 to 1.3 file"),
    "no_decision": ("文件中没有决策表", "there is no decision table in the file"),
    "no_table": (
        "决策“{decision}”没有决策表；其他形式的决策尚不支持",
        "the decision “{decision}” has no decision table; nothing else is supported",
    ),
    "chained_decision": (
        "决策“{decision}”依赖决策“{found}”；请分成两个业务规则任务",
        "the decision “{decision}” requires the decision “{found}”; draw two business rule tasks",
    ),
    "hit_policy": (
        "不支持命中策略“{found}”，只能是 UNIQUE 或 COLLECT",
        "the hit policy “{found}” is not supported, only UNIQUE and COLLECT",
    ),
    "aggregation": (
        "不支持聚合“{found}”：COLLECT 可用 SUM、MIN、MAX、COUNT，或不聚合",
        "the aggregation “{found}” is not supported: COLLECT has SUM, MIN, MAX, COUNT, or none",
    ),
    "no_inputs": ("决策表没有输入列", "the table has no input"),
    "no_outputs": ("决策表没有输出列", "the table has no output"),
    "output_name": (
        "第 {column} 个输出列的名称“{found}”不能作变量名",
        "output {column} is called “{found}”, which cannot be a variable",
    ),
    "no_rules": ("决策表没有规则", "the table has no rule"),
    "too_many_rules": ("规则超过 {limit} 条（{found} 条）", "more than {limit} rules ({found})"),
    "cells": (
        "第 {rule} 条规则有 {found} 个{side_zh}单元格，应为 {expected} 个",
        "rule {rule} has {found} {side_en} cells, not {expected}",
    ),
    "cell": (
        "第 {rule} 条规则“{column}”列：“{text}”第 {position} 个字符处有误：{reason_zh}",
        "rule {rule}, column “{column}”: “{text}”, character {position}: {reason_en}",
    ),
    "no_question": (
        "“{column}”列没有写要判断的变量；点列名填写，如 day_count",
        "column “{column}” asks for nothing: choose its head and name a variable, e.g. day_count",
    ),
    "question": (
        "“{column}”列要判断的“{text}”第 {position} 个字符处有误：{reason_zh}",
        "column “{column}” asks for “{text}”, which is wrong at character {position}: {reason_en}",
    ),
    "not_a_text": (
        "第 {rule} 条规则“{column}”列：不聚合的 COLLECT 只能收集文本",
        "rule {rule}, column “{column}”: COLLECT without an aggregation gathers texts only",
    ),
    "rules_overlap": (
        "第 {first} 条与第 {second} 条规则可能同时成立（{witness}）",
        "rules {first} and {second} can hold together ({witness})",
    ),
    "no_called_decision": (
        "业务规则任务须恰好指定一个决策",
        "a business rule task names exactly one decision",
    ),
    "unknown_decision": ("没有决策“{found}”{hint}", "there is no decision “{found}”{hint}"),
    # ways
    "one_start": ("须恰好有一个开始事件，现有 {found} 个", "there must be one start event, not {found}"),
    "no_end": ("没有结束事件", "there is no end event"),
    "start_with_way_in": ("开始事件不能有流入", "nothing leads into a start event"),
    "end_with_way_out": ("结束事件不能有流出", "nothing leads out of an end event"),
    "no_way_out": ("之后没有走向", "no flow leads out of it"),
    "several_ways_out": ("只有网关可以有多条流出", "only a gateway may have several flows out"),
    "condition_not_here": (
        "“{source}”的流出不能带条件",
        "a flow out of “{source}” cannot have a condition",
    ),
    "unreachable": ("从开始事件无法到达", "it cannot be reached from the start"),
    "never_ends": ("从这里无法到达结束事件", "no end can be reached from it"),
    "turns_alone": (
        "循环中没有人办理：{others}",
        "a cycle without a person in it: {others}",
    ),
    "no_default": ("网关没有默认流向", "the gateway has no default flow"),
    "no_condition": ("网关“{gateway}”的非默认流向没有条件", "a way out of “{gateway}” has no condition"),
    "condition_on_default": ("默认流向不能带条件", "the default flow cannot have a condition"),
    "overlap": (
        "条件“{first}”与“{second}”可能同时成立（{witness}）",
        "the conditions of “{first}” and “{second}” can hold together ({witness})",
    ),
    "no_outcome": (
        "此处没有可用的 outcome：前面没有任务，或已经过汇聚网关",
        "no outcome stands here: no task comes before, or a join lies between",
    ),
    "outcome_compared_oddly": (
        "outcome 只能与前面任务声明的结果比较",
        "outcome may only be compared with outcomes the task before declares",
    ),
    "outcome_by_default": ("结果“{zh}”只走默认流向", "the outcome “{en}” only takes the default"),
    # events, and processes within processes
    "several_events": ("一个事件只能有一种定义", "an event has one definition only"),
    "event_not_here": ("此处不能使用“{found}”", "“{found}” cannot stand here"),
    "event_missing": ("缺少事件定义", "the event has no definition"),
    "event_without_name": (
        "须指明消息、信号或错误",
        "it must name its message, signal or error",
    ),
    "timer_without_time": (
        "定时须填写时间：到某一时刻，或过多久（不支持循环定时）",
        "a timer needs a moment or a length of time (cycles are not supported)",
    ),
    "timer_time": (
        "“{text}”不是可用的时间：应为 P3WD、P2D、PT4H 或日期",
        "“{text}” is not a time of ours: P3WD, P2D, PT4H or a date",
    ),
    "boundary_with_way_in": ("边界事件不能有流入", "nothing leads into a boundary event"),
    "boundary_never": (
        "“{host}”上的“{found}”边界事件永远不会发生",
        "a “{found}” event on “{host}” can never happen",
    ),
    "error_interrupts": ("错误事件总是中断的", "an error always interrupts"),
    "error_twice": ("错误“{error}”有两处捕获", "two events catch the error “{error}”"),
    "nobody_catches": ("没有谁捕获错误“{error}”", "nobody catches the error “{error}”"),
    "starts_without_event": (
        "事件子流程须由事件开始",
        "an event sub-process starts with an event",
    ),
    "beside_with_ways": (
        "事件子流程不能有流入、流出或边界事件",
        "an event sub-process has neither flows nor boundary events",
    ),
    "side_flow_meets": (
        "不中断的事件之后的流程须自行结束，不能与主流程相遇",
        "the flow after an event that interrupts nothing must end by itself and not meet another",
    ),
    "crosses": (
        "连线跨越了子流程的边界（“{source}”到“{target}”）",
        "a flow crosses the edge of a sub-process (“{source}” to “{target}”)",
    ),
    "events_after": (
        "事件网关之后须有两个以上只由它到达的捕获事件或接收任务",
        "an event-based gateway leads to two or more catch events or receive tasks, and alone to each",
    ),
    "calls_nothing": ("调用活动须指明流程", "a call activity names its process"),
    "calls_itself": ("流程“{process}”不能调用自己", "the process “{process}” cannot call itself"),
    "calls_event_start": (
        "被调用的流程“{process}”只能由普通开始事件开始",
        "a called process (“{process}”) has only a plain start",
    ),
    "unknown_process": (
        "文件包中没有流程“{found}”{hint}",
        "the bundle has no process “{found}”{hint}",
    ),
    "twice_across": (
        "此 id 也出现在“{file}”中，请改名",
        "this id stands in “{file}”, too; rename one",
    ),
    "called_from_two_lanes": (
        "没有泳道的流程被两个不同泳道调用，请为它画出泳道",
        "a process without lanes is called from two lanes; give it lanes of its own",
    ),
    "loop_without_count": (
        "多实例须填写次数，或逐项处理的变量，二者之一",
        "a multi-instance has either a number or a variable whose items it goes through",
    ),
    "too_many_items": (
        "多实例最多 {limit} 项",
        "a multi-instance has at most {limit} items, as a whole number",
    ),
    # blocks
    "splits_and_joins": (
        "并行或包容网关不能同时分支与汇聚，请画成两个",
        "a parallel or inclusive gateway cannot join and split at once; draw two",
    ),
    "double_flow": ("两条流出指向同一元素", "two flows lead to the same element"),
    "join_without_split": ("汇聚网关没有对应的分支网关", "no gateway opens the block this one closes"),
    "wrong_join": (
        "分支须由同类网关汇聚，而不是“{join}”",
        "the block must be closed by a gateway of its kind, not by “{join}”",
    ),
    "leaves_block": (
        "分支在汇聚之前相遇或离开（在“{at}”）",
        "a way leaves the block, or meets another, before the join (at “{at}”)",
    ),
    "enters_block": (
        "从“{source}”绕过分支网关进入（在“{at}”）",
        "a flow from “{source}” enters the block past its split (at “{at}”)",
    ),
    "several_arrivals": (
        "经“{way}”的分支须以恰好一条流入到达汇聚网关",
        "the way over “{way}” must arrive at the join over exactly one flow",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file, or worth a look (`warning`)."""

    code: str
    file: str
    element: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    warning: bool = False

    @property
    def words(self) -> Words:
        """The reason in both languages."""
        zh, en = _SENTENCES[self.code]
        hint = self.parameters.get("hint", "")
        chinese = {**self.parameters, "hint": f"，是否指“{hint}”？" if hint else ""}
        english = {**self.parameters, "hint": f"; did you mean “{hint}”?" if hint else ""}
        return Words(zh.format(**chinese), en.format(**english))

    def message(self, language: str) -> str:
        """File, element and reason in one sentence, in `language` (`zh…` or `en…`)."""
        where = f"{self.file} · {self.element}" if self.element else self.file
        colon = ": " if language.startswith("en") else "："
        return where + colon + self.words.said(language)
