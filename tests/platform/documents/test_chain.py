"""The permission form as the running chain prints it, and prints it anew after a return (P-14, P-17, P-21)."""

import pypdfium2
from sqlalchemy import select

from app.platform import documents
from app.platform.documents import Document, printing
from tests.world import World, profile


def printed(world: World, instance: str) -> list[tuple[Document, str, str]]:
    """Each document of an instance with its file's name and its text."""
    found = []
    with world.session() as session:
        query = select(Document).where(Document.instance_id == instance).order_by(Document.id)
        for document in session.scalars(query).all():
            opened = documents.open_file(session, documents.settings().storage, document.file_id)
            assert opened is not None
            pages = pypdfium2.PdfDocument(opened[1])
            assert len(pages) == document.pages == 1
            found.append((document, opened[0].name, pages[0].get_textpage().get_text_bounded()))
    return found


def test_the_chain_prints_the_form_from_the_snapshot(world: World) -> None:
    instance = world.apply()
    world.decide(instance, "file_profile", "save", sent=profile())
    world.decide(instance, "submit", "submit")
    assert printed(world, instance) == []
    world.work()
    ((document, name, text),) = printed(world, instance)
    assert name.endswith("-申请表.pdf")
    assert document.number in text
    assert document.data["values"]["employer"] in text
    assert document.data_hash == printing.hash_of("fairs/application_form", document.data)
    world.work()
    assert len(printed(world, instance)) == 1


def test_a_form_printed_anew_is_another_document_with_another_hash(world: World) -> None:
    instance = world.to_review()
    world.decide(instance, "city_review", "reject", "市级", comment="单位名称有误")
    world.decide(instance, "correct", "reprint", sent=profile(employer="演示第二中学"))
    world.work()
    (first, _, before), (second, _, after) = printed(world, instance)
    assert first.number != second.number
    assert first.data_hash != second.data_hash
    assert "演示第二中学" not in before
    assert "演示第二中学" in after
