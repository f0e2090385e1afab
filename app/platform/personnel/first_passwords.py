"""First passwords by the batch: drawn at random, sent or printed for each alone, good for 72 hours (C-07, 0032, 0035).

Those chosen stand in the errand by how they are chosen, not by name: who has been sent one since is not sent it again
when a killed errand goes on. A batch of accounts is one transaction; hashing is done before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from app.platform import audit, documents, jobs, notices, sheets
from app.platform.data import transaction
from app.platform.documents.names import clean_name
from app.platform.identity import authority, behalf, passwords, posts, roles
from app.platform.identity.accounts import GENERATED_LASTS
from app.platform.identity.entities import Account, OpenSession, Person
from app.platform.jobs import errands
from app.platform.notices.choosing import ways_of
from app.platform.personnel import batch_choice, slips
from app.platform.personnel.batch_choice import Choice, chosen
from app.platform.personnel.intake import naming
from app.platform.registry import Acting, Words, house

KIND = "personnel/first_passwords"
BATCH = 10
TITLE = Words("批量开户：发放初始密码", "Accounts in batches: giving out first passwords")
NO_LONGER = Words(
    "您现在的身份已不能管理账号，余下的没有发送。",
    "You do not look after accounts any more; the rest was not sent.",
)
SUBJECT = Words("您的账号已开通", "Your account is open")
TEXT = Words(
    "您的用户名为{username}，初始密码为{{secret}}，72小时内有效，首次登录须修改。",
    "Your user name is {username}, your first password {{secret}}: good for 72 hours, to be changed at once.",
)
UNREACHED = Words("没有手机号码和邮箱，或未配置短信、邮件", "No phone or mail address, or no way to send")
NOT_YOURS = Words("该人员持有您无权授予的岗位", "Holds posts you could not give")
CHANGED = Words("办理期间有人修改了该账号，未处理", "The account changed meanwhile: left as it is")
LEFT = Words("超出一次打印的份数，请再办理一次", "More than is printed at once: begin another batch")
SENT = Words("已发送", "Sent")
PRINTED = Words("已打印密码信封", "On paper")
HEADS = ("姓名", "用户名", "结果")


def count(session: Session, choice: Choice, by: Acting, now: datetime) -> int:
    """How many a batch is for."""
    return session.scalar(select(func.count()).select_from(chosen(session, choice, by, now).subquery())) or 0


def begin(session: Session, choice: Choice, by: Acting, now: datetime, address: str = "") -> str:
    """Begin the errand and return its id. `address`: where one signs in, for what is printed."""
    arguments = {
        **choice.kept,
        "post": by.post.id if by.post else None,
        "asked": now.isoformat(),
        "address": address,
    }
    with transaction(session):
        errand = errands.begin(session, KIND, TITLE, arguments, by, now, count(session, choice, by, now))
        body = {"which": choice.which, "way": choice.way, "import": choice.record}
        audit.log(session, "identity", "first_passwords.begun", by, now, body, f"errand:{errand}")
    return errand


@jobs.two_phase
def run(session: Session, arguments: Mapping[str, Any], now: datetime) -> Callable[[datetime], None]:
    """Give them out batch by batch; the workbook of the result names each, without his password."""
    errand = arguments["errand"]
    owner = session.execute(select(jobs.Errand.owner_id).where(jobs.Errand.id == errand)).scalar_one()
    by = acting(session, owner, arguments["post"], now)
    if by is None:
        return lambda at: errands.refuse(session, errand, NO_LONGER, at)
    asked = datetime.fromisoformat(arguments["asked"])
    choice = batch_choice.again(arguments)
    told: list[tuple[str, str, Words]] = []
    serials: dict[str, int] = {}
    after, done, room = "", 0, slips.MOST - BATCH * slips.parts(session, errand)
    while rows := _next(session, choice, by, now, asked, after):
        after = rows[-1].id
        batch = _drawn(session, rows, choice, room)
        session.rollback()
        laid = slips.lay_by({one: batch.drawn[one] for one in batch.on_paper})
        with transaction(session):
            posts.lock(session, by.person)
            fresh = acting(session, owner, arguments["post"], now)
            if fresh is None:
                return lambda at: errands.refuse(session, errand, NO_LONGER, at)
            done += len(rows)
            said = _send(session, batch, choice, fresh, now, serials)
            printed = sum(words is PRINTED for _, _, words in said)
            if printed and laid is not None:
                slips.enter_part(session, errand, laid, now)
            errands.step(session, errand, done)
        told, room = told + said, room - printed
    paper = slips.draw_up(session, errand, arguments["address"])
    content = _workbook(told)
    received = documents.Received(clean_name("初始密码发放结果.xlsx"), sheets.EXCEL, content)
    stored = documents.settings().storage.put(content)

    def write(at: datetime) -> None:
        file = documents.enter(
            session, stored, received, owner=owner, now=at, instance=None, purpose=documents.RESULT
        )
        sent = sum(words is SENT for _, _, words in told)
        printed = sum(words is PRINTED for _, _, words in told)
        result = {"sent": sent, "not_reached": len(told) - sent - printed, "file": file}
        if paper is not None:
            slips.enter(session, errand, paper, at)
            result["slips"] = paper.count
        errands.finish(session, errand, result, at)

    return write


def acting(session: Session, owner: str, post: str | None, now: datetime) -> Acting | None:
    """Who asked for a batch, with what he holds by now; None where he looks after nobody any more by that post."""
    by = behalf.acting(session, owner, now)
    if by is None:
        return None
    worked = next((one for one in by.posts if one.id == post), None)
    if post is not None and worked is None:
        return None
    found = Acting(by.person, by.name, by.username, by.posts, worked)
    return found if roles.reach_of(found, roles.PEOPLE) else None


def _next(
    session: Session, choice: Choice, by: Acting, now: datetime, asked: datetime, after: str
) -> Sequence[Any]:
    wanted = chosen(session, choice, by, now).where(Person.id > after)
    if choice.which == "again":  # what this errand has drawn before it was killed is not drawn anew
        wanted = wanted.where(or_(Account.password_at < asked, Account.password_hash == passwords.UNUSABLE))
    return session.execute(wanted.order_by(Person.id).limit(BATCH)).all()


@dataclass(frozen=True, slots=True)
class _Batch:
    """People, the password and its hash drawn for each, who gets it `on_paper`, and who is `left` for want of room."""

    rows: Sequence[Any]
    drawn: Mapping[str, tuple[str, str]]
    on_paper: frozenset[str]
    left: frozenset[str]


def _drawn(session: Session, rows: Sequence[Any], choice: Choice, room: int) -> _Batch:
    """Draw for a batch, outside any transaction: hashing takes a tenth of a second each."""
    people = [row.id for row in rows]
    reached = _reached(session, people) if choice.way == "both" else set()
    paper = [one for one in people if one not in reached] if choice.way != "send" else []
    secrets = {one: passwords.generated() for one in people}
    drawn = {one: (secret, passwords.hashed(secret)) for one, secret in secrets.items()}
    room = max(0, room)
    return _Batch(rows, drawn, frozenset(paper[:room]), frozenset(paper[room:]))


def _reached(session: Session, people: Sequence[str]) -> set[str]:
    return {person for (person, _), ways in ways_of(session, people, [""]).items() if ways}


def _send(
    session: Session, batch: _Batch, choice: Choice, by: Acting, now: datetime, serials: dict[str, int]
) -> list[tuple[str, str, Words]]:
    """One batch: what became of each. Whoever gets none keeps what he has."""
    rows = batch.rows
    people = [row.id for row in rows]
    reached, fresh = _reached(session, people), _still(session, people)
    told, letters = [], []
    names = {row.id: row.username for row in rows}
    if choice.which == "without":
        made = naming.draw(session, dict.fromkeys(range(len(rows)), choice.prefix), serials)
        names = {row.id: made[place] for place, row in enumerate(rows)}
    for row in rows:
        secret, kept = batch.drawn[row.id]
        refused = _why_not(session, row, batch, reached, fresh, by, now)
        if refused is not None:
            told.append((row.name, row.username or "", refused))
            continue
        _keep(session, row, names[row.id], kept, now)
        on_paper = row.id in batch.on_paper
        if not on_paper:
            text = Words(*(words.format(username=names[row.id]) for words in TEXT))
            letters.append(
                notices.Letter((row.id,), SUBJECT, text, channels=frozenset(("email", "sms")), secret=secret)
            )
        told.append((row.name, names[row.id], PRINTED if on_paper else SENT))
        body = {"way": "paper" if on_paper else "sent"}
        audit.log(session, "identity", "account.first_password", by, now, body, f"person:{row.id}")
    notices.post(session, letters, now)
    return told


def _why_not(
    session: Session,
    row: Any,
    batch: _Batch,
    reached: set[str],
    fresh: Mapping[str, str | None],
    by: Acting,
    now: datetime,
) -> Words | None:
    if authority.why_not_manage(session, row.id, by, now) is not None:
        return NOT_YOURS
    if not authority.could_give_all(session, row.id, by, now):
        return NOT_YOURS
    if row.id in batch.left:
        return LEFT
    if row.id not in reached and row.id not in batch.on_paper:
        return UNREACHED
    return CHANGED if fresh[row.id] != row.password_hash else None


def _still(session: Session, people: Sequence[str]) -> dict[str, str | None]:
    """What is kept now, under the lock: somebody may have signed in while passwords were hashed."""
    found: dict[str, str | None] = dict.fromkeys(people)
    rows = session.execute(
        select(Account.person_id, Account.password_hash)
        .where(Account.person_id.in_(people))
        .order_by(Account.person_id)
        .with_for_update()
    )
    return found | {row.person_id: row.password_hash for row in rows}


def _keep(session: Session, row: Any, username: str, kept: str, now: datetime) -> None:
    values: dict[str, Any] = {
        "password_hash": kept,
        "password_at": now,
        "password_until_at": now + GENERATED_LASTS,
        "must_change_password": True,
    }
    if row.password_hash is None:
        made = {"person_id": row.id, "username": username, "created_at": now, "is_demo": False}
        session.execute(insert(Account), values | made | {"is_disabled": False})
        return
    quiet = {"synchronize_session": False}
    session.execute(
        update(Account).where(Account.person_id == row.id).values(**values), execution_options=quiet
    )
    session.execute(delete(OpenSession).where(OpenSession.person_id == row.id), execution_options=quiet)


def _workbook(told: Sequence[tuple[str, str, Words]]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "result.xlsx"
        sheets.write(path, HEADS, [[name, username, words.zh] for name, username, words in told])
        return path.read_bytes()


def plug() -> None:
    """Register the errand."""
    house.job(KIND)(run)
