"""The built front end: no data: URIs, no source maps, nothing done twice."""

import gettext
import gzip
import os

import pytest

from app.rooms.web import assets


def test_every_picture_in_a_stylesheet_becomes_a_file_once():
    uri = "data:image/svg+xml,%3csvg xmlns='http://www.w3.org/2000/svg'%3e%3cpath d='M0 0'/%3e%3c/svg%3e"
    css, pictures = assets.extract_pictures(f'a{{background:url("{uri}")}}b{{background:url("{uri}")}}')
    (name, content), *others = pictures.items()
    assert not others
    assert css == f"a{{background:url({name})}}b{{background:url({name})}}"
    assert content == b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0'/></svg>"


def test_a_data_uri_of_another_kind_stops_the_build():
    with pytest.raises(assets.Missing):
        assets.extract_pictures('a{background:url("data:image/png;base64,AAAA")}')


def test_source_maps_are_not_pointed_to():
    assert assets.without_source_map("a{}\n/*# sourceMappingURL=a.css.map */") == "a{}"
    assert assets.without_source_map("f()\n//# sourceMappingURL=f.js.map\n") == "f()\n"


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    """A house with packages of one line each."""
    packages, built = tmp_path / "node_modules", tmp_path / "app" / "static" / "built"
    for source in (*assets.COPIES.values(), *assets.STYLESHEETS.values()):
        (packages / source).parent.mkdir(parents=True, exist_ok=True)
        (packages / source).write_text("one line")
    (packages / ".package-lock.json").write_text("{}")
    built.parent.mkdir(parents=True)
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    monkeypatch.setattr(assets, "APP", tmp_path / "app")
    monkeypatch.setattr(assets, "PACKAGES", packages)
    monkeypatch.setattr(assets, "BUILT", built)
    monkeypatch.setattr(assets, "FRONT", tmp_path / "front")
    monkeypatch.setattr(assets, "purged", lambda css, said, room: css)
    return tmp_path


def test_a_second_build_does_nothing_until_a_package_changes(workshop, capsys):
    assert assets.main() == 0
    assert (assets.BUILT / "htmx.min.js").read_text() == "one line"
    capsys.readouterr()
    assert assets.main() == 0
    assert capsys.readouterr().out == ""
    (assets.PACKAGES / ".package-lock.json").write_text('{"changed": 1}')
    assert assets.main() == 0
    assert "files in" in capsys.readouterr().out


def test_a_missing_package_is_said_in_a_sentence(workshop, capsys):
    (assets.PACKAGES / assets.COPIES["htmx.min.js"]).unlink()
    assert assets.main() == 1
    assert "make assets" in capsys.readouterr().err
    assert not assets.BUILT.exists()


def test_a_class_named_for_the_first_time_is_built_in(workshop, capsys):
    page = workshop / "app" / "rooms" / "web" / "templates" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text('<p class="card">')
    assert assets.main() == 0
    page.write_text('<p class="card card-body">')
    capsys.readouterr()
    assert assets.main() == 0
    assert "files in" in capsys.readouterr().out


def test_of_a_stylesheet_stays_what_is_said_somewhere(tmp_path):
    css = (
        ".btn{color:red}.btn-ghost{color:blue}.is-said:hover .btn{color:green}@media print{.btn{color:black}}"
    )
    kept = assets.purged(css, b"btn is-said", tmp_path)
    assert ".btn{color:red}" in kept
    assert ".is-said:hover .btn{color:green}" in kept
    assert "@media print" in kept
    assert "ghost" not in kept
    assert list(tmp_path.iterdir()) == []


def test_a_purge_that_fails_stops_the_build(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "PURGE", "nothing/here.js")
    with pytest.raises(assets.Missing, match="PurgeCSS"):
        assets.purged(".a{}", b"a", tmp_path)


def test_the_built_stylesheet_is_a_fraction_and_has_what_pages_name():
    css = (assets.BUILT / "tabler.min.css").read_text()
    whole = (assets.PACKAGES / assets.STYLESHEETS["tabler.min.css"]).read_text()
    assert len(css) < len(whole) / 4
    for name in (
        ".btn-primary",
        ".form-control",
        ".form-select",
        ".card-header",
        ".form-check-input:checked",
    ):
        assert name in css
    assert ".carousel-item" not in css


def test_text_files_are_packed_beside_themselves_and_anew_when_they_change(workshop, capsys):
    own = workshop / "app" / "static" / "own.css"
    own.write_text("a{}")
    assert assets.main() == 0
    packed = own.with_name("own.css.gz")
    assert gzip.decompress(packed.read_bytes()) == b"a{}"
    assert (assets.BUILT / "htmx.min.js.gz").exists()
    assert assets.pack() == 0
    own.write_text("b{}")
    later = packed.stat().st_mtime + 10
    os.utime(own, (later, later))
    assert assets.pack() == 1
    assert gzip.decompress(packed.read_bytes()) == b"b{}"


def test_catalogues_are_compiled_when_they_changed(workshop):
    source = workshop / "app" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "登录"\nmsgstr "Sign in"\n'
    )
    assert assets.compile_catalogues() == 1
    assert assets.compile_catalogues() == 0
    with source.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("登录") == "Sign in"
    later = source.with_suffix(".mo").stat().st_mtime + 10
    os.utime(source, (later, later))
    assert assets.compile_catalogues() == 1


def test_a_module_of_the_front_is_bundled_with_what_it_imports(workshop, monkeypatch):
    monkeypatch.setattr(assets, "PACKAGES", assets.Path(__file__).resolve().parents[3] / "node_modules")
    front = assets.FRONT
    (front / "parts").mkdir(parents=True)
    (front / "parts" / "deep.js").write_text('export const word = "批";')
    (front / "page.js").write_text('import { word } from "./parts/deep.js";\ndocument.title = word;\n')
    assets.bundle(workshop / "out")
    text = (workshop / "out" / "page.js").read_text()
    assert "批" in text
    assert "import" not in text
    assert [path.name for path in (workshop / "out").iterdir()] == ["page.js"]


def test_a_module_that_cannot_be_bundled_stops_the_build(workshop, monkeypatch):
    monkeypatch.setattr(assets, "PACKAGES", assets.Path(__file__).resolve().parents[3] / "node_modules")
    assets.FRONT.mkdir()
    (assets.FRONT / "page.js").write_text('import "./nowhere.js";')
    with pytest.raises(assets.Missing, match="esbuild"):
        assets.bundle(workshop / "out")
