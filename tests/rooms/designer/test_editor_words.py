"""The editor's words: each has its English, each word of bpmn-js its Chinese, and what it weighs."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from pathlib import Path

from app.rooms.web import assets

FRONT = assets.FRONT
PACKAGES = assets.PACKAGES
LARGEST = 350_000
OURS = ("canvas", "draft", "panel")
"""The folders of the editor's own modules."""


def ours() -> dict[Path, str]:
    """Our modules without their comments."""
    return {
        path: re.sub(r"^\s*(//|/\*\*|\*).*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for path in (FRONT / "editor.js", *(each for part in OURS for each in (FRONT / part).rglob("*.js")))
        if not path.name.startswith("chinese")
    }


def dictionary(path: Path) -> dict[str, str]:
    """A module that is one object of texts."""
    command = [
        "node",
        "--input-type=module",
        "-e",
        f"import d from {json.dumps(str(path))}; console.log(JSON.stringify(d))",
    ]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def test_every_word_has_its_english_and_none_is_left_over() -> None:
    english = dictionary(FRONT / "words" / "english.js")
    texts = ours()
    spoken = {
        json.loads(f'"{each}"')
        for text in texts.values()
        for each in re.findall(r'"((?:[^"\\]|\\.)*[一-鿿](?:[^"\\]|\\.)*)"', text)
    }
    values = {each for each in spoken if re.match(r"[a-z]+=", each)}  # properties, which hold both languages
    assert spoken - values - english.keys() == set()
    whole = "\n".join(texts.values())
    assert {each for each in english if json.dumps(each, ensure_ascii=False)[1:-1] not in whole} == set()
    assert [each for each, words in english.items() if not words.strip()] == []


def test_every_word_of_bpmn_js_has_its_chinese() -> None:
    published = dictionary(PACKAGES / "bpmn-js-i18n" / "translations" / "zn.js")
    own = dictionary(FRONT / "canvas" / "chinese_words.js")
    asked = set(dictionary(PACKAGES / "bpmn-js-i18n" / "translations" / "en.js"))
    for folder in ("bpmn-js/lib", "diagram-js/lib", "diagram-js-minimap/dist"):
        for path in (PACKAGES / folder).rglob("*.js"):
            text = re.sub(r"^\s*\*.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            asked |= {
                each[1] for each in re.findall(r"\btranslate\(\s*(['\"])(\{?[A-Za-z][^'\"]*)\1\s*[,)]", text)
            }
            if path.name in ("PopupEntries.js", "ReplaceOptions.js"):
                asked |= set(re.findall(r"^\s*label: '([^']*)'", text, flags=re.MULTILINE))
    chinese = published | own
    assert len(asked) > 150
    assert sorted(each for each in asked if not re.search("[一-鿿]", chinese.get(each, ""))) == []


def test_the_editor_is_light_enough() -> None:
    files = [assets.BUILT / "designer" / f"editor.{ending}" for ending in ("js", "css")]
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) < LARGEST


VALUES = [
    ("Outcomes", "approve=同意|Approve; return=退回修改|Return!-; reject=不同意|Reject!-"),
    ("Outcomes", "done=完成"),
    *(("Duration", value) for value in ("P3WD", "P2W", "P10D", "PT4H", "PT30M")),
    *(("Place", value) for value in ("starter.unit", "starter.region", "starter.region(city)", "everywhere")),
    *(("Place", value) for value in ("variable:district", "variable:district(city)")),
    ("RoleAt", "permits.city_admin@variable:district(city)"),
    ("RoleAt", "person"),
    ("Words", "待市级审核|Awaiting city review"),
    ("Words", "待审"),
    *(
        ("Condition", value)
        for value in ('outcome == "approve"', "days > 3", 'kind == "sick"', "len(name) > 2 and days < 4")
    ),
    ("Assignments", "total = days * 2\nlabel = upper(name)"),
]
UNKNOWN = [
    ("Duration", "PT1H30M"),
    ("Duration", "due_days"),
    ("Place", "starter.unit(city)"),
    ("Outcomes", "Approve=x"),
    ("Assignments", "a = 1\nprint(2)"),
]


def read(pairs: list[tuple[str, str]]) -> list[object]:
    """What the panel reads of each value, and writes back."""
    script = (
        f"import * as v from {json.dumps(str(FRONT / 'panel' / 'values.js'))};"
        f"console.log(JSON.stringify({json.dumps(pairs)}.map(([k, t]) => {{ const r = v['read' + k](t);"
        " return r === null ? null : k === 'Condition' && r.kind === 'text' ? r.text : v['write' + k](r); })))"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script], capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout))


def test_values_come_back_as_they_were_read() -> None:
    assert read(VALUES) == [value for _kind, value in VALUES]


def test_what_is_of_no_known_kind_is_left_as_it_stands() -> None:
    assert read(UNKNOWN) == [None] * len(UNKNOWN)
