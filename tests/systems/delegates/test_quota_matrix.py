"""The quota matrix as arithmetic: cells read, complained of by name, compared (EN-D2)."""

from __future__ import annotations

from app.systems.delegates import quota_matrix
from app.systems.delegates.rules import Allotment
from tests.systems.delegates.world import sample_quota


def cells(**numbers: str) -> dict[str, str]:
    return {f"r.{name.replace('_', '.')}": number for name, number in numbers.items()}


def test_what_is_shown_reads_back_as_it_was() -> None:
    """EN-D2: d_quota.csv through the page and back."""
    quota, wrong = quota_matrix.read(quota_matrix.typed(sample_quota(), "r"), "r")
    assert (quota, wrong) == (sample_quota(), {})


def test_an_empty_cell_is_nought() -> None:
    quota, wrong = quota_matrix.read(cells(member="1", delegate="2"), "r")
    assert not wrong
    assert quota["guest"] == Allotment(0)
    assert quota["member"].minimums["women"] == 0


def test_a_minimum_over_its_seats_is_named_by_its_cell() -> None:
    """EN-D2: “不少于N位” of more people than there are seats cannot be met."""
    _, wrong = quota_matrix.read(cells(member="1", member_women="2", delegate="3", delegate_party="3"), "r")
    assert wrong == {"r.member.women": quota_matrix.OVER_SEATS}


def test_digits_of_an_input_method_are_digits() -> None:
    quota, wrong = quota_matrix.read(cells(member=" １ ", delegate="１２"), "r")
    assert (quota["delegate"].seats, quota["member"].seats, wrong) == (12, 1, {})


def test_what_is_no_number_is_named_by_its_cell() -> None:
    for text in ("-1", "1.5", "三", "1e3", "10000", "9" * 40):
        _, wrong = quota_matrix.read(cells(delegate="1", guest=text), "r")
        assert wrong == {"r.guest": quota_matrix.NO_NUMBER}, text


def test_there_are_as_many_delegate_seats_as_member_seats() -> None:
    """D-11: a committee member takes a delegate seat, so fewer of these would leave members without."""
    _, wrong = quota_matrix.read(cells(member="2", delegate="1"), "r")
    assert wrong == {"r.delegate": quota_matrix.TOO_FEW_DELEGATES}


def test_differences_say_what_was_and_what_is() -> None:
    after = sample_quota() | {"guest": Allotment(3)}
    assert quota_matrix.differences(sample_quota(), after) == {"guest": [0, 3]}
    assert quota_matrix.differences({}, sample_quota())["delegate.grassroots"] == [0, 2]


def test_seats_lowered_below_use_are_told_of_and_others_are_not() -> None:
    """2.8 answer 6, D-11: two members hold two delegate seats."""
    before = sample_quota() | {"member": Allotment(2), "delegate": Allotment(2)}
    after = sample_quota() | {"member": Allotment(1), "delegate": Allotment(1)}
    assert quota_matrix.overrun(before, after, ["member", "member"]) == ["member", "delegate"]
    assert quota_matrix.overrun(before, before, ["member"] * 5) == []
