"""Guards of the house that need no application: they read the files as a stranger would."""

import ast
import importlib.util
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APP = ROOT / "app"
STATIC = APP / "rooms" / "web" / "static"

FILE_LIMIT, FILE_WISH = 400, 300
FUNCTION_LIMIT, FUNCTION_WISH = 80, 50

FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "services",
    "service",
    "managers",
    "manager",
    "misc",
}
# "Service" alone is a word of BPMN; "TaskService" says nothing
FORBIDDEN_SUFFIXES = ("Model", "Service", "Manager", "Helper", "Util", "Utils")

# path relative to the root -> what it may contain, and why
DANGEROUS = re.compile(
    r"(?<![\w.])(eval|exec)\(|\bpickle\b|\bshell=True|\|\s*safe\b|(?<!\w)Markup\(|\bmarshal\b"
)
ALLOWED_DANGERS = {
    "app/rooms/web/forms.py": ("Markup(", "marks what a template has just rendered, and escaped"),
    "app/rooms/monitor/process_drawing.py": (
        "Markup(",
        "marks the drawing of runtime.diagram with badges of numbers; tried with hostile names",
    ),
    "app/rooms/monitor/drawings.py": (
        "Markup(",
        "marks the drawing of runtime.diagram, which escapes what it takes",
    ),
}

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt", "package-lock.json", ".npmrc")


def tracked(*patterns: str) -> list[Path]:
    """Files git knows or would add, matching `patterns`; without git, what lies there."""
    asked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if asked.returncode:
        found = (path for pattern in patterns for path in ROOT.rglob(pattern.removeprefix("**/")))
        ours = [path for path in found if not {".venv", "node_modules", "built"} & set(path.parts)]
    else:
        ours = [ROOT / name for name in asked.stdout.decode().split("\0") if name]
    return sorted(path for path in ours if path.is_file())


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def code() -> list[Path]:
    return [path for path in tracked("*.py") if path.is_relative_to(APP)]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length in lines of each function, its decorators and docstring not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            yield node.name, (node.end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("folder", ["processes", "forms"])
def test_every_folder_of_diagrams_and_forms_has_a_system(folder):
    systems = {path.name for path in (APP / "systems").iterdir() if (path / "__init__.py").exists()}
    owners = {
        path.relative_to(ROOT / folder).parts[0]
        for path in tracked(f"{folder}/**")
        if path.parent.name != folder
    }
    assert owners <= systems | {"platform"}


def test_a_lease_is_short():
    for path in (APP / "systems").glob("*/__init__.py"):
        statements = ast.parse(path.read_text(encoding="utf-8")).body
        assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in statements), name_of(path)


def test_nothing_is_called_by_a_kind_of_pattern():
    files = [
        name_of(path)
        for path in code()
        if FORBIDDEN_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
    ]
    classes = [
        f"{name_of(path)}: {node.name}"
        for path in code()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.lstrip("_")[1:].endswith(FORBIDDEN_SUFFIXES)
    ]
    assert not files + classes


def test_every_module_says_why_it_exists():
    silent = [
        name_of(path) for path in code() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not silent


def test_nothing_is_evaluated_unpickled_or_shown_unescaped():
    found = []
    for path in [*code(), *(path for path in tracked("*.html") if path.is_relative_to(APP))]:
        allowed, _reason = ALLOWED_DANGERS.get(name_of(path), ("", ""))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for match in DANGEROUS.finditer(line):
                if match.group().strip() != allowed:
                    found.append(f"{name_of(path)}:{number}: {line.strip()}")
    assert not found


def test_templates_and_styles_keep_to_the_content_security_policy():
    """No inline script or style, no data: URI, nothing from another host. (What platform prints is no page.)"""
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|[\"'(]data:|hx-on"
        r"|(?:src|href|url\()\s*=?\s*[\"']?https?://",
        re.IGNORECASE,
    )
    data_block = re.compile(r"<script[^>]*type=[\"']application/json[\"']")
    found = []
    for path in tracked("*.html", "*.css", "*.js"):
        if not path.is_relative_to(APP) or path.is_relative_to(APP / "platform"):
            continue
        pattern = inline if path.suffix == ".html" else re.compile(r"[\"'(]data:|url\(\s*[\"']?https?://")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line) and not data_block.search(line):
                found.append(f"{name_of(path)}:{number}: {line.strip()[:100]}")
    assert not found


def test_templates_ask_only_for_built_files_that_are_built():
    found = importlib.util.spec_from_file_location("assets", APP / "rooms" / "web" / "assets.py")
    assets = importlib.util.module_from_spec(found)
    found.loader.exec_module(assets)  # by its path: importing app.rooms.web would need the application
    made = {*assets.COPIES, *assets.STYLESHEETS}
    made |= {f"designer/{path.stem}.{kind}" for path in assets.FRONT.glob("*.js") for kind in ("js", "css")}
    asked = {
        (name, name_of(path))
        for path in tracked("*.html", "*.py")
        if path.is_relative_to(APP) and path.name != "assets.py"
        for name in re.findall(r"built/([\w./-]+\.\w+)", path.read_text(encoding="utf-8"))
    }
    assert not [entry for entry in asked if entry[0] not in made]


def test_no_third_party_file_is_tracked():
    folders = {"vendor", "third_party", "node_modules", "dist", "built"}
    assert not [name_of(path) for path in tracked() if folders & set(path.relative_to(ROOT).parts[:-1])]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_file_names_no_host_and_no_path(lock):
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if '"funding"' not in line and not re.match(r'\s*"url": "https://', line)]
    assert not [
        line
        for line in told
        if re.search(r'://|"resolved"|index-url|find-links|registry\s*=|file:|/opt/|/root', line)
    ]


def test_every_locked_package_has_hashes():
    for lock in ("requirements.txt", "requirements-dev.txt", "requirements-node.txt"):
        text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
        packages = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
        assert packages
        assert all("--hash=sha256:" in line for line in packages)
    npm = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert all(package.get("integrity", "").startswith("sha512-") for name, package in npm.items() if name)


def test_development_runs_what_an_installation_runs():
    def pins(lock):
        return set(re.findall(r"^(\S+==\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_the_longest_rooms_stay_below_the_limit(record_property):
    """Files and functions over the wish are printed (pytest -rP) to be asked about in review."""
    files = [(len(path.read_text(encoding="utf-8").splitlines()), name_of(path)) for path in code()]
    rooms = [(length, f"{name_of(path)}: {name}") for path in code() for name, length in functions(path)]
    for wish, found in ((FILE_WISH, files), (FUNCTION_WISH, rooms)):
        for length, name in sorted(found, reverse=True):
            if length > wish:
                print(f"{length:5} lines, wished {wish}: {name}")
    assert not [name for length, name in files if length > FILE_LIMIT]
    assert not [name for length, name in rooms if length > FUNCTION_LIMIT]


def test_the_guide_shows_every_picture_there_is_at_both_widths_and_small():
    pictures = {path.name: path for path in tracked("docs/guide/pictures/*.png")}
    shown = {
        name
        for page in tracked("docs/guide/*.md")
        for name in re.findall(r"\(pictures/([^)]+\.png)\)", page.read_text(encoding="utf-8"))
    }
    assert shown == {name for name in pictures if name.endswith(("-1440.png", "-390.png"))} == set(pictures)
    assert {name.removesuffix("-1440.png") for name in shown if name.endswith("-1440.png")} == {
        name.removesuffix("-390.png") for name in shown if name.endswith("-390.png")
    }
    assert not [name for name, path in pictures.items() if path.stat().st_size > 150_000]


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{name_of(page)}: {target}"
        for page in tracked("*.md")
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def test_the_readme_begins_with_the_two_commands():
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert 0 < text.index("make run") < text.index("make test") < 600
