"""Multi-instance: a sub-process, called process or service task that runs once for each of several items."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.platform.engine import properties as syntax
from app.platform.engine.chart import Chart, Loop, Node
from app.platform.engine.errors import Faulty
from app.platform.engine.machine import FUTURE, Scope, Station, Token
from app.platform.engine.run import Run
from app.platform.engine.vocabulary import local
from app.platform.expressions import EvaluationFailed, Expression

MOST_ITEMS = 200
INDEX = "loop_index"
COUNTS = frozenset({"loop_done", "loop_count"})
"""Known in `completionCondition`: how many bodies are done, and how many there are."""


def read_loop(chart: Chart, node: Node) -> None:
    """Read the loop characteristics of a node into `node.loop`."""
    found = [child for child in node.xml if local(child) == "multiInstanceLoopCharacteristics"]
    if not found:
        return
    xml = found[0]
    parts = {local(child): child for child in xml}
    loop = node.loop = Loop(xml.get("isSequential", "false") == "true")
    if len(found) > 1 or ("loopCardinality" in parts) is ("loopDataInputRef" in parts):
        chart.complain("loop_without_count", node.id)
        return
    if "loopCardinality" in parts:
        loop.count = chart.expression(node.id, parts["loopCardinality"].text or "")
        fixed = loop.count is not None and not loop.count.names
        if loop.count is not None and fixed and not _is_count(_computed(loop.count)):
            chart.complain("too_many_items", node.id, limit=str(MOST_ITEMS))
    else:
        loop.items = (parts["loopDataInputRef"].text or "").strip()
        chart.variable_uses.append((node.id, loop.items))
    if "inputDataItem" in parts:
        loop.item = parts["inputDataItem"].get("name") or parts["inputDataItem"].get("id") or ""
        if not syntax.VARIABLE.fullmatch(loop.item):
            chart.complain(
                "property_value", node.id, name="inputDataItem", value=loop.item[:80], expected="item"
            )
    if "completionCondition" in parts:
        loop.until = chart.expression(node.id, parts["completionCondition"].text or "", COUNTS)


def _computed(expression: Expression) -> Any:
    """What an expression without variables comes to; nothing where it comes to an error."""
    try:
        return expression.evaluate({}, datetime(2026, 1, 1, tzinfo=UTC))
    except EvaluationFailed:
        return None


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST_ITEMS


class Many(Scope):
    """Puts a body there for each item, at once or one after the other."""

    loop: Loop
    body: str

    def begin(self, token: Token) -> bool:
        """Count the items, and begin; without any it is done at once."""
        items = self._items(token)
        token.parameters = {"items": None if items is None else ",".join(items), "next": 0, "done": 0}
        token.parameters["count"] = self._count(token) if items is None else len(items)
        if not token.parameters["count"]:
            token.parameters = None
            return False
        for _ in range(1 if self.loop.sequential else int(token.parameters["count"] or 0)):
            self._put(token)
        return True

    def _items(self, token: Token) -> list[str] | None:
        if self.loop.items is None:
            return None
        run: Run = token.workflow
        value = {**run.variables, **run.own(token)}.get(self.loop.items)
        items = [part.strip() for part in str("" if value is None else value).split(",") if part.strip()]
        if len(items) > MOST_ITEMS:
            raise Faulty(self.bpmn_id, "too_many_items", {"count": str(len(items))})
        return items

    def _count(self, token: Token) -> int:
        assert self.loop.count is not None
        value = token.workflow.value(self.loop.count, token)
        if not _is_count(value):
            raise Faulty(self.bpmn_id, "too_many_items", {"count": str(value)[:40]})
        return int(value)

    def _put(self, token: Token) -> None:
        assert token.parameters is not None
        place = int(token.parameters["next"] or 0)
        token.parameters["next"] = place + 1
        run: Run = token.workflow
        body = Token(run, run.spec.task_specs[self.body], token, FUTURE)
        body.own = {INDEX: place}
        if token.parameters["items"] is not None:
            body.own[self.loop.item] = str(token.parameters["items"]).split(",")[place]
        body.task_spec._update(body)

    def one_more(self, token: Token, item: str) -> None:
        """Let there be one more, for `item` where each is for one: at once, or as the last of the row."""
        given = token.parameters
        assert given is not None
        if given["items"] is not None:
            given["items"] = f"{given['items']},{item}"
        given["count"] = int(given["count"] or 0) + 1
        if not self.loop.sequential:
            self._put(token)

    def count(self, token: Token, body: Token) -> None:
        """One more is done: go on, or with the next."""
        run: Run = token.workflow
        assert token.parameters is not None
        done = int(token.parameters["done"] or 0) + 1
        token.parameters["done"] = done
        run.cut(body)
        counts = {"loop_done": done, "loop_count": token.parameters["count"]}
        enough = self.loop.until is not None and bool(run.value(self.loop.until, token, counts))
        if enough or done == token.parameters["count"]:
            run.finish(token)
        elif self.loop.sequential:
            self._put(token)


class Counted(Station):
    """After each body: tells the multi-instance."""

    def _on_ready_hook(self, token: Token) -> None:
        """No element of the drawing."""

    def _run_hook(self, token: Token) -> Any:
        many = token.scope
        assert many is not None
        many.task_spec.count(many, token.parent)
        return None
