"""The tenant rule: whoever deletes a system, as docs/adding-a-system.md says, has a house that stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_house import APP, ROOT, tracked

SYSTEMS = sorted(path.parent.name for path in (APP / "systems").glob("*/__init__.py"))
RECIPE = ROOT / "docs/adding-a-system.md"
BUILT = "app/rooms/web/static/built"
SPEAKS_OF_IT = ("migrations/", "docs/")
"""Tables stay until a migration drops them, and guides show a real system."""
LOOKS_AT_IT = ("tests/browser/", "tests/pictures/")
"""Where browsers look at a real system: each says so in its conftest, or opens it by its address only."""


def belongings(system: str) -> list[str]:
    """What the recipe tells one to delete, as patterns of paths."""
    line = re.search(r"^ {4}git rm -r (.+)$", RECIPE.read_text(encoding="utf-8"), re.MULTILINE)
    assert line, "the recipe says no more how a system moves out"
    return [pattern.replace("<key>", system) for pattern in line[1].split()]


def is_of(path: Path, system: str) -> bool:
    """Whether a file goes when the system moves out."""
    ways = [path.relative_to(ROOT), *path.relative_to(ROOT).parents]
    return any(way.match(pattern) for way in ways for pattern in belongings(system))


@pytest.mark.parametrize("system", SYSTEMS)
def test_nothing_outside_its_folders_knows_a_system(system: str) -> None:
    """The house names none of its pages, hooks, processes, tables, roles or forms; no other test imports it.

    A test may use a system's word for things of its own (and kept states of older releases do).
    """
    named = re.compile(rf"(?<=[\"'/`]){system}[/_.]\w")
    imported = re.compile(rf"\b(?:app|tests)\.systems\.{system}\b")
    found = []
    for path in tracked(
        "*.py", "*.html", "*.js", "*.css", "*.toml", "*.json", "*.bpmn", "*.cfg", "Makefile", ".ci/*"
    ):
        name = path.relative_to(ROOT).as_posix()
        if is_of(path, system) or name.startswith((*SPEAKS_OF_IT, *LOOKS_AT_IT)):
            continue
        known = imported if name.startswith("tests/") else named
        found += [f"{name}: {line.strip()}" for line in path.read_text().splitlines() if known.search(line)]
    assert not found


@pytest.fixture(scope="module", params=SYSTEMS)
def without(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree from which a system has moved out."""
    copy = tmp_path_factory.mktemp(f"without-{request.param}")
    words = list((APP / "rooms/web/translations").rglob("*.mo"))  # built, as the assets are
    for path in [*tracked("*"), *words]:
        if not is_of(path, request.param):
            target = copy / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target, follow_symlinks=False)
    assert not (copy / "app/systems" / request.param).exists()
    (copy / BUILT).unlink(missing_ok=True)
    (copy / BUILT).symlink_to((ROOT / BUILT).resolve())
    return copy


def said(copy: Path, program: str, *arguments: str, limit: int = 300) -> str:
    """What a program of this environment says in the copy; it must succeed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CHENGPI_"))}
    environment = kept | {"CHENGPI_INSTANCE": str(copy / "instance"), "CHENGPI_TESTING": "1"}
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


def test_a_house_without_it_is_sound(without: Path) -> None:
    """It opens, gets its tables, and every diagram and form that is left is in order."""
    said(without, "flask", "db", "upgrade")
    said(without, "flask", "check")


def test_a_house_without_it_keeps_its_rules_and_answers_everybody(without: Path) -> None:
    """Every address of the rooms, for everybody, by the table of tests/rooms/test_guards.py."""
    tests = ("tests/test_house.py", "tests/rooms/test_guards.py")
    told = said(without, "python", "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests)
    passed = re.search(r"(\d+) passed", told)
    assert passed
    assert int(passed[1]) > 80, told[-2000:]


@pytest.mark.long
def test_every_test_of_the_platform_passes_without_it(without: Path) -> None:
    """All but the browsers, and what `make check` runs besides."""
    for check in (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)):
        said(without, *check)
    assert "0 broken" in said(without, "lint-imports", "--no-logo", "--no-cache")
    told = said(without, "python", "-m", "pytest", "-q", "-m", "not long and not browser", limit=3000)
    assert int(re.findall(r"(\d+) passed", told)[-1]) > 2000, told[-2000:]
