"""The engine: given a version, a state and an event, what is the new state and what should happen?

Pure: no database, no clock, no thread. The only package that imports SpiffWorkflow.
"""

from app.platform.engine.definition import Definition, Element, Lane, Outcome, Place, UserTask
from app.platform.engine.errors import Corrupt, Faulty, Fuse, NoSuchToken
from app.platform.engine.facts import ActionFacts, Bundle, Catalogue, FormFacts, RoleFacts
from app.platform.engine.load import Unusable, load
from app.platform.engine.problems import Problem
from app.platform.engine.step import Log, Step, Token, complete, start, tokens

__all__ = [
    "ActionFacts",
    "Bundle",
    "Catalogue",
    "Corrupt",
    "Definition",
    "Element",
    "Faulty",
    "FormFacts",
    "Fuse",
    "Lane",
    "Log",
    "NoSuchToken",
    "Outcome",
    "Place",
    "Problem",
    "RoleFacts",
    "Step",
    "Token",
    "Unusable",
    "UserTask",
    "complete",
    "load",
    "start",
    "tokens",
]
