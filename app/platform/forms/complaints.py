"""What is wrong with an entry, as codes with parameters, and the sentences that say so in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as defaulting
from typing import TYPE_CHECKING

from wtforms.validators import ValidationError

from app.platform.registry import Words

if TYPE_CHECKING:
    from app.platform.forms.definition import Field

MESSAGES: Mapping[str, Words] = {
    "required.fill": Words("请填写【{label}】", "Fill in “{label}”"),
    "required.choose": Words("请选择【{label}】", "Choose “{label}”"),
    "required.upload": Words("请上传【{label}】", "Upload “{label}”"),
    "required.sign": Words("请签写【{label}】", "Sign at “{label}”"),
    "control": Words(
        "【{label}】含有不能使用的字符，请重新输入", "“{label}” contains characters that cannot be used"
    ),
    "too_long": Words(
        "【{label}】最多{max}个字，现有{length}个", "“{label}” may have {max} characters, not {length}"
    ),
    "too_short": Words(
        "【{label}】至少{min}个字，现有{length}个", "“{label}” needs {min} characters, not {length}"
    ),
    "format": Words("【{label}】格式不正确，请核对", "“{label}” is not in the right format"),
    "format.digits": Words("【{label}】只能填写数字", "“{label}” may only have digits"),
    "format.letters_digits": Words(
        "【{label}】只能填写字母和数字", "“{label}” may only have letters and digits"
    ),
    "format.capital_letter": Words("【{label}】请填写一个大写字母", "“{label}” is one capital letter"),
    "format.postcode": Words("【{label}】应为6位数字", "“{label}” has 6 digits"),
    "format.mobile": Words("【{label}】应为11位手机号码", "“{label}” is a mobile number of 11 digits"),
    "format.landline": Words(
        "【{label}】应为区号加号码，例如0310-8012345",
        "“{label}” is area code and number, such as 0310-8012345",
    ),
    "format.any": Words("【{label}】应为手机号码或区号加号码", "“{label}” is a mobile or a landline number"),
    "format.email": Words(
        "【{label}】应为电子邮箱地址，例如name@example.cn", "“{label}” is an address like name@example.cn"
    ),
    "format.id_number": Words("【{label}】应为18位身份证号码", "“{label}” is an ID number of 18 characters"),
    "format.credit_code": Words(
        "【{label}】应为18位统一社会信用代码", "“{label}” is a social credit code of 18 characters"
    ),
    "birth_date": Words("【{label}】中的出生日期不正确，请核对", "The birth date in “{label}” is not right"),
    "check_digit": Words("【{label}】校验位不正确，请核对", "The check digit of “{label}” is not right"),
    "mismatch": Words("【{label}】与【{other}】不一致，请核对", "“{label}” does not agree with “{other}”"),
    "number": Words("【{label}】请填写数字", "“{label}” is a number"),
    "number.long": Words(
        "【{label}】数字太长，最多{max}位", "“{label}” is too long: a number has at most {max} digits"
    ),
    "integer": Words("【{label}】请填写整数", "“{label}” is a whole number"),
    "decimals": Words("【{label}】最多保留{decimals}位小数", "“{label}” has at most {decimals} decimals"),
    "too_small": Words("【{label}】不能小于{min}", "“{label}” cannot be less than {min}"),
    "too_large": Words("【{label}】不能大于{max}", "“{label}” cannot be more than {max}"),
    "date": Words("【{label}】请填写日期，例如2024-05-06", "“{label}” is a date, such as 2024-05-06"),
    "date_time": Words(
        "【{label}】请填写日期和时间，例如2024-05-06 14:30",
        "“{label}” is a day and a time, such as 2024-05-06 14:30",
    ),
    "half": Words("【{label}】请填写开始日期和结束日期", "“{label}” needs its first and its last day"),
    "reversed": Words("【{label}】结束日期不能早于开始日期", "“{label}” cannot end before it begins"),
    "too_long.days": Words(
        "【{label}】最多{max}天，现有{length}天", "“{label}” is at most {max} days, not {length}"
    ),
    "not_found": Words(
        "【{label}】请先查找，再从结果中选择", "Search for “{label}”, then choose it from what is found"
    ),
    "too_early": Words("【{label}】不能早于{min}", "“{label}” cannot be before {min}"),
    "too_late": Words("【{label}】不能晚于{max}", "“{label}” cannot be after {max}"),
    "choice": Words("【{label}】请从所列选项中选择", "Choose “{label}” from the options listed"),
    "too_few": Words("【{label}】至少选择{min}项", "Choose at least {min} of “{label}”"),
    "too_many": Words("【{label}】最多选择{max}项", "Choose at most {max} of “{label}”"),
    "region": Words("【{label}】请重新选择地区", "Choose the region of “{label}” again"),
    "level.province": Words("【{label}】请选择省份", "Choose the province of “{label}”"),
    "level.city": Words("【{label}】请精确到地市", "“{label}” must be precise to the city"),
    "level.district": Words("【{label}】请精确到区县", "“{label}” must be precise to the district"),
    "type": Words("【{label}】请上传{accept}文件", "“{label}” takes {accept} files"),
    "count": Words("【{label}】只允许上传{max}个文件", "“{label}” takes {max} file(s)"),
    "size": Words("【{label}】每个文件不能超过{max} MB", "Files of “{label}” cannot exceed {max} MB"),
    "empty": Words("【{label}】上传的文件是空的，请重新选择", "The file of “{label}” is empty"),
    "pixels": Words("【{label}】图片尺寸过大，请缩小后上传", "The picture of “{label}” is too large"),
    "broken": Words("【{label}】文件已损坏或无法读取，请重新上传", "The file of “{label}” cannot be read"),
    "locked": Words(
        "【{label}】文件有密码，请解除密码后上传", "The file of “{label}” has a password; remove it"
    ),
    "active": Words(
        "【{label}】文件含有脚本或附件，请另存为普通PDF后上传", "The file of “{label}” has active content"
    ),
    "pages": Words("【{label}】文件页数过多，请拆分后上传", "The file of “{label}” has too many pages"),
    "missing": Words("【{label}】文件不存在，请重新上传", "The file of “{label}” is gone; upload it again"),
    "too_few_rows": Words(
        "【{label}】至少填写{min}行，现有{count}行", "“{label}” needs at least {min} rows, not {count}"
    ),
    "too_many_rows": Words(
        "【{label}】最多填写{max}行，现有{count}行", "“{label}” has at most {max} rows, not {count}"
    ),
    "repeated": Words("【{label}】与第{row}行重复，请核对", "“{label}” is the same as in row {row}"),
    "infected": Words(
        "【{label}】文件未通过病毒扫描，不能上传", "The file of “{label}” did not pass the virus scan"
    ),
    "unscreened": Words(
        "【{label}】病毒扫描暂时无法进行，请稍后再试", "“{label}”: the virus scanner is away; try again later"
    ),
    "other_document": Words(
        "【{label}】上传的是编号{number}的另一份文件，请上传本次打印并签字盖章的文件",
        "“{label}” is a scan of another document, number {number}; upload the one printed here",
    ),
    "other_document.known": Words(
        "【{label}】上传的是编号{number}的另一份文件，请上传编号{own}的打印件",
        "“{label}” is a scan of another document, number {number}; upload number {own}",
    ),
    "scan_pages": Words(
        "【{label}】有{count}页，而打印件只有{total}页，请只上传签字盖章的页",
        "“{label}” has {count} pages and the print {total}; upload only the signed ones",
    ),
    "page_missing": Words(
        "【{label}】缺少第{pages}页（共{total}页），请补齐后上传", "“{label}” lacks page {pages} of {total}"
    ),
    "page_doubled": Words(
        "【{label}】第{pages}页重复（共{total}页），请检查后重新上传",
        "“{label}” has page {pages} of {total} twice",
    ),
    "stale": Words(
        "【{label}】打印后资料已有修改（{fields}），请重新打印、签字、盖章后再上传",
        "“{label}”: changed since the print: {fields}. Print anew, have it signed and stamped, then upload",
    ),
    "not_yours": Words("【{label}】不能在这一步修改", "“{label}” cannot be changed at this step"),
    "not_yours.accepted": Words(
        "【{label}】不在本次退回要求修改的范围内，不能更改",
        "“{label}” was not returned to be put right and cannot be changed",
    ),
    "kept": Words(
        "【{label}】只需更换被指出的文件，其余文件请保留",
        "“{label}”: replace only the files pointed out and keep the others",
    ),
    "check": Words("【{label}】未通过核对", "“{label}” did not pass its check"),
}

CODES = frozenset(key.split(".")[0] for key in MESSAGES)
Parameter = str | int | Words
_PLACE = re.compile(r"\{(\w+)\}")


class Wrong(ValidationError):
    """A value cannot be taken: the code of the complaint and its parameters, for WTForms to collect."""

    def __init__(self, code: str, **parameters: Parameter) -> None:
        super().__init__((code, parameters))  # type: ignore[arg-type]  # WTForms only carries the first argument
        self.code = code
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a repeating table that cannot be taken: row (from 1, as sent), column and why."""

    row: int
    column: Field
    fault: Wrong

    def label(self, table: Words) -> Words:
        """The cell's name in a sentence: 队员 第2行 姓名."""
        return cell_label(table, self.row, self.column.label)


class WrongCells(Wrong):
    """Cells of a repeating table that cannot be taken."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        super().__init__("cells")
        self.cells = tuple(cells)


def cell_label(table: Words, row: int | str, column: Words) -> Words:
    """What a cell is called."""
    return Words(f"{table.zh} 第{row}行 {column.zh}", f"{table.en}, row {row}, {column.en}")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing to change. `field` is None when it concerns the whole form; `words` overrules the message.

    In a repeating table `row` (from 1, as sent) and `column` name the cell.
    """

    field: str | None
    label: Words
    code: str
    parameters: Mapping[str, Parameter] = defaulting(default_factory=dict)
    words: Words | None = None
    row: int | None = None
    column: str = ""

    def message(self, language: str) -> str:
        """Return the sentence in `language`; `{name}` places are filled with the parameters."""
        how = self.parameters.get("how")
        general = MESSAGES.get(self.code, MESSAGES["format"])
        words = self.words or MESSAGES.get(f"{self.code}.{how}", general)
        filling: dict[str, str] = {}
        for name, value in (*self.parameters.items(), ("label", self.label)):
            filling[name] = value.said(language) if isinstance(value, Words) else str(value)
        return _PLACE.sub(lambda found: filling.get(found[1], found[0]), words.said(language))
