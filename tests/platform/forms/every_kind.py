"""One form with a field of every kind; its values as stored, and as somebody types them wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.platform.forms import Given
from tests.platform.forms.sample import NUMBER, given, made


def field(kind: str, name: str, label: str, **more: Any) -> dict[str, Any]:
    """A field in both languages."""
    return {
        "type": kind,
        "name": name,
        "label": label,
        "label.en": name.replace("_", " ").capitalize(),
        **more,
    }


def section(title: str, english: str, *fields: dict[str, Any]) -> dict[str, Any]:
    """Fields under a title."""
    return {"type": "section", "title": title, "title.en": english, "fields": list(fields)}


@dataclass(frozen=True)
class Found:
    """A unit or a person that can be chosen."""

    id: str
    name: str
    detail: str = ""


UNITS = (
    Found("u1", "邯郸市第一中学", "河北省邯郸市"),
    Found("u2", "邯郸市第二中学", "河北省邯郸市"),
    Found("u3", "丛台区实验小学", "河北省邯郸市丛台区"),
)
PEOPLE = (Found("p1", "王老师", "河北省邯郸市"), Found("p2", "王主任", "河北省邯郸市丛台区"))


def house(values: dict[str, Any] | None = None, **more: Any) -> Given:
    """The small house of `sample`, with units and people in it."""

    def search(among: Sequence[Found], text: str) -> list[Found]:
        return [one for one in among if text in one.name]

    def known(among: Sequence[Found], id_: str) -> Found | None:
        return next((one for one in among if one.id == id_), None)

    answers: dict[str, Any] = {
        "units": lambda text: search(UNITS, text),
        "unit": lambda id_: known(UNITS, id_),
        "people": lambda text, role: search(PEOPLE, text),
        "holder": lambda id_, role: known(PEOPLE, id_),
    }
    return given(values, **{**answers, **more})


COLOURS = [
    {"code": "red", "label": "红队", "label.en": "Red"},
    {"code": "blue", "label": "蓝队", "label.en": "Blue"},
]
FORM = made(
    section(
        "申请人", "Applicant",
        field("text", "full_name", "姓名", required=True, help="与证件一致", **{"help.en": "As on the document"}),
        field("id_number", "number", "证件号码", mask="id", required=True),
        field("phone", "mobile", "手机号码", mask="phone"),
        field("email", "mail", "电子邮箱"),
        field("region", "origin", "来自", level="district"),
        field("organisation", "unit", "所在单位", required=True),
        field("person", "tutor", "指导教师", role="permits.organiser"),
        field("credit_code", "credit", "统一社会信用代码"),
    ),
    section(
        "活动", "Activity",
        field("choice", "team", "队别", choices=COLOURS),
        field("choice", "topics", "主题", dictionary="colours", many=True),
        field("yes_no", "indoors", "室内"),
        field("number", "guests", "来宾人数", unit="人", **{"unit.en": "people"}),
        field("date", "applied", "申请日期"),
        field("date_time", "opens", "开幕时间", required=True),
        field("period", "held", "举办日期", required=True, most_days=30),
        field("money", "budget", "预算", capital=True),
        field("long_text", "why", "说明", maxlength=500),
    ),
    section(
        "队员", "Members",
        field(
            "table", "members", "队员", required=True, max_rows=20, key="number",
            columns=[
                field("text", "name", "姓名", required=True, maxlength=20),
                field("id_number", "number", "证件号码", mask="id"),
                field("date", "born", "出生日期"),
                field("choice", "team", "队别", choices=COLOURS),
                field("yes_no", "captain", "队长"),
                field("money", "fee", "费用"),
            ],
        ),
        field("computed", "total", "费用合计", sum_of="members.fee", decimals=2, unit="元", **{"unit.en": "yuan"}),
        field("computed", "days", "天数", expression="days(held['from'], held['to']) + 1", unit="天"),
    ),
    section(
        "材料", "Papers",
        field("photo", "photo", "照片"),
        field("file", "papers", "附件", max_count=3),
        field("signature", "signed", "本人签名", required=True),
    ),
)  # fmt: skip

VALUES: dict[str, Any] = {
    "full_name": "李四",
    "number": NUMBER,
    "mobile": "13800000000",
    "mail": "li.si@example.cn",
    "origin": "130402",
    "unit": "u1",
    "tutor": "p1",
    "credit": "91130400MA00000000",
    "team": "red",
    "topics": ["red", "blue"],
    "indoors": True,
    "guests": 120,
    "applied": "2026-11-20",
    "opens": "2026-12-01T09:30",
    "held": {"from": "2026-12-01", "to": "2026-12-03"},
    "budget": 12034.5,
    "why": "面向全市青少年。\n分两天举行。",
    "members": [
        {
            "name": "张三",
            "number": NUMBER,
            "born": "1990-03-07",
            "team": "red",
            "captain": True,
            "fee": 120.5,
        },
        {"name": "王五六", "number": None, "born": "2012-05-06", "team": "blue", "captain": False, "fee": 80},
    ],
    "total": 200.5,
    "days": 3,
    "photo": ["scan1"],
    "papers": ["paper"],
    "signed": ["scan1"],
}
WRONG: dict[str, list[str]] = {
    "full_name": [""],
    "number": ["1"],
    "mobile": ["12345"],
    "mail": ["谁"],
    "origin.province": ["130000"],
    "unit.search": ["中学"],
    "tutor.search": ["没有的人"],
    "credit": ["91130400MA00000001"],
    "guests": ["很多"],
    "applied": ["昨天"],
    "opens": ["明天上午"],
    "held.from": ["2026-12-03"],
    "held.to": ["2026-12-01"],
    "budget": ["1.234"],
    "members": ["1", "2"],
    "members.1.name": ["张三"],
    "members.1.number": ["1304"],
    "members.1.fee": ["一百"],
    "members.2.captain": ["yes"],
    "members.2.born": ["去年"],
}
