"""A chain with several things open at once: begun by a letter, counter-signed, checked, and a reply awaited."""

from app.platform.engine.layout import drawn
from tests.platform.engine.drawing import TAIL, Drawing

KEY = "office_letters"
NAMED = """<bpmn:message id="message_letter" name="office_letter_came" />
<bpmn:message id="message_reply" name="office_reply_came" />"""

TIMER = """<bpmn:timerEventDefinition id="late_timer"><bpmn:timeDuration>P5WD</bpmn:timeDuration>
</bpmn:timerEventDefinition>"""


def files(role: str) -> dict[str, bytes]:
    """The files of the chain, whose steps are of `role` at the region that the letter names."""
    drawing = (
        Drawing(KEY, "来函办理", start="")
        .lane("lane", "sign", "check", "close", name="市级", name_en="City", role=role, at="variable:district")
        .node("startEvent", "came", _event("message", "came", "message_letter"), 'name="来函"', data="district, topic")
        .both("fork")
        .task("sign", assignee="", seats="all", outcomes="agree=同意|Agree; object=不同意|Object!-")
        .task("check", assignee="", outcomes="checked=已核对|Checked", due="P2WD")
        .node(
            "intermediateCatchEvent",
            "reply",
            _event("message", "reply", "message_reply"),
            'name="等复函"',
            correlation="topic",
            data="accepted",
        )
        .both("join")
        .task("close", assignee="", outcomes="close=办结|Close")
        .node(
            "boundaryEvent",
            "late",
            TIMER,
            'name="逾期" attachedToRef="close"',
        )
        .end("closed", stage="已办结|Closed")
        .end("lapsed", stage="已逾期|Lapsed")
        .line("came", "fork", "sign", "join")
        .line("fork", "check", "join")
        .line("fork", "reply", "join", "close", "closed")
        .flow("late", "lapsed")
    )  # fmt: skip
    text = drawing.text().removesuffix(TAIL)
    for element, name in (("sign", "会签"), ("check", "核对"), ("close", "办结")):
        text = text.replace(f'name="任务{element}"', f'name="{name}"')
    return {f"{KEY}.bpmn": drawn(f"{text}{NAMED}{TAIL}".encode())}


def _event(kind: str, of: str, reference: str) -> str:
    return f'<bpmn:{kind}EventDefinition id="{of}_event" {kind}Ref="{reference}" />'
