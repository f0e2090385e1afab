"""The platform's own hooks, each in a small chain: notify, grant, start, webhook (for document see its own tests)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.platform import notices
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.identity.entities import Person
from app.platform.jobs import Job
from app.platform.notices import Delivery, Notice, endpoints, patience
from app.platform.registry import Acting, Post
from app.platform.runtime import doctor, errors, versions, work
from app.platform.runtime.entities import Incident, Instance
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import HANSHAN, files
from tests.platform.runtime.steps import CITY, OTHER, STARTER, begin, count, decide, instance_row
from tests.world import APPLICATION, World

KEEPER = Acting("keeper", "平台", "keeper", (Post("p", roles.ADMINISTRATOR.key),))


@pytest.fixture(autouse=True)
def plain_world() -> Iterator[None]:
    patience.forget()
    yield
    notices.use(notices.Settings())


def chain(action: str, when: str | None = None, **parameters: str) -> Drawing:
    """A step, a service task, and a step that may follow. A parameter `=x` is an expression, another is a text."""
    given = {name: value[1:] if value.startswith("=") else f'"{value}"' for name, value in parameters.items()}
    return (
        Drawing("tests_acting", form="fairs/application")
        .start()
        .task("first", outcomes="go=办理|Go")
        .service("acting", action, when, **given)
        .task("second", outcomes="go=办理|Go")
        .end()
        .line("begin", "first", "acting", "second", "done")
    )


def run(world: World, drawing: Drawing, *, work: int | None = None) -> str:
    """Publish the chain and walk it up to what follows the service task; return the instance."""
    publish(world, drawing)
    instance = begin(world, drawing.process)
    decide(world, world.open_task(instance, "first"), "go")
    if work is not None:
        assert world.work() == work
    return instance


def publish(world: World, drawing: Drawing) -> None:
    form = APPLICATION
    with world.session() as session:
        given = files(drawing) | {"forms/fairs/application.json": form}
        versions.publish(session, given, None, world.now)


def sound(world: World) -> None:
    with world.session() as session:
        assert doctor.examine(session, world.now) == []


def told(world: World) -> list[tuple[str, str]]:
    """Who was told what."""
    names = {person: name for name, person in world.people.items()}
    with world.session() as session:
        rows = session.scalars(select(Notice).order_by(Notice.id)).all()
        return sorted((names[row.person_id], row.said["title"][0]) for row in rows)


def test_notify_tells_the_starter(any_ground: World) -> None:
    instance = run(any_ground, chain("platform/notify", to="starter", title="已受理", text="请等候。"))
    assert told(any_ground) == [(STARTER, "已受理")]
    with any_ground.session() as session:
        (notice,) = notices.of(session, any_ground.people[STARTER])
    assert (notice.instance, notice.text.zh) == (instance, "请等候。")
    sound(any_ground)


def test_notify_sends_the_text_of_the_diagram_by_text_message(ground: World, tmp_path: Path) -> None:
    with ground.session() as session, transaction(session):
        session.execute(update(Person).values(phone="13800001234"))
    sms = notices.SmsFile(tmp_path / "sms.jsonl")
    notices.use(notices.Settings(sms=sms))
    text = "请到窗口提交原件。"
    run(ground, chain("platform/notify", to="starter", title="已受理", text=text, channels="in_app,sms"))
    ground.work()
    (line,) = sms.file.read_text().splitlines()
    assert json.loads(line)["text"] == text


def test_notify_tells_whoever_holds_a_role_at_a_region(ground: World) -> None:
    run(ground, chain("platform/notify", to="fairs.city_admin@130400", title="有新件"))
    assert told(ground) == [(name, "有新件") for name in sorted((CITY, OTHER))]


def test_notify_tells_a_person_after_the_decision_where_the_diagram_says_so(ground: World) -> None:
    person = ground.people[CITY]
    instance = run(ground, chain("platform/notify", "after", to=person, title="请阅"))
    assert told(ground) == []
    assert ground.work() == 1
    assert told(ground) == [(CITY, "请阅")]
    assert ground.open_elements(instance) == ["second"]


def test_notify_to_a_role_there_is_not_is_an_incident_and_not_silence(ground: World) -> None:
    run(ground, chain("platform/notify", "after", to="fairs.nobody@130400", title="请阅"))
    for seconds in (0, 5, 35):
        assert ground.work(ground.now + timedelta(seconds=seconds)) == 1
    with ground.session() as session:
        (incident,) = session.scalars(select(Incident)).all()
    assert (incident.kind, incident.element) == ("job", "acting")
    sound(ground)


def test_grant_gives_the_starter_a_role(ground: World) -> None:
    run(ground, chain("platform/grant", role="fairs.district_admin", place="=district"))
    (post,) = ground.acting(STARTER).holds("fairs.district_admin")
    assert post.place.endswith("/130402/")


def test_start_starts_another_process_with_chosen_variables(any_ground: World) -> None:
    drawing = chain(
        "platform/start", process="tests_desk", variables="district, place=district", title="跟进"
    )
    parent = run(any_ground, drawing)
    with any_ground.session() as session:
        child = session.scalars(select(Instance).where(Instance.process == "tests_desk")).one()
    assert (child.title, child.variables) == ("跟进", HANSHAN | {"place": "130402"})
    assert child.starter_id == any_ground.people[STARTER]
    assert instance_row(any_ground, parent).variables["started"] == child.id
    sound(any_ground)


def starting(wanted: str, when: str | None = None) -> Drawing:
    return chain("platform/start", when, process=wanted, variables="district")


def restricted(world: World) -> None:
    """A process that only the city's administrators may start."""
    drawing = Drawing("tests_office", start="fairs.city_admin@everywhere").start()
    publish(world, drawing.task("only", outcomes="go=办理|Go").end().line("begin", "only", "done"))


def test_start_asks_for_the_rights_of_who_acts(ground: World) -> None:
    """Nobody starts by a diagram what he may not start by himself."""
    restricted(ground)
    with pytest.raises(errors.HookRefused) as refused:
        run(ground, starting("tests_office"))
    assert refused.value.words.en == "You may not start the next process"
    assert count(ground, Instance) == 1


def test_start_after_the_decision_knows_the_rights_of_who_decided(ground: World) -> None:
    restricted_for_starters(ground)
    run(ground, starting("tests_office", "after"), work=1)
    assert count(ground, Instance) == 2
    sound(ground)


def restricted_for_starters(world: World) -> None:
    drawing = Drawing("tests_office", start="fairs.organiser@everywhere").start()
    publish(world, drawing.task("only", outcomes="go=办理|Go").end().line("begin", "only", "done"))


def test_start_of_what_is_not_published_is_refused_in_words(ground: World) -> None:
    with pytest.raises(errors.HookRefused) as refused:
        run(ground, starting("tests_nothing"))
    assert refused.value.words.zh == "下一个流程尚未发布"


def test_processes_that_start_each_other_come_to_an_end(ground: World) -> None:
    drawing = Drawing("tests_ring", form="fairs/application").start()
    drawing.service("acting", "platform/start", process='"tests_ring"', variables='"district"')
    drawing.task("second", outcomes="go=办理|Go").end()
    publish(ground, drawing.line("begin", "acting", "second", "done"))
    with pytest.raises(errors.HookRefused) as refused:
        begin(ground, "tests_ring")
    assert "Too many" in refused.value.words.en
    assert count(ground, Instance) == 0


def enter_endpoint(world: World, url: str) -> None:
    notices.use(notices.Settings(internal=(ip_network("127.0.0.0/8"),)))
    with world.session() as session:
        endpoints.add(session, "office", url, ("instance.ended",), KEEPER, world.now)


def test_webhook_tells_the_endpoint_it_names(any_ground: World) -> None:
    enter_endpoint(any_ground, "http://127.0.0.1:9/")
    instance = run(any_ground, chain("platform/webhook", endpoint="office", variables="district"))
    assert any_ground.open_elements(instance) == []
    any_ground.work()
    assert any_ground.open_elements(instance) == ["second"]
    with any_ground.session() as session:
        delivery = session.scalars(select(Delivery)).one()
    assert (delivery.channel, delivery.event, delivery.instance_id) == ("webhook", "process.called", instance)
    assert delivery.body == {
        "instance": instance,
        "process": "tests_acting",
        "element": "acting",
        "variables": HANSHAN,
    }
    sound(any_ground)


def test_an_endpoint_that_never_answers_is_an_incident_on_the_instance_and_can_be_retried(
    ground: World,
) -> None:
    enter_endpoint(ground, "http://127.0.0.1:9/")
    instance = run(ground, chain("platform/webhook", endpoint="office"))
    for minutes in range(8):
        ground.work(ground.now + timedelta(minutes=minutes))
        patience.forget()
    with ground.session() as session:
        (incident,) = session.scalars(select(Incident)).all()
        assert session.scalar(select(Delivery.state)) == "failed"
    assert (incident.kind, incident.instance_id) == (notices.OWN_INCIDENT, instance)
    sound(ground)
    with ground.session() as session:
        work.retry(session, incident.id, ground.acting(STARTER), ground.now)
        assert session.scalar(select(Job.state).where(Job.id == incident.job_id)) == "waiting"
    sound(ground)


def test_a_notice_of_no_instance_that_cannot_be_sent_is_an_incident_for_who_looks_after_all(
    ground: World,
) -> None:
    enter_endpoint(ground, "http://127.0.0.1:9/")
    with ground.session() as session:
        notices.emit(session, "instance.ended", {"instance": "i"}, ground.now)
    for minutes in range(8):
        ground.work(ground.now + timedelta(minutes=minutes))
        patience.forget()
    with ground.session() as session:
        incident = session.scalars(select(Incident)).one()
        assert (incident.instance_id, incident.kind) == (None, notices.OWN_INCIDENT)
        assert incident.detail.startswith("notices/deliver: ConnectionRefusedError")
        name = incident.id
        with pytest.raises(errors.Unknown):
            work.retry(session, name, ground.acting(STARTER), ground.now)
        work.retry(session, name, KEEPER, ground.now)
        with pytest.raises(errors.Unknown):
            work.retry(session, name, KEEPER, ground.now)
    with ground.session() as session:
        waiting: Any = session.scalar(select(func.count()).select_from(Job).where(Job.state == "waiting"))
    assert waiting == 1
