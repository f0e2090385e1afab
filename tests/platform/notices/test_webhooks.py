"""Webhooks: signed, retried, with ids only, and never into the inner network (T12)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from sqlalchemy import select

from app.platform import audit, notices
from app.platform.data import transaction
from app.platform.jobs import Job
from app.platform.notices import Delivery, addresses, endpoints, webhooks
from app.platform.registry import Acting
from tests.platform.notices.conftest import KEEPER, MORNING, Place

IDS = {"instance": "i1", "task": "t1"}


def enter(place: Place, name: str = "office", *events: str) -> endpoints.EndpointFacts:
    with place.sessions() as session:
        return endpoints.add(session, name, place.receiver.url, events, KEEPER, MORNING)


def emit(place: Place, name: str = "task.opened") -> int:
    with place.sessions() as session:
        return notices.emit(session, name, IDS, place.at, "i1")


def states(place: Place) -> list[str]:
    with place.sessions() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_an_event_arrives_signed_as_standard_webhooks_are(place: Place) -> None:
    secret = enter(place).secret
    assert secret is not None
    assert emit(place) == 1
    assert place.work() == 1
    ((path, headers, body),) = place.receiver.kept
    assert path == "/hook?a=1"
    assert json.loads(body) == {"type": "task.opened", "timestamp": "2026-03-02T01:00:00+00:00", "data": IDS}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(MORNING.timestamp()))
    assert headers["Host"] == f"127.0.0.1:{place.receiver.server_port}"
    assert states(place) == ["sent"]


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """The example of the specification's reference libraries."""
    signature = webhooks.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_endpoint_is_told_only_of_what_it_asked_for(place: Place) -> None:
    enter(place, "all")
    enter(place, "ends", "instance.ended")
    assert emit(place, "task.opened") == 1
    assert emit(place, "instance.ended") == 2


def test_nobody_listening_costs_one_statement_and_with_the_lock_none(place: Place) -> None:
    def listened() -> bool:
        with place.sessions() as session:
            return bool(session.scalar(select(notices.LISTENED)))

    assert not listened()
    assert emit(place) == 0
    enter(place)
    assert listened()


def test_an_incident_about_a_delivery_is_not_announced(place: Place) -> None:
    """It would be sent to the endpoint that does not answer, and so on for ever."""
    enter(place)
    events = [notices.Event("incident.opened", {"kind": kind}) for kind in ("job", notices.OWN_INCIDENT)]
    with place.sessions() as session:
        assert notices.announce(session, events, MORNING) == 1


def test_an_event_of_a_verb_that_failed_is_not_sent(place: Place) -> None:
    enter(place)

    def verb() -> None:
        with place.sessions() as session, transaction(session):
            notices.emit(session, "task.opened", IDS, MORNING)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        verb()
    assert place.work() == 0


@pytest.mark.parametrize("answer", [301, 400, 404, 429, 500])
def test_anything_but_a_yes_is_tried_again_with_the_same_id(place: Place, answer: int) -> None:
    enter(place)
    emit(place)
    place.receiver.answers = [answer, answer]
    assert [place.work(pause) for pause in (0, 5, 30)] == [1, 1, 1]
    assert states(place) == ["sent"]
    assert len({headers["webhook-id"] for _, headers, _ in place.receiver.kept}) == 1
    assert len(place.receiver.kept) == 3  # and the redirect was not followed


def test_after_three_tries_it_is_given_up(place: Place) -> None:
    enter(place)
    emit(place)
    place.receiver.answers = [500] * 9
    assert [place.work(pause) for pause in (0, 5, 30, 3600)] == [1, 1, 1, 0]
    with place.sessions() as session:
        assert session.scalars(select(Job.state)).all() == ["failed"]


def test_an_answer_in_drops_is_cut_off(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    with socket.socket() as slow:
        slow.bind(("127.0.0.1", 0))
        slow.listen()

        def drip() -> None:
            line, _ = slow.accept()
            with line:
                try:
                    for _ in range(100):
                        line.sendall(b"H")
                        time.sleep(0.1)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        target = addresses.Target("http", "127.0.0.1", slow.getsockname()[1], "/", "127.0.0.1")
        started = time.monotonic()
        with pytest.raises((OSError, Exception)):
            webhooks.post(target, webhooks.new_secret(), "m1", b"{}", MORNING)
        assert time.monotonic() - started < 2
        thread.join()


def test_a_removed_endpoint_is_told_nothing_more(place: Place) -> None:
    facts = enter(place)
    emit(place)
    with place.sessions() as session:
        endpoints.remove(session, facts.id, KEEPER, MORNING)
    assert emit(place) == 0
    assert place.work() == 1
    assert (states(place), place.receiver.kept) == (["dropped"], [])
    with place.sessions() as session:
        assert endpoints.each(session, KEEPER) == []
        with pytest.raises(notices.UnknownEndpoint):
            endpoints.remove(session, facts.id, KEEPER, MORNING)
    enter(place)  # its name is free again


def test_endpoints_are_kept_by_who_looks_after_instances_and_it_is_written_down(place: Place) -> None:
    facts = enter(place)
    somebody = Acting("anna", "安娜", "anna")
    with place.sessions() as session:
        (listed,) = endpoints.each(session, KEEPER)
        assert (listed.name, listed.url, listed.secret) == ("office", place.receiver.url, None)
        for verb in (
            lambda: endpoints.add(session, "x", place.receiver.url, (), somebody, MORNING),
            lambda: endpoints.each(session, somebody),
            lambda: endpoints.remove(session, facts.id, somebody, MORNING),
        ):
            with pytest.raises(endpoints.MayNot):
                verb()
        rows = session.execute(select(audit.entities.AuditRow.kind)).scalars().all()
    assert rows == ["endpoint.added"]


@pytest.mark.parametrize(
    ("name", "url", "events", "complaint"),
    [
        ("a b", "https://example.org/", (), ("name", "name")),
        ("office", "https://example.org/", ("task.eaten",), ("events", "events")),
        ("office", "ftp://example.org/", (), ("bad", "url")),
        ("office", "https://user:pass@example.org/", (), ("bad", "url")),
        ("office", "https://example.org:99999/", (), ("bad", "url")),
        ("office", "https://exa mple.org/", (), ("bad", "url")),
        ("office", "https://example.org/\r\nx: y", (), ("bad", "url")),
        ("office", "https:///path", (), ("bad", "url")),
        ("office", "https://example.org/" + "x" * 500, (), ("bad", "url")),
        ("office", "https://10.0.0.1/", (), ("internal", "url")),
        ("office", "https://[::1]/", (), ("internal", "url")),
        ("office", "https://169.254.169.254/latest", (), ("internal", "url")),
        ("office", "https://2130706433/", (), ("internal", "url")),
        ("office", "http://93.184.216.34/", (), ("plain", "url")),
    ],
)
def test_a_bad_endpoint_is_refused_in_words(
    place: Place, name: str, url: str, events: Any, complaint: Any
) -> None:
    notices.use(notices.Settings())
    with place.sessions() as session, pytest.raises(endpoints.BadEndpoint) as refused:
        endpoints.add(session, name, url, events, KEEPER, MORNING)
    assert (refused.value.code, refused.value.field) == complaint
    assert refused.value.message("zh") != refused.value.message("en")


def test_a_name_is_given_once(place: Place) -> None:
    enter(place)
    with pytest.raises(endpoints.BadEndpoint, match="taken"):
        enter(place)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fec0::1", "fc00::1", "ff0e::1", "::ffff:10.0.0.1",
        "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    ],
)  # fmt: skip
def test_no_inner_address_is_public(address: str) -> None:
    assert not addresses.is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_the_open_internet_is_public(address: str) -> None:
    assert addresses.is_public(ip_address(address))


def test_a_name_that_turns_inward_after_it_was_entered_is_not_followed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: what counts is the look-up at sending, and the connection goes to what was looked up."""
    notices.use(notices.Settings())
    there = ["93.184.216.34"]

    def looked_up(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in there]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", looked_up)
    with place.sessions() as session:
        endpoints.add(session, "office", "https://office.example/", (), KEEPER, MORNING)
    emit(place)
    there[:] = ["93.184.216.34", "127.0.0.1"]  # one inner address among them is enough
    place.work()
    with place.sessions() as session:
        job = session.scalars(select(Job)).one()
    assert (job.state, job.tries) == ("waiting", 1)
    assert (job.error or "").startswith("AddressRefused")


def test_deliveries_wait_for_the_time_of_their_next_try(place: Place) -> None:
    enter(place)
    emit(place)
    place.receiver.answers = [500]
    place.work()
    with place.sessions() as session:
        assert session.scalar(select(Job.due_at)) == MORNING + timedelta(seconds=5)
