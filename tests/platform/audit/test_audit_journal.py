import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from app.platform import audit
from app.platform.audit import chain, keys
from app.platform.audit.entities import AuditHead, AuditKey, AuditRow
from app.platform.audit.verifying import BadRow
from app.platform.data import transaction

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)


def write(session, count=10, kind="identity", about="person:1"):
    for number in range(count):
        audit.log(session, kind, "account.changed", "p1", NOW + timedelta(hours=number), {"n": number}, about)


def tamper(session, statement):
    with transaction(session):
        session.execute(statement.execution_options(synchronize_session=False))
    session.expire_all()


def test_an_untouched_journal_verifies(session):
    write(session)
    write(session, kind="admin", about=None)
    assert audit.verify(session) is None
    assert audit.verify(session, audit.heads(session)) is None


def test_what_was_written_about_a_record_can_be_read(session):
    write(session, 3)
    assert [entry.body for entry in audit.read(session, "person:1")] == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_the_text_of_a_row_is_not_readable_at_rest(session):
    audit.log(session, "identity", "account.changed", None, NOW, {"phone": "13800138000"}, "person:1")
    raw = session.execute(text("SELECT body FROM audit_row")).scalar_one()
    assert b"13800138000" not in bytes(raw)


@pytest.mark.parametrize(
    "values",
    [
        {"at": NOW + timedelta(days=9)},
        {"kind": "other"},
        {"by_id": "p2"},
        {"by_id": None},
        {"about": "person:2"},
        {"digest": b"0" * 32},
        {"link": b"0" * 32},
        {"key_id": "another"},
    ],
)
def test_a_changed_field_is_found_at_its_row(session, values):
    write(session)
    tamper(session, update(AuditRow).where(AuditRow.seq == 4).values(**values))
    assert audit.verify(session) == BadRow("identity:0", 4, "link")


def test_a_changed_text_is_found_at_its_row(session):
    write(session)
    key = keys.of(session, "person:1", NOW)
    tamper(session, update(AuditRow).where(AuditRow.seq == 7).values(body=key.seal(b'{"n":99}')))
    assert audit.verify(session) == BadRow("identity:0", 7, "body")
    tamper(session, update(AuditRow).where(AuditRow.seq == 7).values(body=b"torn"))
    assert audit.verify(session) == BadRow("identity:0", 7, "body")


def test_a_deleted_row_is_found_where_it_is_missing(session):
    write(session)
    tamper(session, delete(AuditRow).where(AuditRow.seq == 5))
    assert audit.verify(session) == BadRow("identity:0", 5, "sequence")


def test_an_inserted_row_is_found(session):
    write(session, 3)
    row = dict(session.execute(select(AuditRow.__table__).where(AuditRow.seq == 3)).mappings().one())
    tamper(session, insert(AuditRow).values(row | {"seq": 4}))
    assert audit.verify(session) == BadRow("identity:0", 4, "link")


def test_swapped_rows_are_found_at_the_first(session):
    write(session)
    tamper(session, update(AuditRow).where(AuditRow.seq == 2).values(seq=99))
    tamper(session, update(AuditRow).where(AuditRow.seq == 6).values(seq=2))
    tamper(session, update(AuditRow).where(AuditRow.seq == 99).values(seq=6))
    assert audit.verify(session) == BadRow("identity:0", 2, "link")


def test_a_cut_tail_is_found_by_the_head(session):
    write(session)
    tamper(session, delete(AuditRow).where(AuditRow.seq > 8))
    assert audit.verify(session) == BadRow("identity:0", 9, "head")


def test_a_tail_cut_with_its_head_is_found_by_a_head_kept_outside(session):
    write(session)
    kept = audit.heads(session)
    tamper(session, delete(AuditRow).where(AuditRow.seq > 8))
    link = session.scalar(select(AuditRow.link).where(AuditRow.seq == 8))
    tamper(session, update(AuditHead).where(AuditHead.stream == "identity:0").values(seq=8, link=link))
    assert audit.verify(session) is None
    assert audit.verify(session, kept) == BadRow("identity:0", 9, "outside")


def test_a_stream_that_vanished_with_its_head_is_found_outside(session):
    write(session)
    kept = audit.heads(session)
    tamper(session, delete(AuditRow))
    tamper(session, delete(AuditHead))
    assert audit.verify(session, kept) == BadRow("identity:0", 1, "outside")


def test_erasing_a_record_erases_its_text_and_the_chain_still_verifies(session):
    write(session, 3)
    write(session, 3, about="person:2")
    audit.erase(session, "person:1", "admin", NOW, "asked for")
    assert audit.verify(session) is None
    read = audit.read(session, "person:1")
    assert [entry.body for entry in read if entry.kind == "account.changed"] == [None] * 3
    assert audit.read(session, "person:2")[0].body == {"n": 0}
    write(session, 1)
    assert audit.verify(session) is None
    assert audit.read(session, "person:1")[-1].body is not None or len(read) == 4


def test_a_key_taken_away_without_a_word_is_found(session):
    write(session, 3)
    tamper(session, update(AuditKey).values(key=None, erased_at=NOW))
    assert audit.verify(session) == BadRow("identity:0", 1, "key")
    assert audit.verify(session, bodies=False) is None


def test_a_row_is_rolled_back_with_the_verb_and_its_key_is_not_remembered(session):
    def refused():
        with transaction(session):
            audit.log(session, "identity", "x", None, NOW, {}, "person:9")
            audit.log(session, "identity", "x", None, NOW + timedelta(seconds=1), {}, "person:9")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        refused()
    assert session.scalars(select(AuditRow)).all() == []
    write(session, 2, about="person:9")
    assert audit.verify(session) is None


def test_any_of_a_hundred_random_changes_is_found_at_its_row(session):
    write(session, 60)
    chance = random.Random(20)
    for _ in range(100):
        seq = chance.randint(1, 60)
        column = chance.choice(["at", "kind", "by_id", "about", "digest", "link", "body"])
        row = dict(session.execute(select(AuditRow.__table__).where(AuditRow.seq == seq)).mappings().one())
        old = row[column]
        new = {"at": NOW - timedelta(1), "digest": b"1", "link": b"2", "body": b"3"}.get(column, "forged")
        tamper(session, update(AuditRow).where(AuditRow.seq == seq).values({column: new}))
        found = audit.verify(session)
        assert found is not None
        assert found.seq == seq
        tamper(session, update(AuditRow).where(AuditRow.seq == seq).values({column: old}))
    assert audit.verify(session) is None


def test_many_writers_at_once_leave_one_unbroken_journal(engine):
    faults = []

    def work(name):
        try:
            with Session(engine) as session:
                for number in range(15):
                    with transaction(session):
                        audit.log(session, "identity", "x", name, NOW, {"n": number}, "person:1")
                        audit.log(session, "identity", "y", name, NOW, {"n": number}, f"person:{name}")
        except Exception as fault:  # shown by the assertion below
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with Session(engine) as session:
        assert session.query(AuditRow).count() == 6 * 15 * 2
        assert audit.verify(session) is None


def test_the_chain_is_reusable_for_the_history_of_an_instance(session):
    with transaction(session):
        key = keys.make(session, "instance:1", NOW)
    body = b'{"outcome":"approve"}'
    link = chain.link(chain.START, ("instance:1", 1, NOW, "decided", "p1", key.id), key.digest(body))
    again = keys.of(session, "instance:1", NOW + timedelta(hours=1))
    assert again == key
    assert again.unseal(key.seal(body)) == body
    assert (
        chain.link(chain.START, ("instance:1", 1, NOW, "decided", "p1", key.id), again.digest(body)) == link
    )
