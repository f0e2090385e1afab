"""Scans read back and compared with the print: foreign, stale, doubled and missing pages are refused (C-20, P-17)."""

from __future__ import annotations

import io

import pytest
import segno
from PIL import Image
from sqlalchemy import event, select, update

from app.platform import documents
from app.platform.data import transaction
from app.platform.documents import Document, Reading, comparing
from app.platform.forms import Compared
from app.platform.registry import Call, Words
from app.platform.runtime import history, tasks, versions
from app.platform.runtime.errors import Unpublishable
from app.platform.runtime.tasks import Decision
from tests import photos
from tests.empty_world import EmptyWorld
from tests.platform.documents import prints
from tests.platform.jobs.databases import KINDS

pytestmark = pytest.mark.parametrize("bare_world", KINDS, indirect=True)


@pytest.fixture
def world(bare_world: EmptyWorld) -> EmptyWorld:
    prints.say()
    prints.publish(bare_world)
    return bare_world


def pages(world: EmptyWorld, instance: str) -> list[Image.Image]:
    return photos.pages_of(prints.newest(world, instance)[1])


def compared(world: EmptyWorld, instance: str, *contents: bytes, kind: str = "pdf") -> Compared:
    """What comes of uploading these files together."""
    files = [prints.upload(world, instance, content, kind) for content in contents]
    by = world.acting("报告人")
    with world.session() as session:
        call = Call(session, world.now, by, instance, "", "", {}, by.person)
        return documents.verify(call, prints.TEMPLATE, files)


def fault(found: Compared) -> tuple[str, dict[str, object]]:
    assert found.fault is not None
    said = {
        name: each.zh if isinstance(each, Words) else each for name, each in found.fault.parameters.items()
    }
    return found.fault.code, said


def test_a_whole_signed_scan_is_verified_and_the_record_has_both_hashes(world: EmptyWorld) -> None:
    instance = prints.begin(world)
    document, _ = prints.newest(world, instance)
    scan = photos.scanned([photos.stamped(page) for page in pages(world, instance)])
    entry = prints.entry(world, instance, [prints.upload(world, instance, scan)])
    assert not entry.complaints
    kept = entry.compared["scan"]
    assert kept["verdict"] == "verified"
    assert kept["print"] == {"number": document.number, "data": document.data_hash}
    by, task = world.acting("报告人"), world.open_task(instance, "upload")
    with world.session() as session:
        revision = tasks.get(session, task, by, world.now).revision
        tasks.complete(session, task, entry, Decision("send", "", revision), by, world.now)
        (row,) = [one for one in history.of(session, instance) if one.kind == "decided"]
        assert row.body["scans"] == {"scan": kept}
        assert history.first_bad_row(session, instance) is None
        reading = session.scalars(select(Reading)).one()
        assert (reading.verdict, reading.document_id, reading.print_hash) == (
            "verified",
            document.id,
            document.data_hash,
        )


def test_photos_of_the_pages_in_any_order_are_one_scan(world: EmptyWorld) -> None:
    instance = prints.begin(world)
    taken = [
        photos.photo(photos.stamped(page), turn=turn)
        for page, turn in zip(pages(world, instance), (3, -4, 90), strict=True)
    ]
    assert compared(world, instance, *reversed(taken), kind="jpg").facts["verdict"] == "verified"


def test_another_documents_scan_is_refused_by_its_number(world: EmptyWorld) -> None:
    instance, other = prints.begin(world), prints.begin(world)
    theirs, ours = prints.newest(world, other)[0].number, prints.newest(world, instance)[0].number
    found = compared(world, instance, photos.scanned(pages(world, other)))
    assert fault(found) == ("other_document", {"number": theirs, "own": ours, "how": "known"})
    mixed = [*pages(world, instance)[:2], pages(world, other)[2]]
    assert fault(compared(world, instance, photos.scanned(mixed)))[0] == "other_document"


def test_a_missing_page_and_a_page_twice_are_named(world: EmptyWorld) -> None:
    instance = prints.begin(world)
    first, second, third = pages(world, instance)
    assert fault(compared(world, instance, photos.scanned([first, third]))) == (
        "page_missing",
        {"pages": "2", "total": 3},
    )
    assert fault(compared(world, instance, photos.scanned([first, second, second, third]))) == (
        "page_doubled",
        {"pages": "2", "total": 3},
    )
    assert compared(world, instance, photos.scanned([third, first, second])).fault is None


def test_an_unreadable_page_is_not_refused_but_left_to_the_reviewer(world: EmptyWorld) -> None:
    instance = prints.begin(world)
    first, second, third = pages(world, instance)
    bad = photos.without_code(second)
    assert compared(world, instance, photos.scanned([first, bad, third])).facts["verdict"] == "unverified"
    assert compared(world, instance, photos.scanned([bad])).facts["verdict"] == "unverified"
    # two are missing, and one sheet cannot be both
    assert fault(compared(world, instance, photos.scanned([first, bad])))[0] == "page_missing"


def test_a_blank_back_does_not_spoil_a_whole_scan(world: EmptyWorld) -> None:
    instance = prints.begin(world)
    blank = Image.new("RGB", pages(world, instance)[0].size, "white")
    found = compared(world, instance, photos.scanned([*pages(world, instance), blank]))
    assert found.facts["verdict"] == "verified"


def test_an_older_print_is_refused_with_the_changed_fields_by_label(world: EmptyWorld) -> None:
    """P-17, P-21: the form field of the name gives the label, or the hook does."""
    instance = prints.begin(world)
    old = photos.scanned(pages(world, instance))
    prints.said["values"]["employer"] = "第二中学"
    prints.said["rows"][1]["result"] = "不通过"
    entry = prints.entry(world, instance, [prints.upload(world, instance, old)])
    (complaint,) = entry.complaints
    assert complaint.message("zh") == (
        "【签章件】打印后资料已有修改（审查结果、工作单位），请重新打印、签字、盖章后再上传"
    )
    assert "Result, Employer" in complaint.message("en")
    assert entry.sent["scan"]  # what was handed in stays
    prints.said["rows"].append({"name": "队4", "result": "通过"})
    assert "名单" in str(fault(compared(world, instance, old))[1]["fields"])


def test_a_reprint_of_the_same_data_makes_no_print_stale(world: EmptyWorld) -> None:
    instance = prints.begin(world)
    old = pages(world, instance)
    world.decide(instance, "upload", "again", "报告人", {"employer": ["无关"]})
    world.work()
    new = pages(world, instance)
    assert prints.newest(world, instance)[0].number.endswith("2")
    assert compared(world, instance, photos.scanned(old)).facts["verdict"] == "verified"
    assert compared(world, instance, photos.scanned([old[0], new[1], old[2]])).fault is None


def test_a_code_somebody_made_himself_counts_for_nothing(world: EmptyWorld) -> None:
    instance = prints.begin(world)
    document, _ = prints.newest(world, instance)
    made = [code_page(f"{document.number}.{page}/3.{'0123456789ABCDEF'}") for page in (1, 2, 3)]
    assert compared(world, instance, photos.scanned(made)).facts["verdict"] == "unverified"


@pytest.mark.parametrize(
    "said",
    [
        "https://evil.example/<script>alert(1)</script>",
        "'; DROP TABLE documents_file; --",
        "9" * 2900,
        "\x00\x1b[2J",
        "呈批" * 300,
    ],
    ids=["script", "sql", "huge", "control", "chinese"],
)
def test_a_hostile_code_goes_no_further_than_the_child(world: EmptyWorld, said: str) -> None:
    instance = prints.begin(world)
    found = compared(world, instance, photos.scanned([code_page(said)]))
    assert found.facts["verdict"] == "unverified"
    with world.session() as session:
        (row,) = session.scalars(select(Reading)).all()
        assert row.pages in ([[[], 1]], [[[], 0]])  # counted where it could be read, never kept


def code_page(said: str) -> Image.Image:
    """A sheet with one foreign code on it."""
    out = io.BytesIO()
    segno.make_qr(said, error="l", boost_error=False).save(out, kind="png", scale=4, border=4)
    sheet = Image.new("RGB", (1240, 1754), "white")
    sheet.paste(Image.open(out).convert("RGB"), (100, 100))
    return sheet


def test_a_scan_is_read_once(world: EmptyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = prints.begin(world)
    file = prints.upload(world, instance, photos.scanned(pages(world, instance)))
    assert not prints.entry(world, instance, [file]).complaints
    monkeypatch.setattr(documents.Press, "read", None)
    statements: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with world.session() as session:
        by = world.acting("报告人")
        call = Call(session, world.now, by, instance, "", "", {}, by.person)
        statements.clear()
        assert documents.verify(call, prints.TEMPLATE, [file]).facts["verdict"] == "verified"
    asked = [line for line in statements if not line.startswith(("BEGIN", "SAVEPOINT"))]
    assert len(asked) == 6, asked


def test_no_scan_is_read_inside_a_verb(world: EmptyWorld) -> None:
    instance = prints.begin(world)
    file = prints.upload(world, instance, photos.scanned(pages(world, instance)))
    by = world.acting("报告人")
    with world.session() as session, transaction(session):
        call = Call(session, world.now, by, instance, "", "", {}, by.person)
        with pytest.raises(RuntimeError, match="before the transaction"):
            documents.verify(call, prints.TEMPLATE, [file])


def test_a_print_from_which_a_page_was_taken_out_of_the_table_is_noticed(world: EmptyWorld) -> None:
    """Whoever changes the snapshot in the database makes the codes of its prints worthless."""
    instance = prints.begin(world)
    scan = photos.scanned(pages(world, instance))
    with world.session() as session, transaction(session):
        session.execute(update(Document).values(data_hash="f" * 64))
    assert compared(world, instance, scan).facts["verdict"] == "unverified"


def test_a_form_may_only_want_scans_of_what_its_process_prints(world: EmptyWorld) -> None:
    field = {**prints.FORM["fields"][0], "scan_of": "tests/nothing"}
    with pytest.raises(Unpublishable) as refused:
        prints.publish(world, {**prints.FORM, "fields": [field]})
    (problem,) = refused.value.problems
    assert problem.message("zh").endswith("流程中没有打印“tests/nothing”的模板")
    with world.session() as session:
        assert versions.current(session, "tests_prints")  # the old one stands


def test_changes_are_found_leaf_by_leaf(bare_world: EmptyWorld) -> None:
    before = {"file_name": "a", "a": {"b": [1, {"c": 2}], "d": None}, "e": "x"}
    after = {"file_name": "b", "a": {"b": [1, {"c": 3}]}, "e": "x", "f": ""}
    assert list(comparing.changed(before, after)) == ["a.b[1].c", "f"]
    assert list(comparing.changed({"rows": [1]}, {"rows": [1, 2]})) == ["rows"]
