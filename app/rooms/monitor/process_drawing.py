"""A process's drawing with figures on it: badges by shape and number, or one figure with shading by value.

It is safe to show as it is: `runtime.diagram.svg` escapes every text and attribute it takes from a file, what is
drawn here holds numbers alone, and tests/rooms/monitor/test_process_page.py gives it hostile names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from app.platform.monitoring.process_figures import Measured
from app.platform.registry import Words
from app.platform.runtime import diagram
from app.platform.runtime.diagram import Box, Dress, Plan
from app.rooms.web.language import current, said

SHADES: Final = ("#ffffff", "#e3f0ee", "#c3dfdb", "#98c6c0", "#6fb0a8")
"""From nothing to the most; their greys differ on paper, too."""
INK: Final = "#16292b"
HIGH: Final = 18  # pixels of a badge
CLOCK: Final = 10  # pixels that the clock of what waits takes
BADGES: Final = {
    "open": ("#1c4f86", "#ffffff", 9),
    "waiting": ("#eef3f9", "#1c4f86", 9),
    "overdue": ("#fdf3dc", "#7a4b00", 0),
    "incident": ("#a8271e", "#ffffff", 1),
}
"""Of each kind of badge its colour, its ink, and how round it is."""


@dataclass(frozen=True, slots=True)
class Show:
    """A figure that the drawing can show: what it is called, of an element how much, and how that is written."""

    key: str
    title: Words
    value: Callable[[Measured], float | None]
    written: Callable[[float], str]


def days(value: float) -> str:
    """Working days, short."""
    number = "<0.1" if value < 0.05 else f"{value:.1f}"
    return _("%(n)s 工作日", n=number)


def part(value: float) -> str:
    """A share of a whole."""
    return f"{value:.0%}"


def short(count: float) -> str:
    """A count in few figures."""
    if count < 10_000:
        return f"{count:.0f}"
    return f"{count / 10_000:.1f}万" if current() == "zh" else f"{count / 1_000:.0f}k"


SHOWS: Final = {
    one.key: one
    for one in (
        Show("count", Words("数量", "Number"), lambda one: one.open + one.waiting, short),
        Show("median", Words("停留中位数", "Median stay"), lambda one: one.median, days),
        Show("p90", Words("停留九成", "Stay, nine in ten within"), lambda one: one.p90, days),
        Show("late", Words("超期率", "Late"), lambda one: one.late_share, part),
        Show("returned", Words("退回率", "Returned"), lambda one: one.returned_share, part),
    )
}


def drawn(
    plan: Plan,
    measured: Mapping[str, Measured],
    show: Show,
    title: str,
    name_of: Callable[[str], str],
    chosen: Collection[str],
    leads: Collection[str],
    address_of: Callable[[str], str],
) -> Markup | None:
    """Draw it; the elements of `leads` and all that have figures lead to `address_of`. None where nothing is drawn."""
    most = most_of(measured, show)

    def dress(one: str, box: Box) -> Dress:
        figures = measured.get(one, Measured(one))
        value = show.value(figures)
        over = _badges(figures, box) if show.key == "count" else _tag(value, show, box)
        return Dress(SHADES[level(value, most)], over, one in chosen)

    def link(one: str, _state: str) -> tuple[str, str] | None:
        if one not in leads and one not in measured:
            return None
        words = spoken(measured.get(one, Measured(one)), show)
        name = _("%(name)s，%(figures)s", name=name_of(one), figures=words)
        return address_of(one), _("%(name)s，已选", name=name) if one in chosen else name

    made = diagram.svg(plan, set(), set(), set(), title, link=link, dress=dress)
    return Markup(made) if made else None


def spoken(figures: Measured, show: Show) -> str:
    """What the drawing shows of an element, in words."""
    if show.key == "count":
        words = _(
            "在办 %(open)s，超期 %(overdue)s，异常 %(incidents)s",
            open=figures.open,
            overdue=figures.overdue,
            incidents=figures.incidents,
        )
        return _("等待 %(n)s，%(rest)s", n=figures.waiting, rest=words) if figures.waiting else words
    value = show.value(figures)
    told = _("没有数据") if value is None else show.written(value)
    return ngettext(
        "%(what)s：%(value)s，期内办过 %(num)s 次",
        "%(what)s：%(value)s，期内办过 %(num)s 次",
        figures.decided,
        what=said(show.title),
        value=told,
    )


def most_of(measured: Mapping[str, Measured], show: Show) -> float:
    """The highest value there is."""
    return max((show.value(one) or 0.0 for one in measured.values()), default=0.0)


def level(value: float | None, most: float) -> int:
    """Which shade a value has: 0 for none, then a quarter of the highest each."""
    if not value or most <= 0:
        return 0
    return min(4, 1 + int(4 * value / most - 1e-9))


def legend(measured: Mapping[str, Measured], show: Show) -> list[tuple[int, str]]:
    """What the shades mean: number of the shade, and up to how much."""
    most = most_of(measured, show)
    if most <= 0:
        return []
    if show.key == "count" and most < 4:
        return [(level(count, most), str(count)) for count in range(1, int(most) + 1)]
    if show.written is days and most < 1:
        return [(shade, f"≤ {_('%(n)s 工作日', n=f'{most * shade / 4:.2f}')}") for shade in range(1, 5)]
    return [(shade, f"≤ {show.written(most * shade / 4)}") for shade in range(1, 5)]


def _badges(figures: Measured, box: Box) -> str:
    """What is there in a row on the upper edge, each by its shape: open tasks, what waits, overdue, failed."""
    texts = [
        ("open", figures.open, ""),
        ("waiting", figures.waiting, ""),
        ("overdue", figures.overdue, ""),
        ("incident", figures.incidents, "! "),
    ]
    there = [(kind, mark + short(count)) for kind, count, mark in texts if count]
    wide = [
        14 + 7.5 * len(text) + 6.0 * text.count("万") + CLOCK * (kind == "waiting") for kind, text in there
    ]
    x = box.x + box.width / 2 - (sum(wide) + 3 * (len(there) - 1)) / 2
    parts = []
    for (kind, text), width in zip(there, wide, strict=True):
        parts.append(_badge(kind, text, x, box.y - HIGH / 2, width))
        x += width + 3
    return "".join(parts)


def _badge(kind: str, text: str, x: float, y: float, width: float) -> str:
    fill, ink, round_by = BADGES[kind]
    if kind == "overdue":
        shape = _pointed(x, y, width, fill, ink)
    else:
        stroke = ink if kind == "waiting" else "#ffffff"
        shape = _rectangle(x, y, width, fill, stroke, round_by)
    if kind == "waiting":
        shape += _clock(x + 11, y + HIGH / 2, ink)
        x += CLOCK
        width -= CLOCK
    return f'<g data-badge="{kind}">{shape}{_text(text, x + width / 2, y, ink)}</g>'


def _pointed(x: float, y: float, width: float, fill: str, ink: str) -> str:
    tips = (
        (x, y + 9),
        (x + 6, y),
        (x + width - 6, y),
        (x + width, y + 9),
        (x + width - 6, y + HIGH),
        (x + 6, y + HIGH),
    )
    corners = " ".join(f"{a:g},{b:g}" for a, b in tips)
    return f'<polygon points="{corners}" fill="{fill}" stroke="{ink}" stroke-width="1.5"/>'


def _clock(x: float, y: float, ink: str) -> str:
    """A face with two hands."""
    hands = f"M{x:g},{y - 3:g}V{y:g}L{x + 2.2:g},{y + 1.4:g}"
    face = f'<circle cx="{x:g}" cy="{y:g}" r="4.6"/><path d="{hands}"/>'
    return f'<g fill="none" stroke="{ink}" stroke-width="1.3">{face}</g>'


def _tag(value: float | None, show: Show, box: Box) -> str:
    """One figure on the lower edge."""
    if value is None:
        return ""
    text = show.written(value)
    width = 14 + sum(12.5 if ord(sign) > 255 else 7.5 for sign in text)
    x, y = box.x + box.width / 2 - width / 2, box.y + box.height - HIGH / 2
    shape = _rectangle(x, y, width, "#ffffff", INK, 2)
    return f'<g data-badge="{show.key}">{shape}{_text(text, x + width / 2, y, INK)}</g>'


def _rectangle(x: float, y: float, width: float, fill: str, stroke: str, round_by: int) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{HIGH}" rx="{round_by}" fill="{fill}" '
        f'stroke="{stroke}" stroke-width="1.2"/>'
    )


def _text(text: str, x: float, y: float, ink: str) -> str:
    return (
        f'<text x="{x:g}" y="{y + 13.5:g}" text-anchor="middle" font-size="12.5" font-weight="700" fill="{ink}">'
        f"{escape(text)}</text>"
    )
