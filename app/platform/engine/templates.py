"""What the template of a printed document may hold, read before anything of it is ever filled."""

from __future__ import annotations

from typing import Final

from jinja2 import Environment, TemplateError, nodes

from app.platform.engine.front import LARGEST_FILE
from app.platform.engine.problems import Problem

PAPER: Final = "document.html"
_FILTERS: Final = frozenset({"attr", "pprint", "xmlattr", "format", "center"})
_REACHING: Final = (nodes.Include, nodes.Import, nodes.FromImport)


def check_template(name: str, content: bytes) -> list[Problem]:
    """What is wrong with a template; it is parsed only. Where it is filled it stands in a sandbox besides."""
    if len(content) > LARGEST_FILE:
        return [Problem("file_too_large", name, None, {"limit": str(LARGEST_FILE // 1024)})]
    try:
        tree = Environment(autoescape=True).parse(content.decode("utf-8"))
        found = [problem for node in tree.find_all(nodes.Node) if (problem := _judge(name, node)) is not None]
    except (TemplateError, UnicodeDecodeError, RecursionError, ValueError) as error:
        return [Problem("template_syntax", name, None, {"reason": str(error)[:200]})]
    return found[:20]


def _is_text(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


def _judge(name: str, node: nodes.Node) -> Problem | None:
    found = None
    if isinstance(node, _REACHING):
        found = type(node).__name__.removeprefix("From").lower()
    elif isinstance(node, nodes.Extends):
        own = node.template
        found = None if isinstance(own, nodes.Const) and own.value == PAPER else "extends"
    elif isinstance(node, nodes.Getattr):
        found = node.attr if node.attr.startswith("_") else None
    elif isinstance(node, nodes.Getitem):
        key = node.arg.value if isinstance(node.arg, nodes.Const) else ""
        found = key if isinstance(key, str) and key.startswith("_") else None
    elif isinstance(node, nodes.Name):
        found = (
            node.name
            if node.name.startswith("_") or node.name in ("self", "shelf", "cycler", "lipsum")
            else None
        )
    elif isinstance(node, nodes.Filter):
        found = node.name if node.name in _FILTERS else None
    elif isinstance(node, nodes.Const):
        found = "__" if isinstance(node.value, str) and "__" in node.value else None
    elif isinstance(node, nodes.Pow):
        found = "**"
    elif isinstance(node, nodes.Mul | nodes.Mod) and any(map(_is_text, (node.left, node.right))):
        found = node.operator
    if found is None:
        return None
    return Problem("template_reach", name, None, {"found": str(found)[:60], "line": str(node.lineno)})
