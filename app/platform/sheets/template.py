"""The template of a sheet: heads with notes, drop-downs for choices, and a page that says how to fill it in."""

from __future__ import annotations

from pathlib import Path

from openpyxl.utils import get_column_letter

from app.platform.registry import Words
from app.platform.sheets.definition import Column, Sheet
from app.platform.sheets.writing import Title, Workbook

GUIDE, OFFERED = "填写说明", "选项"
GUIDES = ("列名", "是否必填", "填写要求", "示例", "说明")
FORMATS = {
    "text": Words("文字，最多{longest}个字", "Text of at most {longest} characters"),
    "number": Words("数字", "A number"),
    "integer": Words("整数", "A whole number"),
    "date": Words("日期，例如2024-05-06", "A date such as 2024-05-06"),
    "choice": Words("从下拉列表中选择：{offered}", "One of: {offered}"),
    "phone": Words("电话号码，单元格设为“文本”", "A phone number, in a text cell"),
    "email": Words("电子邮箱", "An e-mail address"),
    "id_number": Words("18位身份证号码，单元格设为“文本”", "An ID number, in a text cell"),
    "region": Words("地区全称或6位代码", "A region's full name or code"),
}
GENERAL = (
    "从第 2 行起填写，每行一条；不要改动、增加或删除标题行中的列。",
    "带 * 的列必须填写。身份证号、电话等长号码所在列已设为文本，请勿改为数字。",
    "上传后逐行核对：正确的行导入，有问题的行汇成“失败数据”，改好后原样再传即可，不会重复。",
)


def write(sheet: Sheet, path: Path) -> None:
    """Write the template to `path`."""
    choices = [column for column in sheet.columns if column.kind == "choice"]
    with Workbook(path) as book:
        book.sheet(sheet.title.zh[:31], [_title(column, choices) for column in sheet.columns])
        guide = book.sheet(
            GUIDE, [Title(words, width) for words, width in zip(GUIDES, (20, 10, 44, 24, 60), strict=True)]
        )
        for column in sheet.columns:
            required = "必填" if column.required else "选填"
            note = column.note.zh if column.note else ""
            guide.append([column.title.zh, required, requirement(column, "zh"), column.example, note])
        for line in (*((sheet.note.zh,) if sheet.note else ()), *GENERAL):
            guide.append([line])
        if choices:
            offered = book.sheet(OFFERED, [column.title.zh for column in choices], state="hidden")
            for number in range(max(len(column.choices) for column in choices)):
                offered.append(
                    [c.choices[number][1].zh if number < len(c.choices) else None for c in choices]
                )


def requirement(column: Column, language: str) -> str:
    """How a column is to be filled in, in words."""
    offered = ("、" if language == "zh" else ", ").join(
        words.said(language) for _, words in column.choices[:20]
    )
    return FORMATS[column.kind].said(language).format(longest=column.longest, offered=offered)


def _title(column: Column, choices: list[Column]) -> Title:
    note = "\n".join(
        part
        for part in (
            "必填" if column.required else "选填",
            requirement(column, "zh"),
            f"例：{column.example}" if column.example else "",
            column.note.zh if column.note else "",
        )
        if part
    )
    offers = ""
    if column in choices:
        letter = get_column_letter(choices.index(column) + 1)
        offers = f"'{OFFERED}'!${letter}$2:${letter}${len(column.choices) + 1}"
    words = f"*{column.title.zh}" if column.required else column.title.zh
    return Title(words, max(12.0, 2.2 * len(words) + 4), note, offers)
