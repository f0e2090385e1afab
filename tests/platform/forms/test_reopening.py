"""What stays open when some fields were sent back: nothing accepted changes, and nobody is stuck (C4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import given as cases
from hypothesis import strategies as st

from app.platform.forms import Form, read, reopened
from app.platform.forms.kinds.uploads import File
from app.platform.forms.reopening import EMPTY
from tests.platform.forms.every_kind import field, section
from tests.platform.forms.sample import NOW, given, made

FORM: Form = made(
    section(
        "甲",
        "A",
        field("text", "name", "姓名", required=True),
        field("number", "guests", "人数", required=True, max=99),
        field("yes_no", "indoors", "室内"),
        field("text", "hall", "场馆", required=True, show_if="indoors == true"),
        field("text", "door", "门", show_if="hall == 'A'"),
        field("text", "permit", "许可", require_if="guests > 50"),
        field("text", "stamp", "章", require_if="outcome == 'submit'"),
        field("computed", "people", "总数", expression="guests + 1"),
        field(
            "id_number",
            "number",
            "证件",
            fills={"birth_date": "born"},
        ),
        field("date", "born", "出生"),
        field(
            "table",
            "helpers",
            "人员",
            columns=[field("text", "called", "姓名", required=True), field("number", "age", "年龄")],
        ),
        field("file", "papers", "材料", max_count=3),
        field("photo", "scan", "扫描件", scan_of="fairs/print"),
        field("text", "seen", "只读", at={"correct": "read"}),
    ),
    steps={"*": "read", "correct": "edit"},
)
NAMES = sorted(name for name, one in FORM.fields.items() if not one.kind.derived)
STORED: dict[str, Any] = {
    "name": "张三",
    "guests": 20,
    "indoors": False,
    "hall": None,
    "door": None,
    "permit": None,
    "stamp": "章",
    "people": 21,
    "number": None,
    "born": None,
    "helpers": [{"called": "李四", "age": 9}],
    "papers": ["scan2", "paper"],
    "scan": ["scan1"],
    "seen": "看过",
}
TEXTS = st.text(alphabet="A张0 ", max_size=3).map(lambda text: [text] if text else [])
ANSWERS: dict[str, st.SearchStrategy[list[str]]] = {
    "guests": st.sampled_from([["7"], ["60"], ["x"], []]),
    "indoors": st.sampled_from([["yes"], ["no"], []]),
    "hall": st.sampled_from([["A"], ["B"], []]),
    "number": st.sampled_from([[], ["130402199003070018"], ["1"]]),
    "born": st.sampled_from([[], ["1990-03-07"], ["2001-01-01"]]),
    "helpers": st.sampled_from([[], ['{"called": ["王五"]}'], ['{"age": ["7"]}'], ["0"]]),
    "papers": st.sampled_from([[], ["scan2"], ["paper", "scan2"], ["other"]]),
    "scan": st.sampled_from([[], ["scan1"], ["scan2"]]),
}
SENT = st.fixed_dictionaries({}, optional={name: ANSWERS.get(name, TEXTS) for name in NAMES})
"""Any post: names left out, names that are not open, answers right and wrong."""
OF_ID = {"born"}  # follows from the ID number
CALM = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def narrowed(named: Sequence[str], values: dict[str, Any]) -> Any:
    return FORM.at("correct", reopened(FORM, "correct", named, values, NOW))


def test_only_the_field_itself_where_nothing_hangs_on_it() -> None:
    form = made(field("text", "a", "甲", required=True), field("text", "b", "乙"), steps={"*": "edit"})
    assert reopened(form, "x", ["a"], {"a": "1", "b": "2"}, NOW) == {"a"}
    assert reopened(form, "x", ["nothing"], {}, NOW) is None


def test_what_brings_along_what() -> None:
    """Each line of docs/forms.md."""
    assert narrowed(["scan"], STORED).writable == {"scan"}
    assert narrowed(["name"], STORED).writable == {"name", "scan"}
    assert narrowed(["guests"], STORED).writable == {"guests", "permit", "scan"}
    assert narrowed(["indoors"], STORED).writable == {"indoors", "hall", "door", "scan"}
    assert narrowed(["name"], STORED | {"stamp": None}).writable == {"name", "stamp", "scan"}
    assert narrowed(["seen"], STORED).writable == {"scan"}
    assert "seen" not in narrowed(["name", "seen"], STORED).writable


def test_a_condition_of_the_form_that_fails_opens_its_fields() -> None:
    form = made(
        field("number", "least", "最少"),
        field("number", "most", "最多"),
        field("text", "name", "名称"),
        steps={"*": "edit"},
        checks=[{"that": "least <= most", "message": {"zh": "不能大于", "en": "too many"}, "field": "most"}],
    )
    assert reopened(form, "x", ["name"], {"least": 1, "most": 2}, NOW) == {"name"}
    assert reopened(form, "x", ["name"], {"least": 3, "most": 2}, NOW) == {"name", "least", "most"}


@CALM
@cases(st.sets(st.sampled_from(NAMES), min_size=1), SENT, st.booleans())
def test_whatever_is_sent_no_accepted_field_changes(
    named: set[str], sent: dict[str, list[str]], submits: bool
) -> None:
    step = narrowed(sorted(named), STORED)
    outcome = "submit" if submits else "reprint"
    entry = read(step, sent, given(STORED, outcome=outcome, person="me"))
    open_ = step.writable | {name for name, one in FORM.fields.items() if one.kind.derived} | OF_ID
    for name in FORM.fields:
        if name not in open_:
            assert entry.values[name] == STORED[name], name
            assert name not in entry.changed
    assert set(entry.changed) <= open_
    told = {one.field for one in entry.complaints if one.code == "not_yours"}
    assert not told & step.writable


@CALM
@cases(
    st.sets(st.sampled_from(NAMES), min_size=1),
    st.sets(st.sampled_from([name for name in NAMES if name != "seen"])),
    st.booleans(),
    st.sampled_from([7, 60]),
    st.booleans(),
)
def test_nobody_is_stuck(
    named: set[str], emptied: set[str], indoors: bool, guests: int, submits: bool
) -> None:
    """Whatever is empty, whichever way the open answers go: filling in what is open is always enough."""
    values = STORED | {
        "indoors": indoors,
        "hall": "A" if indoors else None,
        "door": "门" if indoors else None,
    }
    values |= {name: FORM.fields[name].kind.empty() for name in emptied}
    step = narrowed(sorted(named), values)
    filled = {
        "name": ["张三"], "guests": [str(guests)], "indoors": ["yes"], "hall": ["A"], "door": ["门"],
        "permit": ["证"], "stamp": ["章"], "papers": ["paper"], "scan": ["scan2"], "helpers": ['{"called": ["王"]}'],
    }  # fmt: skip
    sent = {name: texts for name, texts in filled.items() if name in step.writable}
    handed = given(values, outcome="submit" if submits else "reprint", person="me")
    entry = read(step, sent, handed)
    assert not entry.complaints, [(one.field, one.code) for one in entry.complaints]
    whole = read(FORM.at("correct"), _as_texts(entry.values, handed), handed)
    missing = {one.field for one in whole.complaints if one.code == "required"}
    assert not missing, (missing, sorted(step.writable))


def _as_texts(values: Any, handed: Any) -> dict[str, list[str]]:
    return {
        name: one.kind.raw(one, values[name], handed)
        for name, one in FORM.fields.items()
        if name in FORM.at("correct").writable and values[name] not in EMPTY
    }


def test_scans_are_found_by_what_they_are_of() -> None:
    scans = [
        name for name, one in FORM.fields.items() if isinstance(one.kind, File) and one.kind.scan_of(one)
    ]
    assert scans == ["scan"]
