"""What is left of other products when everything was asked: taken out, and told as harmless or as not understood."""

from __future__ import annotations

from lxml import etree

from app.platform.engine.elements import KINDS
from app.platform.engine.foreign.sheet import Sheet, bpmn, is_bpmn
from app.platform.engine.products import remove, shown
from app.platform.engine.vocabulary import BPMN, DRAWING, HARMLESS, INSTANCE, OURS, local, space

_HARMLESS_ATTRIBUTES = frozenset(
    {
        "implementation",
        "operationRef",
        "itemSubjectRef",
        "isCollection",
        "structureRef",
        "itemRef",
        "textFormat",
    }
)
_HARMLESS = frozenset(
    {
        "async", "asyncBefore", "asyncAfter", "exclusive", "jobPriority", "taskPriority", "priority",
        "failedJobRetryTimeCycle", "retries", "historyTimeToLive", "isStartableInTasklist", "versionTag",
        "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "executionPlatform",
        "executionPlatformVersion", "diagramRelationId", "userTask", "taskHeaders", "properties", "property",
        "triggerable", "skipExpression", "localScope", "useLocalScopeForResultVariable",
        "parallelInSameTransaction", "followUpDate", "priorityDefinition", "category", "businessCalendarName",
        "isExecutable", "stencil_id", "editor-resource-id", "includeHistory", "exampleOutput",
        "calledElementBinding", "calledElementVersion", "calledElementVersionTag", "calledElementTenantId",
        "bindingType", "decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag",
        "decisionRefTenantId", "formRefBinding", "formRefVersion", "formFieldValidation", "inheritVariables",
        "businessKey", "sameDeployment", "fallbackToDefaultTenant", "completeAsync", "calledElementType",
        "jobPriorityDefinition", "initiator-can-complete", "activiti-idm-initiator", "activiti-idm-assignee",
        "activiti-idm-candidate-group", "allow-skip-expression-enabled", "signavioMetaData", "signavioLabel",
        "signavioDiagramMetaData",
    }
)  # fmt: skip
_BESIDE = frozenset(
    {"ioSpecification", "property", "auditing", "monitoring", "resourceRole", "potentialOwner", "performer", "supports",
     "correlationSubscription", "artifact"}
)  # fmt: skip
_LISTENERS = frozenset(
    {"executionListener", "taskListener", "eventListener", "executionListeners", "taskListeners"}
)
_MAPPINGS = frozenset({"inputOutput", "ioMapping", "in", "out", "dataObject", "variables"})
_SHARED = frozenset({"variables", "businessKey"})


def sweep(sheet: Sheet) -> None:
    """Take out whatever of other products is left, each with a line: what is harmless, and what nobody understood."""
    for xml in list(sheet.root.iter()):
        if space(xml) in DRAWING:
            _drawn(xml)
            continue
        for name in list(xml.attrib):
            parts = etree.QName(name)
            if parts.namespace in (None, INSTANCE) or parts.namespace in DRAWING:
                continue
            code = "harmless" if parts.localname in _HARMLESS else "unknown"
            sheet.open(code, xml, f"{shown(name)}={xml.attrib.pop(name)}")
        if space(xml) in (BPMN, OURS) and local(xml) != "extensionElements":
            _strangers(sheet, xml)
        if is_bpmn(xml):
            _extensions(sheet, xml)
            _attributes(sheet, xml)
    for child in list(sheet.process):
        if is_bpmn(child) and local(child) in _BESIDE:
            sheet.open("harmless", child, local(child))
            sheet.process.remove(child)


def _strangers(sheet: Sheet, xml: etree._Element) -> None:
    """What stands beside its place: an element of another namespace, or of any but ours within one of ours."""
    known = {OURS, BPMN, *DRAWING} if is_bpmn(xml) else {OURS}
    for child in list(xml):
        if space(child) not in known:
            sheet.open("unknown", xml, shown(child.tag))
            xml.remove(child)


def _drawn(xml: etree._Element) -> None:
    for name in list(xml.attrib):
        space_of = etree.QName(name).namespace
        if space_of not in (None, INSTANCE) and space_of not in DRAWING:
            del xml.attrib[name]
    for child in list(xml):
        if space(child) not in DRAWING:
            xml.remove(child)


def _extensions(sheet: Sheet, xml: etree._Element) -> None:
    for child in foreign_parts(xml):
        tag, inner = local(child), [local(each) for each in child]
        if tag in _LISTENERS:
            told = child.attrib.values() or [each.get("type") or local(each) for each in child]
            sheet.open("listener", xml, f"{shown(child.tag)} {' '.join(map(str, told))}")
        elif tag in _MAPPINGS:
            if not _means_nothing(child):
                told = [
                    f"{each.get('source') or each.get('name')}→{each.get('target') or ''}" for each in child
                ]
                told = told or [f"{child.get('source')}→{child.get('target')}"]
                sheet.open("mapping", xml, f"{shown(child.tag)} {', '.join(told)}")
            else:
                sheet.open("harmless", xml, shown(child.tag))
        elif tag in _HARMLESS:
            sheet.open("harmless", xml, " ".join([shown(child.tag), *inner]))
        else:
            values = ", ".join(f"{shown(name)}={value}" for name, value in child.attrib.items())
            sheet.open("unknown", xml, f"{shown(child.tag)} {values or child.text or ''}")
        remove(child)


def _means_nothing(mapping: etree._Element) -> bool:
    """Whether a mapping only hands over what is known here anyway."""
    same = mapping.get("source") is not None and mapping.get("source") == mapping.get("target")
    return same or bool(_SHARED & {*map(str, mapping.attrib)})


def foreign_parts(xml: etree._Element) -> list[etree._Element]:
    """What stands in an element's extensions that is not of ours."""
    holders = xml.findall(bpmn("extensionElements"))
    return [child for holder in holders for child in holder if space(child) != OURS]


def _attributes(sheet: Sheet, xml: etree._Element) -> None:
    for name in list(xml.attrib):
        if etree.QName(name).namespace is None and name in _HARMLESS_ATTRIBUTES - {
            "gatewayDirection",
            "processType",
        }:
            kind = KINDS.get(local(xml))
            if (
                kind is not None
                and name not in kind.attributes
                and not _says_nothing(name, xml.get(name, ""))
            ):
                sheet.open("harmless", xml, f"{name}={xml.attrib.pop(name)}")


def _says_nothing(name: str, value: str) -> bool:
    return value in HARMLESS.get(name, ())
