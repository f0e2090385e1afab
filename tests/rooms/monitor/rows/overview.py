"""The room's first page, its numbers alone, and the lists behind them."""

from tests.rooms.matrix import arrived, everybody, to
from tests.rooms.monitor.town import WATCHING

ROWS = {
    ("GET", "/monitor/"): [arrived(to(200, *WATCHING), 403)],
    ("GET", "/monitor/tiles"): [arrived(to(200, *WATCHING), 403)],
    ("GET", "/metrics"): [everybody(404)],  # a token opens it, no person does
}
