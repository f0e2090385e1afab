"""What a supplementary report changed against the one before, in words (D-40)."""

from __future__ import annotations

from app.systems.delegates import rosters


def person(key: str, **over: object) -> dict[str, object]:
    return {
        "id": key,
        "name": key,
        "identity": "delegate",
        "gender": "male",
        "age": 40,
        "grassroots": True,
    } | over


def test_who_came_who_left_and_whose_data_are_others() -> None:
    before = [person("李海"), person("王倩"), person("李明")]
    after = [person("李海"), person("王倩", identity="member", grassroots=False), person("赵清")]
    found = rosters.changes(before, after)
    assert [(one.kind, one.name) for one in found] == [
        ("added", "赵清"),
        ("left", "李明"),
        ("changed", "王倩"),
    ]
    assert [(words.zh, was, now) for words, was, now in found[2].fields] == [
        ("身份", "代表", "委员"),
        ("基层一线", "是", "否"),
    ]


def test_the_same_people_are_no_change() -> None:
    assert rosters.changes([person("李海")], [person("李海", new=True)]) == []
