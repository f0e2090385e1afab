"""Decision tables of other products: their attributes taken out, and FEEL in cells put into our language."""

from __future__ import annotations

import re

from lxml import etree

from app.platform.engine.decision_files import POLICIES
from app.platform.engine.decisions import parse_cell, parse_result
from app.platform.engine.foreign import language
from app.platform.engine.foreign.language import Untranslatable
from app.platform.engine.foreign.lines import Line, Translation, Untranslated
from app.platform.engine.foreign.sheet import cut, snake
from app.platform.engine.products import PRODUCTS, shown
from app.platform.engine.vocabulary import local, space
from app.platform.expressions import BadExpression, parse

_FEEL = frozenset({"feel", "juel", ""})


def translate_tables(root: etree._Element, lines: list[Line]) -> None:
    """Change the tree of a DMN file in place, telling each change."""
    for xml in list(root.iter()):
        owner = _owner(xml)
        for name in list(xml.attrib):
            if etree.QName(name).namespace in PRODUCTS:
                lines.append(Untranslated("harmless", owner, cut(f"{shown(name)}={xml.attrib.pop(name)}")))
        for tongue in ("expressionLanguage",):
            if xml.get(tongue) and _plain(xml.get(tongue, "")):
                lines.append(Translation(owner, f"{tongue}={xml.attrib.pop(tongue)}", "-"))
        if space(xml) in PRODUCTS and (parent := xml.getparent()) is not None:
            lines.append(Untranslated("unknown", owner, cut(shown(xml.tag))))
            parent.remove(xml)
            if (
                local(parent) == "extensionElements"
                and not len(parent)
                and (above := parent.getparent()) is not None
            ):
                above.remove(parent)
    for xml in root.iter():
        if local(xml) == "decisionTable" and xml.get("hitPolicy", "UNIQUE") not in POLICIES:
            lines.append(Untranslated("hit_policy", _owner(xml), cut(xml.get("hitPolicy", ""))))
        if local(xml) == "output" and xml.get("name"):
            _output(xml, lines)
        if local(xml) in ("inputExpression", "inputEntry", "outputEntry"):
            for text in xml:
                if local(text) == "text":
                    _cell(xml, text, lines)


def _plain(tongue: str) -> bool:
    return tongue.lower().rpartition("/")[2].strip() in _FEEL or "feel" in tongue.lower()


def _owner(xml: etree._Element | None) -> str | None:
    """The decision something stands in."""
    while xml is not None and local(xml) != "decision":
        xml = xml.getparent()
    return None if xml is None else xml.get("id")


def _output(xml: etree._Element, lines: list[Line]) -> None:
    name = xml.get("name", "")
    ours = snake(name)
    if ours and ours != name:
        xml.set("name", ours)
        lines.append(Translation(_owner(xml), cut(name), ours))


def _cell(xml: etree._Element, text: etree._Element, lines: list[Line]) -> None:
    """A cell that ours reads stays as it is; of others, those FEEL writes another way are rewritten."""
    was = (text.text or "").strip()
    read = {"inputEntry": parse_cell, "outputEntry": parse_result}.get(local(xml), parse)
    made = _unwrapped(was)
    if local(xml) == "inputExpression":
        made = _expression(made)
    elif not made and local(xml) == "inputEntry":
        return
    if _is_good(read, was) and made == was:
        return
    if not _is_good(read, made):
        made = _expression(made) if local(xml) != "inputEntry" else _test(made)
    if not _is_good(read, made):
        if was:
            lines.append(Untranslated("cell", _owner(xml), cut(was)))
        return
    if made != was:
        text.text = made
        lines.append(Translation(_owner(xml), cut(was), cut(made)))


def _is_good(read: object, text: str) -> bool:
    try:
        read(text)  # type: ignore[operator]
    except BadExpression:
        return False
    return True


def _unwrapped(text: str) -> str:
    if text[:2] in ("${", "#{") and text.endswith("}"):
        return text[2:-1].strip()
    return text


def _expression(text: str) -> str:
    for opening in ("=", "${"):
        try:
            tree = language.read(opening + text + ("}" if opening == "${" else ""))
            if tree is not None:
                return language.written(tree, lambda name: snake(name) or name)
        except Untranslatable:
            continue
    return text


def _test(text: str) -> str:
    """`== "a"`, and open ends of ranges as FEEL writes them: `]1..5[`."""
    span = re.fullmatch(r"([\[\](])\s*([^\[\]()]+?)\s*\.\.\s*([^\[\]()]+?)\s*([\[\])])", text)
    if span:
        opening, closing = "[" if span[1] == "[" else "(", "]" if span[4] == "]" else ")"
        return f"{opening}{span[2]}..{span[3]}{closing}"
    if text.startswith("=="):
        return text[2:].strip()
    return text
