"""An archive pack: the same state gives the same bytes, and one byte changed anywhere is found and named."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.platform.audit import chain, journal
from app.platform.documents import File, settings
from app.platform.identity import accounts, roles
from app.platform.jobs import errands
from app.platform.monitoring import archive, archive_check
from app.platform.monitoring.archive_check import Finding
from app.platform.personnel import retention
from app.platform.runtime import instances
from app.platform.runtime.entities import Instance
from app.platform.runtime.errors import Forbidden, Unknown
from tests.world import World

ADMINISTRATOR = "管理员"


@pytest.fixture
def case(ground: World) -> str:
    """A case at the city's review: a form, a print and a scan lie in it."""
    ground.enter(ADMINISTRATOR, roles.ADMINISTRATOR.key)
    instance = ground.to_review()
    with ground.session() as session, session.begin():
        session.execute(update(Instance).where(Instance.id == instance).values(place="130000/130400/130402/"))
    return instance


def pack(world: World, instance: str, path: Path, name: str = ADMINISTRATOR) -> archive.Packed:
    with world.session() as session:
        return archive.write_pack(session, instance, world.acting(name), world.now, path)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as found:
        return {name: found.read(name) for name in found.namelist()}


def written(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as found:
        for name, content in contents.items():
            found.writestr(name, content)
    return path


def unpacked(folder: Path, contents: dict[str, bytes]) -> Path:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def bitten(content: bytes) -> bytes:
    """The same with one byte changed, in the middle."""
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def test_it_holds_prints_scans_record_entries_drawing_and_is_whole(
    ground: World, case: str, tmp_path: Path
) -> None:
    done = pack(ground, case, tmp_path / "pack.zip")
    found = members(tmp_path / "pack.zip")
    names = set(found)
    assert {
        "manifest.json",
        "check.py",
        "check.html",
        "decisions.html",
        "history.json",
        "entries.json",
    } <= names
    assert "diagram.svg" in names
    assert any(name.startswith("prints/") and found[name].startswith(b"%PDF") for name in names)
    assert any(name.startswith("files/") for name in names)
    assert archive_check.check(tmp_path / "pack.zip") == []
    assert archive_check.check(unpacked(tmp_path / "folder", found)) == []
    assert (done.lost, done.files) == ((), len(names))
    assert "组织者甲" in found["decisions.html"].decode()


def test_one_byte_changed_in_any_member_and_the_checker_names_the_file(
    ground: World, case: str, tmp_path: Path
) -> None:
    pack(ground, case, tmp_path / "pack.zip")
    whole = members(tmp_path / "pack.zip")
    for name, content in whole.items():
        changed = {**whole, name: bitten(content)}
        assert archive_check.check(written(tmp_path / "bitten.zip", changed)) == [Finding(name, "changed")]
    folder = unpacked(tmp_path / "folder", whole)
    for name, content in whole.items():
        (folder / name).write_bytes(bitten(content))
        assert archive_check.check(folder) == [Finding(name, "changed")]
        (folder / name).write_bytes(content)


def test_a_byte_of_the_zip_itself_is_found_too(ground: World, case: str, tmp_path: Path) -> None:
    pack(ground, case, tmp_path / "pack.zip")
    raw = (tmp_path / "pack.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "pack.zip") as found:
        infos = found.infolist()
    for info in infos:
        place = info.header_offset + 30 + len(info.filename.encode()) + 40  # within what it holds
        damaged = raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :]
        (tmp_path / "damaged.zip").write_bytes(damaged)
        assert info.filename in {one.name for one in archive_check.check(tmp_path / "damaged.zip")}


def test_what_is_missing_and_what_is_too_many_is_named(ground: World, case: str, tmp_path: Path) -> None:
    pack(ground, case, tmp_path / "pack.zip")
    whole = members(tmp_path / "pack.zip")
    for gone in whole:
        left = {name: content for name, content in whole.items() if name != gone}
        assert archive_check.check(written(tmp_path / "less.zip", left)) == [Finding(gone, "missing")]
    more = {**whole, "files/补充.pdf": b"%PDF"}
    assert archive_check.check(written(tmp_path / "more.zip", more)) == [Finding("files/补充.pdf", "extra")]


def test_a_record_that_was_rewritten_with_its_digests_breaks_the_chain(
    ground: World, case: str, tmp_path: Path
) -> None:
    pack(ground, case, tmp_path / "pack.zip")
    whole = members(tmp_path / "pack.zip")
    said = json.loads(whole["history.json"])
    said["rows"][2]["by"] = "0" * 26
    forged = json.dumps(said).encode()
    manifest = json.loads(whole["manifest.json"])
    for one in manifest["files"]:
        if one["name"] == "history.json":
            one["sha256"], one["size"] = hashlib.sha256(forged).hexdigest(), len(forged)
    manifest["seal"] = archive_check.seal_of(manifest)
    contents = {**whole, "history.json": forged, "manifest.json": archive_check.canonical(manifest)}
    assert archive_check.check(written(tmp_path / "forged.zip", contents)) == [
        Finding("history.json", "chain", 3)
    ]


def test_the_same_state_gives_the_same_bytes(ground: World, case: str, tmp_path: Path) -> None:
    first = pack(ground, case, tmp_path / "one.zip")
    ground.enter("市管", roles.ADMINISTRATOR.key, "130400")
    second = pack(ground, case, tmp_path / "two.zip", "市管")
    assert first.seal == second.seal
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_its_own_checker_says_so_without_the_house(ground: World, case: str, tmp_path: Path) -> None:
    pack(ground, case, tmp_path / "pack.zip")
    folder = unpacked(tmp_path / "folder", members(tmp_path / "pack.zip"))

    def run() -> Any:
        command = [sys.executable, "-I", "-S", str(folder / "check.py")]
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)

    good = run()
    assert good.returncode == 0, good.stdout + good.stderr
    assert "与归档时一致" in good.stdout
    (folder / "entries.json").write_bytes(bitten((folder / "entries.json").read_bytes()))
    bad = run()
    assert bad.returncode == 1
    assert "✗ entries.json：已被改动 / was changed" in bad.stdout


def test_hostile_names_stay_in_their_folder(ground: World, case: str, tmp_path: Path) -> None:
    with ground.session() as session, session.begin():
        session.execute(
            update(File).where(File.instance_id == case).values(name="../../etc/pass\\wd\u202e:<x>.png")
        )
    pack(ground, case, tmp_path / "pack.zip")
    for name in members(tmp_path / "pack.zip"):
        assert ".." not in name.split("/")
        assert name.count("/") <= 1
        assert not set(name) & set('\\:*?"<>|\u202e')
    assert archive_check.check(tmp_path / "pack.zip") == []


def test_outside_the_reach_there_is_nothing_and_ones_own_is_refused(
    ground: World, case: str, tmp_path: Path
) -> None:
    ground.enter("邻管", roles.ADMINISTRATOR.key, "130500")
    with pytest.raises(Unknown):
        pack(ground, case, tmp_path / "pack.zip", "邻管")
    with ground.session() as session, session.begin():
        session.execute(
            update(Instance).where(Instance.id == case).values(starter_id=ground.people[ADMINISTRATOR])
        )
    with pytest.raises(Forbidden):
        pack(ground, case, tmp_path / "pack.zip")
    with ground.session() as session, pytest.raises(Forbidden):
        archive.archive_later(session, case, ground.acting(ADMINISTRATOR), ground.now)


def test_it_is_an_errand_whose_file_is_the_pack_and_it_is_written_down(
    ground: World, case: str, tmp_path: Path
) -> None:
    archive.plug()
    by = ground.acting(ADMINISTRATOR)
    with ground.session() as session:
        person = ground.people[ADMINISTRATOR]
        accounts.create(
            session, "pack_keeper", ADMINISTRATOR, None, ground.now, "Pack-keeper-2026", person=person
        )
        errand = archive.archive_later(session, case, by, ground.now)
    ground.work()
    with ground.session() as session:
        standing = errands.get(session, errand, by)
        assert standing is not None
        assert standing.state == "done", standing.result
        content = session.scalar(select(File.content).where(File.id == standing.result["file"]))
        (tmp_path / "pack.zip").write_bytes(settings().storage.get(content))
        rows = journal.read(session, f"instance:{case}")
    assert archive_check.check(tmp_path / "pack.zip") == []
    manifest = json.loads(members(tmp_path / "pack.zip")["manifest.json"])
    archived = [row for row in rows if row.kind == "instance.archived"]
    assert [row.body and row.body["seal"] for row in archived] == [manifest["seal"]]
    assert any(row.kind == "fields.revealed" for row in rows), "numbers stand in it in full"


def test_one_that_was_forgotten_can_be_packed_and_says_no_more(
    ground: World, case: str, tmp_path: Path
) -> None:
    with ground.session() as session:
        instances.cancel(session, case, "不办了", ground.acting("组织者甲"), ground.now)
        assert retention.erase(session, case, None, ground.now, "test")
    pack(ground, case, tmp_path / "pack.zip")
    found = members(tmp_path / "pack.zip")
    assert archive_check.check(tmp_path / "pack.zip") == []
    assert not any(name.startswith(("prints/", "files/")) for name in found)
    assert all(row["body"] == {} for row in json.loads(found["history.json"])["rows"])


def test_the_checker_writes_fields_as_the_record_does() -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, 8, UTC)
    ours = chain.canonical(("甲", 3, at, None, ""))
    text = at.isoformat(timespec="microseconds")
    tell: Callable[[tuple[Any, ...]], bytes] = archive_check._written
    assert tell(("甲", 3, ("t", text), None, "")) == ours
