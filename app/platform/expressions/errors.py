"""What can be wrong with an expression: before it runs, and while it runs; each in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from app.platform.registry import Words

WORDS: Mapping[str, Words] = {
    "empty": Words("表达式为空", "the expression is empty"),
    "too_long": Words("表达式超过 {limit} 个字符", "the expression is longer than {limit} characters"),
    "too_deep": Words("表达式嵌套超过 {limit} 层", "the expression is nested deeper than {limit}"),
    "too_large": Words("表达式超过 {limit} 个部分", "the expression has more than {limit} parts"),
    "character": Words("不允许的字符“{found}”", "the character “{found}” is not allowed"),
    "syntax": Words("不是完整的表达式", "this is not a complete expression"),
    "name": Words("不允许的名称“{found}”", "the name “{found}” is not allowed"),
    "number": Words("数字过大", "the number is too large"),
    "text": Words("文本超过 {limit} 个字符", "the text is longer than {limit} characters"),
    "not_allowed": Words("不允许使用“{found}”", "“{found}” is not allowed here"),
    "unknown_function": Words("没有函数“{found}”{hint}", "there is no function “{found}”{hint}"),
    "arguments": Words("函数“{found}”的参数个数不对", "“{found}” is given the wrong number of arguments"),
    "unset": Words("变量“{name}”没有值", "the variable “{name}” has no value"),
    "type": Words("“{operation}”不能用于这些值", "“{operation}” cannot be used on these values"),
    "division": Words("除数为零", "division by zero"),
    "result": Words("结果过大", "the result is too large"),
    "missing": Words("没有“{name}”这一项", "there is no entry “{name}”"),
    "date": Words("“{value}”不是日期", "“{value}” is not a date"),
}


class _Complaint(ValueError):
    """A code with parameters, readable in both languages."""

    def __init__(self, code: str, parameters: Mapping[str, str] | None = None) -> None:
        super().__init__(code, dict(parameters or {}))
        self.code = code
        self.parameters = dict(parameters or {})

    @property
    def words(self) -> Words:
        """The complaint in both languages."""
        hint = self.parameters.get("hint", "")
        zh = {**self.parameters, "hint": f"，是否指“{hint}”？" if hint else ""}
        en = {**self.parameters, "hint": f"; did you mean “{hint}”?" if hint else ""}
        return Words(WORDS[self.code].zh.format(**zh), WORDS[self.code].en.format(**en))

    def __str__(self) -> str:
        return self.words.en


class BadExpression(_Complaint):
    """A text that is not of the language; `position` is the offset of the first character at fault."""

    def __init__(self, code: str, position: int, parameters: Mapping[str, str] | None = None) -> None:
        super().__init__(code, parameters)
        self.position = position


class EvaluationFailed(_Complaint):
    """A good expression met values it cannot work on."""
