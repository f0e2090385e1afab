"""Ids that stand twice are told of, where publication does not look and an editor would lose something."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.platform.design import checking
from app.platform.design.finding import Finding
from tests.platform.design.drafting import ENGINE, FILE, codes
from tests.platform.engine.drawing import Drawing

MESSAGE = '<bpmn:message id="answer" name="answer" />'
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="{}" name="t" namespace="urn:test">
  <decision id="kind" name="kind"><decisionTable id="table">
    <input id="in"><inputExpression id="ask" typeRef="number"><text>amount</text></inputExpression></input>
    <output id="out" name="a" typeRef="string" />
    <rule id="one"><inputEntry id="cell"><text>-</text></inputEntry>
      <outputEntry id="value"><text>"x"</text></outputEntry></rule></decisionTable></decision></definitions>"""


def found(event: str, table: str = "tables") -> list[Finding]:
    """What is found in a chain that waits for a message by a definition of the id `event`, and asks a table."""
    definition = f'<bpmn:messageEventDefinition id="{event}" messageRef="answer" />'
    called = "<spiffworkflow:calledDecisionId>kind</spiffworkflow:calledDecisionId>"
    drawing = (
        Drawing()
        .start()
        .node("intermediateCatchEvent", "hear", definition, 'name="等"')
        .script("assign", "amount = 1")
        .node("businessRuleTask", "decide")
        .end()
        .line("begin", "hear", "assign", "decide", "done")
    )
    text = drawing.text().replace("<bpmn:process ", f"{MESSAGE}<bpmn:process ", 1)
    text = text.replace(
        '<bpmn:businessRuleTask id="decide" >',
        f'<bpmn:businessRuleTask id="decide"><bpmn:extensionElements>{called}</bpmn:extensionElements>',
    )
    files = {FILE: text.encode(), "permits/kind.dmn": TABLE.format(table).encode()}
    with Session(ENGINE) as session:
        return checking.findings(session, "permits_test", files)


def test_an_event_that_shares_its_id_with_its_message_is_warned_of_and_can_be_given_its_own() -> None:
    (one,) = [each for each in found("answer") if each.code == "double_id"]
    assert (one.level, one.file, one.element) == ("warning", FILE, "hear")
    assert [(each["fix"], each["element"]) for each in one.fixes] == [("own_id", "hear")]
    assert codes(found("hear_event"), "double_id") == []


def test_a_table_that_shares_its_id_with_its_file_is_warned_of() -> None:
    (one,) = [each for each in found("hear_event", "kind") if each.code == "double_id"]
    assert (one.level, one.file, one.element) == ("warning", "permits/kind.dmn", None)
    assert [(each["fix"], each["file"]) for each in one.fixes] == [("own_file_id", "permits/kind.dmn")]


def test_it_is_no_reason_to_refuse() -> None:
    assert [each.code for each in found("answer", "kind") if each.level == "error"] == []
