"""Units and people that a form lets one choose: found by a part of the name, and nobody else."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.platform.identity import choosable, people, posts, units
from tests.platform.identity.conftest import NOW

CITY = "130000/130400/"


def test_open_units_are_found_by_a_part_of_their_name(tree: Session) -> None:
    first = units.add(tree, "邯郸市第一中学", "130400", None, NOW)
    units.add(tree, "邯山区第一中学", "130402", None, NOW)
    closed = units.add(tree, "旧中学", "130400", None, NOW)
    units.change(tree, closed, None, NOW, is_closed=True)
    found = [(one.name, one.detail) for one in choosable.units(tree, "中学")]
    assert sorted(found) == [("邯山区第一中学", "河北省邯郸市邯山区"), ("邯郸市第一中学", "河北省邯郸市")]
    assert choosable.units(tree, "%") == []
    assert choosable.units(tree, "_") == []
    assert choosable.unit(tree, first) == choosable.Choosable(first, "邯郸市第一中学", "河北省邯郸市")
    assert choosable.unit(tree, closed).name == "旧中学"
    assert choosable.unit(tree, "nothing") is None


def test_only_who_holds_the_role_now_is_found(tree: Session) -> None:
    held, ended, other = (people.add(tree, {"name": f"王{name}"}, None, NOW) for name in "甲乙丙")
    posts.grant(tree, held, "permits_city", CITY, None, NOW, None)
    posts.grant(tree, held, "permits_city", "130000/130400/130402/", None, NOW, None)
    posts.end(tree, posts.grant(tree, ended, "permits_city", CITY, None, NOW, None), NOW, None)
    posts.grant(tree, other, "permits_teacher", "", None, NOW, other)
    assert [(one.id, one.name) for one in choosable.holders(tree, "王", "permits_city", NOW)] == [
        (held, "王甲")
    ]
    assert choosable.holder(tree, ended, "permits_city").name == "王乙"  # what was chosen keeps its name
    assert choosable.holder(tree, other, "permits_city") is None


def test_a_search_is_one_statement_however_much_there_is(tree: Session) -> None:
    for number in range(30):
        units.add(tree, f"中学{number:02}", "130400", None, NOW)
        someone = people.add(tree, {"name": f"王{number:02}"}, None, NOW)
        posts.grant(tree, someone, "permits_city", CITY, None, NOW, None)
    asked: list[str] = []
    event.listen(tree.get_bind(), "before_cursor_execute", lambda *said: asked.append(said[2]))
    assert len(choosable.units(tree, "中学")) == choosable.MOST
    assert len(choosable.holders(tree, "王", "permits_city", NOW)) == choosable.MOST
    assert len([each for each in asked if each.startswith("SELECT")]) == 2, asked
