"""Files of other products become ours: each sample against what is expected of it, and rules that hold of any file."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from app.platform import forms
from app.platform.engine import Bundle, Catalogue, Definition, FormFacts, RoleFacts, load
from app.platform.engine.decision_files import read_decisions
from app.platform.engine.foreign import Translation, Untranslated, translate
from app.platform.engine.layout import is_drawn
from app.platform.engine.products import is_foreign
from tests.platform.engine.blocks import shapes
from tests.platform.engine.drawing import review
from tests.platform.engine.scenes import Scene, Shape

HERE = Path(__file__).parent / "files"
ROOT = Path(__file__).resolve().parents[4]
SAMPLES = sorted(HERE.iterdir())


def sample(name: str) -> bytes:
    return (HERE / name).read_bytes()


def tree(content: bytes) -> etree._Element:
    return etree.fromstring(content)


def properties(content: bytes, element: str) -> dict[str, str]:
    """Our properties of an element."""
    own = next(each for each in tree(content).iter() if each.get("id") == element)
    found = own.iterfind("{*}extensionElements/{*}properties/{*}property")
    return {each.get("name", ""): each.get("value", "") for each in found}


def conditions(content: bytes) -> dict[str, str]:
    """The conditions of the flows that have one."""
    return {
        flow.get("id", ""): flow.findtext("{*}conditionExpression") or ""
        for flow in tree(content).iter("{*}sequenceFlow")
        if flow.find("{*}conditionExpression") is not None
    }


def told(content: bytes) -> set[tuple[str, str | None]]:
    """Code and element of what was not understood and matters."""
    lines = translate(content).lines
    return {
        (line.code, line.element) for line in lines if isinstance(line, Untranslated) and not line.harmless
    }


def lanes(content: bytes) -> dict[str, list[str]]:
    """The nodes of each lane, by the lane's name."""
    return {
        lane.get("name", ""): [each.text or "" for each in lane.iter("{*}flowNodeRef")]
        for lane in tree(content).iter("{*}lane")
    }


def test_an_invoice_of_camunda_7() -> None:
    made = translate(sample("camunda7_invoice.bpmn"))
    assert properties(made.content, "assignApprover")["assignee"] == "starter"
    assert properties(made.content, "approveInvoice") == {
        "outcomes": "approve=是|是; disapprove=否|否!-", "due": "P7D", "assignee": "variable:approver_id"
    }  # fmt: skip
    assert conditions(made.content) == {"f4": 'outcome == "approve"'}
    assert lanes(made.content).keys() == {"发起人 (starter)", "accounting", "mary"}
    form = forms.load(made.files["forms/office/invoice_assign_approver.json"])
    assert list(form.fields) == ["approver_id", "amount", "kind"]
    assert form.variables == {"amount": "number", "kind": "choice"}
    assert form.fields["approver_id"].required
    assert told(sample("camunda7_invoice.bpmn")) == {
        ("starters", "invoice"), ("due", "assignApprover"), ("form", "StartEvent_1"), ("service", "archive"),
        ("field_rule", "assignApprover"), ("group", "prepareTransfer"), ("person", "clarify"),
        ("listener", "approveInvoice"),
    }  # fmt: skip


def test_an_order_of_camunda_7() -> None:
    content = sample("camunda7_order.bpmn")
    made = translate(content)
    script = next(each for each in tree(made.content).iter("{*}scriptTask") if each.get("id") == "prepare")
    assert script.findtext("{*}script") == (
        "taxed = total_amount * 1.13\nbig = total_amount > 10000 and not urgent"
    )
    assert script.get("scriptFormat") is None
    assert conditions(made.content)["s5"] == (
        'total_amount > 5000 or rating == "C" and not (items_value == None or items_value == "")'
    )
    loop = next(tree(made.content).iter("{*}multiInstanceLoopCharacteristics"))
    assert loop.findtext("{*}loopDataInputRef") == "item_list"
    assert loop.findtext("{*}completionCondition") == "loop_done >= 5"
    assert [each.get("messageRef") for each in tree(made.content).iter("{*}sendTask")] == ["message_order"]
    assert told(content) == {
        ("mapping", "odd_script"), ("script", "odd_script"), ("decision_result", "rate"), ("group", "director"),
        ("person", "director"), ("service", "order"), ("element", "weekly"), ("mapping", "ship"),
        ("listener", "ship"), ("person", "inspect"), ("form", "inspect"), ("element", "late_end"),
    }  # fmt: skip


def test_a_journey_of_camunda_8() -> None:
    content = sample("camunda8_travel.bpmn")
    made = translate(content)
    assert properties(made.content, "manager") == {
        "outcomes": "approve=同意|Approve; other=拒绝|拒绝", "due": "P3D", "assignee": "variable:manager_id",
        "form": "office/travel_manager",
    } or properties(made.content, "manager")["outcomes"].startswith("approve=批准|批准")  # fmt: skip
    assert conditions(made.content) == {
        "yes": 'outcome == "approve"',
        "dear": 'total_cost > 3000 and not contains(destination, "国内") or total_cost >= 100 and total_cost <= 200',
    }
    assert properties(made.content, "booked")["correlation"] == "trip_id"
    form = forms.load(made.files["forms/office/travel_manager.json"])
    assert list(form.fields) == ["manager_comment", "budget", "tags"]  # the decision is the outcome
    assert tree(made.content).find(".//{*}timeDuration").text == "P1D"  # type: ignore[union-attr]
    assert tree(made.content).find(".//{*}callActivity").get("calledElement") == "expense-report"  # type: ignore[union-attr]
    assert tree(made.content).find(".//{*}calledDecisionId").text == "travel_policy"  # type: ignore[union-attr]
    assert told(content) == {
        ("form", "StartEvent_1"), ("mapping", "manager"), ("service", "book"), ("mapping", "expenses"),
        ("loop", "expenses"), ("service", "refused"),
    }  # fmt: skip


def test_a_leave_of_flowable_with_several_signers() -> None:
    made = translate(sample("flowable_leave.bpmn"))
    assert properties(made.content, "signing")["seats"] == "share:0.6"
    assert properties(made.content, "headOfOffice")["due"] == "P2D"
    assert properties(made.content, "headOfOffice")["outcomes"].startswith(
        "approve=同意|同意; reject=驳回|驳回!-"
    )
    assert properties(made.content, "rework")["assignee"] == "starter"
    assert conditions(made.content) == {
        "q3": 'outcome == "approve"', "q5": 'leave_days > 3 and leave_type == "annual"'
    }  # fmt: skip
    assert lanes(made.content)["deptLeader"] == ["startNode1", "headOfOffice", "gw1", "gw2"]
    assert properties(made.content, "leave")["form"] == "office/leave_start_node1"


def test_completion_conditions_are_rules_of_seats() -> None:
    made = translate(sample("flowable_seats.bpmn")).content
    rules = {
        task: properties(made, task)["seats"]
        for task in ("any_one", "everybody", "in_turn", "majority", "by_code")
    }
    assert rules == {
        "any_one": "any", "everybody": "all", "in_turn": "sequence", "majority": "share:0.501", "by_code": "all"
    }  # fmt: skip
    assert ("seats", "by_code") in told(sample("flowable_seats.bpmn"))
    assert not list(tree(made).iter("{*}multiInstanceLoopCharacteristics"))


def test_a_vacation_of_activiti_5() -> None:
    made = translate(sample("activiti5_vacation.bpmn"))
    assert (
        properties(made.content, "handleRequest")["outcomes"]
        == "approve=Approve|Approve; disapprove=Reject|Reject!-"
    )
    assert properties(made.content, "adjustVacationRequestTask")["assignee"] == "starter"
    assert conditions(made.content) == {"flow3": 'outcome == "approve"', "flow7": 'outcome == "yes"'}
    form = forms.load(made.files["forms/office/vacation_request_handle_request.json"])
    assert list(form.fields) == ["manager_motivation"]


def test_decisions_of_flowable_are_business_rules() -> None:
    made = translate(sample("flowable_decision.bpmn")).content
    assert tree(made).find(".//{*}businessRuleTask//{*}calledDecisionId").text == "grading"  # type: ignore[union-attr]
    assert conditions(made) == {"w1": "grade >= 2", "w2": 'True if kind == "x" else False'}
    assert ("no_default", "ways") in told(sample("flowable_decision.bpmn"))


def test_what_nobody_runs_stays_drawn_with_advice() -> None:
    content = sample("camunda7_events.bpmn")
    lines = [
        line for line in translate(content).lines if isinstance(line, Untranslated) and line.code == "element"
    ]
    assert [line.element for line in lines] == ["cancelled", "undone", "jump", "plain", "tx", "tx_end"]
    assert all("，" in line.words.zh and ": " in line.words.en for line in lines)
    kept = {each.get("id") for each in tree(translate(content).content).iter()}
    assert {"cancelled", "undone", "jump", "plain", "tx"} <= kept


def test_a_file_without_extensions() -> None:
    content = sample("bonita_plain.bpmn")
    assert told(content) == {("element", "_t2"), ("nobody", "_t1")} or told(content) == {("element", "_t2")}
    assert "ioSpecification" not in translate(content).content.decode()


def test_pools_and_ids_of_signavio() -> None:
    content = sample("signavio_pools.bpmn")
    made = translate(content).content
    root = tree(made)
    assert [each.get("id") for each in root.iter("{*}process")] == ["sid-P1"]
    assert [each.get("id") for each in root.iter("{*}participant")] == ["sid-12"]
    assert {"id_1start", "sid-_A_B_"} <= {each.get("bpmnElement") for each in root.iter("{*}BPMNShape")}
    assert not any(each.get("bpmnElement") in ("sid-{11}", "sid-mf") for each in root.iter())
    assert {code for code, _element in told(content)} == {
        "pool",
        "process",
        "message_flow",
        "nobody",
        "element",
    }


def test_lanes_that_are_drawn_stay() -> None:
    made = translate(sample("camunda7_lanes.bpmn")).content
    assert lanes(made) == {"申请人": ["begin", "apply"], "办公室": ["check", "gate", "done"]}
    assert tree(made).find("{*}process").get("name") == "公章使用"  # type: ignore[union-attr]
    assert told(sample("camunda7_lanes.bpmn")) == {("group_in_lane", "check")}


def test_a_file_without_a_drawing_is_drawn_where_lanes_were_added() -> None:
    made = translate(sample("undrawn.bpmn")).content
    assert is_drawn(tree(made))
    assert ("condition", "_3") in told(sample("undrawn.bpmn"))
    assert conditions(made)["_4"] == "skills_score <= 7"


def test_a_decision_table_of_camunda() -> None:
    made = translate(sample("camunda_rating.dmn"))
    texts = [each.text or "" for each in tree(made.content).iter("{*}text")]
    assert texts[:2] == ["total_amount", "urgent"]
    assert "[1000..5000)" in texts
    assert '"B" if total_amount == 1000 else "C"' in texts
    assert [line.found for line in made.lines if isinstance(line, Untranslated) and line.code == "cell"] == [
        'date and time("2026-01-01")'
    ]
    assert not is_foreign(tree(made.content))
    _tables, problems = read_decisions("a.dmn", made.content)
    assert {problem.code for problem in problems} == {"cell"}


def test_a_translated_chain_is_published_once_its_lanes_have_roles() -> None:
    made = translate(sample("activiti5_vacation.bpmn"))
    known = [forms.load(content) for content in made.files.values()]
    house = Catalogue(
        roles={"organiser": RoleFacts("none")},
        forms={form.id: FormFacts(frozenset(form.fields), form.variables) for form in known},
    )
    text = made.content.decode()
    lane = 'name="management">'
    role = (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        '<spiffworkflow:property name="role" value="organiser"/></spiffworkflow:properties></bpmn:extensionElements>'
    ).replace("bpmn:", "")
    text = text.replace(lane, lane + role).replace("serviceTask", "manualTask")
    assert isinstance(load(Bundle("vacationRequest", {"a.bpmn": text.encode()}), house), Definition), told(
        sample("activiti5_vacation.bpmn")
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_nothing_of_another_product_is_left_and_a_second_time_nothing_changes(path: Path) -> None:
    began = time.process_time()
    made = translate(path.read_bytes())
    assert time.process_time() - began < 0.5
    assert not is_foreign(tree(made.content))
    again = translate(made.content)
    assert again.content == made.content
    assert not [line for line in again.lines if isinstance(line, Translation)]
    for name, content in made.files.items():
        assert name == f"forms/{forms.load(content).id}.json"
    for line in made.lines:
        assert line.words.zh != line.words.en
        assert len(line.words.zh) < 500


OURS = [path for ending in ("bpmn", "dmn") for path in sorted((ROOT / "processes").rglob(f"*.{ending}"))]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_own_files_pass_byte_for_byte(path: Path) -> None:
    content = path.read_bytes()
    made = translate(content)
    assert made.content is content
    assert not made.lines
    assert not made.files


@given(shapes())
@settings(max_examples=40, deadline=None)
def test_any_chain_of_ours_passes(shape: Shape) -> None:
    content = Scene(shape).pen.text().encode()
    assert translate(content).content is content


NAMES = st.sampled_from(
    ["assignee", "candidateGroups", "dueDate", "formKey", "class", "type", "collection", "x"]
)
VALUES = st.one_of(
    st.sampled_from(["${a}", "#{b.c}", "= d", "${a > 1 && !b}", "P3D", "kermit", "", "${", "=", "${x.y(z)}"]),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20),
)
SPACES = st.sampled_from(
    [
        "http://camunda.org/schema/1.0/bpmn",
        "http://camunda.org/schema/zeebe/1.0",
        "http://flowable.org/bpmn",
        "http://activiti.org/bpmn",
        "urn:x",
    ]
)
TAGS = st.sampled_from(
    [
        "taskDefinition",
        "formProperty",
        "formData",
        "in",
        "out",
        "script",
        "assignmentDefinition",
        "userTaskForm",
        "odd",
    ]
)


@st.composite
def disturbed(draw: st.DrawFn) -> bytes:
    """A sample, or a chain of ours, with foreign things strewn over it and some of its parts taken out."""
    base = draw(
        st.sampled_from(
            [path.read_bytes() for path in SAMPLES if path.suffix == ".bpmn"] + [review().text().encode()]
        )
    )
    root = tree(base)
    elements = list(root.iter())
    for _ in range(draw(st.integers(0, 8))):
        xml = draw(st.sampled_from(elements))
        deed = draw(st.integers(0, 4))
        if deed == 0:
            xml.set(f"{{{draw(SPACES)}}}{draw(NAMES)}", draw(VALUES))
        elif deed == 1:
            holder = etree.SubElement(xml, "{http://www.omg.org/spec/BPMN/20100524/MODEL}extensionElements")
            etree.SubElement(holder, f"{{{draw(SPACES)}}}{draw(TAGS)}", {draw(NAMES): draw(VALUES)})
        elif deed == 2 and xml.getparent() is not None:
            xml.getparent().remove(xml)
        elif deed == 3:
            xml.text = draw(VALUES)
        elif xml.attrib:
            xml.set(draw(st.sampled_from(list(map(str, xml.attrib)))), draw(VALUES))
    return etree.tostring(root)


def test_a_script_without_a_word_is_written_alike_each_time() -> None:
    sample = next(path.read_bytes() for path in SAMPLES if b"<bpmn:script>" in path.read_bytes())
    made = translate(re.sub(rb"<bpmn:script>[^<]*</bpmn:script>", b"", sample))
    assert b"<bpmn:script/>" in made.content
    assert translate(made.content).content == made.content


@given(disturbed())
@settings(max_examples=250, deadline=None)
def test_it_never_raises_and_is_done_after_once(content: bytes) -> None:
    made = translate(content)
    assert all(line.words for line in made.lines)
    again = translate(made.content)
    assert again.content == made.content
    if made.content != content:
        assert not is_foreign(tree(made.content))


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_noise_comes_back(content: bytes) -> None:
    made = translate(content)
    assert made.content == content
    assert [line.code for line in made.lines if isinstance(line, Untranslated)] == ["refused"]
