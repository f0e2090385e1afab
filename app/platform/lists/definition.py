"""What a list is: columns, filters and a scoped query, written once and served everywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, SQLColumnExpression
from sqlalchemy.orm import Session

from app.platform.lists.parts import Parts
from app.platform.lists.walks import Walk
from app.platform.registry import Acting, Words

Data = Mapping[str, Any]
Rows = Select[*tuple[Any, ...]]
Choices = Sequence[tuple[str, Words]]
PAGE_SIZES = (10, 20, 50, 100)
EXACT = 10_000
ALL = Words("全部", "All")
EMPTY = Words("暂无记录。", "No records yet.")
SEARCH = Words("查询", "Search")


@dataclass(frozen=True, slots=True)
class Chip:
    """A state shown as a small label. `tone` is its meaning, never a colour."""

    words: Words
    tone: Literal["plain", "waiting", "good", "bad", "info"] = "plain"


@dataclass(frozen=True, slots=True)
class Due:
    """A date until which something is to be done; the page says it relative to now. `paused`: it stands still."""

    at: datetime | None
    overdue: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Linked:
    """A cell that leads somewhere: a figure to the list of what it counts. `url` is a path in the house."""

    value: Any
    url: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where a row leads: `to` names an open task, an instance, or a page (a path inside the house)."""

    to: Literal["task", "instance", "page"]
    id: str
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Verb:
    """Something to do with one row besides its task: a link, or a button that posts to `url` (a path in the house).

    `confirm` is a sentence to be agreed to first. `why_not` says why it cannot be done now: the button is shown,
    disabled, with that reason (C-17); the server refuses it all the same.
    """

    words: Words
    url: str = ""
    posts: bool = False
    tone: Literal["plain", "strong", "danger"] = "plain"
    confirm: Words | None = None
    why_not: Words | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Something begun for the ticked rows, or for all that was asked for: a button that posts to `url`.

    It posts `row` (those ticked), `asked` (the question, as in an address) and `post`, as taking out does.
    """

    words: Words
    url: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Its value is `value(row)`, else `row[key]`.

    `mask`, a key of `forms.masking.MASKS`, is applied on the server (C-39).
    `card` says what the column becomes on a phone: the card's title, its mark, a part of the line below, the same
    with the column's name before it, or nothing.
    A reader may hide every column that is not `fixed`; `hidden_at_first` is shown only to whoever asks for it.
    """

    key: str
    title: Words
    value: Callable[[Data], Any] | None = None
    kind: Literal["text", "number", "moment", "day"] = "text"
    mask: str | None = None
    sort: SQLColumnExpression[Any] | None = None
    card: Literal["title", "mark", "line", "named", "none"] = "line"
    fixed: bool = False
    hidden_at_first: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """One field of the filter bar: `where(value, now)` narrows the query.

    The value is the trimmed text, a code of `choices`, several of them in the order offered, a region's path (`tree`
    offers all that lies below one's posts, `region` only the next level), a `Period`, or a `Range`. A choice filter
    with a `default` starts with it until the reader chooses another (an empty choice means all).
    `resolve(session, acting, value)` turns what was asked into what `where` is handed, where that depends on more
    than the value: on who asks, or on what the installation has changed.
    `under` is the key of a filter before it that decides what this choice offers: `choices(session, acting, above)` is
    then handed the code chosen there, "" for none, and answers what lies under it.
    `named(session, acting, code)` says in words a code that is not among the choices now but is no less a thing that
    can be asked for (None: it is not): it stays asked for, and finds nothing.
    Of a list in parts `points` says what an index finds of a text at once, wherever it lies; `is_own` says that a text
    is asked of the key's own table, or of one that the condition itself leads to, so that nothing is joined for it.
    `elsewhere`: the page draws it in a way of its own, so that the filter bar leaves it out.
    """

    key: str
    title: Words
    kind: Literal["text", "choice", "several", "region", "tree", "period", "range"]
    where: Callable[[Any, datetime], ColumnElement[bool]]
    choices: Callable[..., Choices] | None = None
    all: Words = ALL
    default: str = ""
    resolve: Callable[[Session, Acting, Any], Any] | None = None
    points: Callable[[Session, Any], ColumnElement[bool] | None] | None = None
    named: Callable[[Session, Acting, str], Words | None] | None = None
    under: str = ""
    is_own: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """A list. `query(session, acting, now)` answers the rows this person may see: the scope is in it (C-11).

    The query names every column the list needs and ends in no order; `order` must end in something unique.
    `instance` names the row key that carries an instance, so that its open task can be offered; `work` is what
    that offer is called (else the step's name). `link(row)` is where the row leads otherwise, `verbs(row, acting)`
    what else may be done with it. `permission` None opens the list to whoever is signed in. `lead(values)` is a
    sentence above the table, `tabs(acting)` the pages it stands among: their names and paths.
    `row` names the row key whose values tell the rows apart (an id): with it rows can be ticked, and taken out.
    `together` is what the button is called that decides the ticked rows' open tasks alike (their step must allow
    `bulk`, and the list have an `instance`).
    `acts` are begun for the ticked rows, or for all asked for; each has its page.
    `parts(session, acting, now)` gives the same rows as `query` in parts, for a list that must cost the same whether
    a reader sees ten rows or a million: pages and counts are then found through them.
    `walk(session, acting, now, asked)` gives the same rows as `query` under the filters and the order of `asked`, as
    they are found quickest; workbooks and figures go on by `query`. `exact` is up to where the rows are counted.
    `more(session, rows)` gives the rows with what no query tells (what is sealed, names of many kinds of
    things), in few statements: it is asked once for a page, and for each thousand rows taken out.
    `file_name(acting, filters)` names the workbook it is taken out as, without `.xlsx`: `filters` says in words what
    was asked for, by the filter's key (those asked for alone). Without it that is the list's title and the moment.
    `search` is what the button is called that applies the filters (C-15: a system has its own word).
    `keeps_views`: what it is asked may be saved under a name (`views`).
    `admits(acting)` says of a list without a permission who may open it at all; for others there is none.
    `jointly(session, values, now)` narrows by what several filters mean only together (a step, and what is late there).
    `home` is the page a list stands on that is none by itself: its own address leads there.
    """

    key: str
    title: Words
    columns: tuple[Column, ...]
    query: Callable[[Session, Acting, datetime], Rows]
    order: tuple[SQLColumnExpression[Any], ...]
    filters: tuple[Filter, ...] = ()
    permission: str | None = None
    instance: str | None = None
    link: Callable[[Data], Link | None] | None = None
    numbered: bool = True
    size: int = 10
    empty: Words = EMPTY
    work: Words | None = None
    lead: Callable[[Mapping[str, Any]], Words | None] | None = None
    verbs: Callable[[Data, Acting], Sequence[Verb]] | None = None
    tabs: Callable[[Acting], Sequence[tuple[Words, str]]] | None = None
    row: str | None = None
    together: Words | None = None
    acts: tuple[Act, ...] = ()
    parts: Callable[[Session, Acting, datetime], Parts] | None = None
    walk: Callable[[Session, Acting, datetime, Any], Walk] | None = None
    exact: int = EXACT
    more: Callable[[Session, Sequence[Data]], Sequence[Data]] | None = None
    file_name: Callable[[Acting, Mapping[str, Words]], str | Words] | None = None
    search: Words = SEARCH
    keeps_views: bool = False
    admits: Callable[[Acting], bool] | None = None
    jointly: Callable[[Session, Mapping[str, Any], datetime], ColumnElement[bool] | None] | None = None
    home: str = ""
    sortable: Mapping[str, SQLColumnExpression[Any]] = field(init=False)

    def __post_init__(self) -> None:
        if not self.order:
            raise ValueError(f"list {self.key} has no order")
        if self.together and not (self.row and self.instance):
            raise ValueError(
                f"list {self.key} decides rows that it cannot tell apart, or that have no instance"
            )
        for place, one in enumerate(self.filters):
            before = [each.key for each in self.filters[:place] if each.kind in ("choice", "region", "tree")]
            if one.under and (one.kind != "choice" or one.choices is None or one.under not in before):
                raise ValueError(f"filter {one.key} of list {self.key} lies under no choice before it")
        sortable = {column.key: column.sort for column in self.columns if column.sort is not None}
        object.__setattr__(self, "sortable", sortable)
