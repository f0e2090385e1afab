"""What the form designer writes: the same text where nothing has changed, else only what must be another."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.platform import forms
from app.platform.expressions import parse

ROOT = Path(__file__).resolve().parents[3]
FRONT = ROOT / "app/rooms/designer/front/forms"
FORMS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for folder in ("forms", "tests/tenants/forms")
    for path in sorted((ROOT / folder).rglob("*.json"))
}
Ask = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """The designer's model, in a process that answers line by line."""
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    assert node, "node is not there"
    process = subprocess.Popen(
        [node, "--no-warnings", str(Path(__file__).with_name("form_edits.mjs")), str(FRONT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin
    assert process.stdout

    def run(question: dict[str, Any]) -> Any:
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield run
    process.stdin.close()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\ufeff"])
def test_a_form_saved_unchanged_is_the_same_to_the_letter(ask: Ask, name: str, end: str) -> None:
    text = end + FORMS[name] if end == "\ufeff" else FORMS[name].replace("\n", end)
    assert ask({"text": text, "edits": []})["text"] == text


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("spread", [2, 4, None])
def test_whatever_its_layout(ask: Ask, name: str, spread: int | None) -> None:
    text = json.dumps(json.loads(FORMS[name]), ensure_ascii=False, indent=spread)
    assert ask({"text": text, "edits": []})["text"] == text


@pytest.mark.parametrize("name", FORMS)
def test_one_label_changes_one_line(ask: Ask, name: str) -> None:
    text = FORMS[name]
    first = next(place for place, each in enumerate(_walked(json.loads(text))) if "label" in each)
    done = ask({"text": text, "edits": [{"verb": "label", "place": first, "text": "另一个"}]})
    before, after = text.splitlines(), done["text"].splitlines()
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_a_new_field_is_laid_out_like_its_neighbours(ask: Ask) -> None:
    text = FORMS["forms/permits/application.json"]
    done = ask({"text": text, "edits": [{"verb": "add", "place": 1, "name": "more"}]})["text"]
    assert [line for line in done.splitlines() if line not in text.splitlines()] == [
        *(line + "," for line in text.splitlines() if '"name": "district"' in line),
        '    {"type": "text", "name": "more", "label": "新", "label.en": "New"}',
    ]
    spread = json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"
    done = ask({"text": spread, "edits": [{"verb": "add", "place": 1, "name": "more"}]})["text"]
    assert done == json.dumps(json.loads(done), ensure_ascii=False, indent=2) + "\n"


EDIT = st.fixed_dictionaries(
    {
        "verb": st.sampled_from(
            ["label", "required", "remove", "up", "down", "top", "right", "add", "section", "rename"]
        ),
        "place": st.integers(0, 200),
        "text": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
        "name": st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
        "step": st.sampled_from(["start", "review", "*"]),
        "right": st.sampled_from(["hidden", "read", "edit", "required"]),
    }
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(list(FORMS)), st.lists(EDIT, max_size=8), st.sampled_from([None, 2, 4, "own"]))
def test_edits_write_what_they_mean_and_undo_leaves_no_trace(
    ask: Ask, name: str, edits: list[dict[str, Any]], spread: int | str | None
) -> None:
    text = FORMS[name]
    if not isinstance(spread, str):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=spread)
    done = ask({"text": text, "edits": edits})
    data = json.loads(done["text"])
    assert data == done["data"]
    assert list(data) == list(done["data"])
    assert done["undone"] == text
    after = [list(each.items()) for each in _walked(data)]
    kept = [
        one for one in _walked(json.loads(text)) if list(one.items()) in after and one["type"] != "section"
    ]
    lines = {line.strip().rstrip(",") for line in done["text"].splitlines()}
    for each in kept:  # a field that is as it was is written as it was
        one = json.dumps(each, ensure_ascii=False)
        assert one in lines or one not in {line.strip().rstrip(",") for line in text.splitlines()}
    assert all(one.message("zh") and one.message("en") for one in _problems(done["text"]))


VALUES = st.one_of(
    st.integers(-1000, 1000).map(str),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="'\"\\"), max_size=6).map(
        lambda text: f"'{text}'"
    ),
    st.just('"it\'s"'),
    st.just("today()"),
    st.just("other"),
)
ROW = st.one_of(
    st.builds(lambda sign, value: f"a {sign} {value}", st.sampled_from(["==", "!=", "<", ">="]), VALUES),
    st.sampled_from(["a", "not a", "a != null", "len(a) > 0", "'x' in a", "'x' not in a", "a in ['x', 'y']"]),
    st.just("a['from'] >= b['to']"),
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, min_size=1, max_size=4), st.sampled_from([" and ", " or "]))
def test_what_is_chosen_row_by_row_is_what_the_language_reads(ask: Ask, rows: list[str], joint: str) -> None:
    text = joint.join(rows)
    (said,) = ask({"expressions": [text]})
    assert said is not None
    assert parse(said).tree == parse(text).tree


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("ab'\"\\ ()[]=!<>andornotin,.+1", max_size=30))
def test_rows_never_say_something_else_than_the_text(ask: Ask, text: str) -> None:
    (said,) = ask({"expressions": [text]})
    if said is None:
        return
    try:
        meant = parse(text).tree
    except Exception:
        return
    assert parse(said).tree == meant


def test_what_rows_cannot_say_stays_text(ask: Ask) -> None:
    texts = ["a and b or c", "a + 1 > 2", "not (a == 1)", "len(a) > 2", "days(a, b) > 3", "a == b.c"]
    assert ask({"expressions": texts}) == [None] * len(texts)


def test_names_and_english_follow_from_what_offices_call_things(ask: Ask) -> None:
    labels = ["请假类型", "开始日期", "天数", "附件", "VIP人数", "㐂㐂"]
    assert ask({"labels": labels}) == [
        ["leave_type", "Leave type"],
        ["start_date", "Start date"],
        ["day_count", "Days"],
        ["attachments", "Attachments"],
        ["vip_people", "Vip people"],
        ["text", "㐂㐂"],
    ]


def _walked(data: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for each in data.get("fields", ()):
        found.append(each)
        found += each.get("fields", ()) if each["type"] == "section" else ()
    return found


def _problems(text: str) -> Sequence[forms.Problem]:
    """What the server complains of; it always answers in words."""
    try:
        forms.load(text.encode())
    except forms.BadForm as error:
        return error.problems
    return ()
