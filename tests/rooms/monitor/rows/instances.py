"""The page of one instance, and what may be done to it: within the reach of whoever manages, and nowhere else."""

from tests.rooms.matrix import arrived, to
from tests.rooms.monitor.town import HERE, WATCHING

OUTSIDE = {**to(404, *WATCHING)}

ROWS = {
    ("GET", "/monitor/instances/<instance>"): [
        arrived(OUTSIDE | to(200, *HERE), 403, instance="watched"),
        arrived(OUTSIDE, 403, instance="absent"),
    ],
    ("POST", "/monitor/instances/<instance>/reveal"): [
        arrived(OUTSIDE | to(200, *HERE), 403, instance="watched"),
        arrived(OUTSIDE, 403, instance="absent"),
    ],
    ("POST", "/monitor/instances/<instance>/archive"): [
        arrived(OUTSIDE | to(303, *HERE), 403, instance="watched"),
        arrived(OUTSIDE, 403, instance="absent"),
    ],
    ("POST", "/monitor/instances/<instance>/verbs/<verb>"): [
        arrived(OUTSIDE | to(422, *HERE), 403, {"reason": ""}, instance="watched", verb="suspend"),
        arrived(OUTSIDE, 403, {"reason": ""}, instance="absent", verb="suspend"),
    ],
}
