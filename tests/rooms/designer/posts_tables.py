"""What the page of decision tables posts, as `test_forgery` tries it."""

from tests.rooms.designer.posts_editor import DRAFT, drawing
from tests.rooms.forgery import Post

TRIED = {"name": "a.dmn", "text": "<definitions/>", "supposed": {}}
POSTS = {"try a table": Post(f"{DRAFT}/tables/try", drawing("tables/try", TRIED), frozenset(), data=True)}
