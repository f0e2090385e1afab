"""The page that alerts of unattended tasks says so where more were meant than it names (C-11)."""

from __future__ import annotations

from app.platform.data import new_id
from tests.pages import House
from tests.rooms.admin.posts_absences import keeper, lonely

SAID = "一次最多通知100项任务，这里只列出前100项"


def test_an_alert_of_more_than_a_hundred_says_that_it_names_the_first(whole_house: House) -> None:
    browser, task = keeper(whole_house), lonely(whole_house)
    others = [new_id() for _ in range(100)]
    page = browser.get("/admin/unattended/send", query_string={"task": [task, *others]})
    assert SAID in page.get_data(as_text=True)
    page = browser.get("/admin/unattended/send", query_string={"task": [task, *others[1:]]})
    assert f'name="task" value="{task}"' in page.get_data(as_text=True)
    assert SAID not in page.get_data(as_text=True)
    led = browser.post("/admin/unattended/send/of", {"row": [task, *others]})
    assert led.location.count("task=") == 101
