"""The page of a process: whoever watches may see any, with what lies in his reach; an absent one is not there."""

from tests.rooms.matrix import arrived, to
from tests.rooms.monitor.town import WATCHING

ROWS = {
    ("GET", "/monitor/processes/<process>"): [
        arrived(to(200, *WATCHING), 403, process="process"),
        arrived(to(404, *WATCHING), 403, process="absent"),
    ],
}
