"""The review and report pages at both widths: axe-core finds nothing, nothing scrolls sideways, nothing fails."""

from __future__ import annotations

import re

import pytest

from app.systems.delegates import rules
from tests.browser.live import Street
from tests.pages import House
from tests.systems.delegates import filling, slating, town
from tests.systems.delegates.test_scenes import AT_CONVENERS, faults
from tests.systems.delegates.world import CONVENING, LIAISON_ONE, USERNAMES

pytestmark = pytest.mark.browser
AT_UNITS = (
    "/delegates/lists/first_review",
    "/delegates/lists/rejected",
    "/delegates/waiting",
    "/delegates/waiting?congress=",
    "/delegates/lists/reported",
    "/delegates/lists/slates",
    "/delegates/invitations/{invitation}/report",
    "/delegates/candidates/{waiting}",
    "/delegates/candidates/{waiting}/files",
    "/delegates/slates/{slate}",
)
AT_CONGRESS = (
    "/delegates/lists/final_review",
    "/delegates/lists/slates",
    "/delegates/slates/{slate}",
    "/delegates/candidates/{reported}",
)
AT_RECOMMENDING = (  # looked at in test_recommending_pages.py
    "/delegates/election",
    "/delegates/recommended",
    "/delegates/invitations/{invitation}/recommend",
    "/delegates/mine",
    "/delegates/mine/{candidate}",
)


@pytest.fixture(scope="module")
def objects(live: tuple[House, str]) -> dict[str, str]:
    """Somebody at every stage, and a report that has gone out."""
    world = town.know(live[0])
    world.allot_seats(world.unit, {"delegate": rules.Allotment(1)})
    (reported,) = slating.waiting(world, ["代表/是/50/汉族/群众/女"])
    slate = slating.report(world).slate
    world.allot_seats(world.unit, {"delegate": rules.Allotment(9, {"women": 3})})
    (waiting,) = slating.waiting(world, ["代表/否/40/回族/民盟/男"])
    for name, outcome in (("柳青", ""), ("柳明", "reject")):
        instance = filling.recommend(world, name)
        filling.submit(world, instance, name)
        if outcome:
            filling.first_review(world, instance, outcome)
    return {
        "invitation": slating.invitation_of(world),
        "reported": reported,
        "waiting": waiting,
        "slate": slate,
    }


@pytest.mark.parametrize(("who", "paths"), [(LIAISON_ONE, AT_UNITS), (CONVENING, AT_CONGRESS)])
def test_every_page_of_reviewing_suits_everybody_at_every_width(
    walkers: Street, objects: dict[str, str], who: str, paths: tuple[str, ...]
) -> None:
    person = walkers.person(USERNAMES[who])
    assert not [fault for path in paths for fault in faults(person, path.format(**objects))]


def test_every_page_of_delegates_is_looked_at(live: tuple[House, str]) -> None:
    rules_of = live[0].app.url_map.bind("localhost")
    paths = {
        re.sub(r"{\w+}", "one", path).split("?")[0]
        for path in (*AT_CONVENERS, *AT_UNITS, *AT_CONGRESS, *AT_RECOMMENDING)
    }
    seen = {rules_of.match(path, return_rule=True)[0].rule for path in paths}
    pages = {
        rule.rule
        for rule in live[0].app.url_map.iter_rules()
        if rule.rule.startswith("/delegates/") and "GET" in (rule.methods or set())
    }
    assert pages <= seen
