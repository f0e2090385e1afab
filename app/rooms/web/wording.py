"""The house's own words (C-48): its title, footers and manuals, as set here, else by a lease or the environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from flask import current_app

from app.platform import settings
from app.platform.registry import System, Words, house

GROUP: Final = "words"
TITLE: Final = "house.title"
MANUAL: Final = "house.manual"
FOOTER_LABELS: Final = {
    "host": Words("主办单位", "Host"),
    "supporter": Words("支持单位", "Supported by"),
    "mail": Words("电子邮箱", "E-mail"),
    "support": Words("支持电话", "Support"),
    "record": Words("备案号", "Record no."),
}
NOTHING: Final = Words("", "")
LONGEST: Final = 200


def enter() -> None:
    """Define the settings: of the house, and of every system that has moved in."""
    settings.define_group(GROUP, Words("名称与页脚", "Title and footers"))
    settings.define(
        settings.Definition(
            TITLE, Words("平台名称", "Title"), "words", lambda: _config().title, GROUP, check=_title
        ),
        settings.Definition(
            MANUAL,
            Words("操作手册地址", "Manual"),
            "text",
            lambda: _config().manual or "",
            GROUP,
            check=_address,
            about=Words("以 https://、http:// 或 / 开头", "Begins with https://, http:// or /"),
        ),
        *_footers("house", None),
    )
    for system in house.systems.values():
        group = f"{GROUP}.{system.key}"
        settings.define_group(group, system.title)
        settings.define(
            settings.Definition(
                f"{system.key}.manual",
                Words("操作手册地址", "Manual"),
                "text",
                lambda: settings.value(MANUAL),
                group,
                check=_address,
                about=Words("不填则用平台的操作手册", "Without it the house's"),
            ),
            *_footers(system.key, system),
        )


def manual(system: System | None) -> str | None:
    """Where the manual of a system's pages is, or the house's; None: there is none."""
    _mind(system)
    return str(settings.value(f"{system.key}.manual" if system else MANUAL) or "") or None


def footer(system: System | None) -> list[tuple[Words, Words]]:
    """The lines below the pages of a system, else of the house: what each is called, and what it says."""
    _mind(system)
    owner = system.key if system else "house"
    lines = [(label, settings.value(f"{owner}.footer.{key}")) for key, label in FOOTER_LABELS.items()]
    return [(label, words) for label, words in lines if words.zh or words.en]


def _mind(system: System | None) -> None:
    """Define what a system says of itself, if it has moved in since the house was opened."""
    if system is not None and f"{system.key}.manual" not in settings.DEFINITIONS:
        enter()


def _footers(owner: str, system: System | None) -> list[settings.Definition]:
    return [
        settings.Definition(
            f"{owner}.footer.{key}",
            label,
            "words",
            _line(key, system),
            GROUP if system is None else f"{GROUP}.{owner}",
            check=_words,
        )
        for key, label in FOOTER_LABELS.items()
    ]


def _line(key: str, system: System | None) -> Callable[[], Words]:
    """What holds until somebody changes it: the lease's line, else the house's."""
    if system is None:
        return lambda: _config().footer.get(key, NOTHING)
    return lambda: system.footer.get(key) or settings.value(f"house.footer.{key}")


def _config() -> Any:
    return current_app.extensions["chengpi"]


def _words(value: Any) -> Any:
    if any(len(text) > LONGEST or not text.isprintable() for text in value):
        raise settings.BadSetting(Words("最多200个字，不能换行", "At most 200 characters, on one line"))
    return list(value)


def _title(value: Any) -> Any:
    if not value[0] or len(value[0]) > 40 or len(value[1]) > 80:
        raise settings.BadSetting(
            Words("请填写名称：中文最多40个字", "Please give a title: at most 40 Chinese characters")
        )
    return _words(value)


def _address(value: Any) -> Any:
    """A link that leads to a page: nothing that runs, nothing that only looks like this house."""
    text = str(value)
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    is_own = text.startswith("/") and not text.startswith(("//", "/\\"))
    is_link = parts.scheme in ("http", "https") and bool(parts.hostname)
    if not (is_own or is_link) or len(text) > 500 or not text.isprintable() or " " in text:
        raise settings.BadSetting(
            Words(
                "地址以 https://、http:// 或 / 开头，不含空格",
                "An address begins with https://, http:// or / and has no spaces",
            )
        )
    return text
