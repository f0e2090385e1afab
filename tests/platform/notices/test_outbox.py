"""Notices: written with the verb or not at all, in-app at once, outside by a job with three tries (F10)."""

from __future__ import annotations

import email
import email.policy
import json
import stat
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from app.platform import jobs, notices
from app.platform.data import transaction
from app.platform.identity.entities import Person
from app.platform.jobs import Job
from app.platform.notices import Delivery, Notice, NoticeChoice, choosing, kinds
from app.platform.registry import Words, house
from tests.platform.notices.conftest import MORNING, Place

TITLE, TEXT = Words("退回通知", "Sent back"), Words("请补正。", "Please correct.")


def tell(place: Place, *people: str, title: Words = TITLE, text: Words = TEXT, **more: Any) -> list[str]:
    with place.sessions() as session:
        return notices.send(session, people, title, text, place.at, **more)


def states(place: Place) -> list[str]:
    with place.sessions() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def letter(place: Place, number: int = 0) -> Any:
    return email.message_from_bytes(place.letters.kept[number].content, policy=email.policy.default)


def test_a_notice_is_there_at_once_and_its_reader_alone_marks_it_read(place: Place) -> None:
    (first,) = tell(place, "anna", instance="i1")
    tell(place, "bo", "bo")
    with place.sessions() as session:
        (told,) = notices.of(session, "anna")
        assert (told.id, told.title, told.text, told.instance, told.read_at) == (
            first,
            TITLE,
            TEXT,
            "i1",
            None,
        )
        assert (notices.unread(session, "anna"), notices.unread(session, "bo")) == (1, 1)
        assert notices.mark_read(session, "bo", [first], MORNING) == 0
        assert notices.mark_read(session, "anna", None, MORNING) == 1
        assert notices.mark_read(session, "anna", None, MORNING) == 0
        assert notices.of(session, "anna")[0].read_at == MORNING
        assert notices.unread(session, "anna") == 0
    assert place.work() == 0


def test_a_long_list_goes_on_where_it_stopped(place: Place) -> None:
    for number in range(5):
        tell(place, "anna", title=Words(str(number), ""))
    with place.sessions() as session:
        first = notices.of(session, "anna", limit=3)
        rest = notices.of(session, "anna", limit=3, before=first[-1].id)
    assert len({told.id for told in first + rest}) == 5


def test_the_notice_of_a_verb_that_failed_does_not_exist(place: Place) -> None:
    def verb() -> None:
        with place.sessions() as session, transaction(session):
            notices.send(session, ["anna"], TITLE, TEXT, MORNING, channels=("email",))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        verb()
    assert place.work() == 0
    assert place.letters.kept == []
    with place.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 0


def test_mail_and_text_message_go_to_whom_has_an_address(place: Place) -> None:
    tell(place, "anna", "bo", channels=("in_app", "email", "sms"))
    assert states(place) == ["waiting", "waiting"]
    assert place.work() == 2
    mail = letter(place)
    assert (mail["To"], mail["Subject"]) == ("anna@example.org", "退回通知 · Sent back")
    assert mail["From"].addresses[0].display_name == "呈批"
    assert mail.get_content().split() == ["请补正。", "Please", "correct."]
    (line,) = place.sms.read_text().splitlines()
    assert (json.loads(line)["to"], json.loads(line)["text"]) == ("13800001234", "请补正。")
    assert stat.S_IMODE(place.sms.stat().st_mode) == 0o600
    assert states(place) == ["sent", "sent"]
    assert place.work(60) == 0


def test_a_title_of_two_lines_makes_no_header_of_its_own(place: Place) -> None:
    tell(place, "anna", title=Words("一\r\nBcc: all@example.org", ""), channels=("email",))
    place.work()
    assert letter(place)["Subject"] == "一 Bcc: all@example.org"
    assert letter(place)["Bcc"] is None


def test_a_channel_that_is_not_configured_leaves_the_notice_in_app(place: Place) -> None:
    notices.use(notices.Settings())
    assert len(tell(place, "anna", channels=("email", "sms"))) == 1
    assert states(place) == []
    with pytest.raises(ValueError, match="pigeon"):
        tell(place, "anna", channels=("pigeon",))


def test_the_same_key_tells_a_person_once(place: Place) -> None:
    assert len(tell(place, "anna", key="k", channels=("email",))) == 1
    assert tell(place, "anna", key="k", channels=("email",)) == []
    assert len(tell(place, "anna", "bo", key="k", channels=("email",))) == 1
    assert states(place) == ["waiting"]


def test_a_secret_is_sealed_never_shown_in_app_and_wiped_once_it_is_sent(place: Place) -> None:
    tell(
        place,
        "anna",
        text=Words("验证码 {secret}", "Code {secret}"),
        secret="428913",
        channels=("sms", "email"),
    )
    with place.sessions() as session:
        assert notices.of(session, "anna")[0].text == ("验证码 ******", "Code ******")
        raw = session.execute(text("SELECT said, secret FROM notices_notice")).one()
        assert b"428913" not in bytes(raw.said) + bytes(raw.secret)
    place.letters.refuse = "451 later"
    assert place.work() == 2
    assert json.loads(place.sms.read_text())["text"] == "验证码 428913"
    with place.sessions() as session:
        assert session.scalar(select(Notice.secret)) == "428913"  # the mail has still to go
    place.letters.refuse = None
    assert place.work(5) == 1
    assert "Code 428913" in letter(place).get_content()
    with place.sessions() as session:
        assert session.scalar(select(Notice.secret)) is None


def test_a_secret_that_goes_nowhere_is_not_kept(place: Place) -> None:
    tell(place, "bo", text=Words("{secret}", "{secret}"), secret="428913", channels=("sms",))
    with place.sessions() as session:
        assert session.scalar(select(Notice.secret)) is None


def test_a_secret_that_could_not_be_sent_is_wiped_after_a_day(place: Place) -> None:
    tell(place, "anna", text=Words("{secret}", ""), secret="428913", channels=("email",))
    with place.sessions() as session:
        notices.sweep(session, MORNING + timedelta(hours=23))
        assert session.scalar(select(Notice.secret)) == "428913"
        session.rollback()
        notices.sweep(session, MORNING + timedelta(hours=25))
        assert session.scalar(select(Notice.secret)) is None


def test_three_tries_then_it_is_given_up_and_a_retry_sends_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    monkeypatch.setitem(
        house.jobs, "runtime/failed", lambda _session, job, error, _now: told.append((job, error))
    )
    place.letters.refuse = "550 no"
    tell(place, "anna", instance="i1", channels=("email",))
    assert [place.work(pause) for pause in (0, 4, 1, 29, 1, 600)] == [1, 0, 1, 0, 1, 0]
    ((failed, error),) = told
    assert (failed.name, failed.arguments["instance"], failed.instance) == (notices.JOB, "i1", None)
    assert error.startswith("SMTP")
    with place.sessions() as session, transaction(session):
        notices.gave_up(session, failed.arguments["delivery"])
    assert states(place) == ["failed"]
    place.letters.refuse = None
    with place.sessions() as session:
        assert jobs.retry(session, failed.id, place.at)
    assert place.work() == 1
    assert states(place) == ["sent"]
    assert len(place.letters.kept) == 1


def test_a_second_try_carries_the_same_message_id(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies after sending sends again; whoever gets it twice can tell."""
    tell(place, "anna", channels=("email",))
    died = []

    def die(*_: Any) -> None:
        died.append(1)
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(jobs.running, "_finish", die)
        with pytest.raises(SystemExit):
            place.work()
    assert place.work(31) == 1
    assert letter(place, 0)["Message-ID"] == letter(place, 1)["Message-ID"]
    assert states(place) == ["sent"]


def test_whoever_has_lost_his_address_meanwhile_is_not_sent_to(place: Place) -> None:
    tell(place, "anna", channels=("email",))
    with place.sessions() as session, transaction(session):
        session.get_one(Person, "anna").email = None
        session.flush()
    assert place.work() == 1
    assert states(place) == ["dropped"]


def test_a_silent_mail_server_is_asked_by_one_at_a_time(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten letters to a server that is away cost one wait, not ten; none of them loses a try over it."""
    place.sessions()
    away = notices.Mail("smtp://127.0.0.1:9", "noreply@chengpi.example")
    good = notices.settings()
    notices.use(notices.Settings(away))
    tell(place, "anna", channels=("email",))
    for _ in range(9):
        tell(place, "anna", channels=("email",))
    place.work()
    with place.sessions() as session:
        assert sorted(session.scalars(select(Job.tries))) == [0] * 9 + [1]
    notices.use(good)
    assert place.work(31) == 10
    assert states(place) == ["sent"] * 10


def test_telling_many_takes_as_many_statements_as_telling_one(place: Place) -> None:
    with place.sessions() as session, transaction(session):
        for number in range(50):
            session.add(
                Person(id=f"p{number}", name="人", email=f"p{number}@example.org", created_at=MORNING)
            )
        session.flush()
    lines: list[str] = []
    bind = place.sessions.kw["bind"]

    def note(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE")):
            lines.append(statement)

    event.listen(bind, "before_cursor_execute", note)
    tell(place, "anna", channels=("email",))
    one = len(lines)
    tell(place, *(f"p{number}" for number in range(50)), channels=("email",))
    assert one == len(lines) - one == 4
    event.remove(bind, "before_cursor_execute", note)


def test_what_was_sent_is_forgotten_after_a_month_and_what_failed_is_not(place: Place) -> None:
    tell(place, "anna", channels=("email",))
    place.work()
    tell(place, "anna", channels=("email",))
    with place.sessions() as session:
        notices.sweep(session, MORNING + timedelta(days=31))
    assert states(place) == ["waiting"]


def test_a_kind_goes_by_what_is_usual_for_it_until_its_reader_chooses(place: Place) -> None:
    mine = kinds.Kind("trial", Words("试", "T"), Words("", ""), frozenset({"email"}))
    kinds.enter(mine, replace(mine, key="letter", never=frozenset({"sms"})))
    try:
        tell(place, "anna", "bo", kind="trial")
        assert ways(place) == ["email"]
        with place.sessions() as session:
            assert choosing.of(session, "anna")["trial"] == {"email"}
            choosing.choose(session, "anna", {"trial": ["sms"], "letter": ["sms"]}, MORNING)
            assert choosing.of(session, "anna")["trial"] == {"sms"}
            assert choosing.of(session, "anna")["letter"] == set()  # a way it never takes
            assert choosing.of(session, "bo")["trial"] == {"email"}
        tell(place, "anna", kind="trial")
        tell(place, "anna", kind="letter")
        assert ways(place) == ["email", "sms"]
        with place.sessions() as session:
            choosing.choose(session, "anna", {"trial": ["email"]}, MORNING)
            assert list(session.scalars(select(NoticeChoice.kind))) == ["letter"]  # as usual needs no row
    finally:
        del kinds.KINDS["trial"], kinds.KINDS["letter"]


def ways(place: Place) -> list[str]:
    with place.sessions() as session:
        return list(session.scalars(select(Delivery.channel).order_by(Delivery.id)))


def test_what_a_process_asks_for_is_narrowed_by_its_reader_and_never_widened(place: Place) -> None:
    tell(place, "anna", kind=notices.MESSAGE, channels=("in_app", "email"))
    assert ways(place) == ["email"]
    with place.sessions() as session:
        choosing.choose(session, "anna", {notices.MESSAGE: ["sms"]}, MORNING)
    tell(place, "anna", kind=notices.MESSAGE, channels=("in_app", "email"))
    tell(place, "anna", kind=notices.MESSAGE, channels=("in_app", "email", "sms"))
    assert ways(place) == ["email", "sms"]


def test_a_code_goes_out_whatever_anybody_has_chosen(place: Place) -> None:
    with place.sessions() as session:
        choosing.choose(session, "anna", dict.fromkeys(kinds.KINDS, ()), MORNING)
    tell(place, "anna", text=Words("{secret}", ""), secret="428913", channels=("sms",))
    place.work()
    assert json.loads(place.sms.read_text())["text"] == "428913"


def test_a_text_message_of_a_kind_is_its_title_in_one_message(place: Place) -> None:
    kinds.enter(kinds.Kind("trial", Words("试", "T"), Words("", ""), frozenset({"sms"})))
    try:
        for title in ("办结：" + "长" * 100, "退回：短"):
            tell(place, "anna", title=Words(title, ""), kind="trial")
    finally:
        del kinds.KINDS["trial"]
    place.work()
    first, second = (json.loads(line)["text"] for line in place.sms.read_text().splitlines())
    assert len(first) == 60
    assert first.endswith("…，请登录查看。")
    assert second == "退回：短，请登录查看。"


def test_a_text_message_a_process_words_itself_is_sent_as_it_is(place: Place) -> None:
    words = "您的申报已受理，请于三日内到窗口提交原件。" * 3
    tell(place, "anna", text=Words(words, ""), kind=notices.MESSAGE, channels=("sms",))
    tell(place, "anna", text=Words("", ""), kind=notices.MESSAGE, channels=("sms",))
    place.work()
    said = [json.loads(line)["text"] for line in place.sms.read_text().splitlines()]
    assert said == [words, TITLE.zh]


def test_the_bell_counts_to_a_hundred_and_shows_the_last_few_in_one_statement(place: Place) -> None:
    with place.sessions() as session:
        assert notices.bell(session, "anna") == notices.Bell(0, ())
        letters = [
            notices.Letter(("anna",), Words(str(number), ""), TEXT, instance=f"i{number}", task="t")
            for number in range(120)
        ]
        notices.post(session, letters, MORNING)
        notices.mark_read(session, "anna", [notices.of(session, "anna", limit=1)[0].id], MORNING)
        lines: list[str] = []
        bind = place.sessions.kw["bind"]
        event.listen(bind, "before_cursor_execute", lambda _c, _u, said, *_: lines.append(said))
        shown = notices.bell(session, "anna")
        assert sum(line.startswith("SELECT") for line in lines) == 1
        assert (shown.unread, len(shown.last)) == (100, 8)
        assert notices.unread(session, "anna") == 100
        assert (shown.last[0].task, shown.last[0].read_at) == ("t", MORNING)
        assert notices.get(session, "bo", shown.last[0].id) is None
        assert notices.get(session, "anna", shown.last[0].id) == shown.last[0]
