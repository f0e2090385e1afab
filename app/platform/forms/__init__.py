"""Forms: what a person is asked at a step. Loading, rights, reading an entry, its complaints, masks.

Flask-free; `rooms.web.forms` draws what is defined here.
"""

from app.platform.forms.complaints import Complaint, Wrong
from app.platform.forms.definition import Check, Field, Form, Note, Right, Section
from app.platform.forms.given import Compared, FileFacts, Given, RegionFacts
from app.platform.forms.loading import load
from app.platform.forms.masking import masked
from app.platform.forms.problems import BadForm, Problem
from app.platform.forms.reading import Entry, collect, read, with_complaints
from app.platform.forms.reopening import reopened
from app.platform.forms.steps import StepForm, settle

__all__ = [
    "BadForm",
    "Check",
    "Compared",
    "Complaint",
    "Entry",
    "Field",
    "FileFacts",
    "Form",
    "Given",
    "Note",
    "Problem",
    "RegionFacts",
    "Right",
    "Section",
    "StepForm",
    "Wrong",
    "collect",
    "load",
    "masked",
    "read",
    "reopened",
    "settle",
    "with_complaints",
]
