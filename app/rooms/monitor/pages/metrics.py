"""`/metrics` for Prometheus: what runs, what waits, how fast answers are, for whoever has the token."""

from __future__ import annotations

import hmac

from flask import Response, abort, current_app, request

from app.platform.monitoring import figures, health, overview
from app.rooms.monitor import exposition
from app.rooms.monitor.blueprint import outside
from app.rooms.web import measuring
from app.rooms.web.acting import now, session
from app.rooms.web.guards import open_to_all

EVERYWHERE = ("",)


@outside.get("/metrics")
@open_to_all
def metrics() -> Response:
    """The figures of the whole installation; there is no such page without a token, or with another."""
    _admit()
    parts = [*_of_processes(), *_of_the_house(), *_of_requests()]
    return Response(
        "".join(parts), content_type=exposition.CONTENT_TYPE, headers={"Cache-Control": "no-store"}
    )


def _admit() -> None:
    wanted = current_app.extensions["chengpi"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        abort(404)


def _of_processes() -> list[str]:
    cases = figures.tally(session(), ("case",), EVERYWHERE, ("process", "detail"))
    counts = figures.tally(session(), ("task", "incident"), EVERYWHERE)
    late = overview.overdue(session(), EVERYWHERE, now())
    open_tasks = [({"process": key[1]}, count) for key, count in sorted(counts.items()) if key[0] == "task"]
    failed = [({"process": key[1]}, count) for key, count in sorted(counts.items()) if key[0] == "incident"]
    return [
        exposition.family(
            "chengpi_instances",
            "gauge",
            "Instances that have not ended, by process and state.",
            [({"process": process, "state": state}, n) for (process, state), n in sorted(cases.items())],
        ),
        exposition.family("chengpi_tasks_open", "gauge", "Open tasks, by process.", open_tasks),
        exposition.family(
            "chengpi_tasks_overdue",
            "gauge",
            "Open tasks past their deadline, by process.",
            [({"process": process}, n) for (process,), n in sorted(late.items())],
        ),
        exposition.family("chengpi_incidents_open", "gauge", "Open incidents, by process.", failed),
    ]


def _of_the_house() -> list[str]:
    found = health.look(session(), current_app.extensions["chengpi"].instance, now())
    gauges = {
        "chengpi_jobs_waiting": ("Jobs that are due and wait.", found.waiting),
        "chengpi_jobs_running": ("Jobs that run.", found.running),
        "chengpi_jobs_failed": ("Jobs that were given up.", found.failed),
        "chengpi_jobs_oldest_seconds": ("How long the oldest due job waits.", found.oldest),
        "chengpi_timers_late": ("Timers that are due and have not fired.", found.timers_late),
        "chengpi_timer_lag_seconds": ("How late the oldest of them is.", found.timer_lag),
        "chengpi_errors_lately": ("Jobs given up and incidents opened in 15 minutes.", found.errors),
        "chengpi_notices_undelivered": ("Messages given up in a day.", found.undelivered),
        "chengpi_database_latency_seconds": ("A round trip to the database.", found.latency / 1e3),
        "chengpi_disk_free_bytes": ("What is left on the disk of the instance folder.", found.disk_free),
    }
    if found.backup_at is not None:
        said = "When a backup was last written, as Unix time."
        gauges["chengpi_backup_timestamp_seconds"] = (said, found.backup_at.timestamp())
    return [exposition.family(name, "gauge", about, [({}, value)]) for name, (about, value) in gauges.items()]


def _of_requests() -> list[str]:
    buckets, seconds, answers = measuring.measured().copied()
    return [
        exposition.histogram(
            "chengpi_request_seconds",
            "How long requests took in this process.",
            measuring.BOUNDS,
            buckets,
            seconds,
        ),
        exposition.family(
            "chengpi_requests_total",
            "counter",
            "Requests answered by this process, by method and kind of answer.",
            [({"method": method, "status": status}, n) for (method, status), n in sorted(answers.items())],
        ),
    ]
