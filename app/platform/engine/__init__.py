"""The engine: given a version, a state and an event, what is the new state and what should happen?

Pure: no database, no clock, no thread. The only package that imports SpiffWorkflow.
"""

from app.platform.engine.adding import Room, add, rooms
from app.platform.engine.definition import Definition, Element, Event, Lane, Outcome, Place, UserTask
from app.platform.engine.errors import Corrupt, Faulty, Fuse, Immovable, NoSuchToken
from app.platform.engine.facts import ActionFacts, Bundle, Catalogue, FormFacts, RoleFacts
from app.platform.engine.load import Unusable, load
from app.platform.engine.migrating import Obstacle, migrate
from app.platform.engine.moving import move, repair, targets, undone
from app.platform.engine.problems import Problem
from app.platform.engine.reaching import Shape, ahead, shape
from app.platform.engine.repairs import places, removable, remove
from app.platform.engine.run import Thrown
from app.platform.engine.step import (
    Coming,
    Log,
    Step,
    Token,
    assign,
    coming_after,
    complete,
    fail,
    fire,
    leads_on,
    people_after,
    start,
    tokens,
)
from app.platform.engine.throwing import thrown

__all__ = [
    "ActionFacts",
    "Bundle",
    "Catalogue",
    "Coming",
    "Corrupt",
    "Definition",
    "Element",
    "Event",
    "Faulty",
    "FormFacts",
    "Fuse",
    "Immovable",
    "Lane",
    "Log",
    "NoSuchToken",
    "Obstacle",
    "Outcome",
    "Place",
    "Problem",
    "RoleFacts",
    "Room",
    "Shape",
    "Step",
    "Thrown",
    "Token",
    "Unusable",
    "UserTask",
    "add",
    "ahead",
    "assign",
    "coming_after",
    "complete",
    "fail",
    "fire",
    "leads_on",
    "load",
    "migrate",
    "move",
    "people_after",
    "places",
    "removable",
    "remove",
    "repair",
    "rooms",
    "shape",
    "start",
    "targets",
    "thrown",
    "tokens",
    "undone",
]
