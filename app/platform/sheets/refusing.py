"""Why a workbook is refused as a whole: codes with the sentences that say so (C-26)."""

from __future__ import annotations

from collections.abc import Mapping

from app.platform.registry import Words

MESSAGES: Mapping[str, Words] = {
    "empty": Words("请选择要上传的文件。", "Choose the file to upload."),
    "too_large": Words(
        "文件超过 {most} MB，请分成几份上传。",
        "The file is larger than {most} MB: split it and upload the parts.",
    ),
    "old": Words(
        "文件有密码，或是旧版 .xls 格式。请去掉密码，另存为 .xlsx 后上传。",
        "The file has a password or is an old .xls: save it as .xlsx without password.",
    ),
    "type": Words("不是 Excel 工作簿（.xlsx），请下载模板填写后上传。", "This is no Excel workbook (.xlsx)."),
    "locked": Words("文件有密码，请去掉密码后上传。", "The file has a password: remove it."),
    "active": Words(
        "文件含有宏或嵌入的对象，请另存为普通的 .xlsx 后上传。",
        "The file has macros or embedded objects: save it as a plain .xlsx.",
    ),
    "infected": Words("文件未通过病毒扫描，不能上传。", "The file did not pass the virus scan."),
    "unscreened": Words("病毒扫描暂时无法进行，请稍后再试。", "The virus scanner is away; try again later."),
    "bomb": Words(
        "文件展开后过大，未打开。请只保留需要的数据，重新下载模板填写。",
        "The file is too large when expanded and was not opened. Keep the data only, in a new template.",
    ),
    "strings": Words(
        "文件中不同的文字过多（超过 {most} 段），请分成几份上传。",
        "The file has more than {most} different texts: split it and upload the parts.",
    ),
    "broken": Words("文件已损坏或无法读取，请另存后重新上传。", "The file cannot be read: save it again."),
    "too_long": Words(
        "读取文件用时过长，请分成几份上传。",
        "Reading the file takes too long: split it and upload the parts.",
    ),
    "blank": Words("文件里没有数据行，请从第 2 行起填写。", "There are no rows of data in the file."),
    "rows": Words("数据超过 {most} 行，请分成几份上传。", "There are more than {most} rows: split the file."),
    "heads": Words(
        "与模板不一致：{what}。请下载最新模板，不要改动标题行。",
        "This is not the template: {what}. Download it anew and leave its heads as they are.",
    ),
}
LACKS = Words("缺少“{titles}”", "“{titles}” missing")
UNKNOWN = Words("多出“{titles}”", "“{titles}” unknown")
TWICE = Words("“{titles}”重复", "“{titles}” twice")


class SheetRefused(Exception):
    """A workbook that is not taken, and no record is made of it. `code` is one of `MESSAGES`."""

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters

    def message(self, language: str) -> str:
        """The sentence in `language`."""
        filling = {
            name: value.said(language) if isinstance(value, Words) else value
            for name, value in self.parameters.items()
        }
        return MESSAGES[self.code].said(language).format(**filling)
