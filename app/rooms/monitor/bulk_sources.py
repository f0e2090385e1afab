"""Where a verb in bulk comes from: a list of the monitor with its question, or the rows ticked in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import abort, request, url_for
from werkzeug.datastructures import MultiDict

from app.platform import lists as platform_lists
from app.platform.identity import roles
from app.platform.identity.places import inside
from app.platform.lists import Asked, List, saying
from app.platform.lists.fetch import narrow
from app.platform.monitoring import bulk_choosing, stall_words, stalls
from app.platform.monitoring.bulk import Question
from app.platform.monitoring.bulk_choosing import About, Picked
from app.platform.registry import Words
from app.platform.runtime.places import names_of
from app.rooms.monitor import lists, process_lists
from app.rooms.web.acting import me, now, session

ABOUT: Final[Mapping[str, About]] = {
    "instances": "instance",
    "overdue": "task",
    "incidents": "incident",
}
STALLED: Final = "stalled"
STALLS: Final = Words("停滞事项", "Standing still")
OF_STALLS: Final = {
    "kind": Words("原因", "Reason"),
    "process": Words("流程", "Process"),
    "region": Words("地区", "Region"),
}
ID: Final = re.compile(r"[0-9a-zA-Z]{26}")
MOST_TICKED: Final = 100
"""So many ticks an address still holds; whoever means more takes all that the list shows."""


def titles() -> Mapping[str, Words]:
    """The lists there are, those of processes among them, by key."""
    of_lists = {one.key: one.title for one in (*lists.LISTS, *process_lists.every())}
    return of_lists | {STALLED: STALLS}


@dataclass(frozen=True, slots=True)
class Source:
    """A list and what it was asked. `words`: the question in words; `typed`: as in its address; `ticked`: the rows."""

    key: str
    words: tuple[tuple[Words, Words], ...]
    typed: Mapping[str, Any]
    ticked: tuple[str, ...]

    @property
    def title(self) -> Words:
        """What the list is called."""
        return titles()[self.key]

    @property
    def back(self) -> str:
        """The address of the list, as it was asked."""
        if self.key == STALLED:
            return url_for("monitor.stalled", **self.typed)
        if self.key.startswith(process_lists.PREFIX):
            process = self.key.removeprefix(process_lists.PREFIX)
            return url_for("monitor.process", process=process, **self.typed)
        return url_for("web.list", system=lists.ROOM, key=self.key, **self.typed)

    @property
    def address(self) -> dict[str, Any]:
        """What the address of the bulk's page says of it."""
        return {**self.typed, "list": self.key, "row": list(self.ticked)}

    @property
    def question(self) -> Question:
        """The same for the record."""
        return Question(self.key, dict(self.typed), len(self.ticked))


def ids(given: Sequence[str]) -> tuple[str, ...]:
    """What of an address or a post is an id, each once."""
    return tuple(dict.fromkeys(one for one in given if ID.fullmatch(one)))


def read(sent: MultiDict[str, str]) -> tuple[Source, Picked]:
    """The source an address speaks of and what it holds now, within reach.

    404 for a list there is not, 400 where a filter asks for something there is not: the list would show all then, and
    say so. Raises `TooMany`.
    """
    key = sent.get("list", "")
    if key not in titles():
        abort(404)
    ticked = ids(sent.getlist("row"))[:MOST_TICKED]
    return _of_stalls(sent, ticked) if key == STALLED else _of_list(key, sent, ticked)


def asked_of(sent: MultiDict[str, str]) -> Source:
    """The source alone, where it holds too many to be read. 404 and 400 as `read`."""
    key = sent.get("list", "")
    if key not in titles():
        abort(404)
    return _asked_of_stalls(sent, ()) if key == STALLED else _asked(key, sent, ())[2]


def _asked(key: str, sent: MultiDict[str, str], ticked: tuple[str, ...]) -> tuple[List, Asked, Source]:
    listing = next(one for one in (*lists.LISTS, *process_lists.every()) if one.key == key)
    asked = platform_lists.read(listing, session(), me(), sent)
    if asked.lost:
        abort(400)
    told = saying.question(listing, asked)
    words = tuple((one.title, told[one.key]) for one in listing.filters if one.key in told)
    return listing, asked, Source(key, words, asked.address, ticked)


def _of_list(key: str, sent: MultiDict[str, str], ticked: tuple[str, ...]) -> tuple[Source, Picked]:
    listing, asked, source = _asked(key, sent, ticked)
    rows = listing.query(session(), me(), now())
    named = rows.selected_columns
    rows = rows.where(named["id"].in_(ticked)) if ticked else narrow(session(), rows, listing, asked, now())
    chosen, about = rows.with_only_columns(named["instance_id"], named["id"]), ABOUT.get(key, "instance")
    steps = asked.values.get("element")
    if steps:  # of a process's list: what stands at these steps, and nothing beside it
        chosen, about = process_lists.standing_at(chosen, steps), "task"
    return source, bulk_choosing.pick(session(), chosen, about)


def _asked_of_stalls(sent: MultiDict[str, str], ticked: tuple[str, ...]) -> Source:
    kind, region = sent.get("kind", ""), sent.get("region", "")
    reach = roles.reach_of(me(), roles.MANAGE)
    if (kind and kind not in stalls.KINDS) or (region and not inside(region, reach)):
        abort(400)
    typed = {name: sent[name] for name in OF_STALLS if sent.get(name)}
    words = tuple((OF_STALLS[name], _said(name, value)) for name, value in typed.items())
    return Source(STALLED, words, typed, ticked)


def _of_stalls(sent: MultiDict[str, str], ticked: tuple[str, ...]) -> tuple[Source, Picked]:
    source = _asked_of_stalls(sent, ticked)
    kind, process, region = (sent.get(name, "") for name in OF_STALLS)
    reach = roles.reach_of(me(), roles.MANAGE)
    kinds = (kind,) if kind else stalls.KINDS
    limit = bulk_choosing.MOST + 1
    found = stalls.stalls(session(), (region,) if region else reach, now(), limit, kinds, process)
    chosen = [one for one in found if one.key in ticked] if ticked else list(found)
    if len(chosen) == limit:
        raise bulk_choosing.TooMany()
    instances = tuple(sorted({one.instance for one in chosen}))
    of = {one.kind for one in chosen}
    about: About = "task" if of == {"nobody"} else "instance"
    about = "incident" if of and of <= {"error", "job", "notice"} else about
    keys = frozenset(one.key for one in chosen) if about != "instance" else frozenset()
    return source, Picked(instances, about, keys)


def _said(name: str, value: str) -> Words:
    if name == "kind":
        return stall_words.KINDS[value]
    if name == "region":
        place = names_of(session(), {value}).get(value, value)
        return place if isinstance(place, Words) else Words(place, place)
    processes = dict(lists.processes(session(), me()))
    return processes.get(value, Words(value, value))


def of_request() -> tuple[Source, Picked]:
    """The same for this page's own address."""
    return read(request.args)
