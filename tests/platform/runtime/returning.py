"""A chain whose steps share one form, for returns that name items: apply, add papers, check by the district, review."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.platform import documents, forms
from app.platform.runtime import asking, tasks, versions
from app.platform.runtime.tasks import Completed, Decision
from app.platform.runtime.views import TaskView
from tests.platform.engine.nested import Nested
from tests.platform.runtime.chains import CITY as CITY_LANE
from tests.platform.runtime.chains import files
from tests.platform.runtime.steps import CITY, STARTER, begin
from tests.world import APPLICATION, World

FORM: dict[str, Any] = {
    "id": "fairs/stall",
    "title": "摊位",
    "title.en": "Stall",
    "steps": {"*": "read", "prepare": "edit", "fill_left": "edit", "fill_right": "edit", "correct": "edit"},
    "fields": [
        {"type": "text", "name": "called", "label": "名称", "label.en": "Name", "required": True},
        {
            "type": "number",
            "name": "guests",
            "label": "人数",
            "label.en": "Guests",
            "required": True,
            "max": 99,
        },
        {"type": "yes_no", "name": "indoors", "label": "室内", "label.en": "Indoors"},
        {
            "type": "text",
            "name": "hall",
            "label": "场馆",
            "label.en": "Hall",
            "required": True,
            "show_if": "indoors == true",
        },
        {"type": "long_text", "name": "why", "label": "说明", "label.en": "Why"},
        {
            "type": "text",
            "name": "permit",
            "label": "许可",
            "label.en": "Permit",
            "require_if": "guests > 50",
        },
        {
            "type": "table",
            "name": "helpers",
            "label": "人员",
            "label.en": "Helpers",
            "columns": [
                {"type": "text", "name": "name", "label": "姓名", "label.en": "Name", "required": True}
            ],
        },
        {
            "type": "computed",
            "name": "people",
            "label": "总人数",
            "label.en": "People",
            "expression": "guests + 1",
        },
        {
            "type": "file",
            "name": "papers",
            "label": "材料",
            "label.en": "Papers",
            "max_count": 3,
            "at": {"prepare": "edit", "add": "edit"},
        },
        {
            "type": "long_text",
            "name": "finding",
            "label": "区县意见",
            "label.en": "Finding",
            "at": {"*": "read", "prepare": "hidden", "add": "hidden", "check": "required"},
        },
    ],
}
FULL = {
    "called": ["糖画"],
    "guests": ["20"],
    "indoors": ["no"],
    "why": ["传统手艺"],
    "helpers": ['{"name": ["张三"]}'],
}
ASSIGNED = {"assignee": "starter", "form": "fairs/stall"}


def stall() -> Nested:
    """Prepare and add papers (the starter), check and review (the city's administrators, each free to return)."""
    outcomes, allow = "approve=同意|Approve; reject=不同意|Reject!-", "return withdraw"
    drawn = Nested("tests_stall", form="fairs/application").start().end()
    drawn.lane("city", "check", "review", **CITY_LANE)
    for step in ("prepare", "add"):
        drawn.task(step, outcomes="send=送审|Send", allow="withdraw", **ASSIGNED)
    for step in ("check", "review"):
        drawn.task(step, assignee="", outcomes=outcomes, allow=allow, form="fairs/stall")
    drawn.xor("decided", default="good")
    drawn.line("begin", "prepare", "add", "check", "review", "decided")
    drawn.flow("decided", "prepare", 'outcome == "reject"', id="back")
    return drawn.flow("decided", "done", id="good")


def straight(**review: str) -> Nested:
    """Prepare and review, and nothing between."""
    outcomes = "approve=同意|Approve; reject=不同意|Reject!-"
    drawn = Nested("tests_straight", form="fairs/application").start().end()
    drawn.lane("city", "review", **CITY_LANE)
    drawn.task("prepare", outcomes="send=送审|Send", allow="withdraw", **ASSIGNED)
    given = {"allow": "return withdraw", "form": "fairs/stall", "outcomes": outcomes} | review
    drawn.task("review", assignee="", **given)
    drawn.xor("decided", default="good").line("begin", "prepare", "review", "decided")
    drawn.flow("decided", "prepare", 'outcome == "reject"', id="back")
    return drawn.flow("decided", "done", id="good")


def apart() -> Nested:
    """Prepare, review, and a step of its own for what was sent back."""
    outcomes = "approve=同意|Approve; reject=不同意|Reject!-"
    drawn = Nested("tests_apart", form="fairs/application").start().end()
    drawn.lane("city", "review", **CITY_LANE)
    for step in ("prepare", "correct"):
        drawn.task(step, outcomes="send=送审|Send", **ASSIGNED)
    drawn.task("review", assignee="", allow="withdraw", form="fairs/stall", outcomes=outcomes)
    drawn.xor("to_review").xor("decided", default="good")
    drawn.line("begin", "prepare", "to_review", "review", "decided")
    drawn.flow("decided", "correct", 'outcome == "reject"', id="back").flow("correct", "to_review")
    return drawn.flow("decided", "done", id="good")


def forked() -> Nested:
    """Two branches side by side, each filled in by the starter and looked at by the city."""
    outcomes = "approve=同意|Approve; reject=不同意|Reject!-"
    drawn = Nested("tests_forked", form="fairs/application").start().end()
    drawn.lane("city", "look_left", "look_right", **CITY_LANE)
    drawn.both("fork").both("join").flow("begin", "fork").flow("join", "done")
    for side in ("left", "right"):
        fill, look, decided = f"fill_{side}", f"look_{side}", f"decided_{side}"
        drawn.task(fill, outcomes="send=送审|Send", **ASSIGNED)
        drawn.task(look, assignee="", outcomes=outcomes, form="fairs/stall")
        drawn.xor(decided, default=f"good_{side}")
        drawn.line("fork", fill, look, decided)
        drawn.flow(decided, fill, 'outcome == "reject"', id=f"back_{side}")
        drawn.flow(decided, "join", id=f"good_{side}")
    return drawn


def publish(world: World, *drawings: Nested) -> None:
    """Publish the chain with its form."""
    bundle = {
        "forms/fairs/application.json": APPLICATION,
        "forms/fairs/stall.json": json.dumps(FORM).encode(),
    }
    with world.session() as session:
        versions.publish(session, files(*(drawings or (stall(),))) | bundle, None, world.now)


def at_review(world: World, sent: Mapping[str, Sequence[str]] | None = None) -> str:
    """A stall at the city's desk, filled in; the instance."""
    instance = begin(world, "tests_stall")
    step(world, instance, "prepare", "send", sent=sent or FULL)
    step(world, instance, "add", "send")
    step(world, instance, "check", "approve", CITY, {"finding": ["无意见"]})
    return instance


def seen(world: World, instance: str, element: str, name: str = STARTER) -> TaskView:
    """The open task at `element` as somebody sees it."""
    with world.session() as session:
        return tasks.get(session, world.open_task(instance, element), world.acting(name), world.now)


def entered(
    world: World, view: TaskView, sent: Mapping[str, Sequence[str]], outcome: str = "", name: str = STARTER
) -> forms.Entry | None:
    """What comes of a page that is sent with everything it shows and `sent` over it, complaints and all."""
    if view.form is None:
        return None
    with world.session() as session:
        by = world.acting(name)
        given = asking.at_task(
            session, view, lambda file: documents.facts(session, file), by, world.now, outcome
        )
        present = {
            one.name: one.kind.raw(one, view.values.get(one.name, one.kind.empty()), given)
            for one in view.form.visible
            if one.name in view.form.writable
        }
        return forms.read(view.form, {**present, **sent}, given)


def step(
    world: World,
    instance: str,
    element: str,
    outcome: str,
    name: str = STARTER,
    sent: Mapping[str, Sequence[str]] | None = None,
    items: Mapping[str, str] | None = None,
) -> Completed:
    """Decide an open task, with what is to be put right; fails on complaints."""
    view = seen(world, instance, element, name)
    entry = entered(world, view, sent or {}, outcome, name)
    assert entry is None or not entry.complaints, [one.message("zh") for one in entry.complaints]
    decision = Decision(outcome, "请按标记修改", view.revision, items=dict(items or {}))
    with world.session() as session:
        return tasks.complete(session, view.id, entry, decision, world.acting(name), world.now)
