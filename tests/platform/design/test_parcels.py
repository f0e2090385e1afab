"""Files in and out: what is packed is unpacked as it was; what is too large, or none of ours, is refused in words."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platform.design import contents, empty, parcels
from app.platform.design.errors import Rejected
from app.platform.engine.front import LARGEST_FILE

NAMES = st.sampled_from(
    ("a.bpmn", "b.bpmn20.xml", "forms/office/leave.json", "t.dmn", "forms/office/print.html")
)


def diagram(key: str) -> bytes:
    return empty.START.format(key=f'"{key}"', name='"请假"', english="").encode()


@given(st.dictionaries(NAMES, st.binary(max_size=200), min_size=1, max_size=8))
def test_what_is_packed_is_unpacked_as_it_was(files: dict[str, bytes]) -> None:
    packed = parcels.pack(files)
    assert parcels.unpack("bundle.zip", packed) == files
    assert parcels.pack(dict(reversed(files.items()))) == packed


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("请假.bpmn", "请假.bpmn"),
        ("C:\\a b\\leave.BPMN20.xml", "leave.bpmn"),
        ("../../x.xml", "x.bpmn"),
        ("", "diagram.bpmn"),
    ],
)
def test_a_diagram_is_called_as_its_file(name: str, file: str) -> None:
    assert parcels.unpack(name, b"<a/>") == {file: b"<a/>"}


def test_an_archive_that_swells_is_not_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parcel:
        parcel.writestr("a.bpmn", b"0" * (LARGEST_FILE + 1))
    with pytest.raises(Rejected):
        parcels.unpack("a.zip", out.getvalue())
    many = {f"f{n}.json": b"{}" for n in range(contents.MOST_FILES + 1)}
    with pytest.raises(Rejected):
        parcels.unpack("a.zip", parcels.pack(many))
    with pytest.raises(Rejected):
        parcels.unpack("a.zip", b"PK\x03\x04 and nothing more")


def test_the_process_a_bundle_is_about_is_the_one_no_other_calls() -> None:
    calling = diagram("office_main").replace(
        b'<bpmn:startEvent id="start"',
        b'<bpmn:callActivity id="c" calledElement="office_part" /><bpmn:startEvent id="start"',
    )
    files = {"a_part.bpmn": diagram("office_part"), "main.bpmn": calling}
    assert parcels.main_process(files) == ("office_main", "请假")
    with pytest.raises(Rejected):
        parcels.main_process({"form.json": b"{}"})
    with pytest.raises(Rejected):
        parcels.main_process({"broken.bpmn": b"<no"})


def test_a_process_of_another_tool_gets_a_key_of_ours_wherever_a_diagram_names_it() -> None:
    key, files = parcels.under_a_key(
        {"a.bpmn": diagram("Process_1"), "f.json": b'{"id": "Process_1"}'}, "Process_1"
    )
    assert key.startswith("office_")
    assert b"Process_1" not in files["a.bpmn"]
    assert files["a.bpmn"].count(key.encode()) == 2  # the process, and the pool it is in
    assert files["f.json"] == b'{"id": "Process_1"}'
    same = {"a.bpmn": diagram("office_mine")}
    assert parcels.under_a_key(same, "office_mine") == ("office_mine", same)
