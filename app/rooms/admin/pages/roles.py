"""角色: those of the leases, locked, and those made here; what each may, and who may give it."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform import settings
from app.platform.identity import making_roles, roles, subjects
from app.platform.identity.authority import GIVERS
from app.platform.registry import Refused, Role, Words, house
from app.rooms.admin import sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import language
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

PLACES = (
    ("none", Words("不限地区和单位", "Nowhere in particular")),
    ("region", Words("地区", "A region")),
    ("unit", Words("单位", "An organisation")),
)
REACHES = (("here", Words("仅本级", "That place alone")), ("below", Words("本级及下级", "All below it too")))
PLATFORM = Words("平台", "Platform")
sections.enter(
    sections.Section(
        "roles",
        Words("角色", "Roles"),
        Words(
            "系统自带的角色、自建角色及其权限、谁可授予",
            "Roles of the systems and your own: what each may, who gives it",
        ),
        "admin.roles_page",
        frozenset({roles.ROLES_MADE}),
        "rights",
        60,
    )
)


@blueprint.get("/roles")
@needs(roles.ROLES_MADE)
def roles_page() -> str:
    """Show all roles."""
    held = making_roles.held_by(session(), now())
    return render_template(
        "admin/roles.html",
        role_groups=_grouped(making_roles.every(session())),
        held=held,
        places=dict(PLACES),
        reaches=dict(REACHES),
        subject_title=subjects.title_of,
    )


@blueprint.get("/roles/new")
@needs(roles.ROLES_MADE)
def new_role() -> str:
    """Show the empty form of a role."""
    return _form(None, {"place": "none", "reach": "here"})


@blueprint.post("/roles/new")
@needs(roles.ROLES_MADE)
def make_role() -> Response | tuple[str, int]:
    """Make a role."""
    try:
        key = making_roles.make(session(), _draft(request.form.get("slug", "").strip()), me(), now())
    except Refused as no:
        return _form(None, _sent(), no), 422
    flash(_("角色已建立，现在可以授予。"), "success")
    return redirect(url_for("admin.role_page", key=key), 303)


@blueprint.get("/roles/<key>")
@needs(roles.ROLES_MADE)
def role_page(key: str) -> str:
    """Show a role: one made here for changing, one of a lease with who may give it."""
    role, _is_off = _kept(key)
    return _form(key, _typed(role))


@blueprint.post("/roles/<key>")
@needs(roles.ROLES_MADE)
def change_role(key: str) -> Response | tuple[str, int]:
    """Change a role made here; of one of a lease, who may give it."""
    role, _is_off = _kept(key)
    try:
        if role.is_made:
            making_roles.change(session(), key, _draft(key.removeprefix(making_roles.PREFIX)), me(), now())
        else:
            making_roles.set_givers(session(), key, request.form.getlist("given_by"), me(), now())
    except Refused as no:
        return _form(key, _sent(), no), 422
    flash(_("角色已保存，立即生效。"), "success")
    return redirect(url_for("admin.role_page", key=key), 303)


@blueprint.post("/roles/<key>/off")
@needs(roles.ROLES_MADE)
def turn_role(key: str) -> Response | tuple[str, int]:
    """Switch a role made here off, or on again."""
    role, _is_off = _kept(key)
    if not role.is_made:
        abort(404)
    is_off = request.form.get("to") != "on"
    try:
        making_roles.turn(session(), key, is_off, me(), now())
    except Refused as no:
        return _form(key, _typed(role), no), 422
    flash(_("角色已停用，持有人立即失去其权限。") if is_off else _("角色已启用。"), "success")
    return redirect(url_for("admin.role_page", key=key), 303)


@blueprint.post("/roles/<key>/remove")
@needs(roles.ROLES_MADE)
def remove_role(key: str) -> Response | tuple[str, int]:
    """Remove a role made here that nobody ever held and no process names."""
    role, _is_off = _kept(key)
    if not role.is_made:
        abort(404)
    try:
        making_roles.remove(session(), key, me(), now())
    except Refused as no:
        return _form(key, _typed(role), no), 422
    flash(_("角色已删除。"), "success")
    return redirect(url_for("admin.roles_page"), 303)


def _kept(key: str) -> tuple[Role, bool]:
    found = making_roles.one(session(), key)
    if found is None:
        abort(404)
    return found


def _draft(slug: str) -> making_roles.Draft:
    given = request.form
    return making_roles.Draft(
        slug,
        Words(given.get("title_zh", ""), given.get("title_en", "")),
        given.get("scope", ""),
        given.get("reach", ""),
        given.get("subject") or None,
        frozenset(filter(None, given.getlist("permissions"))),
        frozenset(filter(None, given.getlist("given_by"))),
        "second_factor" in given,
    )


def _sent() -> dict[str, Any]:
    """What was typed, as the form shows it again."""
    given = request.form
    return {
        **{name: given.get(name, "") for name in ("slug", "title_zh", "title_en", "reach", "subject")},
        "place": given.get("scope", ""),
        "permissions": set(given.getlist("permissions")),
        "given_by": set(given.getlist("given_by")),
        "second_factor": "second_factor" in given,
    }


def _typed(role: Role) -> dict[str, Any]:
    more = set(settings.value(GIVERS).get(role.key, ()))
    return {
        "title_zh": role.title.zh,
        "title_en": role.title.en,
        "place": role.place,
        "reach": role.reach,
        "subject": role.subject or "",
        "permissions": set(role.permissions),
        "given_by": set(role.given_by) | more,
        "second_factor": role.second_factor,
    }


def _form(key: str | None, typed: dict[str, Any], no: Refused | None = None) -> str:
    role, is_off = making_roles.one(session(), key) or (None, False) if key else (None, False)
    return render_template(
        "admin/role.html",
        key=key,
        role=role,
        is_off=is_off,
        typed={"permissions": set(), "given_by": set(), **typed},
        wrong={no.field or "": no.words.said(language.current())} if no else {},
        permissions=_permissions(),
        givers=_grouped([pair for pair in making_roles.every(session()) if pair[0].key != key]),
        subjects=[
            ("", Words("无", "None")),
            *((one, subjects.title_of(one)) for one in making_roles.known_subjects()),
        ],
        places=PLACES,
        reaches=REACHES,
        subject_title=subjects.title_of,
        stays=making_roles.why_stays(session(), key) if key and role and role.is_made else None,
        held=making_roles.held_by(session(), now()).get(key or "", 0),
    )


def _permissions() -> list[tuple[Words, list[tuple[str, list[Words]]]]]:
    """The permissions there are by system: each code, and the roles of the leases that carry it."""
    found: dict[Words, list[tuple[str, list[Words]]]] = {}
    for code, carriers in making_roles.known_permissions().items():
        found.setdefault(_leased_by(carriers[0]), []).append(
            (code, [house.roles[one].title for one in carriers])
        )
    return list(found.items())


def _grouped(found: list[tuple[Role, bool]]) -> list[tuple[Words, list[tuple[Role, bool]]]]:
    """Roles by where they come from: made here, the platform's, each system's. A title heads one group only."""
    groups: dict[Words, list[tuple[Role, bool]]] = {}
    for role, is_off in found:
        title = Words("自建角色", "Made here") if role.is_made else _leased_by(role.key)
        groups.setdefault(title, []).append((role, is_off))
    return sorted(groups.items(), key=lambda one: not one[1][0][0].is_made)


def _leased_by(key: str) -> Words:
    """The title of the system that leases a role; the platform's, where none does."""
    owner = key.partition(".")[0]
    return house.systems[owner].title if owner in house.systems else PLATFORM
