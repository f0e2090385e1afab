"""Every page at both widths: axe-core finds nothing, nothing scrolls sideways, nothing fails (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.platform import jobs
from app.platform.data import transaction
from app.platform.documents import File, Reading
from app.platform.identity import roles, tokens
from app.platform.identity.entities import Account
from app.platform.monitoring import bulk_choosing
from app.platform.registry import Words
from app.platform.runtime import substitutes
from app.platform.runtime.entities import Task
from app.platform.sheets.entities import Import
from tests.browser import DESKTOP, PHONE, complaints_of_axe, scrolls_sideways
from tests.browser.live import Person, Street
from tests.empty_world import ROOT
from tests.pages import House
from tests.platform.sheets.members import Member, imported, line
from tests.systems.permits.declaring import Contest
from tests.world import World

pytestmark = pytest.mark.browser

NO_PAGES = {
    "/static/<path:filename>",
    "/files/<file>",
    "/files/<file>/pages/<int:number>",
    "/captcha/<nonce>.png",
    "/captcha",
    "/errands/<errand>/progress",
    "/notices/<notice>",
    "/inbox/together/<errand>",
    "/inbox/pulse",
    "/designer/choices",
    "/monitor/lists/stuck",
    "/inbox/tasks/<task>/state",
    "/<system>/imports/<key>/template.xlsx",
    "/<system>/imports/<key>/<record>/progress",
    "/<system>/imports/<key>/<record>/failures.xlsx",
    "/regions",
    "/health",
    "/fairs/apply",  # of the tests' own system
    "/inbox/instances/<instance>/diagram",
    "/inbox/instances/<instance>/paper",
    "/admin/places",
    "/designer/reach",
    "/monitor/tiles",
    "/metrics",
    "/forgot/password",  # these are walked, with their codes, by test_codes_in_browser
    "/account/email",
    # looked at by test_factor_in_browser, where a second factor and a provider are asked for
    "/factor",
    "/factor/recovery",
    "/login/sso",
    "/login/sso/return",
    "/account/sso",
    "/account/sso/go",
    "/account/factor/codes",
    "/admin/people/<person>/factor",
    # no step of permits allows these: looked at by test_verbs_in_browser
    "/inbox/tasks/<task>/transfer",
    "/inbox/tasks/<task>/delegate",
    "/inbox/tasks/<task>/signers",
    "/inbox/tasks/<task>/return",
}


@dataclass(frozen=True)
class Scene:
    """A page in a state: whose it is, where it lies, and what is done there before it is looked at."""

    name: str
    who: str
    path: str
    act: Callable[[Person], None] = lambda person: None


def press(button: str) -> Callable[[Person], None]:
    def act(person: Person) -> None:
        person.press(button)
        person.page.locator("#error-summary").wait_for()

    return act


def ask_for_too_many(person: Person) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk_choosing, "MOST", 0)
        person.page.reload()
    person.page.locator(".empty-verbs").wait_for()


def send_nothing(person: Person) -> None:
    person.press("发出询问")
    person.page.locator(".field-error").first.wait_for()


def open_menu(person: Person) -> None:
    person.page.locator(".masthead details.drop:not(.bell) > summary").click()


def ring(person: Person) -> None:
    person.page.locator(".bell > summary").click()
    person.page.locator(".bell-panel").wait_for()


def open_all(person: Person) -> None:
    person.page.eval_on_selector_all("details.api-operation", "all => all.forEach(one => one.open = true)")


def press_columns(person: Person) -> None:
    person.page.locator("details.columns summary").click()


def open_columns(person: Person) -> None:
    person.page.locator(".sheet-columns summary").click()


def ask_undo(person: Person) -> None:
    person.page.locator("details.confirm summary").click()


def undo(person: Person) -> None:
    ask_undo(person)
    person.page.get_by_role("button", name="确认撤销").click()
    person.page.locator(".notice").first.wait_for()


SCENES = (
    Scene("start page", "", "/"),
    Scene("login", "", "/login"),
    Scene("login refused", "", "/login", press("登录")),
    Scene("registration", "", "/register/permits"),
    Scene("registration refused", "", "/register/permits", press("注册")),
    Scene("registration where", "", "/register"),
    Scene("agreement", "", "/agreement"),
    Scene("privacy", "", "/privacy"),
    Scene("documentation of the API", "", "/api/v1/docs", open_all),
    Scene("not found", "", "/nothing"),
    Scene("identity", "undecided", "/identity/permits"),
    Scene("desk", "organiser", "/", open_menu),
    Scene("nothing to start", "organiser", "/office/start"),
    Scene("registers", "city", "/office/"),
    Scene("desk of the city", "city", "/"),
    Scene("account", "organiser", "/account"),
    Scene("second factor", "organiser", "/account/factor"),
    Scene("bell", "second", "/agreement", ring),
    Scene("notices", "second", "/notices"),
    Scene("no notices", "newcomer", "/notices"),
    Scene("by which ways", "organiser", "/notices/settings"),
    Scene("password", "organiser", "/account/password"),
    Scene("password refused", "organiser", "/account/password", press("保存新密码")),
    Scene("centre", "second", "/permits/"),
    Scene("empty centre", "newcomer", "/permits/"),
    Scene("centre of a teacher", "teacher", "/permits/"),
    Scene("apply", "organiser", "/permits/apply"),
    Scene("apply refused", "newcomer", "/permits/apply", press("申请工作管理权限")),
    Scene("profile", "newcomer", "/inbox/tasks/{empty_profile}"),
    Scene("profile refused", "newcomer", "/inbox/tasks/{empty_profile}", press("保存")),
    Scene("own profile", "organiser", "/permits/profile"),
    Scene("own profile refused", "newcomer", "/permits/profile", press("保存")),
    Scene("print and scan", "city", "/files/{scan}/compare"),
    Scene("submit", "organiser", "/inbox/tasks/{submit}"),
    Scene("upload", "organiser", "/inbox/tasks/{upload}"),
    Scene("upload refused", "organiser", "/inbox/tasks/{upload}", press("扫描上传")),
    Scene("review", "city", "/inbox/tasks/{review}"),
    Scene("keys", "city", "/inbox/keys"),
    Scene("ask", "city", "/inbox/tasks/{review}/ask"),
    Scene("ask refused", "city", "/inbox/tasks/{review}/ask", send_nothing),
    Scene("copy", "city", "/inbox/tasks/{review}/copy"),
    Scene("questions", "city", "/inbox/questions"),
    Scene("phrases", "city", "/inbox/phrases"),
    Scene("draft", "city", "/inbox/tasks/{review}/draft"),
    Scene("review refused", "city", "/inbox/tasks/{review}", press("不通过")),
    Scene("review read by the applicant", "organiser", "/inbox/tasks/{review}"),
    Scene("correct", "second", "/inbox/tasks/{correct}"),
    Scene("decided", "city", "/inbox/tasks/{decided}"),
    Scene("inbox", "city", "/inbox/"),
    Scene("started by me", "second", "/inbox/?box=mine"),
    Scene("done", "city", "/inbox/?box=done"),
    Scene("to claim, as a table", "city", "/inbox/?box=claimable&mode=table"),
    Scene("copies", "city", "/inbox/?box=copies"),
    Scene("drafts", "city", "/inbox/?box=drafts"),
    Scene("views", "city", "/inbox/views"),
    Scene("nothing found", "city", "/inbox/?q=nobody"),
    Scene("empty inbox", "teacher", "/inbox/"),
    Scene("instance", "organiser", "/inbox/instances/{in_review}"),
    Scene("instance nobody takes back", "organiser", "/inbox/instances/{in_review}/withdraw"),
    Scene("task on paper", "city", "/inbox/tasks/{review}/print"),
    Scene("absence", "city", "/inbox/absence"),
    Scene("absence refused", "city", "/inbox/absence", press("请其代理")),
    Scene("ended instance", "second", "/inbox/instances/{approved}"),
    Scene("replace the scan", "organiser", "/permits/applications/{in_review}/scan"),
    Scene("replacing refused", "organiser", "/permits/applications/{in_review}/scan", press("上传")),
    Scene("project", "second", "/permits/projects/{post}"),
    Scene("activities", "several", "/permits/activities"),
    Scene("codes of the district", "second", "/permits/activities/{post}/grants"),
    Scene("state of declarations", "second", "/permits/activities/{post}/status"),
    Scene("review of declarations", "second", "/permits/activities/{post}/review"),
    Scene("a declaration reviewed", "second", "/inbox/tasks/{declared}"),
    Scene("declarations of the city", "city", "/permits/lists/declarations?state="),
    Scene("projects", "city", "/permits/projects"),
    Scene("a new project", "city", "/permits/projects/new"),
    Scene("a project's terms", "city", "/permits/projects/{project}/terms"),
    Scene("codes", "city", "/permits/codes"),
    Scene("codes for which project", "city", "/permits/codes/new"),
    Scene("codes to issue", "city", "/permits/codes/new?project={project}"),
    Scene("summaries", "city", "/permits/summaries"),
    Scene("summary", "second", "/permits/projects/{post}/summary"),
    Scene("own declarations", "teacher", "/permits/declarations"),
    Scene("a code asked for", "teacher", "/permits/declarations/new"),
    Scene("a code refused", "teacher", "/permits/declarations/new", press("开始申报")),
    Scene("a declaration filled in", "teacher", "/inbox/tasks/{filling}"),
    Scene("what a pupil takes part in", "student", "/permits/participations"),
    Scene("applications", "city", "/permits/lists/applications"),
    Scene("applications filtered", "city", "/permits/lists/applications?stage=已退回&sort=submitted_at"),
    Scene("no application", "city", "/permits/lists/applications?q=nobody"),
    Scene("columns of a list", "city", "/permits/lists/applications", press_columns),
    Scene("errands", "city", "/errands"),
    Scene("an errand", "city", "/errands/{errand}"),
    Scene("import", "city", "/permits/imports/members", open_columns),
    Scene("import refused", "city", "/permits/imports/members", press("上传并导入")),
    Scene("import running", "city", "/permits/imports/members/{import_running}"),
    Scene("import with failures", "city", "/permits/imports/members/{import_done}", ask_undo),
    Scene("import that cannot be undone", "city", "/permits/imports/members/{import_done}", undo),
    Scene("nothing to decide together", "city", "/inbox/together"),
    Scene("cannot be decided together", "city", "/inbox/together?matter={in_review}&matter={approved}"),
    Scene("no errand", "teacher", "/errands"),
    Scene("people", "city", "/permits/lists/people"),
    Scene("person", "city", "/permits/people/{person}"),
    Scene("forbidden", "teacher", "/permits/apply"),
    # in English, last: the browser remembers the language
    Scene("review in English", "city", "/inbox/tasks/{review}?lang=en"),
    Scene("errands in English", "city", "/errands?lang=en"),
    Scene("import in English", "city", "/permits/imports/members?lang=en"),
    Scene("list in English", "city", "/permits/lists/applications?lang=en"),
    Scene("upload in English", "organiser", "/inbox/tasks/{upload}?lang=en"),
    Scene("centre in English", "organiser", "/permits/?lang=en"),
    Scene("account in English", "organiser", "/account?lang=en"),
    Scene("instance in English", "second", "/inbox/instances/{approved}?lang=en"),
    Scene("registration in English", "", "/register/permits?lang=en"),
    Scene("sign in by text", "", "/login/sms"),
    Scene("forgotten password", "", "/forgot"),
    Scene("permission code", "organiser", "/account/code"),
    Scene("new phone", "organiser", "/account/phone"),
    Scene("process design", "designer", "/designer/"),
    Scene("process design from a template", "designer", "/designer/?template=permits_permission_application"),
    Scene("steps nobody can do", "designer", "/designer/deadends"),
    Scene("versions compared", "designer", "/designer/compare?process=permits_permission_application"),
    Scene("monitor", "platform", "/monitor/"),
    Scene("what stands still", "platform", "/monitor/stalls"),
    Scene("repairs to agree to", "platform", "/monitor/repairs"),
    Scene("in bulk", "platform", "/monitor/bulk?list=instances"),
    Scene("suspending in bulk", "platform", "/monitor/bulk?list=instances&verb=suspend"),
    Scene("handing over in bulk", "platform", "/monitor/bulk?list=instances&verb=transfer"),
    Scene("moving in bulk", "platform", "/monitor/bulk?list=instances&verb=move"),
    Scene("carrying over in bulk", "platform", "/monitor/bulk?list=instances&verb=migrate"),
    Scene("too many in bulk", "platform", "/monitor/bulk?list=instances", ask_for_too_many),
    Scene("too many in bulk, in English", "platform", "/monitor/bulk?list=overdue&lang=en", ask_for_too_many),
    Scene("runs in bulk", "platform", "/monitor/bulk/runs?lang=zh"),
    Scene("administration", "region", "/admin/"),
    Scene("new person", "region", "/admin/people/new"),
    Scene("new codes", "region", "/admin/codes/new"),
    Scene("regions", "region", "/admin/regions"),
    Scene("new region", "region", "/admin/regions/add?under=130400"),
    Scene("units", "region", "/admin/units"),
    Scene("new unit", "region", "/admin/units/add"),
    Scene("accounts in batches", "region", "/admin/accounts/batch"),
    Scene("people", "region", "/admin/lists/people"),
    Scene("posts", "region", "/admin/lists/posts"),
    Scene("doubles", "region", "/admin/doubles"),
    Scene("absences", "region", "/admin/absences"),
    Scene("new absence", "region", "/admin/absences/new"),
    Scene("new absence refused", "region", "/admin/absences/new", press("登记休假")),
    Scene("unattended", "region", "/admin/unattended"),
    Scene("unattended told of", "region", "/admin/unattended/send?task={lonely}"),
    Scene("dates of posts", "region", "/admin/posts/dates?post={post}&post={last_post}"),
    Scene("posts to end", "region", "/admin/posts/end?post={post}&post={last_post}"),
    Scene("import of people", "region", "/admin/imports/people"),
    Scene("settings", "system", "/admin/settings"),
    Scene("menus", "system", "/admin/menus"),
    Scene("working days", "system", "/admin/holidays"),
    Scene("dictionaries", "system", "/admin/dictionaries"),
    Scene("new dictionary", "system", "/admin/dictionaries/new"),
    Scene("retention", "system", "/admin/retention"),
    Scene("roles", "security", "/admin/roles"),
    Scene("new role", "security", "/admin/roles/new"),
    Scene("proof of the record", "audit", "/admin/records/verify"),
    Scene("operations", "audit", "/admin/lists/operations"),
    Scene("administration in English", "system", "/admin/?lang=en"),
    Scene("new absence in English", "region", "/admin/absences/new?lang=en"),
    Scene("unattended in English", "region", "/admin/lists/unattended?lang=en"),
)


def errands_in_every_state(session: Session, world: World) -> str:
    """Errands of the city's, none with a job any more; return one that is under way."""
    title, table = Words("导出：权限审核", "Export: applications"), jobs.Errand.__table__
    states = {
        "failed": {},
        "stopped": {},
        "done": {"file": "0" * 26, "rows": 12},
        "waiting": {},
        "running": {},
    }
    for state, result in states.items():
        errand = jobs.errands.begin(session, "test/none", title, {}, world.acting("市级"), world.now, 100)
        values = {"state": state, "result": result, "done": 38 if state == "running" else 0}
        session.execute(table.update().where(table.c.id == errand).values(**values))
        job = select(table.c.job_id).where(table.c.id == errand).scalar_subquery()
        session.execute(jobs.Job.__table__.update().where(jobs.Job.id == job).values(state="done"))
        session.commit()
    return errand


def imports_in_every_state(world: World) -> dict[str, str]:
    """Imports of the city's: one that runs, with no job any more, and one with failures, on which something depends."""
    by = world.acting("市级")
    running, done = imported(world, by, [line(n) for n in range(3, 9)]), imported(world, by)
    with world.session() as session, transaction(session):
        values = {"state": "running", "handled": 4, "good": 4, "created": 4, "finished_at": None}
        session.execute(update(Import).where(Import.id == running).values(**values))
        session.execute(update(Member).values(has_prize=True))
    return {"import_running": running, "import_done": done}


def alone(house: House) -> str:
    """A task of the city's that is named for somebody whose account is shut, and one who is away."""
    world = house.world
    task = world.open_task(world.to_review(house.settle(), "130404"), "city_review")
    shut, away = house.settle("permits.city_admin", "130400"), house.settle("permits.city_admin", "130400")
    later = world.now + timedelta(days=3)
    ids = (world.people[away], world.people["市级"])
    with world.session() as session, transaction(session):
        shut_account = update(Account).where(Account.person_id == world.people[shut])
        session.execute(shut_account.values(is_disabled=True))
        session.execute(update(Task).where(Task.id == task).values(assignee_id=world.people[shut]))
        substitutes.appoint(session, *ids, world.now, later, None, world.acting(away), world.now)
    return task


def keepers_of(house: House) -> dict[str, str]:
    """The user name of an administrator of each kind."""
    kinds = {
        "region": roles.REGIONAL,
        "system": roles.SYSTEM,
        "security": roles.SECURITY,
        "audit": roles.AUDIT,
        "designer": roles.DESIGNER,
        "platform": roles.ADMINISTRATOR,
    }
    places = {"region": "130400", "platform": "130400"}
    return {
        f"as {kind}": house.usernames[house.settle(role.key, places.get(kind, ""))]
        for kind, role in kinds.items()
    }


@pytest.fixture(scope="module")
def objects(live_house: tuple[House, str]) -> dict[str, str]:
    """Cases in every state: what the addresses are made of, and the user name of each `who`."""
    house, _ = live_house
    world = house.world
    organiser, second, newcomer = house.settle(), house.settle(), house.settle()
    fresh = world.apply(newcomer)
    submit = house.to_submit(organiser, "130402")
    upload = house.to_upload(organiser, "130403")
    in_review, returned, approved = (
        world.to_review(name, district)
        for name, district in ((organiser, "130404"), (second, "130402"), (second, "130403"))
    )
    decided = world.open_task(approved, "city_review")
    with world.session() as session:
        tokens.create(session, world.people[organiser], "档案系统对账", None, None, world.now)
        errand = errands_in_every_state(session, world)
    world.decide(returned, "city_review", "reject", "市级", comment="单位盖章不清晰，请重新盖章后上传。")
    world.decide(approved, "city_review", "approve", "市级", comment="同意")
    world.work()
    teams = Contest(world, "130403")
    teams.window(declare_from=world.now, declare_to=world.now + timedelta(days=30))
    teams.passed(name=second)
    declared, filling = teams.submitted(), teams.begin()
    teams.issue()
    several = house.settle("permits.district_admin", "130402", world.project)
    world.enter(several, "permits.district_admin", "130403", world.project)
    student = house.settle("permits.student")
    return {
        "project": world.project,
        "declared": world.open_task(declared, "district_review"),
        "filling": world.open_task(filling, "fill"),
        "as several": house.usernames[several],
        "last_post": next(p.id for p in world.acting(several).posts if p.role == "permits.district_admin"),
        "as student": house.usernames[student],
        "empty_profile": world.open_task(fresh, "file_profile"),
        "submit": world.open_task(submit, "submit"),
        "upload": world.open_task(upload, "upload_scan"),
        "in_review": in_review,
        "review": world.open_task(in_review, "city_review"),
        "correct": world.open_task(returned, "correct"),
        "approved": approved,
        "decided": decided,
        "scan": _compared(house, in_review),
        "post": next(p.id for p in world.acting(second).posts if p.role == "permits.district_admin"),
        "person": world.people[organiser],
        "errand": errand,
        **imports_in_every_state(world),
        "lonely": alone(house),
        "as organiser": house.usernames[organiser],
        "as second": house.usernames[second],
        "as newcomer": house.usernames[newcomer],
        "as undecided": house.register("undecided", "13800000201"),
        "as teacher": "teacher1",
        "as city": "city1",
        **keepers_of(house),
    }


def _compared(house: House, instance: str) -> str:
    """The scan of an instance that was compared with its print."""
    with house.world.session() as session:
        return session.scalars(
            select(Reading.file_id).join(File, File.id == Reading.file_id).where(File.instance_id == instance)
        ).one()


def test_every_page_has_a_scene(live_house: tuple[House, str]) -> None:
    house, _ = live_house
    names = {name: name for scene in SCENES for name in re.findall(r"{(\w+)}", scene.path)}
    routes = house.app.url_map.bind("localhost")
    shown = {
        routes.match(scene.path.format(**names).split("?")[0], return_rule=True)[0].rule
        for scene in SCENES
        if scene.name != "not found"
    }
    pages = {rule.rule for rule in house.app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    data = {rule for rule in pages if rule.startswith("/api/") and rule != "/api/v1/docs"}
    # what these rooms show of one thing is looked at by their own browser tests (tests/rooms/<room>)
    rooms = ("/admin/", "/designer/", "/monitor/", "/office/")
    of_one = {rule for rule in pages if rule.startswith(rooms) and "<" in rule}
    # so may a system look at its own, and see to it that none is left out (tests/systems/<key>/test_scenes.py)
    own = tuple(f"/{path.parent.name}/" for path in ROOT.glob("tests/systems/*/test_scenes.py"))
    of_systems = {rule for rule in pages if rule.startswith(own)}
    assert pages - NO_PAGES - data - of_one - of_systems == shown


@pytest.mark.parametrize("who", sorted({scene.who for scene in SCENES}), ids=lambda who: who or "visitor")
def test_a_page_suits_everybody_at_every_width(street: Street, objects: dict[str, str], who: str) -> None:
    person = street.person(objects.get(f"as {who}", ""))
    found = []
    for scene in SCENES:
        if scene.who == who:
            found += [f"{scene.name}: {fault}" for fault in look(person, scene, objects)]
    assert not found


def look(person: Person, scene: Scene, objects: dict[str, str]) -> list[str]:
    """What axe-core and the width say of a scene; what fails on it is noted by `person` himself."""
    found = []
    person.page.set_viewport_size(DESKTOP)
    person.go(scene.path.format(**objects))
    scene.act(person)
    for size in (DESKTOP, PHONE):
        person.page.set_viewport_size(size)
        found += [f"{size['width']} px: {complaint}" for complaint in complaints_of_axe(person.page)]
        if scrolls_sideways(person.page):
            found.append(f"wider than {size['width']} px")
    return found
