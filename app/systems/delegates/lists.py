"""The lists of delegates."""

from app.systems.delegates.congress_lists import CONGRESSES

LISTS = (CONGRESSES,)
