"""A district's declarations and its summary for tests, on a small chain with the stages of the real one."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, select, update

from app.platform import documents
from app.platform.data import new_id, transaction
from app.platform.documents import Document
from app.platform.identity import regions
from app.platform.runtime import instances, tasks, versions
from app.platform.runtime.entities import Instance
from app.platform.runtime.tasks import Decision
from app.systems.permits import summaries
from app.systems.permits.entities import Authorisation, Declaration, Project, Summary, SummaryUpload
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import files
from tests.world import World

DECLARING = "permits_declaration_review"
TEACHER, DISTRICT, CITY = "教师", "区县", "市级"


def chain() -> Drawing:
    """The stages of PR-P2 that a summary knows, and nothing else of it."""
    return (
        Drawing(DECLARING)
        .start()
        .task("fill", outcomes="submit=提交|Submit", stage="未提交|Not submitted")
        .xor("submitted")
        .task(
            "district_review",
            outcomes="pass=通过|Pass; fail=不通过|Fail-",
            stage="待区县审查|Awaits district",
        )
        .xor("reviewed", default="passed")
        .task("refill", outcomes="submit=提交|Submit; drop=放弃|Drop-", stage="已退回|Returned")
        .xor("refilled", default="again")
        .task("city_review", outcomes="pass=通过|Pass; fail=不通过|Fail-", stage="待市级审查|Awaits city")
        .xor("decided", default="well")
        .end("good", stage="市级审核通过|Passed")
        .end("bad", stage="市级审核不通过|Failed")
        .end("late", stage="区县审查不通过|Failed in the district")
        .line("begin", "fill", "submitted", "district_review", "reviewed")
        .flow("reviewed", "refill", 'outcome == "fail"')
        .flow("reviewed", "city_review", id="passed")
        .line("refill", "refilled")
        .flow("refilled", "late", 'outcome == "drop"')
        .flow("refilled", "submitted", id="again")
        .line("city_review", "decided")
        .flow("decided", "bad", 'outcome == "fail"')
        .flow("decided", "good", id="well")
    )


@dataclass
class District:
    """One project and district with the people who act in it."""

    world: World
    code: str = "130402"
    admin: str = DISTRICT
    project: str = ""
    made: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.project = self.project or self.world.project
        self.world.enter(self.admin, "permits.district_admin", self.code, self.project)

    def declare(self, team: str = "智慧星队", **more: str) -> str:
        """A team begins to declare; return the instance."""
        world, teacher = self.world, self.world.acting(TEACHER)
        with world.session() as session, transaction(session):
            place = {
                "project_id": self.project,
                "district": self.code,
                "place": regions.path_of(session, self.code),
                "category": "机器人综合技能",
                "group": "小学组",
            }
            leave = Authorisation(code=new_id(), code_hash=new_id(), issued_at=world.now, **place)
            session.add(leave)
            session.flush()
            started = instances.start(session, DECLARING, by=teacher, post=None, now=world.now, data={})
            last = session.scalar(select(func.count()).select_from(Declaration)) or 0
            session.add(
                Declaration(
                    instance_id=started.instance,
                    authorisation_id=leave.id,
                    teacher_id=teacher.person,
                    number=f"R2026{last + 1:04}",
                    team_name=team,
                    **place,
                    **more,
                )
            )
        self.made.append(started.instance)
        return started.instance

    def submitted(self, team: str = "智慧星队") -> str:
        """A team declares and submits."""
        instance = self.declare(team)
        self.decide(instance, "fill", "submit")
        return instance

    def decide(self, instance: str, element: str, outcome: str) -> None:
        """Decide a step of a declaration."""
        task = self.world.open_task(instance, element)
        by = self.world.acting(TEACHER)
        with self.world.session() as session:
            tasks.complete(session, task, None, Decision(outcome, "", 1, None), by, self.world.now)

    def review(self, instance: str, outcome: str = "pass", recommendation: str = "同意推荐") -> None:
        """The district decides."""
        if outcome == "pass":
            with self.world.session() as session, transaction(session):
                session.execute(
                    update(Declaration)
                    .where(Declaration.instance_id == instance)
                    .values(recommendation=recommendation)
                )
        self.decide(instance, "district_review", outcome)

    @property
    def instance(self) -> str:
        """The instance of the newest summary."""
        with self.world.session() as session:
            found = summaries.newest(session, self.project, self.code)
            assert found is not None, "no summary"
            return str(found.instance_id)

    @property
    def stage(self) -> str | None:
        """The newest summary's stage; None where there is no summary."""
        with self.world.session() as session:
            found = summaries.newest(session, self.project, self.code)
            return found.stage_zh if found else None

    def generated(self) -> None:
        """Let the summary be printed."""
        self.world.work()
        assert self.world.open_elements(self.instance) == ["print_summary"]

    def prints(self) -> list[Document]:
        """The printed summaries of the newest instance, oldest first."""
        with self.world.session() as session:
            found = session.scalars(
                select(Document).where(Document.instance_id == self.instance).order_by(Document.id)
            )
            return list(found)

    def printed(self) -> None:
        """The district has printed it."""
        self.world.decide(self.instance, "print_summary", "printed", self.admin)

    def scan(self, name: str = "汇总表.pdf", instance: str = "") -> str:
        """Store a PDF as the scan: the print itself, as if it came off a very good scanner."""
        about = instance or self.instance
        place = documents.settings()
        with self.world.session() as session:
            file = session.scalars(
                select(Document.file_id).where(Document.instance_id == about).order_by(Document.id.desc())
            ).first()
            assert file is not None
            found = documents.open_file(session, place.storage, file)
            assert found is not None
            received = documents.check_upload(
                name, found[1], frozenset({"application/pdf"}), press=place.press
            )
            by = self.world.acting(self.admin)
            return documents.store(
                session, place.storage, received, by, self.world.now, instance=about, purpose="scan"
            )

    def upload(self) -> None:
        """Upload the signed summary."""
        self.world.decide(self.instance, "upload", "upload", self.admin, {"scan": [self.scan()]})

    def confirm(self) -> None:
        """The city confirms."""
        self.world.decide(self.instance, "city_confirm", "confirm", CITY)

    def send_back(self, why: str = "第 2 页没有盖章") -> None:
        """The city returns it."""
        self.world.decide(self.instance, "city_confirm", "return", CITY, comment=why)

    def to_upload(self, declarations: int = 1) -> list[str]:
        """Declarations submitted and passed, the summary printed; return their instances."""
        made = [self.submitted() for _ in range(declarations)]
        for each in made:
            self.review(each)
        self.generated()
        self.printed()
        return made

    def uploads(self) -> list[tuple[bool, str | None]]:
        """All uploads of the pair, oldest first: whether it counts, and why it does not."""
        with self.world.session() as session:
            rows = session.scalars(
                select(SummaryUpload)
                .join(Summary, Summary.id == SummaryUpload.summary_id)
                .where(Summary.project_id == self.project, Summary.district == self.code)
                .order_by(SummaryUpload.id)
            )
            return [(row.aside_at is None, row.aside_because) for row in rows]

    def rows(self) -> list[tuple[str, str, str]]:
        """What the newest print lists: number, result, recommendation."""
        data = self.prints()[-1].data
        return [(row["number"], row["result"], row["recommendation"]) for row in data["rows"]]

    def is_uploaded(self) -> bool:
        """Whether reviews are locked."""
        with self.world.session() as session:
            return summaries.is_uploaded(session, self.project, self.code)

    def cancel(self, instance: str) -> None:
        """Whoever started it cancels a declaration."""
        with self.world.session() as session:
            instances.cancel(session, instance, "退赛", self.world.acting(TEACHER), self.world.now)

    def state(self, instance: str) -> str:
        """An instance's state."""
        with self.world.session() as session:
            return session.get_one(Instance, instance).state


def district(world: World, code: str = "130402", admin: str = DISTRICT, project: str = "") -> District:
    """A district whose declarations walk the small chain."""
    with world.session() as session:
        versions.publish(session, files(chain()), None, world.now)
    return District(world, code, admin, project)


def new_project(world: World, name: str = "青少年科技创新大赛") -> str:
    """Another project; return its id."""
    with world.session() as session, transaction(session):
        project = Project(
            name=name,
            prefix="C",
            year=2026,
            categories=["机器人综合技能"],
            groups=["小学组"],
            declare_from=world.now,
            declare_to=world.now,
        )
        session.add(project)
        session.flush()
        return project.id
