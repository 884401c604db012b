"""Packages that strangers packed are unpacked in memory, within limits, or refused with the reason."""

import io
import stat
import time
import warnings
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authoring.exchange import packages
from authoring.exchange.questions import UnreadableError
from tests.authoring.exchange.zips import zipped

ITEM = b"<item/>"


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(UnreadableError) as refused:
        packages.unpacked(data)
    return str(refused.value.what), refused.value.place


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def of_entries(*entries: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # of two entries with one name
        for info, data in entries:
            archive.writestr(info, data)
    return stream.getvalue()


def test_texts_are_unpacked_and_what_lies_beside_them_is_not():
    package = packages.unpacked(
        zipped(
            {
                "imsmanifest.xml": b"<manifest/>",
                "quiz/a.xml": ITEM,
                "media/a.png": b"\x89PNG",
                "a.zip": b"PK\x03\x04",
            }
        )
    )

    assert package.files == {"imsmanifest.xml": b"<manifest/>", "quiz/a.xml": ITEM}
    assert [path for path, _text in package.texts()] == ["quiz/a.xml"]


def test_a_folder_around_the_package_is_seen_through():
    package = packages.unpacked(zipped({"export/imsmanifest.xml": b"<manifest/>", "export/q/a b.xml": ITEM}))

    assert package.manifest == "export/imsmanifest.xml"
    assert package.at("q/a%20b.xml") == "export/q/a b.xml"
    assert package.at("a b.xml", beside="export/q/c.xml") == "export/q/a b.xml"
    assert package.at("../../etc/passwd") is None


def test_names_with_backslashes_are_read_as_folders():
    assert list(packages.unpacked(zipped({"q\\a.xml": ITEM})).files) == ["q/a.xml"]


@pytest.mark.parametrize("name", ["prüfung.xml", "квиз.xml"])
def test_names_in_utf_8_that_do_not_say_so_are_read(name):
    raw = name.encode()
    data = zipped({"#" * len(raw) + ".xml": ITEM}).replace(b"#" * len(raw) + b".xml", raw + b".xml")

    assert list(packages.unpacked(data).files) == [f"{name}.xml"]


def test_names_in_the_letters_of_old_machines_are_read_somehow():
    data = zipped({"pr#fung.xml": ITEM}).replace(b"pr#fung", b"pr\xfcfung")

    assert len(packages.unpacked(data).files) == 1


@pytest.mark.parametrize(
    "name", ["../a.xml", "/etc/a.xml", "q/../../a.xml", "C:/a.xml", "..\\a.xml", "C:\\a.xml"]
)
def test_a_name_that_leads_out_is_refused(name):
    assert refusal(zipped({name: ITEM}))[0] == "The name leads out of the folder."


def test_a_link_is_refused():
    assert refusal(of_entries((entry("a.xml", stat.S_IFLNK | 0o777), b"/etc/passwd"))) == (
        "This is a link.",
        "a.xml",
    )


def test_a_pipe_is_refused():
    assert (
        refusal(of_entries((entry("a.xml", stat.S_IFIFO), b"")))[0] == "This is neither a file nor a folder."
    )


def test_two_entries_with_one_name_are_refused():
    data = of_entries((entry("a.xml"), ITEM), (entry("a.xml"), b"<other/>"))

    assert refusal(data) == ("Two entries have this name.", "a.xml")


def test_two_names_that_become_one_are_refused():
    assert refusal(zipped({"q/a.xml": ITEM, "q\\a.xml": ITEM}))[0] == "Two entries have this name."


def test_an_encrypted_entry_is_refused():
    plain = zipped({"a.xml": ITEM})
    central = plain.index(b"PK\x01\x02") + 8
    data = plain[:6] + b"\x01" + plain[7:central] + b"\x01" + plain[central + 1 :]

    assert refusal(data) == ("The entry is encrypted.", "a.xml")


def test_a_text_that_would_grow_without_measure_is_refused():
    said, _place = refusal(zipped({"a.xml": b"<item>" + b" " * 8_000_000}))

    assert said == "The entry would grow to more than 200 times its size."


def test_an_archive_that_calls_itself_a_text_is_refused():
    assert refusal(zipped({"a.xml": zipped({"b.xml": ITEM})}))[0] == "This is an archive inside the archive."


def test_too_many_files_are_refused_before_they_are_looked_at():
    began = time.process_time()
    data = zipped({f"{number}.xml": b"" for number in range(packages.PACKAGE.files + 1)})
    packing = time.process_time() - began

    assert refusal(data)[0] == "There are more than 20000 files."
    assert time.process_time() - began - packing < 1


@pytest.mark.parametrize("data", [b"", b"<item/>", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_zip_is_refused(data):
    assert refusal(data)[0]


def test_a_package_of_pictures_only_is_refused():
    assert refusal(zipped({"a.png": b"\x89PNG"}))[0] == "The package holds no XML files."


SOUND = zipped({"imsmanifest.xml": b"<manifest/>", "q/a.xml": ITEM, "q/b.xml": ITEM * 30})


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), max_size=12))
@settings(max_examples=50, deadline=None)
def test_whatever_is_damaged_is_read_or_refused(changes):
    data = bytearray(SOUND)
    for place, value in changes:
        data[place] = value
    with suppress(UnreadableError):
        packages.unpacked(bytes(data))
