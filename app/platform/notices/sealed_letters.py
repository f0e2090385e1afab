"""What goes to an address instead of to a person: a code to a phone or mailbox that is only now being proved."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, null, update
from sqlalchemy.orm import Session

from app.platform.data import new_id, transaction
from app.platform.jobs import enqueue_each
from app.platform.notices.entities import Delivery
from app.platform.notices.outbox import JOB
from app.platform.notices.patience import asking
from app.platform.notices.settings import settings
from app.platform.registry import Words


class ChannelGone(Exception):
    """The installation no longer has the channel something was to go by."""


@dataclass(frozen=True, slots=True)
class SealedLetter:
    """One message by `email` or `sms` to an address; nothing of it is read in-app.

    `secret` stands where the text says `{secret}`. After `until` it is not sent any more. `to` None: a letter to
    nobody, written by the same statements as one that leaves the house, so that nobody can tell from the time.
    """

    channel: str
    to: str | None
    title: Words
    text: Words
    secret: str
    until: datetime


def write_to(session: Session, letter: SealedLetter, now: datetime) -> None:
    """Put a letter into the outbox, encrypted until it is sent and wiped then. Joins the open transaction."""
    said = {
        "to": letter.to or "",
        "title": list(letter.title),
        "text": [text.replace("{secret}", letter.secret) for text in letter.text],
        "until": letter.until.isoformat(),
    }
    with transaction(session):
        row = new_id()
        (job,) = enqueue_each(session, JOB, [{"delivery": row, "instance": None}], now)
        session.execute(
            insert(Delivery),
            {
                "id": row,
                "channel": letter.channel,
                "state": "waiting",
                "letter": said,
                "job_id": job,
                "created_at": now,
            },
        )


def carry_out(session: Session, row: Any, now: datetime) -> Callable[[datetime], None]:
    """Send the letter of a delivery, and return what marks it so and wipes it."""
    letter = row.letter
    is_wanted = bool(letter["to"]) and now < datetime.fromisoformat(letter["until"])
    if is_wanted:
        _send(row.channel, letter, row.id)

    def write(moment: datetime) -> None:
        state = "sent" if is_wanted else "dropped"
        session.execute(
            update(Delivery).where(Delivery.id == row.id).values(state=state, sent_at=moment, letter=null())
        )

    return write


def _send(channel: str, letter: dict[str, Any], key: str) -> None:
    title, text = Words(*letter["title"]), Words(*letter["text"])
    if channel == "sms":
        sms = settings().sms
        if sms is None:
            raise ChannelGone(channel)
        with asking(f"sms {sms.target}"):
            sms.send(letter["to"], text.zh, key)
        return
    mail = settings().mail
    if mail is None:
        raise ChannelGone(channel)
    with asking(f"mail {mail.target}"):
        mail.send(letter["to"], f"{title.zh} · {title.en}", f"{text.zh}\n\n{text.en}\n", key)
