"""A process that rehearses on the database it is given, says so, and is killed before it is over."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.platform import documents
from app.platform.data.transaction import prepare
from app.platform.design.rehearsing import rehearsal
from app.platform.registry import Acting
from tests.empty_world import FONTS, MONDAY, ROOT, open_up
from tests.platform.design.rehearsals import FILES, to_review
from tests.tenants.fairs import verbs


def main(url: str) -> None:
    """Play, and wait for the end."""
    open_up()
    engine = create_engine(url)
    prepare(engine)
    press = documents.Press(FONTS, size=1)
    documents.use(
        documents.Settings(documents.DiskStorage(Path(tempfile.mkdtemp())), press, FONTS, ROOT / "forms")
    )
    by = Acting("", "", "")
    with (
        Session(engine) as session,
        rehearsal(session, verbs.PROCESS, FILES, to_review(), by=by, base=MONDAY) as run,
    ):
        print("played" if run.halted is None else run.halted.words.zh, flush=True)
        time.sleep(60)


main(sys.argv[1])
