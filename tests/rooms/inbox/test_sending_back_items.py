"""The page that sends back to a step of one's choice names items too, with the marks made before (C4, B2)."""

from __future__ import annotations

from tests.platform.runtime import returning
from tests.platform.runtime.steps import CITY, STARTER
from tests.rooms.inbox.conftest import fields_of
from tests.world import World


def test_it_lists_what_may_be_named_and_carries_over_what_was_marked(world: World, visit) -> None:
    returning.publish(world)
    instance = returning.at_review(world)
    city, url = visit(CITY), f"/inbox/tasks/{world.open_task(instance, 'review')}"
    city.get(url)
    marks = {"item-guests": "1", "item-guests.code": "mismatch", "item-guests.why": "与场馆不符"}
    assert city.post(f"{url}/draft", {**fields_of(city.page), **marks}).status_code == 204
    city.get(f"{url}/return")
    assert 'id="item-guests" name="item-guests" value="1" checked' in city.page
    assert 'name="item-called"' in city.page
    assert "field-error" not in city.page  # nothing is wrong yet
    assert 'name="item-people"' not in city.page  # what is computed is nobody's answer
    fields = {**fields_of(city.page), "to": "prepare", "comment": "请改", "then": "straight_back"}
    wrong = {**fields, "item-called": "1"}
    assert city.post(f"{url}/return", wrong).status_code == 422
    assert "请说明【名称】需要修改的原因" in city.page
    assert city.post(f"{url}/return", {**fields, **marks}).status_code == 303
    form = returning.seen(world, instance, "prepare").form
    assert form is not None
    assert form.writable == {"guests", "permit"}
    returning.step(world, instance, "prepare", "send", sent={"guests": ["30"]})
    assert world.open_elements(instance) == ["review"]
    city.get(f"/inbox/tasks/{world.open_task(instance, 'review')}")
    assert "变更对比" in city.page
    assert "与场馆不符" in city.page


def test_what_somebody_may_not_mark_is_refused_there_too(world: World, visit) -> None:
    returning.publish(world)
    instance = returning.at_review(world)
    city, url = visit(CITY), f"/inbox/tasks/{world.open_task(instance, 'review')}/return"
    city.get(url)
    sent = {
        **fields_of(city.page),
        "to": "prepare",
        "comment": "改",
        "item-people": "1",
        "item-people.why": "x",
    }
    assert city.post(url, sent).status_code == 422
    assert "可以退回修改" in city.page
    assert world.open_elements(instance) == ["review"]


def test_a_common_reason_is_kept_in_chinese_whoever_marks_and_said_in_english_too(
    world: World, visit
) -> None:
    """The applicant and his letter are Chinese, whatever language the reviewer has chosen."""
    returning.publish(world)
    instance = returning.at_review(world)
    city, url = visit(CITY), f"/inbox/tasks/{world.open_task(instance, 'review')}/return"
    city.get(f"{url}?lang=en")
    assert "Does not agree</option>" in city.page
    marks = {"item-guests": "1", "item-guests.code": "mismatch", "item-guests.why": "与场馆不符"}
    fields = {**fields_of(city.page), "to": "prepare", "comment": "请改", "then": "straight_back"}
    assert city.post(url, {**fields, **marks}).status_code == 303
    items = returning.seen(world, instance, "prepare").items
    assert items is not None
    assert items.named.fields == {"guests": "不一致：与场馆不符"}
    own, task = visit(STARTER), f"/inbox/tasks/{world.open_task(instance, 'prepare')}"
    own.get(f"{task}?lang=zh")
    assert "不一致：与场馆不符" in own.page
    assert "Does not agree" not in own.page
    own.get(f"{task}?lang=en")
    assert own.page.count("Does not agree 不一致：与场馆不符") == 2  # in the letter and beside the field
