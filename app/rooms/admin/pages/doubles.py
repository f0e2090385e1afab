"""People who were entered twice (重复人员): likely ones, two beside each other, and the act that makes them one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.identity import finding, roles
from app.platform.identity.messages import Refusal
from app.platform.personnel import doubles, locating, merging, seeing
from app.platform.registry import Words
from app.platform.runtime import joining
from app.rooms.admin import sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.lists import people
from app.rooms.admin.people_words import GENDERS, hidden
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs
from app.rooms.web.language import current

Answer = Response | str | tuple[str, int]
WHY: Mapping[str, Words] = {
    "id_number": Words("证件号码相同", "Same ID number"),
    "phone": Words("手机号码相同", "Same phone"),
    "birthday": Words("姓名和出生日期相同", "Same name and birthday"),
    "place": Words("姓名和所在单位相同", "Same name and place"),
}
SHOWN: Mapping[str, Words] = {
    "name": Words("姓名", "Name"),
    "gender": Words("性别", "Gender"),
    "id_number": Words("证件号码", "ID number"),
    "birth_on": Words("出生日期", "Birthday"),
    "phone": Words("联系手机", "Phone"),
    "email": Words("电子邮箱", "E-mail"),
    "place": Words("所在单位或地区", "Unit or region"),
}


@blueprint.get("/doubles")
@needs(roles.PEOPLE)
def likely_doubles() -> Answer:
    """List people who may have been entered twice."""
    found = doubles.likely(session(), me(), now(), _id(request.args.get("before", "")))
    everybody = [one for each in found.doubles for one in (each.earlier, each.later)]
    return render_template(
        "admin/doubles.html",
        found=found,
        why=WHY,
        places=locating.names(session(), {one.place or "" for one in everybody}),
        is_first="before" not in request.args,
    )


@blueprint.get("/people/<person>/merge/<other>")
@needs(roles.PEOPLE)
def compare(person: str, other: str) -> Answer:
    """Lay two people beside each other, with all that would happen if `other` became `person`."""
    return _compare(merging.Plan(person, other))


@blueprint.post("/people/<person>/merge/<other>")
@needs(roles.PEOPLE)
def merge_people(person: str, other: str) -> Answer:
    """Show what would happen with the values chosen, or do what was shown."""
    form = request.form
    taken = frozenset(name for name in SHOWN if form.get(f"take-{name}") == "drop")
    plan = merging.Plan(person, other, taken)
    if form.get("do") != "confirm":
        return _compare(plan, status=200)
    try:
        merging.merge(session(), plan, form.get("mark", ""), me(), now())
    except merging.Changed:
        return _compare(plan, _("内容已变化，尚未合并。请核对下面的新预览后再确认。"), 409)
    except Refusal as refusal:
        return _compare(plan, refusal.message(current()), 422)
    flash(_("已合并，原属两人的岗位、待办和记录现归一人所有。"), "success")
    return redirect(url_for("admin.person", person=plan.keep), 303)


@blueprint.get("/people/<person>/double")
@needs(roles.PEOPLE)
def choose_double(person: str) -> str:
    """Look for the other one of a person, among those the reader looks after."""
    if not seeing.is_seen(session(), person, me(), now()):
        abort(404)
    who = request.args.get("who", "").replace("\0", "").strip()[: finding.LONGEST]
    named = people.asked(people.whom(session(), me(), who), now()) if who else None
    found = doubles.found(session(), named, person, me(), now()) if named is not None else []
    return render_template(
        "admin/doubles_choose.html",
        person=doubles.of(session(), [person])[person],
        who=who,
        found=found,
        most=doubles.FOUND,
        places=locating.names(session(), {one.place or "" for one in found}),
    )


def _id(text: str) -> str:
    return text if text.isascii() and text.isalnum() and len(text) <= 40 else ""


def _compare(plan: merging.Plan, wrong: str = "", status: int = 200) -> Answer:
    try:
        shown = merging.preview(session(), plan, me(), now())
    except Refusal as refusal:
        if refusal.code.startswith("unknown_"):
            abort(404)
        page = render_template("admin/doubles_compare.html", refused=refusal.message(current()), shown=None)
        return page, 422 if request.method == "POST" else 200
    both = doubles.of(session(), [plan.keep, plan.drop])
    keep, drop = both[plan.keep], both[plan.drop]
    at = {one.post.place for one in shown.posts} | {keep.place or "", drop.place or ""}
    places = locating.names(session(), at)
    rows = [_row(name, keep, drop, shown, places) for name in SHOWN]
    page = render_template(
        "admin/doubles_compare.html",
        refused="",
        keep=keep,
        drop=drop,
        rows=rows,
        shown=shown,
        why=joining.WHY,
        blocked=_blocked(shown),
        wrong=wrong,
        summary=[(None, wrong)] if wrong else [],
    )
    return page, status


def _blocked(shown: merging.Preview) -> list[str]:
    return list(dict.fromkeys(one.message(current()) for one in shown.refused))


def _row(
    name: str, keep: doubles.One, drop: doubles.One, shown: merging.Preview, places: Mapping[str, Any]
) -> dict[str, Any]:
    """A line of the comparison: both values as they are shown, and which one counts."""
    mine, his = getattr(keep, name), getattr(drop, name)
    return {
        "name": name,
        "words": SHOWN[name],
        "shown": (_said(name, mine, places), _said(name, his, places)),
        "may_choose": bool(mine and his and mine != his and name not in shown.fixed),
        "is_fixed": name in shown.fixed,
        "takes": name in shown.takes,
    }


def _said(name: str, value: Any, places: Mapping[str, Any]) -> str:
    if not value:
        return ""
    if name == "gender":
        return GENDERS[value].said(current()) if value in GENDERS else ""
    if name == "birth_on":
        return str(value.isoformat())
    if name == "place":
        found = places.get(value)
        return f"{found.name}（{found.detail}）" if found else ""
    return str(value) if name == "name" else hidden(name, value)


sections.enter(
    sections.Section(
        "doubles",
        Words("重复人员", "Doubles"),
        Words("查找重复录入的人员，核对后合并为一人", "Find people who were entered twice, and merge them"),
        "admin.likely_doubles",
        frozenset({roles.PEOPLE}),
        "people",
        14,
    )
)
