"""Finding people to hand a task to: near ones first, at most twenty, and no register of citizens to leaf through."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.platform.identity import accounts, finding, posts, units
from app.platform.registry import Post
from tests.platform.identity.conftest import GOOD, NOW

CITY, DISTRICT, DONGGUAN = "130000/130400/", "130000/130400/130402/", "440000/441900/"


class Town:
    """Two offices, in Handan and Dongguan, the city's administrators, and citizens; all can sign in."""

    def __init__(self, session: Session) -> None:
        self.session, self.ids = session, {}
        self.office = self.unit("科技活动办公室", "130400")
        self.enter("王一", "permits_district", self.office)
        self.enter("王二", "permits_district", self.unit("东莞办公室", "441900"))
        self.enter("市级", "permits_city", CITY)
        self.enter("区县", "permits_district", DISTRICT)
        self.enter("组织者甲", "permits_organiser")
        self.enter("旁人甲")

    def unit(self, name: str, region: str) -> str:
        unit = units.add(self.session, name, region, None, NOW)
        found = units.get(self.session, unit)
        assert found is not None
        return found.path

    def enter(self, name: str, role: str = "", place: str = "") -> str:
        username = f"person{len(self.ids)}"
        self.ids[name], _ = accounts.create(self.session, username, name, None, NOW, GOOD, demo=True)
        if role:
            posts.grant(self.session, self.ids[name], role, place, None, NOW, None)
        return self.ids[name]

    def found(self, text: str, near: Collection[str] = (CITY,), chosen: Collection[str] = ()) -> list[str]:
        ids = [self.ids[name] for name in chosen]
        return [one.name for one in finding.people(self.session, text, near, NOW, ids).people]


@pytest.fixture
def town(tree: Session) -> Town:
    return Town(tree)


def test_without_a_word_only_those_near_are_offered_the_same_place_first(town: Town) -> None:
    assert town.found("") == ["市级", "区县", "王一"]
    assert town.found("", [town.office]) == ["王一", "区县", "市级"]
    assert town.found("", []) == []
    assert town.found("", [""]) == []


def test_names_units_and_regions_are_searched_word_by_word_near_ones_first(town: Town) -> None:
    assert town.found("王") == ["王一", "王二"]
    assert town.found("王", [DONGGUAN]) == ["王二", "王一"]
    assert town.found("科技 王") == ["王一"]
    assert town.found("邯山") == ["区县"]
    assert town.found("%") == []
    assert town.found("\0") == town.found("")


def test_whoever_holds_no_office_is_found_by_his_whole_name_alone(town: Town) -> None:
    assert town.found("组织者") == []
    assert town.found("组织者甲") == ["组织者甲"]
    assert town.found("旁人") == []
    assert town.found("旁人甲") == ["旁人甲"]


def test_who_holds_no_office_finds_everybody_by_the_whole_name_alone(town: Town) -> None:
    def found(text: str, chosen: Collection[str] = ()) -> list[str]:
        ids = [town.ids[name] for name in chosen]
        people = finding.people(town.session, text, [CITY], NOW, ids, leafing=False).people
        return [one.name for one in people]

    assert [found(text) for text in ("", "王", "科技", "邯山", "区")] == [[]] * 5
    assert found("王一") == ["王一"]
    assert found("", ["区县"]) == ["区县"]


def test_only_an_office_that_others_gave_lets_one_leaf_through_the_directory() -> None:
    assert finding.may_leaf([Post("p", "permits_organiser"), Post("q", "permits_city", CITY)])
    assert not finding.may_leaf([Post("p", "permits_organiser"), Post("q", "no_such_role")])
    assert not finding.may_leaf([])


def test_whoever_cannot_sign_in_is_not_found(town: Town) -> None:
    accounts.disable(town.session, town.ids["王一"], None, NOW)
    assert town.found("王") == ["王二"]
    assert town.found("王", chosen=["王一"]) == ["王二"]


def test_the_chosen_stand_first_whatever_is_searched(town: Town) -> None:
    assert town.found("王", chosen=["区县"]) == ["区县", "王一", "王二"]


def test_each_is_named_once_with_the_nearest_post_and_no_number(town: Town) -> None:
    posts.grant(town.session, town.ids["王一"], "permits_city", DONGGUAN, None, NOW, None)
    [first] = finding.people(town.session, "王一", [CITY], NOW).people
    assert (first.name, first.place, first.near) == ("王一", "科技活动办公室", True)
    assert first.post is not None
    assert first.post.zh == "区县管理员"
    assert {*finding.Findable.__slots__} == {"id", "name", "post", "place", "near"}
    [away] = finding.people(town.session, "王一", [DONGGUAN], NOW).people
    assert away.place == "广东省东莞市"


def test_at_most_twenty_and_that_there_are_more_in_one_statement(town: Town) -> None:
    for number in range(25):
        town.enter(f"李{number}", "permits_district", DISTRICT)
    said: list[str] = []
    event.listen(town.session.get_bind(), "before_cursor_execute", lambda *given: said.append(given[2]))
    answer = finding.people(town.session, "李", [], NOW)
    assert (len(answer.people), answer.more) == (20, True)
    assert len([one for one in said if one.startswith("SELECT")]) == 1
