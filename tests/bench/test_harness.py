"""The harness itself: alternation, judgement, what stays in the results."""

import json

import pytest

from tests.bench import __main__ as command
from tests.bench.harness import Pair, against, alternate, plain, prepared


def test_subject_and_floor_run_alternately_and_equally_often():
    told = []
    pair = alternate(lambda: told.append("subject"), lambda: told.append("floor"), runs=40)
    assert told.count("subject") == told.count("floor") == 60
    assert pair.runs == 40
    measured = told[40:]
    assert all({*measured[place : place + 2]} == {"subject", "floor"} for place in range(0, len(measured), 2))


def test_preparation_stands_outside_the_clock():
    taken = []
    alternate(prepared(lambda: "task", taken.append), lambda: None, runs=4)
    assert set(taken) == {"task"}


def test_a_row_holds_at_its_limit_plus_the_spread_of_its_floor():
    assert against("x", Pair(2.1, 1.0, 0.1, 500), limit=2)["holds"]
    assert not against("x", Pair(2.3, 1.0, 0.1, 500), limit=2)["holds"]
    row = against("x", Pair(0.002, 0.001, 0.1, 500), limit=2)
    assert (row["value"], row["floor"], row["ratio"], row["unit"]) == (2.0, 1.0, 2.0, "ms")


def test_a_figure_without_a_floor_is_bounded_by_itself():
    assert plain("size", 2000, "bytes", 2000)["holds"]
    assert not plain("size", 2001, "bytes", 2000)["holds"]
    assert plain("count", 7, "statements")["holds"]


@pytest.fixture
def results(tmp_path, monkeypatch):
    path = tmp_path / "bench" / "results.json"
    rows = {"engine.size": lambda: plain("", 10, "bytes", 20), "http.page": lambda: plain("", 9.0, "ms", 1.0)}
    monkeypatch.setattr(command, "RESULTS", path)
    monkeypatch.setattr(command, "collect", lambda: rows)
    monkeypatch.setattr(command.kept, "__defaults__", (path,))
    monkeypatch.setattr(command.save, "__defaults__", (path,))
    return path


def test_a_prefix_runs_those_and_keeps_the_others(results, capsys):
    assert command.main(["http."]) == 1
    assert command.main(["engine."]) == 0
    assert [row["name"] for row in json.loads(results.read_text())] == ["engine.size", "http.page"]
    assert "engine.size" in capsys.readouterr().out


def test_an_unknown_prefix_is_said(results):
    assert command.main(["nothing."]) == 2
    assert not results.exists()


def test_every_row_has_a_subject_that_is_known():
    for name in command.collect():
        assert name.split(".")[0] in {
            "documents",
            "intake",
            "engine",
            "lists",
            "sheets",
            "runtime",
            "http",
            "jobs",
            "inbox",
            "monitor",
            "pdf",
        }
