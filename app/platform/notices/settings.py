"""How this installation reaches people and other systems: set once at start, like the keys."""

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
    settings = Settings()


def use(settings: Settings) -> None:
    """Install the settings of this process."""
    _Current.settings = settings


def settings() -> Settings:
    """The settings of this process."""
    return _Current.settings
