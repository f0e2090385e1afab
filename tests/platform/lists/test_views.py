"""Saved views: whose they are, who sees them, who may change them; what they ask is nobody else's to read (B3-23)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Select, event, insert, select, text
from sqlalchemy.orm import ORMExecuteState

from app.platform import audit
from app.platform.audit.entities import AuditRow
from app.platform.identity import accounts, behalf, posts, roles
from app.platform.lists import views
from app.platform.lists.views import EVERYBODY, ME, OFFICE, Saved
from app.platform.registry import Acting, Refused, Role, Words, house
from app.platform.runtime.errors import Forbidden, Unknown
from tests.platform.lists.guests import HERE, NOW, ROLE, THERE, Ground

NAME = "test/guests"
PEOPLE = {"one": (ROLE.key, HERE), "two": (ROLE.key, HERE), "far": (ROLE.key, THERE), "none": ("", "")}
TAKEN = Role("guests.own", Words("来宾", "Guest"), "region", chosen_by_oneself=True)


@dataclass
class Office:
    """Two at one place, one at another, one without a post, and an administrator of everything."""

    ground: Ground
    ids: dict[str, str]

    def by(self, name: str) -> Acting:
        with self.ground.sessions() as session:
            found = behalf.acting(session, self.ids[name], NOW)
        assert found is not None
        return found

    def save(self, name: str, title: str, reach: str = ME, asked: dict[str, str] | None = None) -> str:
        with self.ground.sessions() as session:
            return views.save(session, NAME, title, asked or {"state": "waiting"}, reach, self.by(name), NOW)

    def seen(self, name: str) -> list[Saved]:
        with self.ground.sessions() as session:
            return views.of(session, self.by(name))

    def titles(self, name: str) -> list[str]:
        return [view.title for view in self.seen(name)]

    def change(self, name: str, view: str, **what: object) -> None:
        with self.ground.sessions() as session:
            views.change(session, view, self.by(name), NOW, **what)  # type: ignore[arg-type]

    def remove(self, name: str, view: str) -> None:
        with self.ground.sessions() as session:
            views.remove(session, view, self.by(name), NOW)

    def move(self, name: str, view: str, *, up: bool) -> None:
        with self.ground.sessions() as session:
            views.move(session, view, self.by(name), up=up)

    def audited(self) -> list[str]:
        with self.ground.sessions() as session:
            kinds = session.scalars(select(AuditRow.kind).where(AuditRow.kind.like("view.%")))
            return sorted(kinds)


@pytest.fixture
def office(ground: Ground) -> Office:
    roles.plug()
    ids = {}
    with ground.sessions() as session:
        everybody = PEOPLE | {
            "chief": (roles.ADMINISTRATOR.key, ""),
            "local": (roles.ADMINISTRATOR.key, HERE),
        }
        for name, (role, place) in everybody.items():
            ids[name], _ = accounts.create(session, name + "1", name, None, NOW, "Granit-Weide-47", demo=True)
            if role:
                posts.grant(session, ids[name], role, place, None, NOW, None)
    return Office(ground, ids)


@pytest.fixture
def granted(office: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], None]:
    """Give somebody a post, who is made for it where there is nobody of the name."""
    monkeypatch.setitem(house.roles, TAKEN.key, TAKEN)

    def grant(name: str, role: str, place: str) -> None:
        with office.ground.sessions() as session:
            if name not in office.ids:
                made = accounts.create(session, name + "1", name, None, NOW, "Granit-Weide-47", demo=True)
                office.ids[name] = made[0]
            posts.grant(session, office.ids[name], role, place, None, NOW, None)

    return grant


def test_each_sees_his_own_his_office_s_and_everybody_s_in_this_order(office: Office) -> None:
    office.save("chief", "公共", EVERYBODY)
    office.save("one", "科室", OFFICE)
    office.save("one", "自己的")
    office.save("two", "他的")
    assert office.titles("one") == ["自己的", "科室", "公共"]
    assert office.titles("two") == ["他的", "科室", "公共"]
    for other in ("local", "far", "none"):  # of another role at the same place, at another, without a post
        assert office.titles(other) == ["公共"]


def test_an_office_is_who_holds_the_same_role_at_the_same_place(
    office: Office, granted: Callable[[str, str, str], None]
) -> None:
    """C-11: other roles at a place are other organisations; who registers by himself is of nobody's office."""
    granted("own", TAKEN.key, HERE)
    granted("too", TAKEN.key, HERE)
    granted("both", ROLE.key, HERE)
    granted("both", roles.ADMINISTRATOR.key, HERE)
    view = office.save("one", "科室", OFFICE)
    assert office.titles("two") == office.titles("both") == ["科室"]
    assert office.titles("own") == office.titles("local") == []
    for other in ("own", "far"):
        with pytest.raises(Unknown):
            office.change(other, view, title="改过")
    assert views.reaches(office.by("own")) == (ME,)
    with office.ground.sessions() as session:
        both, other = office.by("both"), views.Office(HERE, roles.ADMINISTRATOR.key)
        views.save(session, NAME, "管理的", {}, OFFICE, both, NOW, other)
    assert office.titles("local") == ["管理的"]
    assert office.titles("two") == ["科室"]


def test_an_office_s_view_of_which_no_role_is_known_is_its_owner_s_alone(office: Office) -> None:
    view = office.save("one", "科室", OFFICE)
    with office.ground.sessions() as session:
        session.execute(text("UPDATE lists_view SET role = NULL"))
        session.commit()
    assert office.titles("two") == []
    assert office.titles("one") == ["科室"]
    office.remove("one", view)


def test_for_whom_one_may_save_follows_from_one_s_posts(office: Office) -> None:
    assert views.reaches(office.by("none")) == (ME,)
    assert views.reaches(office.by("one")) == (ME, OFFICE)
    assert views.reaches(office.by("local")) == (ME, OFFICE)  # administrator there, not of everything
    assert views.reaches(office.by("chief")) == (ME, EVERYBODY)
    for name, reach in (("none", OFFICE), ("one", EVERYBODY), ("local", EVERYBODY), ("one", "nonsense")):
        with pytest.raises(Forbidden):
            office.save(name, "不行", reach)
    with office.ground.sessions() as session, pytest.raises(Forbidden):
        views.save(session, NAME, "别处", {}, OFFICE, office.by("one"), NOW, views.Office(THERE, ROLE.key))
    other = views.Office(HERE, roles.ADMINISTRATOR.key)
    with office.ground.sessions() as session, pytest.raises(Forbidden):
        views.save(session, NAME, "别的", {}, OFFICE, office.by("one"), NOW, other)
    with office.ground.sessions() as session, pytest.raises(Unknown):
        views.save(session, "test/absent", "没有", {}, ME, office.by("one"), NOW)


def test_only_the_owner_or_an_administrator_of_the_place_changes_what_is_shared(office: Office) -> None:
    own, shared = office.save("one", "自己的"), office.save("one", "科室", OFFICE)
    public = office.save("chief", "公共", EVERYBODY)
    for name, view, refusal in (
        ("two", own, Unknown), ("two", shared, Forbidden), ("far", shared, Unknown), ("one", public, Forbidden),
        ("local", public, Forbidden), ("chief", own, Unknown),
    ):  # fmt: skip
        with pytest.raises(refusal):
            office.change(name, view, title="改过")
        with pytest.raises(refusal):
            office.remove(name, view)
        with pytest.raises(refusal):
            office.move(name, view, up=True)
    for name, view in (("one", own), ("local", shared), ("chief", public)):
        office.change(name, view, title=f"由{name}改名")
    assert {one.id for one in office.seen("one") if one.may_change} == {own, shared}
    assert {one.id for one in office.seen("chief") if one.may_change} == {public}
    assert office.titles("two") == ["由local改名", "由chief改名"]
    for name, view in (("one", own), ("chief", shared), ("chief", public)):
        office.remove(name, view)
    assert office.titles("one") == []
    with pytest.raises(Unknown):
        office.remove("one", own)


def test_whoever_made_everybody_s_view_no_longer_changes_it_once_he_is_no_administrator(
    office: Office,
) -> None:
    view = office.save("chief", "公共", EVERYBODY)
    post = office.by("chief").posts[0].id
    with office.ground.sessions() as session:
        posts.end(session, post, NOW, None)
    with pytest.raises(Forbidden):
        office.change("chief", view, title="改过")


def test_what_is_shared_is_audited_and_one_s_own_is_not(office: Office) -> None:
    own = office.save("one", "自己的")
    office.change("one", own, title="改过")
    office.remove("one", own)
    assert office.audited() == []
    shared = office.save("one", "科室", OFFICE)
    office.change("one", shared, asked={"q": "张"})
    office.remove("one", shared)
    assert office.audited() == ["view.changed", "view.removed", "view.saved"]
    with office.ground.sessions() as session:
        assert audit.verify(session) is None


@pytest.mark.parametrize(
    ("title", "wrong"),
    [("  ", "请填写"), ("字" * 31, "不超过30个字"), (" 超期\n未办 ", "已有名为“超期 未办”")],
)
def test_a_bad_name_is_refused_in_words(office: Office, title: str, wrong: str) -> None:
    view = office.save("one", "超期 未办")
    other = office.save("one", "字" * 30)
    for attempt in (lambda: office.save("one", title), lambda: office.change("one", other, title=title)):
        with pytest.raises(Refused) as refused:
            attempt()
        assert wrong in refused.value.words.zh
        assert refused.value.field == "title"
    office.change("one", view, title="超期 未办")  # its own name is not another's
    office.save("two", "超期 未办")  # nor is another person's


def test_one_has_at_most_fifty(office: Office) -> None:
    for number in range(views.MOST):
        office.save("one", f"视图{number}")
    with pytest.raises(Refused):
        office.save("one", "再一个")
    office.save("two", "再一个")


def test_no_more_are_read_than_a_page_shows_one_s_own_first(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.save("chief", "公共", EVERYBODY)
    office.save("one", "科室", OFFICE)
    for number in range(3):
        office.save("one", f"视图{number}")
    with office.ground.sessions() as session:
        for most, wanted in ((2, ["视图0", "视图1"]), (4, ["视图0", "视图1", "视图2", "科室"])):
            assert [view.title for view in views.of(session, office.by("one"), most)] == wanted
        for number in range(views.SHOWN):  # more than anybody is shown
            row = {"list": NAME, "owner_id": office.ids["chief"], "reach": EVERYBODY, "position": number}
            row |= {"title": f"公共{number}", "created_at": NOW}
            session.execute(insert(views.View).values(row | {"asked": views._sealed({})}))
        session.commit()
    assert len(office.seen("two")) == views.SHOWN


def test_one_s_views_are_put_in_order_within_their_group(office: Office) -> None:
    first, second, third = (office.save("one", name) for name in ("一", "二", "三"))
    office.save("one", "科室", OFFICE)
    office.move("one", third, up=True)
    assert office.titles("one") == ["一", "三", "二", "科室"]
    office.move("one", first, up=True)  # it is the first
    office.move("one", second, up=False)  # it is the last of its group
    assert office.titles("one") == ["一", "三", "二", "科室"]
    office.move("one", first, up=False)
    assert office.titles("one") == ["三", "一", "二", "科室"]


def test_every_verb_holds_the_owner_before_the_view(office: Office) -> None:
    """As `save` does: two that took them the other way round would wait for each other."""
    view = office.save("one", "一")
    office.save("one", "二")
    held: list[str] = []

    def note(state: ORMExecuteState) -> None:
        if isinstance(state.statement, Select) and state.statement._for_update_arg is not None:
            held.extend(str(one) for one in state.statement.get_final_froms())

    with office.ground.sessions() as session:
        by = office.by("one")
        event.listen(session, "do_orm_execute", note)
        for verb in (
            lambda: views.change(session, view, by, NOW, title="改过"),
            lambda: views.change(session, view, by, NOW, asked={}),
            lambda: views.move(session, view, by, up=False),
            lambda: views.remove(session, view, by, NOW),
        ):
            held.clear()
            verb()
            assert held == ["identity_person", "lists_view"]


def test_what_a_view_asks_is_kept_sealed(office: Office) -> None:
    """A name that was typed, four digits of a number: not in clear in the database (C-38)."""
    view = office.save("one", "查人", asked={"q": "王小明", "state": "waiting"})
    with office.ground.sessions() as session:
        kept = session.execute(text("SELECT asked FROM lists_view WHERE id = :id"), {"id": view}).scalar_one()
        assert "王小明" not in kept
        assert "waiting" not in kept
        assert views.get(session, view, office.by("one")).asked == {"q": "王小明", "state": "waiting"}
