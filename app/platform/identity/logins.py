"""What people type to say who they are: a user name or a phone number, in one spelling."""

import unicodedata

from sqlalchemy import ColumnElement

from app.platform.data import sealing
from app.platform.identity import phones
from app.platform.identity.entities import Account


def username(text: str) -> str:
    """Return the one spelling of a user name; a NUL, which PostgreSQL refuses in any text, becomes a letter of none."""
    return unicodedata.normalize("NFKC", text).strip().casefold().replace("\0", "\ufffd")


def spelled(login: str) -> str:
    """Return the one spelling of a login. User names are never all digits, so the two cannot be confused."""
    return phones.normal(login) or username(login)


def phone_hash(phone: str) -> str:
    """Return the keyed hash a login phone is found by. Takes the eleven digits."""
    return sealing.digest("account.phone", phone)


def matching(login: str) -> ColumnElement[bool]:
    """Ask for the account of this login."""
    phone = phones.normal(login)
    if phone is not None:
        return Account.login_phone_hash == phone_hash(phone)
    return Account.username == username(login)
