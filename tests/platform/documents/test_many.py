"""Errands with many documents: one ZIP under the policy of then, and a batch printed on every core (C-23, C-30)."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import delete, event, func, insert, select

from app.platform import documents, jobs
from app.platform.data import new_id, transaction
from app.platform.documents import Document, File, Received, zipping
from app.platform.documents import batch as batches
from app.platform.identity import accounts
from app.platform.jobs import errands
from app.platform.registry import Refused, Words, house
from app.platform.runtime import instances
from app.platform.runtime.entities import Copy
from tests.empty_world import EmptyWorld
from tests.platform.documents import prints
from tests.platform.jobs.databases import KINDS

pytestmark = pytest.mark.parametrize("bare_world", KINDS, indirect=True)
SECRET = "Granit-Weide-47"
TITLE = Words("打印件打包", "Prints as ZIP")


@pytest.fixture
def world(bare_world: EmptyWorld) -> EmptyWorld:
    prints.say(1)
    prints.publish(bare_world)
    bare_world.enter("报告人")
    bare_world.enter("别人")
    documents.plug()
    with bare_world.session() as session:
        for name in ("报告人", "别人"):
            person = bare_world.people[name]
            accounts.create(
                session,
                f"u{person[-8:]}".lower(),
                name,
                None,
                bare_world.now,
                "Granit-Weide-47",
                person=person,
                demo=True,
            )
    return bare_world


def started(world: EmptyWorld, count: int, name: str = "报告人") -> list[str]:
    """So many instances, whose print waits."""
    by, found = world.acting(name), []
    with world.session() as session:
        for _ in range(count):
            found.append(
                instances.start(session, "tests_prints", by=by, post=None, now=world.now, data={}).instance
            )
    return found


def stored(
    world: EmptyWorld, name: str, content: bytes, owner: str = "报告人", instance: str | None = None
) -> str:
    place = documents.settings()
    with world.session() as session:
        received = Received(name, "application/pdf", content)
        return documents.store(
            session,
            place.storage,
            received,
            world.acting(owner),
            world.now,
            instance=instance,
            purpose="scan",
        )


def ask(world: EmptyWorld, files: list[str], name: str = "报告人") -> str:
    with world.session() as session:
        return documents.zip_later(session, files, TITLE, world.acting(name), world.now)


def standing(world: EmptyWorld, errand: str, name: str = "报告人") -> errands.Standing:
    with world.session() as session:
        found = errands.get(session, errand, world.acting(name))
        assert found is not None
        return found


def opened(world: EmptyWorld, errand: str) -> dict[str, bytes]:
    with world.session() as session:
        found = documents.open_file(
            session, documents.settings().storage, standing(world, errand).result["file"]
        )
        assert found is not None
        facts, content = found
        assert (facts.name, facts.type, facts.instance) == ("打印件打包.zip", "application/zip", None)
        assert facts.owner == world.people["报告人"]
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            assert all(one.flag_bits & 0x800 for one in archive.infolist() if not one.filename.isascii())
            return {one.filename: archive.read(one) for one in archive.infolist()}


def test_a_zip_has_every_file_by_a_name_any_system_can_hold(world: EmptyWorld) -> None:
    """C-30: UTF-8, `_` for what is forbidden, `(2)` for equal names."""
    names = ["张三-表.pdf", "张三-表.pdf", "a/b:c?.pdf", "../../etc/passwd", "䶮㛃𬭎.pdf"]
    files = [stored(world, name, f"{number}".encode()) for number, name in enumerate(names)]
    errand = ask(world, files)
    assert standing(world, errand).total == 5
    world.work()
    assert opened(world, errand) == {
        "张三-表.pdf": b"0",
        "张三-表(2).pdf": b"1",
        "a_b_c_.pdf": b"2",
        "_.._etc_passwd": b"3",
        "䶮㛃𬭎.pdf": b"4",
    }
    done = standing(world, errand)
    assert (done.state, done.done, done.result["left_out"]) == ("done", 5, 0)


def test_what_one_may_not_have_by_then_is_left_out_and_counted(world: EmptyWorld) -> None:
    """C-23: the policy is asked when the ZIP is made, not when it was ordered."""
    instance = prints.begin(world, "别人")
    theirs = stored(world, "他的.pdf", b"x", "别人", instance)
    loose = stored(world, "他的.pdf", b"y", "别人")
    own = stored(world, "我的.pdf", b"z")
    errand = ask(world, [theirs, loose, own, "0" * 26])
    world.work()
    assert opened(world, errand) == {"我的.pdf": b"z"}
    assert standing(world, errand).result["left_out"] == 3
    nothing = ask(world, [theirs])
    world.work()
    assert standing(world, nothing).state == "failed"
    assert standing(world, nothing).result["why"]["zh"] == zipping.NOTHING.zh


def test_a_right_that_ended_meanwhile_gives_nothing_any_more(world: EmptyWorld) -> None:
    """Readable when it was ordered, through a copy; taken back before it was made."""
    instance = prints.begin(world, "别人")
    theirs = stored(world, "他的.pdf", b"x", "别人", instance)
    task = world.open_task(instance, "upload")
    copy = {"id": new_id(), "instance_id": instance, "task_id": task, "person_id": world.people["报告人"]}
    with world.session() as session, transaction(session):
        session.execute(insert(Copy).values(**copy, by_id=world.people["别人"], at=world.now))
    readable, ended = ask(world, [theirs]), ask(world, [theirs, stored(world, "我的.pdf", b"z")])
    with world.session() as session:
        jobs.run_one(world.sessions, lambda: world.now, "tests")
    assert opened(world, readable) == {"他的.pdf": b"x"}
    with world.session() as session, transaction(session):
        session.execute(delete(Copy))
    world.work()
    assert opened(world, ended) == {"我的.pdf": b"z"}


def test_a_zip_of_too_many_or_too_much_is_refused_in_words(
    world: EmptyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = stored(world, "a.pdf", b"x" * 100)
    for limit, value in (("MOST_FILES", 0), ("MOST_BYTES", 99)):
        with monkeypatch.context() as patch:
            patch.setattr(zipping, limit, value)
            with pytest.raises(Refused, match="分批"):
                ask(world, [file])
    with pytest.raises(Refused, match="没有"):
        ask(world, [])


def test_a_zip_killed_at_any_moment_is_made_once(world: EmptyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [stored(world, f"{number}.pdf", b"x" * number) for number in range(1, 25)]
    errand = ask(world, files)
    verb, deaths = errands.step, iter([0, 1, 2])

    for _ in range(3):
        left = next(deaths)

        def dying(*given: Any, **more: Any) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise SystemExit
            verb(*given, **more)

        monkeypatch.setattr(errands, "step", dying)
        with pytest.raises(SystemExit):
            world.work()
        world.now += jobs.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(errands, "step", verb)
    world.work()
    assert len(opened(world, errand)) == 24
    with world.session() as session:
        assert session.scalar(select(func.count()).where(File.purpose == "result")) == 1


def test_a_zip_called_off_leaves_no_file(world: EmptyWorld) -> None:
    errand = ask(world, [stored(world, "a.pdf", b"x")])
    with world.session() as session:
        assert errands.stop(session, errand, world.acting("报告人"), world.now)
    world.work()
    assert standing(world, errand).state == "stopped"
    with world.session() as session:
        assert session.scalar(select(func.count()).where(File.purpose == "result")) == 0


def batch(world: EmptyWorld, wanted: list[str], name: str = "报告人") -> str:
    with world.session() as session:
        return documents.print_later(
            session, prints.TEMPLATE, wanted, Words("批量打印", "Batch"), world.acting(name), world.now
        )


def marked(world: EmptyWorld, errand: str) -> list[Document]:
    with world.session() as session:
        return list(session.scalars(select(Document).where(Document.element == f"errand:{errand}")))


def test_a_batch_prints_each_document_once_and_a_zip_has_them(world: EmptyWorld) -> None:
    wanted = started(world, 12)
    world.work()
    errand = batch(world, wanted)
    world.work()
    found = marked(world, errand)
    assert sorted(one.instance_id or "" for one in found) == sorted(wanted)
    assert len({one.number for one in found}) == 12
    assert standing(world, errand).result == {"documents": 12, "failed": []}
    with world.session() as session:
        files = documents.printed_files(session, wanted, prints.TEMPLATE)
    assert set(files) == {one.file_id for one in found}  # the newest
    packed = ask(world, files)
    world.work()
    assert len(opened(world, packed)) == 12


def test_a_batch_taken_up_again_leaves_out_what_is_there(
    world: EmptyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = started(world, 8)
    world.work()
    errand, verb, count = batch(world, wanted), batches.keep, 0

    def dying(*given: Any) -> str:
        nonlocal count
        count += 1
        if count > 4:
            raise SystemExit
        return verb(*given)

    monkeypatch.setattr(batches, "keep", dying)
    with pytest.raises(SystemExit):
        world.work()
    assert 0 < len(marked(world, errand)) <= 5
    monkeypatch.setattr(batches, "keep", verb)
    world.now += jobs.LEASE + timedelta(seconds=1)
    world.work()
    assert sorted(one.instance_id or "" for one in marked(world, errand)) == sorted(wanted)


def test_what_cannot_be_printed_is_named_and_holds_nothing_up(
    world: EmptyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = started(world, 3)
    world.work()
    hook = house.documents[prints.TEMPLATE]

    def sometimes(call: Any) -> Any:
        if call.instance == wanted[1]:
            raise Refused("资料不完整")
        return hook(call)

    monkeypatch.setitem(house.documents, prints.TEMPLATE, sometimes)
    errand = batch(world, wanted)
    world.work()
    assert standing(world, errand).result == {"documents": 2, "failed": [wanted[1]]}


def test_a_batch_prints_nothing_of_others(world: EmptyWorld) -> None:
    theirs = started(world, 1, "别人")
    world.work()
    errand = batch(world, theirs)
    world.work()
    assert marked(world, errand) == []


def bundle(world: EmptyWorld, wanted: list[str], names: dict[str, str] | None = None) -> str:
    by, of = world.acting("报告人"), names.__getitem__ if names else None
    with world.session() as session:
        return documents.bundle_later(session, prints.TEMPLATE, wanted, TITLE, of, by, world.now)


def test_a_bundle_prints_and_packs_each_by_its_name(world: EmptyWorld) -> None:
    """C-30: in the order asked for, equal names told apart, no name in what the job is told."""
    wanted = started(world, 4)
    world.work()
    names = dict(
        zip(
            wanted,
            ["李四-列席-登记表", "张三-代表-登记表.pdf", "张三-代表-登记表", "王/五-代表"],
            strict=True,
        )
    )
    errand = bundle(world, wanted, names)
    with world.session() as session:
        assert "张三" not in str([row.arguments for row in session.scalars(select(jobs.Job))])
        assert "张三" not in str(standing(world, errand).arguments)
    world.work()
    packed = opened(world, errand)
    assert list(packed) == [
        "李四-列席-登记表.pdf",
        "张三-代表-登记表.pdf",
        "张三-代表-登记表(2).pdf",
        "王_五-代表.pdf",
    ]
    assert all(content.startswith(b"%PDF") for content in packed.values())
    done = standing(world, errand)
    assert (done.state, done.done, done.total) == ("done", 4, 4)
    assert {key: done.result[key] for key in ("files", "left_out", "failed")} == {
        "files": 4,
        "left_out": 0,
        "failed": [],
    }
    assert sorted(str(one.instance_id) for one in marked(world, errand)) == sorted(wanted)


def test_a_bundle_leaves_out_what_is_not_one_s_own_or_fails_and_says_so(
    world: EmptyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C-23."""
    wanted, theirs = started(world, 2), started(world, 1, "别人")
    world.work()
    hook = house.documents[prints.TEMPLATE]

    def sometimes(call: Any) -> Any:
        if call.instance == wanted[0]:
            raise Refused("资料不完整")
        return hook(call)

    monkeypatch.setitem(house.documents, prints.TEMPLATE, sometimes)
    errand, nothing = bundle(world, [*wanted, *theirs]), bundle(world, theirs)
    world.work()
    assert len(opened(world, errand)) == 1
    result = standing(world, errand).result
    assert (result["files"], result["left_out"], result["failed"]) == (1, 2, [wanted[0]])
    assert standing(world, nothing).state == "failed"


def test_a_bundle_killed_on_the_way_prints_nothing_twice(
    world: EmptyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = started(world, 5)
    world.work()
    errand = bundle(world, wanted)
    verb = zipping.enter

    def dying(*given: Any, **more: Any) -> str:
        raise SystemExit

    monkeypatch.setattr(zipping, "enter", dying)
    with pytest.raises(SystemExit):
        world.work()
    first = {one.id for one in marked(world, errand)}
    monkeypatch.setattr(zipping, "enter", verb)
    world.now += jobs.LEASE + timedelta(seconds=1)
    world.work()
    assert {one.id for one in marked(world, errand)} == first
    assert len(opened(world, errand)) == len(first) == 5


def test_a_bundle_called_off_leaves_no_file(world: EmptyWorld) -> None:
    wanted = started(world, 1)
    world.work()
    errand = bundle(world, wanted)
    with world.session() as session:
        assert errands.stop(session, errand, world.acting("报告人"), world.now)
    world.work()
    assert standing(world, errand).state == "stopped"
    with world.session() as session:
        assert session.scalar(select(func.count()).where(File.purpose == "result")) == 0


def test_a_bundle_of_none_too_many_or_too_much_is_refused(
    world: EmptyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = started(world, 1)
    world.work()
    with pytest.raises(Refused, match="没有"):
        bundle(world, [])
    monkeypatch.setattr(zipping, "MOST_BYTES", 10)
    errand = bundle(world, wanted)
    world.work()
    assert standing(world, errand).state == "failed"
    monkeypatch.setattr(zipping, "MOST_FILES", 0)
    with pytest.raises(Refused, match="分批"):
        bundle(world, wanted)


def test_names_with_rare_characters_print(world: EmptyWorld) -> None:
    """䶮 㛃 𬭎 stand in names of real people: they are drawn, not replaced by 〓."""
    prints.said["rows"][0]["name"] = "䶮㛃𬭎"
    instance = prints.begin(world)
    row, pdf = prints.newest(world, instance)
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()
    assert "䶮㛃" in text
    assert "〓" not in text
    assert row.pages == 1
    prints.said["rows"][0]["name"] = "\U00020bb7"  # 𠮷 is in no font of ours
    _, other = prints.newest(world, prints.begin(world))
    assert "〓" in pypdfium2.PdfDocument(other)[0].get_textpage().get_text_bounded()


def test_asking_for_a_zip_takes_a_fixed_number_of_statements(world: EmptyWorld) -> None:
    files = [stored(world, f"{number}.pdf", b"x") for number in range(20)]
    statements: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    by = world.acting("报告人")
    with world.session() as session:
        statements.clear()
        documents.zip_later(session, files, TITLE, by, world.now)
    assert len([line for line in statements if not line.startswith("BEGIN")]) == 3
