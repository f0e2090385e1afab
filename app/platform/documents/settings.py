"""Where this process keeps files and how it prints: set once at start, like the keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from app.platform.documents.press import Press
from app.platform.documents.screening import Scanner
from app.platform.documents.storage import Storage


@dataclass(frozen=True, slots=True)
class Settings:
    """`fonts`: the folder of the two Noto Sans SC files; `templates`: below it lie pictures a template names.

    `scanner`: screens uploads for viruses; without one nothing is screened, and file facts say so.
    """

    storage: Storage
    press: Press
    fonts: Path
    templates: Path
    scanner: Scanner | None = None


class _Current:
    settings: Settings | None = None


_aside: ContextVar[Settings | None] = ContextVar("documents.aside", default=None)


@contextmanager
def aside(settings: Settings) -> Iterator[None]:
    """Let other settings hold for what is called inside, and for nobody else."""
    token = _aside.set(settings)
    try:
        yield
    finally:
        _aside.reset(token)


def use(settings: Settings) -> None:
    """Install the settings of this process."""
    _Current.settings = settings


def settings() -> Settings:
    """The settings of this process."""
    other = _aside.get()
    if other is not None:
        return other
    if _Current.settings is None:
        raise RuntimeError("no place for documents: call documents.use() first")
    return _Current.settings


def scanner() -> Scanner | None:
    """The virus scanner of this process, if there is one."""
    other = _aside.get()
    if other is not None:
        return other.scanner
    return _Current.settings.scanner if _Current.settings is not None else None
