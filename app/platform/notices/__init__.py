"""What people and other systems are told: in-app, e-mail, SMS and webhooks, all through one outbox."""

from app.platform.notices import channels, choosing, endpoints, kinds
from app.platform.notices.addresses import Network
from app.platform.notices.delivering import gave_up, sweep
from app.platform.notices.entities import Delivery, Endpoint, Notice, NoticeChoice
from app.platform.notices.kinds import KINDS, MESSAGE, OUTSIDE, Kind
from app.platform.notices.mail import Mail
from app.platform.notices.outbox import (
    CHANNELS,
    EVENTS,
    JOB,
    LISTENED,
    OWN_INCIDENT,
    Event,
    Letter,
    UnknownEndpoint,
    announce,
    emit,
    emit_to,
    has_heard,
    not_told,
    post,
    send,
)
from app.platform.notices.reading import COUNTED, Bell, Told, bell, counting, get, mark_read, of, unread
from app.platform.notices.sealed_letters import SealedLetter, write_to
from app.platform.notices.settings import Settings, settings, use
from app.platform.notices.sms import Sms, SmsFile, SmsGateway

__all__ = [
    "CHANNELS",
    "COUNTED",
    "EVENTS",
    "JOB",
    "KINDS",
    "LISTENED",
    "MESSAGE",
    "OUTSIDE",
    "OWN_INCIDENT",
    "Bell",
    "Delivery",
    "Endpoint",
    "Event",
    "Kind",
    "Letter",
    "Mail",
    "Network",
    "Notice",
    "NoticeChoice",
    "SealedLetter",
    "Settings",
    "Sms",
    "SmsFile",
    "SmsGateway",
    "Told",
    "UnknownEndpoint",
    "announce",
    "bell",
    "channels",
    "choosing",
    "counting",
    "emit",
    "emit_to",
    "endpoints",
    "gave_up",
    "get",
    "has_heard",
    "kinds",
    "mark_read",
    "not_told",
    "of",
    "post",
    "send",
    "settings",
    "sweep",
    "unread",
    "use",
    "write_to",
]
