"""The house's own roles: what they allow, and where."""

from app.platform.identity import roles
from app.platform.registry import Post
from tests.empty_world import open_up


def test_an_administrator_manages_what_lies_under_his_place():
    open_up()
    post = Post("p", "platform.administrator", "13/04/")
    assert roles.may([post], roles.MANAGE, "13/04/02/")
    assert not roles.may([post], roles.MANAGE, "13/05/")
    assert not roles.may([post], roles.MANAGE)


def test_a_post_without_a_place_holds_everywhere():
    open_up()
    assert roles.may([Post("p", "platform.designer")], roles.PUBLISH)
    assert not roles.may([Post("p", "platform.designer")], roles.MANAGE, "13/")
