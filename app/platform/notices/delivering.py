"""The job that carries a notice or an event out of the house: sent outside any transaction, then marked as sent.

A worker that dies between the two sends again: what leaves carries the same id at each try, so that whoever gets it
twice can tell.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, null, select, update
from sqlalchemy.orm import Session

from app.platform.data import transaction
from app.platform.identity.entities import Account, Person
from app.platform.jobs import two_phase
from app.platform.notices import webhooks
from app.platform.notices.addresses import look_up
from app.platform.notices.entities import Delivery, Endpoint, Notice
from app.platform.notices.kinds import MESSAGE
from app.platform.notices.outbox import JOB
from app.platform.notices.patience import asking
from app.platform.notices.sealed_letters import ChannelGone, carry_out
from app.platform.notices.settings import settings
from app.platform.registry import Words, house

SECRETS_KEPT = timedelta(hours=24)  # of what could not be sent: the code is void long before
DELIVERIES_KEPT = timedelta(days=30)
ONE_MESSAGE = 60  # characters: 70 are one message, and the gateway signs it
SEE = "，请登录查看。"

_DELIVERY = (
    select(
        Delivery.id,
        Delivery.channel,
        Delivery.event,
        Delivery.body,
        Delivery.created_at,
        Delivery.notice_id,
        Delivery.letter,
        Notice.said,
        Notice.secret,
        Notice.kind,
        Person.email,
        Person.phone,
        Account.login_phone,
        Endpoint.url,
        Endpoint.removed_at,
        Endpoint.secret.label("signing"),
    )
    .outerjoin(Notice, Notice.id == Delivery.notice_id)
    .outerjoin(Person, Person.id == Notice.person_id)
    .outerjoin(Account, Account.person_id == Person.id)
    .outerjoin(Endpoint, Endpoint.id == Delivery.endpoint_id)
)


@house.job(JOB)
@two_phase
def deliver(
    session: Session, arguments: Mapping[str, Any], now: datetime
) -> Callable[[datetime], None] | None:
    """Send one delivery that is still to be sent, and return what marks it so."""
    wanted = _DELIVERY.where(Delivery.id == arguments["delivery"], Delivery.state.in_(("waiting", "failed")))
    row = session.execute(wanted).one_or_none()
    session.rollback()  # ends the read: nobody else waits while the outside thinks it over
    if row is None:
        return None
    if row.letter is not None:
        return carry_out(session, row, now)
    state = "sent" if {"email": _mail, "sms": _text, "webhook": _post}[row.channel](row, now) else "dropped"

    def write(moment: datetime) -> None:
        session.execute(update(Delivery).where(Delivery.id == row.id).values(state=state, sent_at=moment))
        if row.secret is not None:
            _wipe(session, row.notice_id)

    return write


def _mail(row: Any, _now: datetime) -> bool:
    mail = settings().mail
    if mail is None:
        raise ChannelGone("email")
    if row.email is None:
        return False
    title, text = _words(row, "title"), _words(row, "text")
    both = title.zh if title.en in ("", title.zh) else f"{title.zh} · {title.en}"
    body = text.zh if text.en in ("", text.zh) else f"{text.zh}\n\n{text.en}"
    with asking(f"mail {mail.target}"):
        mail.send(row.email, both, body + "\n", row.id)
    return True


def _text(row: Any, _now: datetime) -> bool:
    sms = settings().sms
    if sms is None:
        raise ChannelGone("sms")
    phone = row.phone or row.login_phone
    if phone is None:
        return False
    with asking(f"sms {sms.target}"):
        sms.send(phone, _short(row), row.id)
    return True


def _short(row: Any) -> str:
    """What a text message says: a notice of a kind by its title alone, in one message.

    Whole: a code, and what a process tells by itself, whose diagram says what the message is to say.
    """
    title, text = _words(row, "title").zh, _words(row, "text").zh
    if row.kind in (None, MESSAGE):
        return text or title
    room = ONE_MESSAGE - len(SEE)
    return (title if len(title) <= room else title[: room - 1] + "…") + SEE


def _post(row: Any, now: datetime) -> bool:
    if row.removed_at is not None:
        return False
    target = look_up(row.url, settings().internal)
    body = webhooks.message(row.event, row.created_at, row.body)
    with asking(f"webhook {target.name}"):
        webhooks.post(target, row.signing, row.id, body, now)
    return True


def _words(row: Any, part: str) -> Words:
    """A part of the notice with its secret in it, if it still has one."""
    zh, en = (text.replace("{secret}", row.secret or "") for text in row.said[part])
    return Words(zh, en)


def _wipe(session: Session, notice: str) -> None:
    """Forget the secret of a notice that has nothing left to be sent."""
    waiting = select(Delivery.id).where(
        Delivery.notice_id == notice, Delivery.state.in_(("waiting", "failed"))
    )
    session.execute(update(Notice).where(Notice.id == notice, ~waiting.exists()).values(secret=None))


def gave_up(session: Session, delivery: str) -> None:
    """Mark a delivery whose job was given up; retrying the job sends it after all."""
    session.execute(
        update(Delivery).where(Delivery.id == delivery, Delivery.state == "waiting").values(state="failed")
    )


def sweep(session: Session, now: datetime) -> None:
    """Wipe secrets older than a day, and forget what was sent (or to nobody) more than 30 days ago."""
    with transaction(session):
        session.execute(
            update(Notice)
            .where(Notice.secret.is_not(None), Notice.created_at < now - SECRETS_KEPT)
            .values(secret=None)
        )
        session.execute(
            update(Delivery)
            .where(Delivery.state == "failed", Delivery.created_at < now - SECRETS_KEPT)
            .values(letter=null())
        )
        session.execute(
            delete(Delivery).where(
                Delivery.state.in_(("sent", "dropped")), Delivery.created_at < now - DELIVERIES_KEPT
            )
        )
