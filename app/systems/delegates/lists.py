"""The lists of delegates, served at /delegates/lists/<key>."""

from __future__ import annotations

from app.systems.delegates import congress_lists, recommended_lists, review_lists

LISTS = (*congress_lists.LISTS, *recommended_lists.LISTS, *review_lists.LISTS)
