"""The pages of delegates that inbox and lists cannot show."""

from app.systems.delegates.pages import (
    congresses,
    forms,
    invited,
    mine,
    quotas,
    recommending,
    reviewing,
    shells,
    slates,
)
from app.systems.delegates.pages.blueprint import blueprint

__all__ = [
    "blueprint",
    "congresses",
    "forms",
    "invited",
    "mine",
    "quotas",
    "recommending",
    "reviewing",
    "shells",
    "slates",
]
