"""What conveners do on their own pages, for rehearsals: make a congress, invite a unit, allot seats (PG-D13)."""

from __future__ import annotations

from datetime import timedelta

from app.platform import forms
from app.platform.registry import Call, Hooks, Refused
from app.platform.runtime import asking, versions
from app.systems.delegates import congresses, invitations, quota_matrix, quotas, rules


def plug(hooks: Hooks) -> None:
    """Enter them into the hooks of delegates."""
    hooks.verb(create_congress)
    hooks.verb(invite_unit)
    hooks.verb(allot_seats)


def create_congress(call: Call, name: str, term: str, days: int) -> None:
    """Make a congress that lasts three days, the last of them `days` from now; reports close ten days before that."""
    step = versions.current(call.session, congresses.PROCESS).forms[congresses.FORM].at("configure")
    last = call.now.astimezone(congresses.LOCAL).date() + timedelta(days=days)
    typed = {
        **congresses.DEFAULTS,
        "name": name,
        "term": term,
        "begins_on": (last - timedelta(days=2)).isoformat(),
        "ends_on": last.isoformat(),
        "report_by": f"{last - timedelta(days=10)}T18:00",
    }
    given = asking.given(
        call.session,
        dict(congresses.DEFAULTS),
        lambda _file: None,
        by=call.by,
        now=call.now,
        process=congresses.PROCESS,
    )
    entry = forms.read(step, {field: [str(value)] for field, value in typed.items()}, given)
    if entry.complaints:
        raise Refused(*(entry.complaints[0].message(each) for each in ("zh", "en")))
    congresses.create(call.session, entry, call.by, call.now)


def invite_unit(call: Call, unit: str, liaison: str, phone: str) -> None:
    """Invite the unit of this name to the congress that is rehearsed, with its liaison."""
    reported = [invitations.Reported("", liaison, phone, unit)]
    invitations.invite(call.session, _congress(call), reported, call.by, call.now)


def allot_seats(call: Call, delegates: int) -> None:
    """Allot every invited unit so many delegates."""
    congress = _congress(call)
    quota = {"delegate": rules.Allotment(delegates, {})}
    typed: dict[str, str] = {}
    for invitation in quotas.of(call.session, congress):
        typed |= quota_matrix.typed(quota, invitation)
    quotas.save(call.session, congress, typed, call.by, call.now)


def _congress(call: Call) -> str:
    return str(call.variables["congress_id"])
