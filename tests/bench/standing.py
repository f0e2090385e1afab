"""What stands still in the bench's million, and who answers: written by SQL beside what the verbs have made.

Every county but one in a hundred has a clerk of its own. Some cases are suspended, have failed, wait for a timer that
has been given up, or for a message; some thousands are asked of a role that nobody holds.
"""

from __future__ import annotations

from sqlalchemy import inspect, select, text

from app.platform.data import sealing
from app.platform.data.statistics import refresh
from app.platform.identity.entities import HeldPost
from app.platform.runtime import control
from app.platform.runtime.entities import Incident, Instance, Subscription, Task, Timer
from tests.bench import loading
from tests.world import World

WHY = "网关没有可走的出口"

UNHELD = 100  # of so many counties one has nobody
SUSPENDED, FAILED, GIVEN_UP, WAITING, LONG = 60, 1_000, 100, 50_000, 500

_CASES = "SELECT id, row_number() OVER (ORDER BY id) n FROM runtime_instance WHERE state = 'running' AND id LIKE 'bo%'"
STATEMENTS = (
    "INSERT INTO identity_person (id, name, created_at) SELECT 'bc' || lpad(k::text, 24, '0'), '区县' || k, :now"
    " FROM bench_share ON CONFLICT DO NOTHING",
    "INSERT INTO identity_post (id, person_id, role, place, subject, from_at)"
    " SELECT 'bh' || lpad(k::text, 24, '0'), 'bc' || lpad(k::text, 24, '0'), :role, path, '*', :now FROM bench_share"
    f" WHERE k % {UNHELD} <> 0",
    # the country's clerk answers for all: without him a county without a clerk has nobody
    "UPDATE runtime_task SET role = 'fairs.county_admin' WHERE state = 'open' AND id IN"
    " (SELECT t.id FROM runtime_task t JOIN bench_share s ON s.path = t.place WHERE t.state = 'open'"
    " AND s.k % :unheld = 0 AND t.id LIKE 'bo%' LIMIT 3000)",
    "INSERT INTO runtime_incident (id, instance_id, element, kind, detail, opened_at) SELECT 'bx' || substr(id, 3), id,"
    f" 'review', 'engine', :sealed, :now FROM ({_CASES}) c WHERE n % 900 = 11 LIMIT {FAILED}",
    "INSERT INTO runtime_timer (id, instance_id, version_id, process, element, kind, armed_at, text, due_at,"
    " is_provisional, tries) SELECT 'bx' || substr(i.id, 3), i.id, i.version_id, i.process, 'review', 'event', :now,"
    f" 'P1D', :now, false, 3 FROM ({_CASES}) c JOIN runtime_instance i ON i.id = c.id WHERE n % 9000 = 13"
    f" LIMIT {GIVEN_UP}",
    "INSERT INTO runtime_subscription (id, instance_id, process, element, visit, kind, name, correlation) SELECT"
    " 'bx' || substr(i.id, 3), i.id, i.process, 'review', 1, 'message',"
    " CASE WHEN n % 950 > 0 THEN 'permits_review_done'"
    f" ELSE 'never_sent' END, 'null' FROM ({_CASES}) c JOIN runtime_instance i ON i.id = c.id WHERE n % 19 = 0"
    f" LIMIT {WAITING}",
)


def fill(world: World, keeper: str) -> str:
    """Write it all, once; return an instance with a history of `LONG` rows. `keeper`: who suspends."""
    with world.engine.begin() as connection:
        if inspect(connection).has_table("bench_standing"):
            return str(connection.execute(text("SELECT instance FROM bench_standing")).scalar_one())
        given = {
            "now": world.now,
            "role": loading.ROLE,
            "unheld": UNHELD,
            "sealed": sealing.seal(WHY.encode()),
        }
        for statement in STATEMENTS:
            connection.execute(
                text(statement), {key: value for key, value in given.items() if f":{key}" in statement}
            )
    with world.session() as session:
        cases = select(Instance.id).where(Instance.state == "running", Instance.id.like("bo%"))
        long = str(session.scalar(cases.order_by(Instance.id).limit(1)))
        latest = cases.order_by(Instance.id.desc()).limit(SUSPENDED)  # the first are those inboxes begin with
        for instance in list(session.scalars(latest)):
            control.suspend(session, instance, "等待核查", world.acting(keeper), world.now)
    _lengthen(world, long)
    with world.engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE bench_standing AS SELECT CAST(:id AS varchar) AS instance"), {"id": long}
        )
    with world.session() as session:
        refresh(session, (Incident, Timer, Subscription, Task, HeldPost))
    return long


def _lengthen(world: World, instance: str) -> None:
    """Send a case back and hand it in again, until its history is long."""
    with world.session() as session:
        starter = str(session.scalar(select(Instance.starter_id).where(Instance.id == instance)))
    world.people[starter] = starter
    length = 0
    while length < LONG:
        world.decide(instance, "review", "return", loading.NATIONAL_CLERK, comment="请补充安全方案")
        world.decide(instance, "prepare", "send", starter)
        with world.session() as session:
            length = session.get_one(Instance, instance).history_length
