"""What an element of a drawing is called for people: by its name, else by its kind and the named ones about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from app.platform.engine import Definition
from app.platform.registry import Words

GATEWAY: Final = Words("网关", "gateway")
STEP: Final = Words("环节", "step")
DONE_BY_SYSTEM: Final = Words("系统处理", "system step")
KINDS: Final = {
    "startEvent": Words("开始", "start"),
    "endEvent": Words("结束", "end"),
    "intermediateThrowEvent": Words("发出事件", "event sent"),
    "exclusiveGateway": GATEWAY,
    "inclusiveGateway": GATEWAY,
    "parallelGateway": GATEWAY,
    "eventBasedGateway": GATEWAY,
    "serviceTask": DONE_BY_SYSTEM,
    "sendTask": DONE_BY_SYSTEM,
    "scriptTask": DONE_BY_SYSTEM,
    "businessRuleTask": Words("决策", "decision"),
    "receiveTask": Words("消息等待", "message event"),
    "subProcess": Words("子流程", "sub-process"),
    "callActivity": Words("调用的流程", "called process"),
}
WAITS: Final = {
    "timer": Words("定时", "timer"),
    "message": Words("消息等待", "message event"),
    "signal": Words("信号等待", "signal event"),
    "error": Words("出错处理", "error event"),
}
EITHER: Final = frozenset({"exclusiveGateway", "eventBasedGateway"})
BESIDES: Final = Words("之后、", ", after ")
MOST: Final = 3  # named elements in one name


def names(definition: Definition) -> dict[str, Words]:
    """What each element is called. Of those without a name no two are called alike."""
    found = {
        key: Words(one.name.zh, one.name.en or one.name.zh)
        for key, one in definition.elements.items()
        if one.name.zh
    }
    nameless = [key for key in definition.elements if key not in found]
    if not nameless:
        return found
    about = _Surroundings(definition, found)
    told = {key: about.described(key) for key in nameless}
    told |= {key: about.placed(key, told[key]) for key in _alike(told)}
    seen: Counter[str] = Counter()
    for key in _alike(told):
        words = told[key]
        seen[words.zh] += 1
        number = seen[words.zh]
        told[key] = Words(f"{words.zh}（第{number}个）", f"{words.en} ({number})")
    every = found | told
    return {key: every[key] for key in definition.elements}


def quotable(name: Words) -> Words:
    """A name as it stands between quotation marks: those in it are the single ones."""
    return Words(*(text.replace("“", "‘").replace("”", "’") for text in (name.zh, name.en)))


class _Surroundings:
    """The named elements about those without a name."""

    def __init__(self, definition: Definition, named: Mapping[str, Words]) -> None:
        self.definition, self.named = definition, named
        self.before: dict[str, list[str]] = {}
        for source, targets in definition.flows.items():
            for target in targets:
                self.before.setdefault(target, []).append(source)

    def described(self, element: str) -> Words:
        """By its kind, and what it stands on, leads to or comes from."""
        kind, drawn = self._kind(element), self.definition.elements[element].kind
        host = self.named.get(self.definition.hosts.get(element, ""))
        if host is not None:
            return Words(f"“{host.zh}”上的{kind.zh}", f"the {kind.en} on “{host.en}”")
        around = self.named.get(self.definition.parents.get(element) or "")
        if drawn == "startEvent":
            return (
                Words(f"“{around.zh}”的{kind.zh}", f"the {kind.en} of “{around.en}”")
                if around
                else Words(kind.zh, f"the {kind.en}")
            )
        ahead = self._nearest(element, self._after)
        if not ahead:
            return self.placed(element, Words(kind.zh, f"the {kind.en}"), Words("之后的", " after "))
        if len(ahead) > 1 and len(self._after(element)) > 1:
            ways = _listed(ahead, "or" if drawn in EITHER else "and")
            return Words(f"分往{ways.zh}的{kind.zh}", f"the {kind.en} to {ways.en}")
        to = _listed(ahead, "or")
        joins = len(self._from(element)) > 1
        zh = f"汇合后到{to.zh}的{kind.zh}" if joins else f"{to.zh}之前的{kind.zh}"
        return Words(zh, f"the {kind.en} before {to.en}")

    def placed(self, element: str, words: Words, joint: Words = BESIDES) -> Words:
        """The same with what it comes from, or, where it comes from nothing named, leads to."""
        behind = self._nearest(element, self._from)
        if behind:
            come = _listed(behind, "and")
            return Words(f"{come.zh}{joint.zh}{words.zh}", f"{words.en}{joint.en}{come.en}")
        ahead = self._nearest(element, self._after)
        if ahead and self.definition.elements[element].kind == "startEvent":
            to = _listed(ahead, "or")
            return Words(f"{to.zh}之前的{words.zh}", f"{words.en} before {to.en}")
        return words

    def _kind(self, element: str) -> Words:
        drawn, event = self.definition.elements[element], self.definition.events.get(element)
        if drawn.kind in KINDS:
            return KINDS[drawn.kind]
        return WAITS.get(event.kind, STEP) if event is not None else STEP

    def _after(self, element: str) -> Sequence[str]:
        return self.definition.flows.get(element, ())

    def _from(self, element: str) -> Sequence[str]:
        return self.before.get(element, ())

    def _nearest(self, element: str, step: Callable[[str], Sequence[str]]) -> list[Words]:
        """The first named elements that are met on each way from it."""
        found: dict[str, None] = {}
        seen, todo = {element}, list(step(element))
        while todo:
            one = todo.pop(0)
            if one in self.named:
                found[one] = None
            elif one not in seen:
                seen.add(one)
                todo += step(one)
        return [self.named[one] for one in found]


def _alike(told: Mapping[str, Words]) -> list[str]:
    """Those that are called as another one is."""
    often = Counter(words.zh for words in told.values())
    return [key for key, words in told.items() if often[words.zh] > 1]


def _listed(some: Iterable[Words], joint: str) -> Words:
    """Names one after another, the first few of them."""
    every = list(some)
    zh = "、".join(f"“{one.zh}”" for one in every[:MOST]) + ("等" if len(every) > MOST else "")
    first = [f"“{one.en}”" for one in every[:MOST]] + (["others"] if len(every) > MOST else [])
    en = f" {joint} ".join(filter(None, (", ".join(first[:-1]), first[-1])))
    return Words(zh, en)
