"""What people and other systems are told: in-app, e-mail, SMS and webhooks, all through one outbox."""

from app.platform.notices import endpoints
from app.platform.notices.addresses import Network
from app.platform.notices.delivering import gave_up, sweep
from app.platform.notices.entities import Delivery, Endpoint, Notice
from app.platform.notices.mail import Mail
from app.platform.notices.outbox import (
    CHANNELS,
    EVENTS,
    JOB,
    LISTENED,
    OWN_INCIDENT,
    Event,
    UnknownEndpoint,
    announce,
    emit,
    emit_to,
    send,
)
from app.platform.notices.reading import Told, mark_read, of, unread
from app.platform.notices.settings import Settings, settings, use
from app.platform.notices.sms import Sms, SmsFile

__all__ = [
    "CHANNELS",
    "EVENTS",
    "JOB",
    "LISTENED",
    "OWN_INCIDENT",
    "Delivery",
    "Endpoint",
    "Event",
    "Mail",
    "Network",
    "Notice",
    "Settings",
    "Sms",
    "SmsFile",
    "Told",
    "UnknownEndpoint",
    "announce",
    "emit",
    "emit_to",
    "endpoints",
    "gave_up",
    "mark_read",
    "of",
    "send",
    "settings",
    "sweep",
    "unread",
    "use",
]
