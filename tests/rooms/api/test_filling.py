"""Values of a form over REST: each kind in its own type, tables as lists of objects, each cell complained of."""

from __future__ import annotations

from typing import Any

import pytest

from app.platform.forms import read
from app.rooms.api import filling
from app.rooms.api.problems import Complained
from tests.platform.forms.every_kind import FORM, VALUES, house

STEP = FORM.at("s")
SENT = {
    name: value for name, value in {**VALUES, "credit": "91350100M000100Y43"}.items() if name in STEP.writable
}


def test_what_is_read_can_be_sent_as_it_is() -> None:
    entry = read(STEP, filling.texts_of(STEP, SENT), house())
    assert [one.message("zh") for one in entry.complaints] == []
    assert {name: entry.values[name] for name in SENT} == SENT
    assert (entry.values["total"], entry.values["days"]) == (200.5, 3)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("members", "张三", "【队员】应为对象列表，每行一个"),
        ("members", ["张三"], "【队员】应为对象列表，每行一个"),
        ("members", [{}, {"fee": True}], "【队员 第2行 费用】应为数字"),
        ("members", [{"captain": "yes"}], None),
        ("members", [{"captain": 1}], "【队员 第1行 队长】应为 true 或 false"),
        ("members", [{"else": "x"}], "【队员】没有“else”一列"),
        ("members", [{"name": {"a": 1}}], "【队员 第1行 姓名】应为文本"),
        ("held", "2026-12-01", "【举办日期】应为对象，有 from 和 to 两个日期"),
        ("held", {"from": "2026-12-01"}, "【举办日期】应为对象，有 from 和 to 两个日期"),
        ("held", {"from": 1, "to": 2}, "【举办日期】应为对象，有 from 和 to 两个日期"),
        ("budget", True, "【预算】应为数字"),
        ("unit", 7, "【所在单位】应为文本"),
        ("{0}", 7, "表单中没有“{0}”"),
    ],
)
def test_another_type_is_named(name: str, value: Any, message: str | None) -> None:
    if message is None:
        assert filling.texts_of(STEP, {name: value})
        return
    with pytest.raises(Complained) as refused:
        filling.texts_of(STEP, {name: value})
    assert [one.message("zh") for one in refused.value.complaints] == [message]


def test_a_wrong_cell_says_its_row_and_column() -> None:
    texts = filling.texts_of(STEP, {"members": [{"name": "甲"}, {"fee": "一百"}]})
    wrong = [one for one in read(STEP, texts, house()).complaints if one.field == "members"]
    assert [(one.row, one.column, one.code) for one in wrong] == [
        (2, "name", "required"),
        (2, "fee", "number"),
    ]
