"""Who does the steps: lanes that nothing is drawn in, and steps that keep out everybody they ask."""

from __future__ import annotations

from collections.abc import Iterator

from app.platform.design.finding import Finding, fix
from app.platform.design.rules.drawn import Drawn, note
from app.platform.registry import Words


def empty_lanes(drawn: Drawn) -> Iterator[Finding]:
    """A lane with a role in which no step of people lies."""
    for chart in drawn.charts:
        used = {
            node.lane.id for node in chart.nodes.values() if node.lane is not None and node.kind.is_person
        }
        for lane in chart.lanes.values():
            if lane.role is None or lane.id in used:
                continue
            words = Words("泳道中没有任何环节由人办理", "no step of people lies in this lane")
            change = fix("remove_element", Words("删除泳道", "Remove the lane"), element=lane.id)
            drawn_in = any(node.lane is lane for node in chart.nodes.values())
            fixes = () if drawn_in else (change,)
            yield Finding("hint", "lane_without_tasks", chart.file, lane.id, words, fixes, lane.name)


def keeps_all_out(drawn: Drawn) -> Iterator[Finding]:
    """A step asked in the starter's own unit that keeps out whoever belongs to it."""
    for chart, node in drawn.steps():
        detail, lane = node.detail, node.lane
        if detail is None or lane is None or lane.at is None or node.properties.get("assignee"):
            continue
        if "own_unit" in detail.avoid and lane.at.kind == "starter.unit" and "nobody" not in detail.avoid:
            left = " ".join(sorted(detail.avoid - {"own_unit"}))
            words = Words("去掉“本单位回避”", "Take “own unit” away")
            change = (
                fix("set_property", words, element=node.id, name="avoid", value=left)
                if left
                else fix("remove_property", words, element=node.id, name="avoid")
            )
            yield note(
                "warning",
                "keeps_all_out",
                chart,
                node,
                "在发起人单位内办理，却要求本单位人员回避，可能没有人能办理",
                "it is asked in the starter's unit and keeps that unit's people out",
                change,
            )


RULES = (empty_lanes, keeps_all_out)
