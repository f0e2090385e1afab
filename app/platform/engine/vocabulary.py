"""The words of BPMN files: namespaces, what may stand where, and what means nothing and is only carried."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"
DRAWING: Final = frozenset(
    {
        "http://www.omg.org/spec/BPMN/20100524/DI",
        "http://www.omg.org/spec/DD/20100524/DC",
        "http://www.omg.org/spec/DD/20100524/DI",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    }
)
INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
MOST_ELEMENTS: Final = 250
ID: Final = re.compile(r"[^\W\d][\w.\-]{0,99}")

PROCESS_PROPERTIES: Final = frozenset(
    {"title", "number", "start", "form", "print", "category", "owner", "retention", "at"}
)
ENGLISH: Final = "name.en"

# Carried and shown, without meaning for the run.
CARRIED: Final = frozenset(
    {"dataObject", "dataObjectReference", "dataStoreReference", "textAnnotation", "group", "association"}
)
DATA: Final = frozenset({"property", "dataInputAssociation", "dataOutputAssociation", "ioSpecification"})
DATA_PARTS: Final = frozenset(
    {
        "sourceRef",
        "targetRef",
        "dataInput",
        "dataOutput",
        "inputSet",
        "outputSet",
        "dataInputRefs",
        "dataOutputRefs",
    }
)
NAMED: Final = frozenset({"message", "signal", "error"})
# What may stand in an event definition or a loop, and (under its own tag) the attributes it may have.
EVENTS: Final[dict[str, dict[str, frozenset[str]]]] = {
    "timerEventDefinition": {
        "timerEventDefinition": frozenset(),
        "timeDate": frozenset(),
        "timeDuration": frozenset(),
    },
    "messageEventDefinition": {"messageEventDefinition": frozenset({"messageRef"})},
    "signalEventDefinition": {"signalEventDefinition": frozenset({"signalRef"})},
    "errorEventDefinition": {"errorEventDefinition": frozenset({"errorRef"})},
    "terminateEventDefinition": {"terminateEventDefinition": frozenset()},
}
LOOP: Final[dict[str, dict[str, frozenset[str]]]] = {
    "multiInstanceLoopCharacteristics": {
        "multiInstanceLoopCharacteristics": frozenset({"isSequential"}),
        "loopCardinality": frozenset(),
        "loopDataInputRef": frozenset(),
        "inputDataItem": frozenset({"name"}),
        "completionCondition": frozenset(),
    }
}
EVERYWHERE: Final = frozenset({"documentation", "extensionElements"})
ATTRIBUTES: Final = {
    "definitions": {"targetNamespace", "exporter", "exporterVersion", "expressionLanguage", "typeLanguage"},
    "collaboration": {"isClosed"},
    "participant": {"processRef"},
    "process": {"isExecutable", "isClosed", "processType"},
    "sequenceFlow": {"sourceRef", "targetRef"},
    "conditionExpression": {"language"},
}
HARMLESS: Final = {  # attributes that say what is true anyway
    "isForCompensation": {"false"},
    "startQuantity": {"1"},
    "completionQuantity": {"1"},
    "isInterrupting": {"true"},
    "isSequential": {"true", "false"},
    "behavior": {"All"},
    "isImmediate": {"true"},
    "parallelMultiple": {"false"},
    "instantiate": {"false"},
    "isClosed": {"false"},
    "processType": {"None", "Private", "Public"},
    "implementation": {"##unspecified", "##WebService"},
}


def local(xml: etree._Element) -> str:
    """The tag without its namespace."""
    return str(etree.QName(xml).localname)


def space(xml: etree._Element) -> str:
    """The namespace of the tag."""
    return str(etree.QName(xml).namespace or "")
