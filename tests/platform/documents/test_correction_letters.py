"""The letter of a return that names items: one for each return, numbered, and printed after it (C4)."""

from __future__ import annotations

import io

from pypdf import PdfReader
from sqlalchemy import func, select

from app.platform import documents
from app.platform.documents import Document, correction_letters
from app.platform.jobs.entities import Job
from app.platform.notices import Notice
from tests.platform.runtime import returning
from tests.platform.runtime.asking import ask
from tests.platform.runtime.returning import seen
from tests.platform.runtime.signing import people
from tests.platform.runtime.steps import CITY, OTHER, STARTER, begin
from tests.platform.runtime.test_items import return_it
from tests.world import World


def paper(world: World, instance: str) -> correction_letters.Paper:
    items = seen(world, instance, "correct").items
    assert items is not None
    with world.session() as session:
        return correction_letters.paper(session, instance, items.seq)


def text_of(world: World, file: str) -> str:
    with world.session() as session:
        opened = documents.open_file(session, documents.settings().storage, file)
        assert opened is not None
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(opened[1])).pages)


def test_it_is_printed_after_the_return_and_says_everything(world: World) -> None:
    instance = world.to_review()
    file = seen(world, instance, "city_review", CITY).values["scan"][0]
    return_it(world, instance, {"employer": "与公章不一致", file: "公章不清晰"})
    assert paper(world, instance) == correction_letters.Paper(None, True)
    world.work()
    printed = paper(world, instance)
    assert printed.file is not None
    said = text_of(world, printed.file)
    words = (
        "一次性告知书",
        "GZ2026-000001",
        STARTER,
        "下列 2 项",
        "工作单位",
        "与公章不一致",
        "扫描件",
        "公章不清晰",
    )
    for each in (*words, "请按标记修改", "2026年11月16日"):
        assert each in said, each
    with world.session() as session:
        facts = documents.facts(session, printed.file)
    assert facts is not None
    assert facts.name.startswith("一次性告知书-")
    assert facts.instance == instance


def test_each_return_has_its_own_and_a_repeated_job_prints_no_second(world: World) -> None:
    instance = world.to_review()
    return_it(world, instance, {"employer": "一"})
    world.work()
    first = paper(world, instance).file
    with world.session() as session:
        items = seen(world, instance, "correct").items
        assert items is not None
        correction_letters.ask(session, instance, items.seq, world.now)
    world.work()
    assert paper(world, instance).file == first
    world.decide(instance, "correct", "submit", sent=world.scan(STARTER, instance))
    return_it(world, instance, {"scan": "二"})
    world.work()
    assert paper(world, instance).file not in (None, first)
    with world.session() as session:
        count = session.scalar(
            select(func.count())
            .select_from(Document)
            .where(Document.instance_id == instance, Document.template == correction_letters.TEMPLATE)
        )
    assert count == 2


def test_one_that_failed_is_printed_when_asked_for_again(world: World, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise documents.RenderFailed("died")

    instance = world.to_review()
    return_it(world, instance, {"employer": "一"})
    with monkeypatch.context() as broken:
        broken.setattr(correction_letters, "prepare", fail)
        for _ in range(3):
            with world.session() as session, session.begin():
                for job in session.scalars(select(Job).where(Job.name == "documents/correction_letter")):
                    job.due_at = world.now
            world.work()
    assert paper(world, instance) == correction_letters.Paper(None, False)
    assert world.open_elements(instance) == ["correct"]  # nothing is held up by a letter
    with world.session() as session:
        items = seen(world, instance, "correct").items
        assert items is not None
        correction_letters.ask(session, instance, items.seq, world.now)
    world.work()
    assert paper(world, instance).file is not None


def test_a_return_without_items_has_none(world: World) -> None:
    instance = world.to_review()
    world.decide(instance, "city_review", "reject", CITY, comment="请改")
    with world.session() as session:
        assert not session.scalar(select(func.count()).select_from(Job).where(Job.name.like("%letter%")))


def test_the_starter_is_told_how_much_is_to_be_put_right(world: World) -> None:
    instance = world.to_review()
    return_it(world, instance, {"employer": "一", "mobile": "二"})
    (said,) = notices(world, instance)
    assert "需修改2项，详见一次性告知书" in said


def of_several(world: World, seats: str = "all", **review: str) -> str:
    """A stall that the three of the city review together; the instance."""
    people(world)
    returning.publish(world, returning.straight(seats=seats, **review))
    instance = begin(world, "tests_straight")
    papers = world.scan(STARTER, instance)["scan"]
    returning.step(world, instance, "prepare", "send", sent={**returning.FULL, "papers": papers})
    return instance


def notices(world: World, instance: str) -> list[str]:
    """What the starter was told of his matter."""
    with world.session() as session:
        mine = select(Notice).where(Notice.person_id == world.people[STARTER], Notice.instance_id == instance)
        return [one.said["text"][0] for one in session.scalars(mine)]


def letter_of(world: World, instance: str) -> str:
    """What the letter of the last return says, at the step that has to answer it."""
    world.work()
    items = seen(world, instance, "prepare").items
    assert items is not None
    with world.session() as session:
        file = correction_letters.paper(session, instance, items.seq).file
    assert file is not None
    return text_of(world, file)


def test_a_question_that_the_decision_closes_takes_nothing_off_the_letter(world: World) -> None:
    """The row that says the question is closed stands after the one that says what is to be put right."""
    instance = of_several(world, allow="ask")
    ask(world, world.open_task(instance, "review"), STARTER)
    returning.step(world, instance, "review", "reject", CITY, items={"guests": "太多"})
    said = letter_of(world, instance)
    for each in ("人数", "太多", "按标记修改", CITY):
        assert each in said, each


def test_what_each_of_several_signers_has_named_stands_in_the_letter_and_is_counted(world: World) -> None:
    instance = of_several(world, "share:0.6")
    (file,) = seen(world, instance, "review", CITY).values["papers"]
    returning.step(world, instance, "review", "reject", CITY, items={file: "公章不清晰", "called": "重名"})
    returning.step(world, instance, "review", "reject", OTHER, items={"guests": "太多"})
    said = letter_of(world, instance)
    for each in ("下列 3 项", "名称", "重名", "材料", "公章不清晰", "人数", "太多"):
        assert each in said, each
    assert ["需修改3项" in one for one in notices(world, instance)] == [True]


def test_signers_whose_rule_sends_back_although_the_last_one_agreed_have_a_whole_letter(world: World) -> None:
    """Decided by the rule alone, in a row that is nobody's: the files stand in it as files."""
    instance = of_several(world, "share:1")
    (file,) = seen(world, instance, "review", CITY).values["papers"]
    returning.step(world, instance, "review", "reject", CITY, items={file: "公章不清晰", "papers": "缺页"})
    returning.step(world, instance, "review", "approve", OTHER)
    said = letter_of(world, instance)
    with world.session() as session:
        facts = documents.facts(session, file)
    assert facts is not None
    for each in ("下列 2 项", "公章不清晰", "缺页", facts.name):
        assert each in said, each
    assert ["需修改2项" in one for one in notices(world, instance)] == [True]
