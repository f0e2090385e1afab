"""Reads what was sent for ticked rows, and says what keeps all of them from being done at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.platform.data import new_id
from app.platform.lists import deciding
from app.platform.lists.deciding import Wish
from app.platform.lists.gathering import COMPLETE, Batch
from app.platform.registry import Words
from app.platform.runtime import bulk, errors, tasks
from app.rooms.web import forms as drawn
from app.rooms.web import whom
from app.rooms.web.acting import me, now, session
from app.rooms.web.language import said

OWN = "own."
LEANINGS = ("yes", "no")
"""Buttons of the bar that decide: the next page offers the outcomes that agree first, or those that do not."""
NAMES: Mapping[str, Words] = {
    COMPLETE: Words("批量办理", "Decide in bulk"),
    "claim": Words("批量签收", "Claim in bulk"),
    "transfer": Words("批量转办", "Transfer in bulk"),
    "copy": Words("批量抄送", "Send copies in bulk"),
}
ASKS_WHOM = ("transfer", "copy")
Wrong = tuple[str | None, str]


def verb_of(asked: str | None) -> str:
    """The verb a button or an address names; what is not known decides."""
    return asked if asked in NAMES else COMPLETE


def leaning_of(asked: str | None) -> str:
    """Which outcomes a button of the bar leans to: yes, no, or neither."""
    return asked if asked in LEANINGS else ""


def wanted(sent: Sequence[str]) -> dict[str, int]:
    """Tasks with the revision they were read at: `<task>.<revision>` each."""
    pairs = (one.partition(".") for one in sent[: bulk.MOST])
    return {
        task: int(text) for task, _dot, text in pairs if text.isascii() and text.isdigit() and len(text) < 9
    }


def wish(posted: MultiDict[str, str], batch: Batch) -> Wish:
    """What is to be done at each, as the page was filled in."""
    verb = verb_of(posted.get("verb"))
    names = batch.form.writable if batch.form else frozenset()
    typed = drawn.texts(posted)
    own = {name.removeprefix(OWN): texts[0].strip() for name, texts in typed.items() if name.startswith(OWN)}
    return Wish(
        verb,
        posted.get("outcome", "") if verb == COMPLETE else "",
        posted.get("comment", "").strip(),
        {task: text for task, text in own.items() if text} if verb == COMPLETE else {},
        whom.chosen(posted, "to")[: 1 if verb == "transfer" else whom.MOST],
        {name: texts for name, texts in typed.items() if name.partition(".")[0] in names},
        posted.get("key") or new_id(),
    )


def wrong(batch: Batch, tasks_wanted: Mapping[str, int], asked: Wish) -> list[Wrong]:
    """What keeps all of them from being done: said before anything is."""
    if not tasks_wanted:
        return [(None, _("没有可以办理的事项。"))]
    try:
        tasks.mind_opinion(asked.comment)
    except errors.BadOpinion:
        return [("comment", _("审核意见过长或含有无法保存的字符"))]
    if asked.verb in ASKS_WHOM:
        return [] if asked.to else [("verb-to", _("请选择人员"))]
    return _wrong_outcome(batch, tasks_wanted, asked) if asked.verb == COMPLETE else []


def _wrong_outcome(batch: Batch, tasks_wanted: Mapping[str, int], asked: Wish) -> list[Wrong]:
    chosen = next((one for one in batch.outcomes if one.key == asked.outcome), None)
    if chosen is None:
        # somebody else may have decided them all meanwhile: then each row says so
        return [(None, _("请选择办理结果。"))] if batch.outcomes else []
    without = [task for task in tasks_wanted if not asked.own.get(task)]
    if not (chosen.opinion or chosen.negative) or asked.comment or not without:
        return []
    if len(without) == len(tasks_wanted):
        return [("comment", _("选择“%(outcome)s”时，请填写审核意见", outcome=said(chosen.words)))]
    return [
        ("comment", _("还有 %(count)s 件没有审核意见，请填写统一意见或逐件填写", count=len(without))),
        *((f"own-{one.task}", one.title) for one in batch.ready if one.task in without),
    ]


def gathered(asked: MultiDict[str, str]) -> Batch:
    """The ticked rows as they stand now, as an address or a page names them."""
    batch = deciding.gather(
        session(),
        me(),
        instances=asked.getlist("matter"),
        tasks=asked.getlist("row"),
        verb=verb_of(asked.get("verb")),
        step=asked.get("to_step") or asked.get("step", ""),
    )
    return fit(batch)


def fit(batch: Batch) -> Batch:
    """The same without those that lack a file of their own."""
    if not batch.own_files:
        return batch
    return batch.without(deciding.lacking(session(), [one.task for one in batch.ready], me(), now()))
