"""What the form designer says: the field types, their settings and values, and the words its scripts use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.platform.design import form_kinds
from app.rooms.web.language import current

GROUPS = {
    "typed": ("text", "long_text", "phone", "email", "id_number", "credit_code"),
    "counted": ("number", "money", "date", "date_time", "period"),
    "chosen": ("choice", "yes_no", "region", "organisation", "person"),
    "uploaded": ("file", "photo", "signature"),
    "built": ("table", "computed"),
}
_MARKS = {
    "text": "文T",
    "long_text": "段¶",
    "number": "##",
    "money": "¥¥",
    "date": "日D",
    "date_time": "时H",
    "period": "期↔",
    "choice": "选☰",
    "yes_no": "是Y",
    "phone": "话☎",
    "email": "@@",
    "id_number": "证I",
    "credit_code": "码C",
    "region": "区R",
    "organisation": "单U",
    "person": "人P",
    "photo": "照◫",
    "file": "附F",
    "signature": "签S",
    "table": "表▦",
    "computed": "∑∑",
}
"""A sign per type, Chinese and English; a type nobody thought of begins with its own first letter."""


def kinds() -> list[dict[str, Any]]:
    """Every field type for the palette and the panel."""
    groups = {key: group for group, keys in GROUPS.items() for key in keys}
    return [
        {
            "key": one.key,
            "label": _kind(one.key),
            "mark": _mark(one.key),
            "group": groups.get(one.key, "built"),
            "settings": settings(one.settings),
            "column": settings(one.column),
            "variable": one.variable,
            "derived": one.derived,
            "wide": one.wide,
        }
        for one in form_kinds.kinds()
    ]


def settings(found: Iterable[form_kinds.Setting]) -> list[dict[str, Any]]:
    """Settings with their labels and the labels of their values."""
    told = []
    for one in found:
        plain = one.plain() | {"label": _setting(one.key), "hint": _hint(one.key)}
        if "values" in plain:
            plain["values"] = [
                {"value": each, "label": _value(one.key, str(each))} for each in plain["values"]
            ]
        told.append(plain)
    return told


def _mark(key: str) -> str:
    sign = _MARKS.get(key, key[:1].upper() * 2)
    return sign[1] if current() == "en" else sign[0]


def _kind(key: str) -> str:
    known = {
        "text": _l("单行文字"),
        "long_text": _l("多行文字"),
        "number": _l("数字"),
        "money": _l("金额"),
        "date": _l("日期"),
        "date_time": _l("日期时间"),
        "period": _l("起止日期"),
        "choice": _l("选项"),
        "yes_no": _l("是否"),
        "phone": _l("电话号码"),
        "email": _l("电子邮箱"),
        "id_number": _l("身份证号"),
        "credit_code": _l("统一社会信用代码"),
        "region": _l("行政区划"),
        "organisation": _l("单位"),
        "person": _l("人员"),
        "photo": _l("照片"),
        "file": _l("附件"),
        "signature": _l("手写签名"),
        "table": _l("明细表格"),
        "computed": _l("自动计算"),
    }
    return str(known[key]) if key in known else key


def _setting(key: str) -> str:
    known = {
        "name": _l("字段名"),
        "label": _l("标题"),
        "title": _l("标题"),
        "help": _l("填写说明"),
        "placeholder": _l("输入提示"),
        "required": _l("必填项"),
        "width": _l("宽度"),
        "mask": _l("对他人隐去"),
        "sensitive": _l("敏感信息，加密保存"),
        "variable": _l("流程变量，供条件使用"),
        "show_if": _l("显示条件"),
        "require_if": _l("必填条件"),
        "check": _l("专门核验"),
        "messages": _l("自定义提示语"),
        "autocomplete": _l("浏览器自动填写"),
        "inputmode": _l("手机键盘"),
        "minlength": _l("最少字数"),
        "maxlength": _l("最多字数"),
        "format": _l("格式"),
        "rows": _l("显示行数"),
        "min": _l("最小"),
        "max": _l("最大"),
        "decimals": _l("小数位数"),
        "unit": _l("计量单位"),
        "capital": _l("显示大写金额"),
        "most_days": _l("最长天数"),
        "choices": _l("选项"),
        "dictionary": _l("字典"),
        "hook": _l("系统列表"),
        "many": _l("可多选"),
        "least": _l("至少选"),
        "most": _l("至多选"),
        "look": _l("样式"),
        "accepts": _l("号码种类"),
        "resident_if": _l("按身份证校验的条件"),
        "fills": _l("自动填入"),
        "level": _l("选到"),
        "role": _l("担任的角色"),
        "accept": _l("文件类型"),
        "max_count": _l("最多份数"),
        "max_size": _l("单个文件上限（MB）"),
        "replaces": _l("新文件替换旧文件"),
        "scan_of": _l("是哪份打印件的扫描"),
        "columns": _l("列"),
        "min_rows": _l("最少行数"),
        "max_rows": _l("最多行数"),
        "key": _l("不得重复的列"),
        "expression": _l("算式"),
        "sum_of": _l("合计"),
        "id": _l("表单标识"),
        "entity": _l("对应的系统数据"),
        "row": _l("数据行"),
        "tabs": _l("分节显示为标签页"),
        "together": _l("批量办理时可一次填写"),
        "checks": _l("整体校验"),
        "text": _l("文字"),
    }
    return str(known[key]) if key in known else key


def _hint(key: str) -> str:
    known = {
        "name": _l("小写字母、数字和下划线；已有数据的字段不要改名"),
        "variable": _l("办结后成为同名变量，可用于流程条件"),
        "sum_of": _l("表格的数字列，如 items.amount"),
    }
    return str(known[key]) if key in known else ""


def _value(key: str, value: str) -> str:
    known = {
        "width.full": _l("整行"),
        "width.half": _l("半行"),
        "width.third": _l("三分之一行"),
        "mask.phone": _l("隐去号码中段"),
        "mask.id": _l("隐去证件号中段"),
        "format.digits": _l("数字"),
        "format.letters_digits": _l("字母和数字"),
        "format.capital_letter": _l("一个大写字母"),
        "format.postcode": _l("邮政编码"),
        "format.person_name": _l("人名"),
        "look.radios": _l("平铺"),
        "look.select": _l("下拉"),
        "accepts.mobile": _l("手机"),
        "accepts.landline": _l("固定电话"),
        "accepts.any": _l("均可"),
        "level.province": _l("省"),
        "level.city": _l("市"),
        "level.district": _l("县区"),
        "accept.image/jpeg": "JPG",
        "accept.image/png": "PNG",
        "accept.application/pdf": "PDF",
    }
    name = f"{key}.{value}"
    return str(known[name]) if name in known else value


def words() -> dict[str, str]:
    """The words of the scripts, by the name they ask for."""
    return {**_places(), **_doings(), **_rights(), **_conditions(), **_life()}


def _places() -> dict[str, str]:
    return {
        "typed": _("文字与号码"),
        "counted": _("数字与日期"),
        "chosen": _("选择"),
        "uploaded": _("附件与签名"),
        "built": _("明细与计算"),
        "laid_out": _("版面"),
        "section": _("分节"),
        "note": _("说明文字"),
        "form": _("表单"),
        "basics": _("基本"),
        "bounds": _("选项与限制"),
        "conditions": _("条件与校验"),
        "more": _("更多"),
        "raw": _("未识别的设置"),
        "empty": _("还没有字段"),
        "empty_why": _("点左侧的字段类型即可加入。"),
        "empty_section": _("此节为空：选中本节后点左侧字段类型加入，或把字段拖进来。"),
        "english": _("英文"),
        "in_english": _("%(label)s（英文）", label="{label}"),
        "complaint_at": _("%(name)s：%(message)s", name="{name}", message="{message}"),
        "chinese": _("中文"),
        "none": _("不设"),
        "unchanged": _("默认"),
        "tab": _("标签页"),
        "show_sign": _("有条件显示"),
        "require_sign": _("有条件必填"),
        "birth_date": _("出生日期"),
        "sex": _("性别"),
    }


def _doings() -> dict[str, str]:
    return {
        "add": _("添加"),
        "up": _("上移"),
        "down": _("下移"),
        "duplicate": _("复制"),
        "remove": _("删除"),
        "required": _("必填项"),
        "form_settings": _("表单设置"),
        "added": _("已加入“%(name)s”", name="{name}"),
        "moved": _("“%(name)s”已移到第 %(place)s 位", name="{name}", place="{place}"),
        "removed": _("已删除“%(name)s”，可撤销", name="{name}"),
        "undone": _("已撤销修改"),
        "redone": _("已重做"),
        "add_choice": _("添加选项"),
        "add_column": _("添加列"),
        "add_check": _("添加校验"),
        "add_message": _("添加提示语"),
        "add_condition": _("添加条件"),
        "column": _("列"),
        "back_to": _("返回“%(name)s”", name="{name}"),
        "choice_code": _("代码"),
        "choice_source": _("选项来自"),
        "source_choices": _("在此列出"),
        "source_dictionary": _("数据字典"),
        "source_hook": _("系统提供"),
        "choices_paste": _("每行一个，可整列粘贴"),
        "many_lines": _("批量录入选项"),
        "origin": _("计算方式"),
        "origin_expression": _("按算式"),
        "origin_sum": _("表格某列合计"),
        "choose": _("请选择"),
        "option": _("选项 %(number)s", number="{number}"),
        "choose_file": _("选择文件"),
        "sign_here": _("在此手写签名"),
        "computed_here": _("自动计算"),
        "kind": _("字段类型"),
    }


def _rights() -> dict[str, str]:
    return {
        "hidden": _("隐藏"),
        "read": _("只读"),
        "edit": _("可填"),
        "required_right": _("必填项"),
        "hidden_short": _("隐"),
        "read_short": _("读"),
        "edit_short": _("填"),
        "required_short": _("必"),
        "others": _("其他步骤"),
        "gone": _("图中已无此步骤"),
        "start": _("发起"),
        "whole_form": _("整张表单"),
        "inherited": _("沿用上级"),
        "cell": _("%(field)s，%(step)s：%(right)s", field="{field}", step="{step}", right="{right}"),
        "copy_from": _("照搬自"),
        "copy_column": _("把另一步骤的权限照搬到“%(step)s”", step="{step}"),
        "fold": _("收起或展开本节"),
        "no_steps": _("流程图中还没有步骤使用这份表单。在编辑器中为步骤选定表单后，这里按步骤列出权限。"),
        "field_column": _("字段"),
        "clear": _("沿用"),
    }


def _conditions() -> dict[str, str]:
    return {
        "all": _("全部满足"),
        "any": _("任一满足"),
        "as_text": _("改写为表达式"),
        "as_rows": _("逐条选择"),
        "expression": _("表达式"),
        "outcome": _("所按的按钮"),
        "is": _("等于"),
        "is_not": _("不等于"),
        "above": _("大于"),
        "at_least": _("大于等于"),
        "below": _("小于"),
        "at_most": _("小于等于"),
        "before": _("早于"),
        "after": _("晚于"),
        "not_before": _("不早于"),
        "not_after": _("不晚于"),
        "holds": _("包含"),
        "holds_not": _("不包含"),
        "one_of": _("属于"),
        "filled": _("已填写"),
        "empty_value": _("未填写"),
        "yes": _("是"),
        "no": _("否"),
        "begins": _("开始日"),
        "ends": _("结束日"),
        "today": _("今天"),
        "other_field": _("另一字段"),
        "value": _("值"),
        "field": _("字段"),
        "operator": _("比较"),
        "check_that": _("应满足"),
        "check_message": _("不满足时提示"),
        "check_field": _("提示在哪个字段"),
        "check_hook": _("由系统核验"),
        "check_begins": _("请核对填写内容"),
        "days_between": _("“%(one)s”至“%(other)s”的天数", one="{one}", other="{other}"),
        "complaint_many": _("%(count)s 处需要修改", count="{count}"),
    }


def _life() -> dict[str, str]:
    return {
        "preview_fails": _("暂时无法预览，请稍后重试。"),
    }
