"""Registration forms taken out together: what is in the ZIP, and how it is called (PG-D12, D-37)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pypdfium2
import pytest
from sqlalchemy import select, update

from app.platform import audit, documents
from app.platform.data import transaction
from app.platform.jobs import errands
from app.platform.registry import Refused
from app.platform.runtime.errors import Unknown
from app.systems.delegates import congresses, registration_forms, reports
from app.systems.delegates.entities import Candidate, Congress
from app.systems.delegates.review_lists import REPORTED
from tests.systems.delegates import filling, slating
from tests.systems.delegates.world import CONGRESS, CONVENING, LIAISON_ONE, LIAISON_TWO, World


def export(world: World, name: str = CONVENING) -> str:
    """登记表管理: all forms of the congress that this person may read; the errand."""
    with world.session() as session:
        return registration_forms.export(session, world.congress, world.acting(name), world.now)


def take(world: World, ticked: Sequence[str] = ()) -> str:
    """导出登记表 above the list of those reported; the errand."""
    with world.session() as session:
        by = world.acting(LIAISON_ONE)
        return reports.forms_later(session, REPORTED, ticked, {}, by, world.now)


def unpacked(world: World, errand: str, name: str) -> tuple[str, dict[str, str]]:
    """Let it be done; the ZIP's name, and the text of each PDF in it by the PDF's name."""
    world.work()
    with world.session() as session:
        standing = errands.get(session, errand, world.acting(name))
        assert standing is not None
        assert standing.state == "done", standing.result
        assert (standing.result["left_out"], standing.result["failed"]) == (0, [])
        found = documents.open_file(session, documents.settings().storage, standing.result["file"])
    assert found is not None
    with zipfile.ZipFile(io.BytesIO(found[1])) as archive:
        assert archive.testzip() is None
        return found[0].name, {one: words_of(archive.read(one)) for one in archive.namelist()}


def words_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "".join("".join(page.get_textpage().get_text_range() for page in document).split())


def submitted(world: World, name: str, identity: str, school: str) -> None:
    filling.submit(world, filling.recommend(world, name, identity), name, full_time_school=[school])


def exported(world: World, congress: str) -> list[int]:
    """How many forms each export of a congress took, as the record says."""
    with world.session() as session:
        rows = audit.read(session, congresses.about_of(congress))
        return [row.body["count"] for row in rows if row.kind == "forms.exported"]


def test_the_zip_has_each_form_by_name_and_identity(world: World) -> None:
    """D-37, 2.4 Downloads: 姓名-身份-登记表.pdf in 代表大会名-登记表.zip, each with its own person's form."""
    submitted(world, "张丽丽", "member", "燕山演示大学")
    submitted(world, "王倩", "delegate", "滏阳演示学院")
    filling.recommend(world, "李海", liaison=LIAISON_TWO, unit=world.other_unit)  # has submitted nothing
    called, found = unpacked(world, export(world, LIAISON_ONE), LIAISON_ONE)
    assert called == f"{CONGRESS}-登记表.zip"
    assert sorted(found) == ["张丽丽-委员-登记表.pdf", "王倩-代表-登记表.pdf"]
    assert "燕山演示大学" in found["张丽丽-委员-登记表.pdf"]
    assert "滏阳演示学院" not in found["张丽丽-委员-登记表.pdf"]
    assert "滏阳演示学院" in found["王倩-代表-登记表.pdf"]
    assert exported(world, world.congress) == [2]


def test_the_convening_unit_has_the_forms_that_were_reported_to_it(world: World) -> None:
    """D-44: before the report there are none for it, neither counted nor packed."""
    there = slating.waiting(world)

    def forms(name: str) -> list[int]:
        with world.session() as session:
            return [one.forms for one in registration_forms.held(session, world.acting(name))]

    assert (forms(CONVENING), forms(LIAISON_ONE)) == ([0], [2])
    with pytest.raises(Refused) as refused:
        export(world)
    assert refused.value.words == registration_forms.NOBODY
    slating.report(world)
    assert forms(CONVENING) == [2]
    called, found = unpacked(world, export(world), CONVENING)
    assert called == f"{CONGRESS}-登记表.zip"
    assert len(found) == len(there)


def test_the_list_of_those_reported_gives_the_same_zip(world: World) -> None:
    """D-37: all of them, or the ticked ones; one way of packing, so the same names, and on the record as well."""
    there = slating.waiting(world)
    slating.report(world)
    with world.session() as session:
        people = session.execute(select(Candidate.id, Candidate.name)).all()
    names = {row.id: row.name for row in people}
    called, found = unpacked(world, take(world), LIAISON_ONE)
    assert called == f"{CONGRESS}-登记表.zip"
    assert sorted(found) == sorted(
        [f"{names[there[0]]}-委员-登记表.pdf", f"{names[there[1]]}-代表-登记表.pdf"]
    )
    _, found = unpacked(world, take(world, there[1:]), LIAISON_ONE)
    assert list(found) == [f"{names[there[1]]}-代表-登记表.pdf"]
    assert exported(world, world.congress) == [2, 1]


def test_forms_of_two_congresses_are_called_after_none(world: World) -> None:
    """Each congress's record has its own count."""
    there = slating.waiting(world)
    slating.report(world)
    with world.session() as session, transaction(session):
        old = session.get_one(Congress, world.congress)
        new = congresses.clone(session, old.id, world.acting(CONVENING), world.now)
        session.execute(update(Candidate).where(Candidate.id == there[1]).values(congress_id=new))
    called, found = unpacked(world, take(world), LIAISON_ONE)
    assert called == "登记表.zip"
    assert len(found) == 2
    assert (exported(world, world.congress), exported(world, new)) == ([1], [1])


def test_where_there_is_nothing_to_pack_it_is_said(world: World) -> None:
    """D-44: another unit's liaison finds none of these forms, and no congress without his own forms."""
    submitted(world, "王倩", "delegate", "滏阳演示学院")
    with pytest.raises(Unknown):
        export(world, LIAISON_TWO)
    with pytest.raises(Refused) as refused:
        take(world)
    assert refused.value.words == reports.NOBODY
