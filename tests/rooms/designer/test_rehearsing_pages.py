"""A move of a rehearsal plays the moves once: what it shows is what the page it leads to shows."""

from __future__ import annotations

import pytest

from app.rooms.designer.pages import rehearsing
from tests.pages import House
from tests.rooms.designer.posts_rehearsing import playing


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many moves were played anew, at each request."""
    counts: list[int] = []
    real = rehearsing.rehearsal

    def counted(session, process, files, moves, **more):  # type: ignore[no-untyped-def]
        counts.append(len(moves))
        return real(session, process, files, moves, **more)

    monkeypatch.setattr(rehearsing, "rehearsal", counted)
    return counts


def test_the_page_after_a_move_is_shown_without_playing_again(whole_house: House, played: list[int]) -> None:
    browser, address, typed = playing("/designer/rehearsals/{kept}", _move="skip", _to="days", _days="2")(
        whole_house
    )
    browser.get(address)
    assert played == [1]
    answer = browser.post(address, data=typed)
    assert answer.status_code == 303
    assert played == [1, 1]
    after = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert played == [1, 1]
    again = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert played == [1, 1, 2]

    def shown(page: str) -> str:
        return page[page.index('class="rehearse-facts"') : page.index('id="tests-title"')].split(
            "csrf_token"
        )[0]

    assert shown(after) == shown(again)
    browser.get(f"{address}?lang=en")
    assert "Rehearsal" in browser.get(answer.headers["Location"]).get_data(as_text=True)
