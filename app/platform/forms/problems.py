"""What is wrong with a form file, with the JSON path, in both languages, guessing what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Any

from jsonschema import ValidationError

from app.platform.registry import Words

MESSAGES: Mapping[str, Words] = {
    "not_json": Words("不是有效的JSON：{error}", "Not valid JSON: {error}"),
    "too_big": Words("文件超过{max}字节", "The file is larger than {max} bytes"),
    "duplicate_key": Words("键“{key}”出现两次", "The key “{key}” appears twice"),
    "unknown_key": Words("未知的属性“{key}”", "Unknown property “{key}”"),
    "not_listed": Words("“{value}”不在允许的值之中：{allowed}", "“{value}” is not one of {allowed}"),
    "missing": Words("缺少属性“{key}”", "The property “{key}” is missing"),
    "empty": Words("不能为空", "May not be empty"),
    "no_items": Words("至少需要一项", "At least one is needed"),
    "too_long": Words("最多{max}个字符", "At most {max} characters"),
    "invalid": Words("不符合格式：{error}", "Does not fit the schema: {error}"),
    "twice": Words("“{value}”重复", "“{value}” is there twice"),
    "reserved": Words("名称“{value}”由平台使用，请换一个", "The name “{value}” is used by the platform"),
    "unknown_field": Words("没有名为“{value}”的字段", "There is no field “{value}”"),
    "bad_expression": Words("表达式有误：{error}", "The expression is wrong: {error}"),
    "cycle": Words("显示条件互相依赖：{value}", "Conditions depend on each other: {value}"),
    "bounds": Words("下限大于上限", "The lower bound is above the upper one"),
    "date": Words("不是有效的日期", "Not a day that exists"),
    "one_source": Words(
        "选项只能来自choices、dictionary、hook之一", "Give exactly one of choices, dictionary, hook"
    ),
    "not_a_variable": Words("多选字段不能作为变量", "Several choices cannot be a variable"),
    "many": Words("least和most只用于多选", "least and most are for many only"),
    "not_a_column": Words("key应为本表的一列", "key names a column of the table"),
    "unprinted": Words("流程中没有打印“{value}”的模板", "Nothing in the process prints “{value}”"),
    "one_origin": Words("请给出expression、sum_of之一", "Give exactly one of expression, sum_of"),
    "not_summed": Words("“{value}”不是表格中的数字列", "“{value}” is no column of numbers of a table"),
    "fills_type": Words("fills的目标字段类型不符", "The field named in fills is of another type"),
}
_MEANT = Words("，是否指“{suggestion}”？", "; did you mean “{suggestion}”?")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a form file. `path` is a JSON path such as `$.fields[0].label`; `file`, where there are several."""

    code: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    file: str = ""

    def message(self, language: str) -> str:
        """Return the sentence, beginning with the file, if there are several, and the path."""
        text = MESSAGES[self.code].said(language)
        if self.parameters.get("suggestion"):
            text += _MEANT.said(language)
        for name, value in self.parameters.items():
            text = text.replace("{" + name + "}", value)
        at = f"{self.file} · {self.path}" if self.file else self.path
        return f"{at}: {text}" if language.startswith("en") else f"{at}：{text}"


class BadForm(Exception):
    """A form file cannot be used; `problems` says why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message("en") for problem in problems))
        self.problems = tuple(problems)


def meant(word: object, known: Iterable[str]) -> str:
    """Return the known word most like `word`, or an empty string."""
    return next(iter(get_close_matches(str(word), list(known), n=1, cutoff=0.6)), "")


MOST_KEYS = 50  # told of one object


def from_schema(errors: Iterable[ValidationError]) -> Iterator[Problem]:
    """Turn the validator's errors into problems."""
    for error in errors:
        path = error.json_path
        instance: Any = error.instance
        rule: Any = error.validator_value
        if error.validator == "additionalProperties" and isinstance(error.schema, dict):
            known = error.schema.get("properties", {})
            for key in islice((key for key in instance if key not in known), MOST_KEYS):
                yield Problem("unknown_key", path, {"key": key[:80], "suggestion": meant(key[:80], known)})
        elif error.validator == "enum":
            allowed = [str(value) for value in rule]
            guess = meant(instance, allowed)
            parts = {"value": str(instance), "allowed": ", ".join(allowed), "suggestion": guess}
            yield Problem("not_listed", path, parts)
        elif error.validator in ("required", "dependentRequired"):
            key = error.message.split("'")[1]
            if error.validator == "dependentRequired":
                key = next(
                    need
                    for has, needs in rule.items()
                    for need in needs
                    if has in instance and need not in instance
                )
            yield Problem("missing", path, {"key": key})
        elif error.validator in ("minLength", "minItems"):
            yield Problem("empty" if error.validator == "minLength" else "no_items", path)
        elif error.validator == "maxLength":
            yield Problem("too_long", path, {"max": str(rule)})
        elif error.validator == "oneOf" and isinstance(instance, dict):
            closest = max(error.context or [error], key=lambda inner: len(inner.absolute_path))
            yield Problem("invalid", closest.json_path, {"error": closest.message[:200]})
        else:
            yield Problem("invalid", path, {"error": error.message[:200]})
