"""What several decisions come to: by example, and against the plainest model of each rule."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.platform.runtime.tally import Place, Vote, make_room, most_needed, on_turn, result

YES, ALSO, NO, BACK = Vote("yes"), Vote("also"), Vote("no", True), Vote("back", True)
votes = st.lists(st.sampled_from((YES, ALSO, NO, BACK)), max_size=8)
shares = st.integers(1, 1000).map(lambda n: f"share:{n / 1000:.3f}".rstrip("0") if n < 1000 else "share:1")


@pytest.mark.parametrize(
    ("rule", "given_", "undecided", "expected"),
    [
        ("any", [], 3, None),
        ("any", [YES], 2, "yes"),
        ("any", [NO], 2, "no"),
        ("all", [YES, YES], 1, None),
        ("all", [YES, NO], 1, "no"),
        ("all", [YES, YES, YES], 0, "yes"),
        ("sequence", [YES], 2, None),
        ("sequence", [YES, BACK], 1, "back"),
        ("sequence", [YES, ALSO], 0, "also"),
        ("share:0.6", [YES, YES], 3, None),
        ("share:0.6", [YES, YES, YES], 2, "yes"),
        ("share:0.6", [YES, NO, YES, NO, YES], 0, "yes"),
        ("share:0.6", [YES, NO, ALSO, NO], 1, None),
        ("share:0.6", [YES, NO, ALSO, BACK], 1, "no"),
        ("share:0.6", [YES, YES, ALSO, ALSO], 0, "yes"),
        ("share:1", [YES, NO], 8, "no"),
    ],
)
def test_a_rule_yields_an_outcome(
    rule: str, given_: list[Vote], undecided: int, expected: str | None
) -> None:
    assert result(rule, given_, undecided) == expected


@pytest.mark.parametrize(
    ("share", "seats", "needed"), [("0.6", 5, 3), ("0.5", 3, 2), ("0.001", 5, 1), ("1", 7, 7)]
)
def test_a_share_is_counted_exactly(share: str, seats: int, needed: int) -> None:
    """0.6 of 5 is 3: no float says 4."""
    assert most_needed(f"share:{share}", seats) == needed


def test_a_rule_nobody_knows_is_no_rule() -> None:
    with pytest.raises(ValueError, match="most"):
        result("most", [YES], 0)


@given(votes=votes, undecided=st.integers(0, 5), rule=st.sampled_from(("any", "all", "sequence")))
def test_the_plain_rules_are_what_they_say(votes: list[Vote], undecided: int, rule: str) -> None:
    found, negatives = result(rule, votes, undecided), [vote.outcome for vote in votes if vote.negative]
    if not votes:
        assert found is None
    elif rule == "any":
        assert found == votes[0].outcome
    elif negatives:
        assert found == negatives[0]
    else:
        assert found == (None if undecided else votes[-1].outcome)


def as_it_went(rule: str, votes: list[Vote], total: int) -> str | None:
    """Count by hand, vote after vote, as a clerk would: the first outcome that has its share."""
    share = int(float(rule[6:]) * 1000 + 0.5)
    for end in range(1, len(votes) + 1):
        for outcome in {vote.outcome for vote in votes[:end]}:
            if sum(vote.outcome == outcome for vote in votes[:end]) * 1000 >= share * total:
                return outcome
    outcomes = ("yes", "also", "no", "back")
    best = max(sum(vote.outcome == each for vote in votes) for each in outcomes)
    if (best + total - len(votes)) * 1000 >= share * total:
        return None
    refused = next((vote.outcome for vote in votes if vote.negative), None)
    return refused or (None if total > len(votes) else votes[0].outcome)  # a negative one may still come


@example(votes=[YES, ALSO], undecided=1, rule="share:0.667")
@given(votes=votes.filter(bool), undecided=st.integers(0, 5), rule=shares)
def test_a_share_is_what_a_clerk_would_count(votes: list[Vote], undecided: int, rule: str) -> None:
    assert result(rule, votes, undecided) == as_it_went(rule, votes, len(votes) + undecided)


@given(votes=votes.filter(bool), rule=st.one_of(shares, st.sampled_from(("any", "all", "sequence"))))
def test_when_all_have_decided_there_is_always_an_outcome(votes: list[Vote], rule: str) -> None:
    assert result(rule, votes, 0) in {vote.outcome for vote in votes}


@given(
    votes=votes,
    undecided=st.integers(1, 5),
    rule=st.one_of(shares, st.sampled_from(("all", "any", "sequence"))),
)
def test_an_outcome_once_reached_no_later_vote_changes(votes: list[Vote], undecided: int, rule: str) -> None:
    found = result(rule, votes, undecided)
    if found is not None:
        for more in (YES, NO, BACK):
            assert result(rule, [*votes, more], undecided - 1) == found


def test_of_two_positive_outcomes_that_both_miss_the_share_none_decides_before_everybody_has() -> None:
    """A negative one may still come, and would be the outcome."""
    split = [YES, Vote("later")]
    assert result("share:1", split, 1) is None
    assert result("share:1", [*split, NO], 0) == NO.outcome
    assert result("share:1", [*split, YES], 0) == YES.outcome


def test_a_sequence_goes_by_position_and_equal_ones_together() -> None:
    seats = [Place("a", 1, True), Place("b", 2), Place("c", 2), Place("d", 3)]
    assert on_turn("sequence", seats) == {"b", "c"}
    assert on_turn("all", seats) == {"b", "c", "d"}


def test_whoever_asked_for_advice_waits_for_it() -> None:
    seats = [Place("a", 1), Place("x", 1, returns_to="a"), Place("b", 2)]
    assert on_turn("sequence", seats) == {"x"}
    assert on_turn("all", seats) == {"x", "b"}
    assert on_turn("sequence", [Place("a", 1), Place("x", 1, True, "a")]) == {"a"}


@given(
    positions=st.lists(st.integers(1, 6), min_size=1, max_size=6),
    count=st.integers(1, 4),
    where=st.sampled_from(("before", "after", "parallel")),
    data=st.data(),
)
def test_making_room_keeps_the_order_of_those_there_are(
    positions: list[int], count: int, where: str, data: st.DataObject
) -> None:
    at = data.draw(st.sampled_from(positions))
    moved, new = make_room(positions, at, count, where)
    assert sorted(range(len(positions)), key=lambda n: (positions[n], n)) == sorted(
        range(len(positions)), key=lambda n: (moved[n], n)
    )
    own = moved[positions.index(at)]
    assert len(new) == count
    if where == "parallel":
        assert set(new) == {own}
    else:
        assert not set(new) & set(moved)
        assert all(one < own for one in new) if where == "before" else all(one > own for one in new)
