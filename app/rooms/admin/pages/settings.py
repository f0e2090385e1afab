"""The settings by group, and the button that tries a channel out."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.platform import audit, settings
from app.platform.data import transaction
from app.platform.identity import roles
from app.platform.identity.entities import Person
from app.platform.notices import channels
from app.platform.registry import Words
from app.rooms.admin import sections, setting_inputs
from app.rooms.admin.blueprint import blueprint
from app.rooms.web import language
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

sections.enter(
    sections.Section(
        "settings",
        Words("参数设置", "Settings"),
        Words("平台名称、页脚、操作手册、短信与邮件等", "Title, footers, manuals, SMS and mail"),
        "admin.settings_start",
        frozenset({roles.SETTINGS}),
        "settings",
        10,
    )
)


@blueprint.get("/settings")
@needs(roles.SETTINGS)
def settings_start() -> Response:
    """Lead to the first group."""
    return redirect(url_for("admin.settings_of", group=next(iter(groups()))), 303)


@blueprint.get("/settings/<group>")
@needs(roles.SETTINGS)
def settings_of(group: str) -> str:
    """Show the settings of a group, with who changed each last."""
    return _page(group)


@blueprint.post("/settings/<group>")
@needs(roles.SETTINGS)
def change_settings(group: str) -> Response | tuple[str, int]:
    """Keep what was typed, or take one setting back to its default; a group as a whole or not at all."""
    mine = {one.key: one for one in _of(group)}
    if back := request.form.get("reset"):
        if back not in mine:
            abort(404)
        settings.change(session(), back, None, me(), now())
        flash(_("“%(title)s”已恢复默认。", title=mine[back].title.said(language.current())), "success")
        return redirect(url_for("admin.settings_of", group=group), 303)
    wanted, wrong = _read(mine)
    if wrong:
        return _page(group, wrong), 422
    with transaction(session()):
        changed = [settings.change(session(), key, value, me(), now()) for key, value in wanted.items()]
    flash(_("设置已保存，立即生效。") if any(changed) else _("没有需要保存的改动。"), "success")
    return redirect(url_for("admin.settings_of", group=group), 303)


@blueprint.post("/settings/try/<channel>")
@needs(roles.SETTINGS)
def try_channel(channel: str) -> Response:
    """Send a test to the administrator's own address and show the answer as it is."""
    if channel not in ("mail", "sms"):
        abort(404)
    tried = channels.try_out(session(), channel, me(), now())
    said = tried.words.said(language.current())
    if tried.went:
        flash(_("测试已发送：%(answer)s", answer=said), "success")
    else:
        flash(_("测试没有成功：%(answer)s", answer=said), "warning")
    return redirect(url_for("admin.settings_of", group=channels.GROUP), 303)


def groups() -> dict[str, Words]:
    """The groups that have a page here."""
    asked = {one.group for one in settings.DEFINITIONS.values() if one.kind != "json"}
    own_first = sorted(settings.GROUPS, key=lambda key: not key.startswith("words"))
    named = {key: settings.GROUPS[key] for key in own_first if key in asked}
    return named | {key: Words(key, key) for key in sorted(asked - named.keys())}


def _of(group: str) -> list[settings.Definition]:
    found = [one for one in settings.DEFINITIONS.values() if one.group == group and one.kind != "json"]
    if not found:
        abort(404)
    return found


def _read(mine: dict[str, settings.Definition]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed by setting, and what is wrong with it. What stands as it stood is not touched."""
    wanted: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for key, one in mine.items():
        before = setting_inputs.shown(one)
        sent = {name: request.form[name] for name in _names(one) if name in request.form}
        if one.kind not in ("secret", "yes") and not sent:
            continue  # the form did not ask for it
        if {name: text.strip() for name, text in sent.items()} == before:
            continue
        try:
            value = setting_inputs.read(one, sent)
            wanted[key] = None if value is None else one.checked(value)
        except setting_inputs.Unchanged:
            continue
        except settings.BadSetting as error:
            wrong[key] = error.words.said(language.current())
    return wanted, wrong


def _names(one: settings.Definition) -> tuple[str, ...]:
    return (f"{one.key}.zh", f"{one.key}.en") if one.kind == "words" else (one.key,)


def _page(group: str, wrong: dict[str, str] | None = None) -> str:
    mine = _of(group)
    texts: dict[str, str] = {}
    for one in mine:
        texts |= setting_inputs.shown(one)
    if wrong is not None:
        names = [name for one in mine for name in _names(one) if one.kind != "secret"]
        texts = {name: request.form[name] for name in names if name in request.form}
    return render_template(
        "admin/settings.html",
        key=group,
        setting_groups=groups(),
        mine=mine,
        texts=texts,
        wrong=wrong or {},
        changed={one.key for one in mine if settings.is_changed(one.key)},
        history=_history([one.key for one in mine]),
        channels=channels.addresses(session(), me().person) if group == channels.GROUP else None,
    )


def _history(keys: list[str]) -> dict[str, tuple[Any, str]]:
    """When each setting was changed last, and by whom."""
    rows = audit.latest(session(), [f"setting:{key}" for key in keys])
    who = {row.by for row in rows.values() if row.by}
    names = dict(session().execute(select(Person.id, Person.name).where(Person.id.in_(who))).all())
    return {about.partition(":")[2]: (row.at, names.get(row.by or "", "—")) for about, row in rows.items()}
