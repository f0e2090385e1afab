"""How this installation reaches people and other systems: the environment's, unless an administrator says otherwise."""

from dataclasses import dataclass

from app.platform.notices.addresses import Network
from app.platform.notices.mail import Mail
from app.platform.notices.sms import Sms


@dataclass(frozen=True, slots=True)
class Settings:
    """A channel that is None does not exist: what asks for it is told in-app only.

    `internal`: networks that webhooks may reach although they are not public, there by plain http too.
    """

    mail: Mail | None = None
    sms: Sms | None = None
    internal: tuple[Network, ...] = ()


class _Current:
    base = Settings()
    instead: Settings | None = None


def use(settings: Settings) -> None:
    """Install the settings of this process; what an administrator set before is forgotten."""
    _Current.base, _Current.instead = settings, None


def use_instead(settings: Settings | None) -> None:
    """Let what an administrator has set take the place of what the environment says; None: no longer."""
    _Current.instead = settings


def base() -> Settings:
    """What the environment says."""
    return _Current.base


def settings() -> Settings:
    """The settings of this process, as they are now."""
    return _Current.instead or _Current.base
