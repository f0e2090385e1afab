"""Every list of a system at `/<system>/lists/<key>`: its definition is the whole page."""

from __future__ import annotations

import re

from tests.rooms.inbox.conftest import app, visit  # noqa: F401  # the world behind real pages
from tests.world import World

URL = "/fairs/lists/applications"


def test_a_list_shows_its_rows_with_serials_states_and_what_may_be_done(world: World, visit) -> None:  # noqa: F811
    """PG-P10, C-15."""
    instance = world.to_review()
    city = visit("市级")
    assert city.get(URL).status_code == 200
    for words in (
        "序号",
        "组织者甲",
        "邯山区",
        "青少年机器人集市",
        "待市级审核",
        "共 1 条",
        "页码: 1 / 1 页",
    ):
        assert words in city.page
    task = world.open_task(instance, "city_review")
    assert re.search(rf'href="/inbox/tasks/{task}">审核', city.page)
    world.decide(instance, "city_review", "approve", "市级")
    city.get(URL)
    assert f'href="/inbox/instances/{instance}">查看' in city.page
    assert "已通过" in city.page


def test_filters_live_in_the_address_and_reset_clears_them(world: World, visit) -> None:  # noqa: F811
    """C-15."""
    world.to_review()
    city = visit("市级")
    city.get(f"{URL}?q=nobody&district=130402")
    assert 'value="nobody"' in city.page
    assert '<option value="130402" selected>邯山区' in city.page
    assert "筛选挡住了 1 条" in city.page
    assert f'href="{URL}">重置' in city.page
    city.get(f"{URL}?district=130403")
    assert "筛选挡住了 1 条" in city.page


def test_another_city_sees_none_of_it(world: World, visit) -> None:  # noqa: F811
    """C-11: the scope is in the query, and in the number the filters hide."""
    world.to_review()
    neighbour = visit("邻市")
    neighbour.get(f"{URL}?q=组织者")
    assert "还没有人提交申请。" in neighbour.page


def test_a_list_is_closed_to_whoever_lacks_its_permission(world: World, visit) -> None:  # noqa: F811
    """C-11, C-13: 403 for a missing right, 404 for a list there is not."""
    organiser = visit("组织者甲")
    assert organiser.get(URL).status_code == 403
    for url in ("/fairs/lists/nothing", "/nowhere/lists/applications"):
        assert organiser.get(url).status_code == 404
