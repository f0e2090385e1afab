"""Adding and removing signers, transferring, delegating: the engine never hears of it, and nothing gets stuck."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.platform.data import transaction
from app.platform.identity.entities import Account
from app.platform.runtime import errors, history, tasks
from tests.platform.runtime.signing import add, at_council, findings, hand, inbox, seats, sign, view
from tests.platform.runtime.steps import CITY, OTHER, STARTER, instance_row, kinds, task_row
from tests.platform.runtime.test_races import at_once
from tests.world import World


@pytest.mark.parametrize(
    ("position", "order"),
    [
        ("before", ["科长", "局长", "甲", "乙", "丙"]),
        ("after", ["甲", "科长", "局长", "乙", "丙"]),
        ("parallel", ["甲 科长 局长", "乙", "丙"]),
    ],
)
def test_adding_a_signer_to_a_sequence(any_ground: World, position: str, order: list[str]) -> None:
    """The issue: others have lost the instance here."""
    world = any_ground
    instance, task = at_council(world, seats="sequence")
    names = dict(zip("甲乙丙", seats(world, task), strict=True))
    before = instance_row(world, instance).tokens
    add(world, task, names["甲"], ["科长", "局长"], position=position, comment="请会签")
    assert instance_row(world, instance).tokens == before  # the engine has not heard of it
    assert findings(world) == []
    for together in order:
        turn = sorted(names.get(each, each) for each in together.split(" "))
        assert sorted(name for name, state in seats(world, task).items() if state == "open") == turn
        for name in turn:
            sign(world, task, name)
    assert instance_row(world, instance).state == "ended"
    assert findings(world) == []


def test_adding_in_the_middle_of_a_sequence(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world, seats="sequence")
    first, second, third = seats(world, task)
    sign(world, task, first)
    add(world, task, second, ["科长"], position="before")
    assert seats(world, task) == {first: "approve", "科长": "open", second: "waiting", third: "waiting"}
    add(world, task, "科长", ["局长"], position="after")
    assert list(seats(world, task)) == [first, "科长", "局长", second, third]
    for name in ("科长", "局长", second, third):
        sign(world, task, name)
    assert instance_row(world, instance).state == "ended"
    assert kinds(world, instance).count("added") == 2
    assert findings(world) == []


def test_a_signer_added_may_send_the_matter_back(ground: World) -> None:
    instance, task = at_council(ground, seats="all")
    add(ground, task, CITY, ["科长"])
    sign(ground, task, "科长", "return", "不符合规定")
    assert ground.open_elements(instance) == ["prepare"]
    assert findings(ground) == []


@pytest.mark.parametrize("claims", [True, False])
def test_the_first_signer_added_turns_a_task_of_one_into_a_sequence(any_ground: World, claims: bool) -> None:
    world = any_ground
    instance, task = at_council(world, seats="one")
    if claims:
        with world.session() as session:
            tasks.claim(session, task, 1, world.acting(CITY), world.now)
    add(world, task, CITY, ["科长"], position="before")
    assert seats(world, task) == {"科长": "open", CITY: "waiting"}
    assert (inbox(world, CITY), inbox(world, OTHER), inbox(world, "科长")) == ([], [], [task])
    sign(world, task, "科长")
    assert inbox(world, CITY) == [task]
    sign(world, task, CITY)
    assert (instance_row(world, instance).state, task_row(world, task).seats) == ("ended", "sequence")
    assert findings(world) == []


def test_removing_a_signer_who_was_added(any_ground: World) -> None:
    world = any_ground
    _, task = at_council(world, seats="sequence")
    first, *others = seats(world, task)
    add(world, task, first, ["科长", "局长"], position="before")
    with pytest.raises(errors.BadPerson) as drawn:
        add(world, task, "科长", remove=[others[0]])
    assert drawn.value.code == "not_added"
    add(world, task, "科长", remove=["局长"])
    sign(world, task, "科长")
    assert seats(world, task) == {"科长": "approve", "局长": "removed", first: "open"} | dict.fromkeys(
        others, "waiting"
    )
    with pytest.raises(errors.Unknown):
        sign(world, task, "局长")  # he has nothing to do with it any more
    assert findings(world) == []


def test_removing_the_last_undecided_seat_completes_by_the_rule(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world, seats="all")
    sign(world, task, "市级")
    sign(world, task, "市级二")
    with pytest.raises(errors.MissingOpinion):
        add(world, task, "管理员", remove=["市级三"])
    add(world, task, "管理员", remove=["市级三"], comment="已调离")
    assert instance_row(world, instance).state == "ended"
    assert kinds(world, instance)[-3:] == ["removed", "decided", "ended"]
    assert findings(world) == []


def test_removing_everybody_is_refused(ground: World) -> None:
    instance, task = at_council(ground, seats="all")
    with pytest.raises(errors.BadPerson) as refused:
        add(ground, task, "管理员", remove=["市级", "市级二", "市级三"], comment="撤")
    assert refused.value.code == "last"
    assert ground.open_elements(instance) == ["review"]
    assert seats(ground, task) == {"市级": "open", "市级二": "open", "市级三": "open"}
    assert findings(ground) == []


def test_what_is_already_decided_stays_and_nobody_sits_twice(ground: World) -> None:
    _, task = at_council(ground, seats="all")
    sign(ground, task, "市级")
    for people, removed, code in (
        (["市级二"], [], "already"),
        (["市级"], [], "already"),
        (["教师", "科长"], ["局长"], "not_seated"),
    ):
        with pytest.raises(errors.BadPerson) as refused:
            add(ground, task, "市级三", people, removed)
        assert refused.value.code == code
    with pytest.raises(errors.BadPerson) as refused:
        add(ground, task, "管理员", remove=["市级"], comment="撤")
    assert refused.value.code == "decided"
    with pytest.raises(errors.BadPerson) as refused:
        add(ground, task, "市级三")
    assert refused.value.code == "nobody"


@pytest.mark.parametrize("verb", ["transfer", "delegate", "signers"])
def test_what_a_step_does_not_allow_is_refused(ground: World, verb: str) -> None:
    _, task = at_council(ground, seats="all", allow="copy")
    given = {"signers": lambda: add(ground, task, CITY, ["科长"])}
    run = given.get(verb, lambda: hand(ground, verb, task, CITY, "科长"))
    with pytest.raises(errors.Forbidden) as refused:
        run()
    assert refused.value.code == f"task.{verb}"
    assert verb not in view(ground, task, CITY).verbs


def test_a_transfer_gives_a_task_away(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world, seats="one")
    hand(world, "transfer", task, CITY, "科长", "我出差")
    assert (inbox(world, CITY), inbox(world, OTHER), inbox(world, "科长")) == ([], [], [task])
    assert findings(world) == []
    sign(world, task, "科长")
    assert instance_row(world, instance).state == "ended"
    with world.session() as session:
        (row,) = [each for each in history.of(session, instance) if each.kind == "transferred"]
    assert (row.by_name, row.body["to"][0]["name"], row.body["comment"]) == (CITY, "科长", "我出差")
    assert findings(world) == []


def test_a_transferred_seat_says_why_it_closed(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world, seats="sequence")
    first, *others = seats(world, task)
    hand(world, "transfer", task, first, "科长")
    with pytest.raises(errors.TaskTaken) as gone:
        sign(world, task, first)
    assert gone.value.reason == "transferred"
    assert inbox(world, "科长") == [task]
    for name in ("科长", *others):
        sign(world, task, name)
    assert instance_row(world, instance).state == "ended"
    assert findings(world) == []


def test_only_who_can_sign_in_is_handed_a_task(ground: World) -> None:
    _, task = at_council(ground, seats="one")
    ground.enter("没有账号")
    with ground.session() as session, transaction(session):
        gone = update(Account).where(Account.person_id == ground.people["助理"])
        session.execute(gone.values(is_disabled=True))
    for name in ("没有账号", "助理"):
        for verb in ("transfer", "delegate"):
            with pytest.raises(errors.BadPerson) as refused:
                hand(ground, verb, task, CITY, name)
            assert refused.value.code == "no_account"
    with pytest.raises(errors.BadPerson) as refused:
        hand(ground, "transfer", task, CITY, CITY)
    assert refused.value.code == "oneself"


def test_an_administrator_transfers_what_nobody_works_with_a_reason(ground: World) -> None:
    _, task = at_council(ground, seats="one", allow="")
    with pytest.raises(errors.MissingOpinion):
        hand(ground, "transfer", task, "管理员", "科长")
    hand(ground, "transfer", task, "管理员", "科长", "原办理人休假")
    assert inbox(ground, "科长") == [task]
    with pytest.raises(errors.Forbidden):
        hand(ground, "transfer", task, STARTER, "局长", "我要")


@pytest.mark.parametrize("rule", ["one", "all", "sequence"])
def test_a_delegate_advises_and_it_comes_back(any_ground: World, rule: str) -> None:
    world = any_ground
    instance, task = at_council(world, seats=rule)
    first, *others = seats(world, task) or [CITY]
    hand(world, "delegate", task, first, "科长", "请先看")
    assert (inbox(world, first), inbox(world, "科长")) == ([], [task])
    with pytest.raises(errors.Forbidden):
        sign(world, task, first)
    assert findings(world) == []
    sign(world, task, "科长", "return", "建议退回")  # advice: it decides nothing
    assert world.open_elements(instance) == ["review"]
    assert inbox(world, first) == [task]
    for name in (first, *others):
        sign(world, task, name)
    assert task_row(world, task).outcome == "approve"
    assert kinds(world, instance).count("advised") == 1
    assert findings(world) == []


def test_a_delegate_who_never_answers_can_be_removed(ground: World) -> None:
    _, task = at_council(ground, seats="one")
    hand(ground, "delegate", task, CITY, "科长")
    add(ground, task, "管理员", remove=["科长"], comment="不在岗")
    assert inbox(ground, CITY) == [task]
    assert findings(ground) == []


def test_a_repeated_hand_over_is_one(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world, seats="one")
    for _ in range(2):
        hand(world, "transfer", task, CITY, "科长", key="k")
    assert kinds(world, instance).count("transferred") == 1
    with pytest.raises(errors.KeyReused):
        hand(world, "transfer", task, CITY, "局长", key="k")


def test_adding_and_deciding_at_once_leaves_everything_sound(any_ground: World) -> None:
    world = any_ground
    instance, task = at_council(world, seats="all")
    acting = [lambda: sign(world, task, "市级"), lambda: add(world, task, "市级二", ["科长"])]
    for _ in range(3):
        at_once(lambda number: acting[number % 2](), 8)
    assert findings(world) == []
    for name, state in seats(world, task).items():
        if state == "open":
            sign(world, task, name)
    assert instance_row(world, instance).state == "ended"
    assert findings(world) == []
