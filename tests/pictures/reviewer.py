"""The reviewer's way: what waits, one task with its form and files, and the choice of an outcome."""

from tests.pictures.camera import Camera


def walk(camera: Camera) -> None:
    """Sign in as the city's administrator and look at the oldest task."""
    page = camera.person()
    page.goto(f"{camera.house.url}/login")
    camera.take(page, "login")
    page = camera.person("shiji")
    page.goto(f"{camera.house.url}/inbox/")
    camera.take(page, "inbox")
    page.locator("a[href*='/inbox/tasks/']").first.click()
    camera.take(page, "task", whole=True)
