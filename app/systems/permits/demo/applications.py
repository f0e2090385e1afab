"""Applications for management in every state, made through the verbs alone."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from PIL import Image, ImageDraw
from sqlalchemy import select

from app.platform import documents
from app.platform.forms.id_numbers import check_digit
from app.platform.registry import Ground
from app.systems.permits import verbs
from app.systems.permits.demo import steps
from app.systems.permits.entities import Project

DISTRICTS = ("130402", "130403", "130404")
WAYS = (
    *("approved",) * 9,
    *("waiting",) * 6,
    *("overdue",) * 5,
    *("returned",) * 4,
    *("approved_after_return",) * 2,
    *("waiting_after_return",) * 2,
    *("printed",) * 3,
    *("submitting",) * 3,
    *("profile",) * 2,
)


def walk(ground: Ground, people: Mapping[str, str]) -> None:
    """Walk the chain some seventy times, each as far as its way says."""
    with ground.sessions() as session:
        projects = list(session.scalars(select(Project.id).order_by(Project.prefix)))
    organisers = [name for name in people if name.startswith(("zuzhizhe", "quxian"))]
    pairs = [
        (organiser, project, district)
        for project, district, organiser in product(projects, DISTRICTS, organisers)
    ]
    city = people["shiji"]
    # the first nine of the walk belong to as many different organisers, so that each has his profile early
    for number, (way, (organiser, project, district)) in enumerate(zip(WAYS, pairs, strict=False)):
        who = "xinren2" if way == "profile" else organiser  # whoever has no profile yet
        walk = _Walk(ground, people[who], city, project, district, number)
        getattr(walk, "unfinished" if way in ("profile", "submitting", "printed") else "sent")(way)


@dataclass
class _Walk:
    """One application's way through the chain, at moments in the past."""

    ground: Ground
    person: str
    city: str
    project: str
    district: str
    number: int

    def unfinished(self, way: str) -> None:
        """Stop before the scan is uploaded."""
        at = self.ground.now - timedelta(days=2, hours=self.number % 7)
        instance = self._begin(at, files=way != "profile")
        if way == "printed":
            self._decide(instance, "submit", "submit", {}, at + timedelta(minutes=9))
            self.ground.work(at + timedelta(minutes=10))

    def sent(self, way: str) -> None:
        """Upload the scan, and let the city decide as the way says."""
        ago = {"overdue": 12, "waiting": 1, "waiting_after_return": 1}.get(way, 20 + self.number % 9)
        at = self.ground.now - timedelta(days=ago, hours=self.number % 9, minutes=self.number * 7 % 60)
        instance = self._begin(at)
        self._decide(instance, "submit", "submit", {}, at + timedelta(minutes=9))
        self.ground.work(at + timedelta(minutes=10))
        self._decide(instance, "upload_scan", "upload", self._scan(instance, at), at + timedelta(hours=3))
        if way.endswith("return") or way == "returned":
            self._judge(instance, "reject", "单位盖章不清晰，请重新盖章后上传。", at + timedelta(hours=6))
        if way.endswith("after_return"):
            self._decide(instance, "correct", "submit", self._scan(instance, at), at + timedelta(hours=9))
        if way.startswith("approved"):
            self._judge(instance, "approve", "材料齐全，同意。", at + timedelta(hours=20))

    def _begin(self, at: datetime, *, files: bool = True) -> str:
        with self.ground.sessions() as session:
            by = steps.acting(session, self.person, at)
            sent = {"project": [self.project], "district": [self.district]}
            entry = steps.start_entry(session, verbs.PROCESS, sent, by, at)
            instance = verbs.apply(session, entry, by, at)
        if not files:
            return instance
        self._decide(
            instance, "file_profile", "save", _profile(self.number, self.district), at + timedelta(minutes=5)
        )
        return instance

    def _judge(self, instance: str, outcome: str, comment: str, at: datetime) -> None:
        self._decide(instance, "city_review", outcome, {}, at, comment, by=self.city)

    def _decide(
        self,
        instance: str,
        element: str,
        outcome: str,
        sent: Mapping[str, Sequence[str]],
        at: datetime,
        comment: str = "",
        by: str | None = None,
    ) -> None:
        steps.decide(self.ground, by or self.person, instance, element, outcome, sent, at, comment)

    def _scan(self, instance: str, at: datetime) -> dict[str, list[str]]:
        with self.ground.sessions() as session:
            by = steps.acting(session, self.person, at)
            place = documents.settings()
            storage = place.storage
            (file,) = documents.printed_files(session, [instance], verbs.PRINT)
            opened = documents.open_file(session, storage, file)
            assert opened is not None
            page = place.press.picture(opened[1], "application/pdf", 1, 1240)
            received = documents.check_upload("权限申请表扫描件.jpg", _signed(page), verbs.SCAN)
            return {
                "scan": [
                    documents.store(session, storage, received, by, at, instance=instance, purpose="scan")
                ]
            }


def _profile(number: int, district: str) -> dict[str, list[str]]:
    body = f"{district}1985{number % 12 + 1:02}{number % 27 + 1:02}{number % 1000:03}"
    values = {
        "gender": "male" if int(body[-1]) % 2 else "female",
        "id_type": "resident_id",
        "id_number": body + check_digit(body),
        "ethnicity": "01",
        "mobile": f"1380000{number:04}",
        "email": f"organiser{number}@example.org",
        "address": f"演示路 {number + 1} 号",
        "postcode": "056000",
        "origin": district,
        "employer": "邯郸市演示中学",
        "department": "科技教育处",
        "position": "科技辅导员",
    }
    return {name: [value] for name, value in values.items()}


def _signed(page: bytes) -> bytes:
    """A synthetic scan: the printed page with a signature and a red stamp on it."""
    sheet = Image.open(io.BytesIO(page)).convert("RGB")
    draw = ImageDraw.Draw(sheet)
    draw.ellipse((760, 1180, 1000, 1420), outline=(196, 30, 30), width=9)
    draw.polygon(
        [(880, 1240), (896, 1284), (942, 1284), (904, 1312), (920, 1358), (880, 1330), (840, 1358), (856, 1312),
         (818, 1284), (864, 1284)], fill=(196, 30, 30),
    )  # fmt: skip
    draw.line([(320 + i * 9, 1350 + (i * 29 % 37)) for i in range(22)], fill=(20, 30, 120), width=5)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return out.getvalue()
