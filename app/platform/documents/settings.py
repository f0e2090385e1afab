"""Where this process keeps files and how it prints: set once at start, like the keys."""

from dataclasses import dataclass
from pathlib import Path

from app.platform.documents.press import Press
from app.platform.documents.storage import Storage


@dataclass(frozen=True, slots=True)
class Settings:
    """`fonts`: the folder of the two Noto Sans SC files; `templates`: below it lie pictures a template names."""

    storage: Storage
    press: Press
    fonts: Path
    templates: Path


class _Current:
    settings: Settings | None = None


def use(settings: Settings) -> None:
    """Install the settings of this process."""
    _Current.settings = settings


def settings() -> Settings:
    """The settings of this process."""
    if _Current.settings is None:
        raise RuntimeError("no place for documents: call documents.use() first")
    return _Current.settings
