"""Fills a PostgreSQL database with many cases in minutes: copies of one that the product's own verbs have made.

One case is walked by the verbs (`walk`): started with its form, sent, returned twice, sent again, so that it waits at
the county's desk. Everything that pages and verbs read of it (tokens, variables, record key, entry, the bodies of its
history) is then taken over by SQL for as many cases as wanted: what differs is ids, starter, place, number, title and
moments. Histories are chained anew, row by row, in the database (`sha256` is its own), so that the doctor finds every
copy sound and each can be opened and decided like any other. See `tests/bench/crowded.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from app.platform.runtime import versions
from tests.bench.copying import Copied, Model
from tests.platform.engine.drawing import Drawing
from tests.platform.runtime.chains import OUTCOMES, path
from tests.world import World

ROLE = "fairs.city_admin"
COUNTY, CITY = "130000/130400/130402/", "130000/130400/"
STARTER, COUNTY_CLERK, NATIONAL_CLERK = "组织者甲", "区县", "全国"
STARTERS = 100_000
BATCH = 100_000
IDS = {
    "bp": f"'bp' || lpad((c.n % {STARTERS})::text, 24, '0')",
    "bc": "'bc' || lpad(c.k::text, 24, '0')",
}
MODEL_DISTRICT = "130402"
FIELDS: list[dict[str, Any]] = [
    {"type": "text", "name": "subject", "label": "名称", "label.en": "Subject", "required": True},
    {
        "type": "region",
        "name": "district",
        "label": "区县",
        "label.en": "District",
        "level": "district",
        "variable": True,
    },
    {"type": "text", "name": "employer", "label": "工作单位", "label.en": "Employer", "maxlength": 100},
    {"type": "text", "name": "contact", "label": "联系人", "label.en": "Contact", "format": "person_name"},
    {"type": "number", "name": "people", "label": "人数", "label.en": "People"},
    {"type": "date", "name": "from", "label": "开始日期", "label.en": "From"},
    {"type": "text", "name": "plan", "label": "活动方案", "label.en": "Plan", "maxlength": 500},
]
FILLED = {
    "subject": ["青少年科普集市"],
    "district": [MODEL_DISTRICT],
    "employer": ["演示中学"],
    "contact": ["王小明"],
    "people": ["120"],
    "from": ["2026-12-01"],
    "plan": ["开幕式、展台、互动实验与闭幕式，每天两场，由学校科技处负责安全与保障。"],
}


def files(process: str) -> dict[str, bytes]:
    """The chain of the bench: a form, and the county's desk, which returns or ends it."""
    drawing = (
        Drawing(process, "科普集市申请", form="tests/case", number="集市{year}{serial:07}")
        .lane("county", "review", role=ROLE, at="variable:district")
        .start()
        .task("prepare", form="tests/case", outcomes="send=送审|Send")
        .task("review", assignee="", form="tests/case", due="P10D", summary="subject employer people",
              outcomes=OUTCOMES, stage="待审核|Under review")
        .xor("decided", default="good")
        .end(stage="已通过|Passed")
        .line("begin", "prepare", "review", "decided")
        .flow("decided", "prepare", 'outcome == "return"', id="back")
        .flow("decided", "done", id="good")
    )  # fmt: skip
    form = {
        "id": "tests/case",
        "title": "科普集市申请",
        "title.en": "A fair",
        "steps": {"*": "read", "start": "edit", "prepare": "edit"},
        "fields": FIELDS,
    }
    return {
        path(drawing): drawing.text().encode(),
        "forms/tests/case.json": json.dumps(form, ensure_ascii=False).encode(),
    }


def walk(world: World, process: str, *, to_its_end: bool = False) -> str:
    """One case by the verbs: sent, returned, sent again, and approved if it is to end; return the instance."""
    with world.session() as session:
        versions.publish(session, files(process), None, world.now)
    begun = world.now
    instance = world.start(process, STARTER, FILLED)
    steps = [
        ("prepare", "send", STARTER, ""),
        ("review", "return", COUNTY_CLERK, "请补充活动的安全方案后再报"),
    ]
    steps += [("prepare", "send", STARTER, "")]
    steps += [("review", "approve", NATIONAL_CLERK, "")] if to_its_end else []
    for element, outcome, name, comment in steps:
        world.now += timedelta(hours=1)
        world.decide(instance, element, outcome, name, comment=comment)
    world.now = begun
    return instance


class Loader:
    """Writes copies of cases, a hundred thousand at a time."""

    def __init__(self, world: World, connection: Connection) -> None:
        self.world, self.connection = world, connection

    def run(self, copies: Sequence[Copied], shares: Mapping[str, int]) -> None:
        """Write `copies`, those that are not recent in `shares` (path: how many); indexes are made at the end."""
        say = self.connection.execute
        say(text("SET session_replication_role = replica"))  # rows refer to each other as the model's do
        say(text("SET synchronous_commit = off"))
        say(text("SET work_mem = '256MB'"))
        say(text("SET maintenance_work_mem = '512MB'"))
        made_again = self._without_indexes()
        self._people()
        self._cases(shares)
        for one in copies:
            for begin in range(0, one.count, BATCH):
                self._batch(one, begin, min(one.count, begin + BATCH))
        for statement in made_again:
            say(text(statement))
        say(text("SET session_replication_role = DEFAULT"))
        self.connection.commit()

    def finish(self) -> None:
        """Let the database look at what it holds, as its own keeper would by and by."""
        raw = self.connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in ("instance", "task", "entry", "history"):
            raw.execute(text(f"VACUUM (ANALYZE) runtime_{table}"))
        raw.execute(text("ANALYZE"))

    def _without_indexes(self) -> list[str]:
        found = self.connection.execute(
            text(
                "SELECT indexname, indexdef FROM pg_indexes WHERE indexname NOT LIKE 'pk_%' AND tablename IN"
                " ('runtime_instance', 'runtime_task', 'runtime_entry', 'runtime_history')"
                " AND indexdef NOT LIKE 'CREATE UNIQUE%'"
            )
        ).all()
        for name, _ in found:
            self.connection.execute(text(f'DROP INDEX "{name}"'))
        return [row.indexdef for row in found]

    def _people(self) -> None:
        """A hundred thousand who start cases, and a clerk for each county."""
        self.connection.execute(
            text(
                "INSERT INTO identity_person (id, name, id_number_last_hash, created_at)"
                " SELECT 'bp' || lpad(n::text, 24, '0'), (array['王','李','张','刘','陈','杨','赵','黄'])[1 + n % 8]"
                " || (array['小明','建国','秀英','志强','丽娟','海燕','文博','思远','雨桐'])[1 + n / 8 % 9]"
                " || CASE WHEN n / 72 % 3 = 0 THEN '' ELSE chr(19968 + n / 216) END,"
                " encode(sha256(convert_to(right(lpad(n::text, 6, '0'), 4), 'UTF8')), 'hex'), :now"
                " FROM generate_series(0, :most) n"
            ),
            {"most": STARTERS - 1, "now": self.world.now},
        )

    def _cases(self, shares: Mapping[str, int]) -> None:
        """Which case lies where: every place has its share, spread over the whole time."""
        say = self.connection.execute
        say(text("CREATE UNLOGGED TABLE bench_share (k int, path varchar(200), quota int)"))
        say(
            text("INSERT INTO bench_share VALUES (:k, :path, :quota)"),
            [{"k": k, "path": path, "quota": quota} for k, (path, quota) in enumerate(shares.items())],
        )
        say(
            text(
                "CREATE UNLOGGED TABLE bench_case AS SELECT s.k, s.path, r.code, r.name, row_number() OVER"
                " (ORDER BY md5(s.path || g)) - 1 AS n FROM bench_share s JOIN identity_region r ON r.path = s.path,"
                " generate_series(1, s.quota) g"
            )
        )
        say(text("CREATE INDEX ON bench_case (n)"))
        say(text("ANALYZE bench_case"))

    def _batch(self, copied: Copied, begin: int, end: int) -> None:
        """Cases `begin` to `end`: their links first, then the rows of each table."""
        say, model = self.connection.execute, Model(self.world, self.connection, copied)
        when = (
            ":now - interval '1 hour'"
            if copied.recent
            else ("CAST(:now AS timestamptz) - interval '180 days' * (1 - (c.n + 1.0) / :all)")
        )
        chosen = (
            f"SELECT c.n, c.k, c.path, c.code, {IDS['bp']} AS starter, {IDS['bc']} AS clerk,"
            f" date_trunc('second', {when}) AS at, p.name || ' · ' || c.name || ' · 科普集市申请' AS title"
            f" FROM bench_case c JOIN identity_person p ON p.id = {IDS['bp']} WHERE c.n >= :begin AND c.n < :end"
        )
        say(text("DROP TABLE IF EXISTS batch"))
        say(
            text(f"CREATE TEMP TABLE batch AS {model.linked(chosen)}"),
            {"now": self.world.now, "begin": begin, "end": end, "all": copied.count},
        )
        for statement in model.statements():
            say(text(statement))
        self.connection.commit()
