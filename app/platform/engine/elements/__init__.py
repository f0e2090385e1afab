"""The kinds of element there are, one small file each; a new kind is a new file and a line here."""

from app.platform.engine.elements.boundary_event import BoundaryEvent
from app.platform.engine.elements.business_rule_task import BusinessRuleTask
from app.platform.engine.elements.end_event import EndEvent
from app.platform.engine.elements.event_gateway import EventBasedGateway
from app.platform.engine.elements.exclusive_gateway import ExclusiveGateway
from app.platform.engine.elements.inclusive_gateway import InclusiveGateway
from app.platform.engine.elements.intermediate import CatchEvent, ReceiveTask, SendTask, ThrowEvent
from app.platform.engine.elements.kind import Kind
from app.platform.engine.elements.parallel_gateway import ParallelGateway
from app.platform.engine.elements.script_task import ScriptTask
from app.platform.engine.elements.service_task import ServiceTask
from app.platform.engine.elements.start_event import StartEvent
from app.platform.engine.elements.sub_process import CallActivity, SubProcess
from app.platform.engine.elements.user_task import ManualTaskKind, UserTaskKind

KINDS: dict[str, Kind] = {
    kind.tag: kind
    for kind in (
        StartEvent(),
        EndEvent(),
        CatchEvent(),
        ThrowEvent(),
        BoundaryEvent(),
        UserTaskKind(),
        ManualTaskKind(),
        ServiceTask(),
        ScriptTask(),
        BusinessRuleTask(),
        SendTask(),
        ReceiveTask(),
        ExclusiveGateway(),
        InclusiveGateway(),
        ParallelGateway(),
        EventBasedGateway(),
        SubProcess(),
        CallActivity(),
    )
}

__all__ = ["KINDS", "Kind"]
