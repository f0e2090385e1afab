"""The table of the panel's test: one row for each thing that can be said in it."""

from tests.rooms.designer.panel import people, whole, work

ROWS = [*whole.ROWS, *people.ROWS, *work.ROWS]
