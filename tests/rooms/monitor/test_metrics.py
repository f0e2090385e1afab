"""What Prometheus reads, and who may read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.config import Config, Misconfigured
from app.platform.data import transaction
from app.platform.monitoring import folding, health
from app.rooms.monitor import exposition
from tests.pages import House

TOKEN = "a token for tests only"


@pytest.fixture
def open_house(whole_house: House) -> Iterator[House]:
    """The house, with a token."""
    before = whole_house.app.extensions["chengpi"]
    whole_house.app.extensions["chengpi"] = replace(before, metrics_token=TOKEN)
    yield whole_house
    whole_house.app.extensions["chengpi"] = before


def read(house: House, token: str = TOKEN) -> tuple[int, dict[str, float]]:
    answer = house.app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    found = {}
    for line in answer.text.splitlines():
        if answer.status_code == 200 and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            assert re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})?', name), line
            assert name not in found
            found[name] = float(value)
    return answer.status_code, found


def test_the_page_is_there_for_the_token_alone(open_house: House) -> None:
    assert read(open_house, "another")[0] == 404
    assert read(open_house, "")[0] == 404
    assert read(open_house)[0] == 200


def test_without_a_token_there_is_no_such_page(whole_house: House) -> None:
    assert read(whole_house, "")[0] == 404
    assert read(whole_house, "None")[0] == 404


def test_a_token_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(Misconfigured):
        Config.from_environment({"CHENGPI_METRICS_TOKEN": "short"})


def test_what_runs_is_told_by_process_and_what_was_asked_is_measured(open_house: House) -> None:
    world = open_house.world
    _, before = read(open_house)
    world.to_review(open_house.settle())
    with world.session() as session:
        folding.fold(session, world.now)
        with transaction(session):
            folding.note(session, health.BACKUP, world.now, {})
    _, found = read(open_house)
    running = f'chengpi_instances{{process="{world.process}",state="running"}}'
    assert found[running] == before.get(running, 0) + 1
    assert found[f'chengpi_tasks_open{{process="{world.process}"}}'] >= 1
    assert found["chengpi_backup_timestamp_seconds"] == int(world.now.timestamp())
    assert found["chengpi_request_seconds_count"] > before["chengpi_request_seconds_count"]
    assert found['chengpi_requests_total{method="GET",status="2xx"}'] >= 1


def test_a_histogram_adds_up_and_odd_names_are_escaped() -> None:
    text = exposition.histogram("a", "b", (0.1, 1.0), (2, 3, 4), 1.5)
    assert 'a_bucket{le="0.1"} 2\na_bucket{le="1"} 5\na_bucket{le="+Inf"} 9\na_sum 1.5\na_count 9\n' in text
    assert exposition.family("a", "gauge", "b", [({"x": 'q"\\\n'}, 1)]).endswith('a{x="q\\"\\\\\\n"} 1\n')
