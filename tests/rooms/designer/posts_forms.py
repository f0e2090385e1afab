"""What the pages of forms let one post, as `test_forgery` tries it."""

from __future__ import annotations

from tests.rooms.designer.posts_editor import CHANGED, DRAFT, EDITING, SAVED, drawing
from tests.rooms.forgery import Post

FIELD = '{"type": "text", "name": "a", "label": "甲", "label.en": "A"}'
FORM = f'{{"id": "office/a", "title": "甲", "title.en": "A", "fields": [{FIELD}]}}'
POSTS = {
    "new form": Post(
        f"{DRAFT}/forms",
        drawing("forms", {"title": "请假单", "title_en": "", "form": "office/leave", "template": ""}),
        SAVED | EDITING | CHANGED,
    ),
    "check a form": Post(
        f"{DRAFT}/form-check", drawing("form-check", {"text": FORM}), frozenset(), data=True
    ),
    "preview a form": Post(
        f"{DRAFT}/form-preview",
        drawing("form-preview", {"form:text": FORM, "form:step": "start", "form:language": "zh"}),
        frozenset(),
        shows=True,
    ),
}
