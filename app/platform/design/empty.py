"""What a new draft begins with: the applicant's lane with a start in it, or a published process under another key."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.platform.design import drafts
from app.platform.engine.front import NotAdmitted, admit
from app.platform.engine.vocabulary import BPMN, ENGLISH, OURS
from app.platform.registry import Words
from app.platform.runtime.entities import Process
from app.platform.runtime.errors import Unknown

START = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
    xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"
    id="definitions" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:collaboration id="collaboration">
    <bpmn:participant id="pool" name={name} processRef={key} />
  </bpmn:collaboration>
  <bpmn:process id={key} name={name} isExecutable="true">
    <bpmn:extensionElements>
      <spiffworkflow:properties>
{english}        <spiffworkflow:property name="start" value="person" />
        <spiffworkflow:property name="title" value="process_name + '（' + starter_name + '）'" />
        <spiffworkflow:property name="category" value="通用|General" />
      </spiffworkflow:properties>
    </bpmn:extensionElements>
    <bpmn:laneSet id="lanes">
      <bpmn:lane id="lane_starter" name="申请人">
        <bpmn:extensionElements>
          <spiffworkflow:properties>
            <spiffworkflow:property name="name.en" value="Applicant" />
          </spiffworkflow:properties>
        </bpmn:extensionElements>
        <bpmn:flowNodeRef>start</bpmn:flowNodeRef>
      </bpmn:lane>
    </bpmn:laneSet>
    <bpmn:startEvent id="start" name="提交">
      <bpmn:extensionElements>
        <spiffworkflow:properties>
          <spiffworkflow:property name="name.en" value="Submitted" />
        </spiffworkflow:properties>
      </bpmn:extensionElements>
    </bpmn:startEvent>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement="collaboration">
      <bpmndi:BPMNShape id="pool_di" bpmnElement="pool" isHorizontal="true">
        <dc:Bounds x="160" y="80" width="900" height="150" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="lane_starter_di" bpmnElement="lane_starter" isHorizontal="true">
        <dc:Bounds x="190" y="80" width="870" height="150" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="start_di" bpmnElement="start">
        <dc:Bounds x="242" y="137" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="249" y="180" width="22" height="14" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
_ENGLISH = """        <spiffworkflow:property name="name.en" value={} />
"""


def bundle(session: Session, key: str, name: Words, template: str | None) -> dict[str, bytes]:
    """The first files of a process `key`: the applicant's lane with a start, or those of the published `template`.

    A template's own forms come along under the new key's system. Raises `Unknown`.
    """
    if template is None:
        english = _ENGLISH.format(quoteattr(name.en.strip())) if name.en.strip() else ""
        text = START.format(key=quoteattr(key), name=quoteattr(name.zh.strip()), english=english)
        return {f"{key}.bpmn": text.encode()}
    current = session.scalar(select(Process.current_id).where(Process.key == template))
    if current is None:
        raise Unknown(template)
    whole = re.compile(rf"(?<![\w]){re.escape(template)}(?![\w])".encode())
    copied = {}
    for file, content in drafts.version_files(session, current).items():
        own = file.endswith((".bpmn", ".bpmn20.xml")) and whole.search(content)
        copied[f"{key}.bpmn" if own else file] = (
            _named(whole.sub(key.encode(), content), key, name) if own else content
        )
    return copied


def _named(content: bytes, key: str, name: Words) -> bytes:
    """The diagram with its process, and the pool that stands for it, called `name`."""
    try:
        root = admit(content)
    except NotAdmitted:
        return content
    for each in root.iter(f"{{{BPMN}}}process", f"{{{BPMN}}}participant"):
        if key not in (each.get("id"), each.get("processRef")):
            continue
        each.set("name", name.zh.strip())
        for held in each.iterfind(f"{{{BPMN}}}extensionElements/{{{OURS}}}properties"):
            for one in [one for one in held if one.get("name") == ENGLISH]:
                held.remove(one)
            if name.en.strip():
                etree.SubElement(held, f"{{{OURS}}}property", name=ENGLISH, value=name.en.strip())
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
