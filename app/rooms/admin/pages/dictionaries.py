"""数据字典: making dictionaries, their words, and switching words off."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.platform.identity import roles
from app.platform.registry import Refused, Words
from app.platform.settings import dictionaries
from app.platform.settings.entities import Dictionary, Word
from app.rooms.admin import sections
from app.rooms.admin.blueprint import blueprint
from app.rooms.admin.lists.dictionaries import DICTIONARIES
from app.rooms.web import language, lists
from app.rooms.web.acting import me, now, session
from app.rooms.web.guards import needs

sections.enter(
    sections.Section(
        "dictionaries",
        Words("数据字典", "Dictionaries"),
        Words("表单中可选的词条：民族、学历等", "The words forms offer: ethnic groups, degrees …"),
        "admin.dictionary_list",
        frozenset({roles.SETTINGS}),
        "settings",
        30,
    )
)


@blueprint.get("/dictionaries")
@needs(roles.SETTINGS)
def dictionary_list() -> str:
    """Show the dictionaries."""
    return lists.answer(DICTIONARIES, "admin/dictionaries.html")


@blueprint.get("/dictionaries/new")
@needs(roles.SETTINGS)
def new_dictionary() -> str:
    """Show the empty form of a dictionary."""
    return render_template("admin/dictionary.html", dictionary=None, typed={}, wrong={})


@blueprint.post("/dictionaries/new")
@needs(roles.SETTINGS)
def make_dictionary() -> Response | tuple[str, int]:
    """Make a dictionary."""
    key = request.form.get("key", "").strip()
    try:
        dictionaries.add(session(), key, _title(), me(), now())
    except Refused as no:
        page = render_template("admin/dictionary.html", dictionary=None, typed=request.form, wrong=_wrong(no))
        return page, 422
    flash(_("字典已建立，请添加词条。"), "success")
    return redirect(url_for("admin.dictionary", key=key), 303)


@blueprint.get("/dictionaries/<key>")
@needs(roles.SETTINGS)
def dictionary(key: str) -> str:
    """Show a dictionary: what it is called, and a form for another word."""
    return _page(_kept(key))


@blueprint.post("/dictionaries/<key>")
@needs(roles.SETTINGS)
def rename_dictionary(key: str) -> Response | tuple[str, int]:
    """Call a dictionary otherwise."""
    _kept(key)
    try:
        dictionaries.rename(session(), key, _title(), me(), now())
    except Refused as no:
        return _page(_kept(key), titles=request.form, wrong=_wrong(no)), 422
    flash(_("字典已保存。"), "success")
    return redirect(url_for("admin.dictionary", key=key), 303)


@blueprint.post("/dictionaries/<key>/words")
@needs(roles.SETTINGS)
def add_word(key: str) -> Response | tuple[str, int]:
    """Add a word."""
    _kept(key)
    try:
        entry = _entry(request.form.get("code", ""))
        if dictionaries.word(session(), key, entry.code) is not None:
            raise Refused("该代码已存在，请换一个", "There is such a code already", "code")
        dictionaries.put(session(), key, [entry], me(), now())
    except Refused as no:
        return _page(_kept(key), typed=request.form, wrong=_wrong(no)), 422
    flash(_("词条已添加，表单立即可选。"), "success")
    return redirect(url_for("admin.dictionary", key=key), 303)


@blueprint.get("/dictionaries/<key>/words/<code>")
@needs(roles.SETTINGS)
def word(key: str, code: str) -> str:
    """Show a word for changing."""
    return _word_page(_kept(key), _kept_word(key, code))


@blueprint.post("/dictionaries/<key>/words/<code>")
@needs(roles.SETTINGS)
def change_word(key: str, code: str) -> Response | tuple[str, int]:
    """Change what a word says; its code stays."""
    _kept_word(key, code)
    try:
        dictionaries.put(session(), key, [_entry(code)], me(), now())
    except Refused as no:
        return _word_page(_kept(key), _kept_word(key, code), request.form, _wrong(no)), 422
    flash(_("词条已保存。"), "success")
    return redirect(f"/admin/lists/words?dictionary={key}", 303)


@blueprint.post("/dictionaries/<key>/words/<code>/off")
@needs(roles.SETTINGS)
def turn_word(key: str, code: str) -> Response:
    """Offer a word no more, or again."""
    _kept_word(key, code)
    is_off = request.args.get("to") != "on"
    dictionaries.turn(session(), key, code, is_off, me(), now())
    flash(_("词条已停用，已填写的内容照常显示。") if is_off else _("词条已启用。"), "success")
    return redirect(f"/admin/lists/words?dictionary={key}", 303)


def _kept(key: str) -> Dictionary:
    found = dictionaries.get(session(), key)
    if found is None:
        abort(404)
    return found


def _kept_word(key: str, code: str) -> Word:
    found = dictionaries.word(session(), key, code)
    if found is None:
        abort(404)
    return found


def _title() -> Words:
    return Words(request.form.get("title_zh", ""), request.form.get("title_en", ""))


def _entry(code: str) -> dictionaries.Entry:
    place = request.form.get("position", "").strip()
    if place and not (place.isascii() and place.isdecimal() and len(place) < 10):
        raise Refused("序号为0至1000000之间的整数", "The order is a whole number up to 1000000", "position")
    zh, en = request.form.get("zh", ""), request.form.get("en", "")
    return dictionaries.Entry(code.strip(), zh, en, int(place) if place else None)


def _wrong(no: Refused) -> dict[str, str]:
    return {no.field or "": no.words.said(language.current())}


def _page(one: Dictionary, titles: Any = None, typed: Any = None, wrong: Any = None) -> str:
    return render_template(
        "admin/dictionary.html",
        dictionary=one,
        titles=titles or {"title_zh": one.title_zh, "title_en": one.title_en},
        typed=typed or {},
        wrong=wrong or {},
        tally=dictionaries.tally(session(), one.key),
    )


def _word_page(one: Dictionary, word: Word, typed: Any = None, wrong: Any = None) -> str:
    kept = {"zh": word.zh, "en": word.en, "position": word.position}
    return render_template(
        "admin/word.html", dictionary=one, word=word, typed=typed or kept, wrong=wrong or {}
    )
