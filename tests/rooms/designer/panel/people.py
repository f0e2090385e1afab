"""Rows of a task that asks people."""

from __future__ import annotations

from app.platform.engine.definition import Place
from tests.rooms.designer import specimen
from tests.rooms.designer.panel.said import CITY, Row, of_task

REVIEW = "任务review"
ROWS = [
    Row(
        REVIEW,
        "基本",
        {"#name": "市级审核"},
        {"/@name": "市级审核"},
        (lambda d: d.tasks["review"].name.zh, "市级审核"),
        "review",
    ),
    Row(
        "市级审核",
        "基本",
        {"#name-en": "City review"},
        {"name.en": "City review"},
        (lambda d: d.tasks["review"].name.en, "City review"),
        "review",
    ),
    Row(
        "市级审核",
        "基本",
        {"#stage": "待审", "#stage-en": "Waiting"},
        {"stage": "待审|Waiting"},
        (lambda d: tuple(d.tasks["review"].stage), ("待审", "Waiting")),
        "review",
    ),
    Row(
        REVIEW,
        "高级",
        {"#documentation": "由市级核对。"},
        {"/bpmn:documentation/text()": "由市级核对。"},
        None,
        "review",
    ),
    *(
        Row(REVIEW, "办理人", typed, {"assignee": value}, (of_task("assignee"), value), "review")
        for typed, value in (
            ({"#assignee-kind": "starter"}, "starter"),
            ({"#assignee-kind": "variable", "#assignee-variable": "fair"}, "variable:fair"),
            ({"#assignee-kind": "last", "#assignee-last": "fill"}, "last:fill"),
            ({"#assignee-kind": "lane"}, None),
        )
    ),
    *(
        Row(REVIEW, "办理人", typed, {"seats": value}, (of_task("seats"), value or "one"), "review")
        for typed, value in (
            ({"#seats": "any"}, "any"),
            ({"#seats": "all"}, "all"),
            ({"#seats": "sequence"}, "sequence"),
            ({"#seats": "share", "#seats-share": "0.75"}, "share:0.75"),
            ({"#seats": "one"}, None),
        )
    ),
    *(
        Row(REVIEW, "办理人", typed, {"nobody": value}, (of_task("nobody"), value or "incident"), "review")
        for typed, value in (
            ({"#nobody": "up"}, "up"),
            ({"#nobody": "skip", "#nobody-outcome": "return"}, "skip:return"),
            (
                {
                    "#nobody": "role",
                    "#nobody-role": CITY,
                    "#nobody-role-place": "starter.region",
                    "#nobody-role-place-level": "city",
                },
                f"{CITY}@starter.region(city)",
            ),
            ({"#nobody": "incident"}, None),
        )
    ),
    Row(
        REVIEW,
        "办理人",
        {"#avoid-own_unit": True, "#avoid-previous": True, "#avoid-starter": True},
        {"avoid": "own_unit previous starter"},
        (of_task("avoid"), {"own_unit", "previous", "starter"}),
        "review",
    ),
    Row(
        REVIEW,
        "办理人",
        {"#avoid-previous": False},
        {"avoid": "own_unit starter"},
        (of_task("avoid"), {"own_unit", "starter"}),
        "review",
    ),
    Row(
        REVIEW,
        "办理人",
        {"#at-level": "province"},
        {},
        (lambda d: (d.tasks["review"].role, d.tasks["review"].at.level), (CITY, "province")),
        "review",
    ),
    Row(
        REVIEW,
        "办理人",
        {"#role": "fairs.organiser"},
        {},
        (lambda d: (d.tasks["review"].role, d.tasks["review"].at), ("fairs.organiser", Place("everywhere"))),
        "review",
    ),
    Row(REVIEW, "表单与字段", {"#form": ""}, {"form": None}, (of_task("form"), None), "review"),
    Row(
        REVIEW,
        "表单与字段",
        {"#form": specimen.FORM},
        {"form": specimen.FORM},
        (of_task("form"), specimen.FORM),
        "review",
    ),
    Row(
        REVIEW,
        "表单与字段",
        {"#summary-reason": True, "#summary-day_count": True},
        {"summary": "reason day_count"},
        (of_task("summary"), ("reason", "day_count")),
        "review",
    ),
    Row(
        REVIEW,
        "按钮",
        {"#outcome-0-zh": "批准", "#outcome-0-en": "Agree", "#outcome-0-opinion": True},
        {"outcomes": "approve=批准|Agree!; return=退回|Return!-"},
        (
            lambda d: (
                (
                    *tuple(d.tasks["review"].outcome("approve").words),
                    d.tasks["review"].outcome("approve").opinion,
                )
            ),
            ("批准", "Agree", True),
        ),
        "review",
    ),
    Row(
        REVIEW,
        "按钮",
        {
            "#outcomes-add": None,
            "#outcome-2-zh": "不同意",
            "#outcome-2-en": "Reject",
            "#outcome-2-key": "reject",
            "#outcome-2-negative": True,
        },
        {"outcomes": "approve=批准|Agree!; return=退回|Return!-; reject=不同意|Reject-"},
        (lambda d: d.tasks["review"].outcome("reject").negative, True),
        "review",
    ),
    Row(
        REVIEW,
        "按钮",
        {
            f"#allow-{one}": True
            for one in ("transfer", "delegate", "signers", "return", "withdraw", "copy", "ask", "bulk")
        },
        {"allow": "transfer delegate signers return withdraw copy ask bulk"},
        (of_task("allow"), {"transfer", "delegate", "signers", "return", "withdraw", "copy", "ask", "bulk"}),
        "review",
    ),
    *(
        Row(REVIEW, "时限", typed, {"due": value}, (of_task("due"), value), "review")
        for typed, value in (
            ({"#due": "3"}, "P3WD"),
            ({"#due-unit": "H"}, "PT3H"),
            ({"#due-unit": "W"}, "P3W"),
            ({"#due-unit": "M", "#due": "45"}, "PT45M"),
            ({"#due-unit": "D", "#due": "10"}, "P10D"),
        )
    ),
    Row(REVIEW, "时限", {"#remind": "1"}, {"remind": "P1WD"}, (of_task("remind"), "P1WD"), "review"),
    Row(
        REVIEW,
        "时限",
        {"#escalate": CITY, "#escalate-place": "starter.region", "#escalate-place-level": "province"},
        {"escalate": f"{CITY}@starter.region(province)"},
        (of_task("escalate"), f"{CITY}@starter.region(province)"),
        "review",
    ),
    Row(
        REVIEW,
        "时限",
        {"@按钮": None, "#allow-ask": True, "@时限": None, "#pause": True},
        {"pause": "asking"},
        (of_task("pause"), {"asking"}),
        "review",
    ),
]
