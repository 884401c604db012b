"""Broken folders and zips, each refused with its file, its line and what mends it, and the database as it was."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from authoring import packing
from authoring.folder import read_files, read_folder
from tests.authoring.roads import THREE_STAGES, copy, saved
from tests.cast import noor

pytestmark = pytest.mark.django_db

ROAD, FAQ, RESOURCES = "road.yaml", "faq.yaml", "resources.yaml"
OVEN, CRUST = "stages/oven/stage.yaml", "stages/oven/topics/crust.md"
LOAVES, QUIZ = "stages/oven/evidence/four-loaves.md", "stages/oven/quiz.yaml"
MARKET_QUIZ = "stages/market/quiz.yaml"
GREY = Random(1).randbytes(8_192) * 249  # two megabytes that shrink, and not too well
XML = '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<x>&a;</x>\n'

# what is wrong: (file, old text, new text, place that is named, what is said of it)
FOLDERS: dict[str, tuple[str, str, str, str, str]] = {
    "unknown field": (OVEN, "summary: Steam", "sumary: Steam", f"{OVEN}:3", "Did you mean “summary”?"),
    "field missing": (CRUST, "title: Crust and crumb\n", "", f"{CRUST}:2", "“title” is missing. Add it."),
    "number as a text": (ROAD, "hours_per_week: 6", "hours_per_week: six", f"{ROAD}:", "a whole number"),
    "too large a number": (ROAD, "hours_per_week: 6", "hours_per_week: 169", f"{ROAD}:", "at most 168"),
    "huge integer": (ROAD, "hours_per_week: 6", f"hours_per_week: {'9' * 400}", f"{ROAD}:", "“hours_per_week”"),
    "number without end": (ROAD, "hours_per_week: 6", "hours_per_week: 1e999", f"{ROAD}:", "“hours_per_week”"),
    "not a number": (ROAD, "hours_per_week: 6", "hours_per_week: .nan", f"{ROAD}:", "a whole number"),
    "number to the base of eight": (ROAD, "hours_per_week: 6", "hours_per_week: 0o6", f"{ROAD}:", "a whole number"),
    "true for a number": (ROAD, "hours_per_week: 6", "hours_per_week: true", f"{ROAD}:", "a whole number"),
    "text too long": (CRUST, "title: Crust and crumb", f"title: {'x' * 161}", f"{CRUST}:3", "Shorten it to 160."),
    "format of the future": (ROAD, "format: 1", "format: 2", f"{ROAD}:1", "Use 1."),
    "not a day": (ROAD, "last_updated: ", "last_updated: the 3rd, ", f"{ROAD}:", "A day is written as"),
    "span upside down": (ROAD, "months: [1, 2]", "months: [2, 1]", f"{ROAD}:", "The low number comes first"),
    "span of three": (ROAD, "months: [1, 2]", "months: [1, 2, 3]", f"{ROAD}:", "“months” has too many entries"),
    "script for an address": (
        RESOURCES, "url: https://example.org/bread/steam", "url: javascript:alert(1)", f"{RESOURCES}:", "https://",
    ),
    "file for an address": (
        RESOURCES, "url: https://example.org/bread/steam", "url: file:///etc/passwd", f"{RESOURCES}:", "https://",
    ),
    "unknown resource": (
        CRUST, "resource: bread-steam-film", "resource: bread-steem-film", f"{CRUST}:",
        "Did you mean “bread-steam-film”",
    ),
    "gate on nothing": (OVEN, "stages: [starter]", "stages: [startr]", f"{OVEN}:", "Did you mean “starter”?"),
    "gate on itself": (OVEN, "stages: [starter]", "stages: [oven]", f"{OVEN}:", "Take one of these gates out."),
    "unknown background": (CRUST, "home-baker:", "home-backer:", f"{CRUST}:", "Did you mean “home-baker”?"),
    "unknown type of question": (QUIZ, "type: multiple", "type: multi", f"{QUIZ}:", "Use one of"),
    "nothing is right": (MARKET_QUIZ, "answer: true", "answer: maybe", f"{MARKET_QUIZ}:", "Write true or false."),
    "more drawn than there are": (QUIZ, "draw: null", "draw: 9", f"{QUIZ}:", "draw at most 2"),
    "key unlike its file": (CRUST, "key: crust\n", "key: crumbs\n", f"{CRUST}:2", "Name both the same."),
    "key that leads out": (OVEN, "topics: [crust]", "topics: [../../crust]", f"{OVEN}:", "Use lower-case letters"),
    "key given twice": (QUIZ, "key: q-bread-11", "key: q-bread-01", f"{QUIZ}:", "Give one of them another key."),
    "listed twice": (OVEN, "topics: [crust]", "topics: [crust, crust]", f"{OVEN}:", "Keep one of the two."),
    "listed and missing": (OVEN, "topics: [crust]", "topics: [crust, ghost]", "stages/oven/topics/ghost.md", "missing"),
    "there and not listed": (OVEN, "topics: [crust]", "topics: []", CRUST, "List its key"),
    "no top": (CRUST, "---\nkey", "key", f"{CRUST}:1", "Begin the file with a line ---"),
    "brief among the fields": (LOAVES, "accepts:", "body: x\naccepts:", f"{LOAVES}:", "Write the text below them."),
    "field given twice": (OVEN, "summary: Steam", "key: again\nsummary: Steam", f"{OVEN}:3", "Keep one of the two."),
    "aliases": (OVEN, "summary: Steam", "why: &a [x]\nstep: *a\nsummary: Steam", f"{OVEN}:3", "Anchors (&)"),
    "billion laughs": (
        OVEN, "key: oven", "a: &a [lol,lol]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\nkey: oven", f"{OVEN}:1",
        "Anchors (&)",
    ),
    "merge key": (OVEN, "summary: Steam", "<<: {title: Other}\nsummary: Steam", f"{OVEN}:3", "“<<” is not known here."),
    "tag": (OVEN, "summary: Steam", "why: !!python/name:os.system x\nsummary: Steam", f"{OVEN}:3", "Tags (!)"),
    "directive": (OVEN, "key: oven", "%TAG ! tag:example.org,2026:\n---\nkey: !x oven", f"{OVEN}:3", "Tags (!)"),
    "two documents": (OVEN, "summary: Steam", "---\nsummary: Steam", f"{OVEN}:3", "Take the line --- out."),
    "list for a name": (OVEN, "summary: Steam", "? [a]\n: 1\nsummary: Steam", f"{OVEN}:3", "Write a plain name."),
    "deep nesting": (OVEN, "summary: Steam", f"why: {'[' * 999}{']' * 999}\nsummary: Steam", f"{OVEN}:3", "flatter"),
    "very many parts": (OVEN, "summary: Steam", f"why: [{'a,' * 210_000}]\nsummary: Steam", f"{OVEN}:3", "shorter"),
    "open quotes": (OVEN, "summary: Steam", 'why: "\nsummary: Steam', f"{OVEN}:", "not valid YAML"),
    "tab for blanks": (OVEN, "summary: Steam", "step:\n\ttitle: x\nsummary: Steam", f"{OVEN}:4", "Check indentation"),
    "half a character": (OVEN, "summary: Steam", 'why: "\\uD800"\nsummary: Steam', f"{OVEN}:3", "not valid YAML"),
    "hidden zero": (OVEN, "summary: Steam", 'why: "a\\0b"\nsummary: Steam', f"{OVEN}:3", "control character"),
    "hidden zero in a question": (QUIZ, "  stem: ", '  stem: "a\\0b"\n  feedback: ', f"{QUIZ}:", "control character"),
    "control character": (CRUST, "title: Crust", "title: \x07Crust", f"{CRUST}:3", "Remove it."),
    "XML with an entity": (FAQ, "", XML, f"{FAQ}:", "A list belongs here."),
    "a page for a road": (ROAD, "", "<html><body>Sign in</body></html>", f"{ROAD}:1", "Write lines such as"),
    "empty road": (ROAD, "", "", f"{ROAD}:", "Write lines such as"),
}  # fmt: skip

# what is wrong: (makes the zip out of the files of a sound road, place that is named, what is said of it)
Files = dict[str, bytes]


def zipped(
    files: Files, *more: tuple[str | zipfile.ZipInfo, bytes], how: int = zipfile.ZIP_DEFLATED
) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as archive:
        for name, data in [*files.items(), *more]:
            archive.writestr(name, data)
    return stream.getvalue()


def entry(name: str, mode: int = stat.S_IFREG | 0o644, *, system: int = 3) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = system, mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def named(name: str) -> Callable[[Files], bytes]:
    """A sound road and one more file of this name."""
    placeholder = "#" * len(name.encode())
    return lambda files: zipped(files, (entry(placeholder), b"x")).replace(
        placeholder.encode(), name.encode()
    )


def marked(offset_here: int, offset_there: int, value: bytes) -> Callable[[Files], bytes]:
    """A zip whose first entry has other bytes in its local header and in the list of entries."""

    def make(files: Files) -> bytes:
        data = bytearray(zipped(files))
        there = data.index(b"PK\x01\x02")
        data[offset_here : offset_here + len(value)] = value
        data[there + offset_there : there + offset_there + len(value)] = value
        return bytes(data)

    return make


def wrong_crc(files: Files) -> bytes:
    data = zipped(files, how=zipfile.ZIP_STORED)
    at = data.index(b"format: 1")
    return data[:at] + b"format: 2" + data[at + 9 :]


def many(files: Files) -> bytes:
    return zipped(files, *((f"x/{number}.md", b"") for number in range(5_001)), how=zipfile.ZIP_STORED)


def understated(files: Files) -> bytes:
    """Says that an entry of a million bytes has ten."""
    data = bytearray(zipped({**files, "zz.md": b"abc" * 300_000}))
    size = struct.pack("<L", 900_000)
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = struct.pack("<L", 10)
    return bytes(data)


def overlapping(files: Files) -> bytes:
    """Two entries of the list lead to the same bytes."""
    data = bytearray(zipped({"a.md": b"one", "b.md": b"two"}))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)


def far_too_long_a_list(files: Files) -> bytes:
    data = bytearray(zipped(files))
    end = data.rindex(b"PK\x05\x06")
    data[end + 12 : end + 16] = struct.pack("<L", 400_000_000)
    return bytes(data)


ZIPS: dict[str, tuple[Callable[[Files], bytes], str, str]] = {
    "not a zip": (lambda _: b"road.yaml", "zip", "Pack the folder that holds road.yaml as a zip."),
    "empty zip": (lambda _: zipped({}), "zip", "Pack the folder that holds road.yaml as a zip."),
    "half a zip": (lambda files: zipped(files)[:900], "zip", "The zip is damaged."),
    "list cut off": (lambda files: zipped(files)[:-40], "zip", "The zip is damaged."),
    "list that is too long": (far_too_long_a_list, "zip", "There are more than 5000 files."),
    "something before it": (lambda files: b"#!/bin/sh\n" + zipped(files), "zip", "This is not a zip of files."),
    "no road in it": (lambda _: zipped({"a.md": b"x"}), "road.yaml", "The file is missing."),
    "road two folders deep": (
        lambda files: zipped({f"a/b/{name}": data for name, data in files.items()}), "road.yaml",
        "The file is missing.",
    ),
    "parent": (named("../evil.md"), "../evil.md", "The name leads out of the folder."),
    "parent in the middle": (named("stages/../../evil.md"), "stages/../../evil.md", "The name leads out"),
    "absolute": (named("/etc/cron.d/evil"), "/etc/cron.d/evil", "The name leads out of the folder."),
    "drive": (named("C:/evil.md"), "C:/evil.md", "The name leads out of the folder."),
    "backslashes": (named("..\\..\\evil.md"), "..\\..\\evil.md", "The name has a backslash."),
    "two slashes": (named("stages//evil.md"), "stages//evil.md", "The name has an empty part."),
    "a dot": (named("./evil.md"), "./evil.md", "The name has an empty part."),
    "zero in a name": (named("evil.md\x00.png"), "evil.md�.png", "a character that is not seen"),
    "text that turns round": (
        lambda files: zipped(files, (entry("evil\u202edm.md"), b"x")), "evil�dm.md", "a character that is not seen",
    ),
    "name of no known letters": (named("caf\u00e9.md"), "caf├⌐.md", "A name in the zip is not UTF-8."),
    "name too long": (named("a" * 301), f"{'a' * 117}…", "Shorten it to 300 characters."),
    "link": (
        lambda files: zipped(files, (entry("link.md", stat.S_IFLNK | 0o777), b"/etc/passwd")), "link.md",
        "This is a link.",
    ),
    "link to a folder": (
        lambda files: zipped(files, (entry("stages/x", stat.S_IFLNK | 0o777), b"/etc")), "stages/x", "This is a link.",
    ),
    "link from another system": (
        lambda files: zipped(files, (entry("link.md", stat.S_IFLNK | 0o777, system=0), b"/etc/passwd")), "link.md",
        "link",
    ),
    "device": (lambda files: zipped(files, (entry("tty", stat.S_IFCHR), b"")), "tty", "neither a file nor a folder"),
    "encrypted": (marked(6, 8, b"\x01\x00"), "", "Pack the folder without a password."),
    "unknown way of packing": (marked(8, 10, b"\x63\x00"), "", "Pack it as a plain zip."),
    "other way of packing": (lambda files: zipped(files, how=zipfile.ZIP_LZMA), "", "Pack it as a plain zip."),
    "wrong checksum": (wrong_crc, "road.yaml", "The entry is damaged."),
    "size that lies": (understated, "zz.md", "The entry is damaged."),
    "grows a thousandfold": (
        lambda files: zipped(files, ("bomb.md", b"0" * 1_500_000)), "bomb.md", "grow to more than 200 times",
    ),
    "too large a file": (
        lambda files: zipped(files, ("big.md", bytes(range(256)) * 8_300), how=zipfile.ZIP_STORED), "big.md", "2 MB",
    ),
    "too much in all": (
        lambda files: zipped(files, *((f"{number}.md", GREY) for number in range(34))), "zip", "more than 64 MB.",
    ),
    "too many files": (many, "zip", "There are more than 5000 files."),
    "archive in it": (lambda files: zipped(files, ("more.md", zipped(files))), "more.md", "inside the archive"),
    "packed file in it": (lambda files: zipped(files, ("a.md", b"\x1f\x8b\x08...")), "a.md", "an archive inside"),
    "names that differ by case": (
        lambda files: zipped(files, ("ROAD.yaml", b"x")), "ROAD.yaml", "the same file as “road.yaml”",
    ),
    "names that differ by accents": (
        lambda files: zipped(files, ("\u00e9.md", b"x"), ("e\u0301.md", b"x")), "e\u0301.md", "the same file as",
    ),
    "file that is a folder": (
        lambda files: zipped(files, ("x", b""), ("x/y.md", b"")), "x", "This is a file, and “x/y.md” lies in it.",
    ),
    "entries over each other": (overlapping, "b.md", "lies over another one"),
    "fault in a file": (
        lambda files: zipped({**files, ROAD: files[ROAD].replace(b"format: 1", b"format: 2")}), f"{ROAD}:1", "Use 1.",
    ),
    "not UTF-8": (lambda files: zipped({**files, FAQ: b"- key: a\n  question: caf\xe9\n"}),
        f"{FAQ}:2", "Save the file as UTF-8."),
}  # fmt: skip


@pytest.fixture(scope="module")
def sound() -> Files:
    return {
        path.relative_to(THREE_STAGES).as_posix(): path.read_bytes() for path in THREE_STAGES.rglob("*.*")
    }


def tables() -> dict[str, tuple[int, str | None]]:
    """Count and hash of the rows of each table that an import could write."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if model._meta.app_label in ("authoring", "roadmap", "quizzes", "progress"):
                table = connection.ops.quote_name(model._meta.db_table)
                rows = f"SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t"  # noqa: S608  # ours
                cursor.execute(rows)
                found[table] = cursor.fetchone()
    return found


def test_there_are_forty_of_them_and_more():
    assert len(FOLDERS) >= 40
    assert len(ZIPS) >= 40


def test_each_broken_folder_is_refused_with_its_place_and_remedy(tmp_path):
    saved()
    before = tables()
    for number, (name, (file, old, new, place, said)) in enumerate(FOLDERS.items()):
        folder = copy(tmp_path / str(number))
        spoil(folder / file, old, new)

        told = refused(folder)

        assert told, name
        assert any(line.startswith(f"fault: {place}") and said in line for line in told), (name, told)
        assert tables() == before, name


def refused(folder: Path) -> list[str]:
    """What the command says of a folder that it does not import; nothing when it does."""
    err = io.StringIO()
    with suppress(CommandError):
        call_command("road_import", str(folder), "--publish", stdout=io.StringIO(), stderr=err)
        return []
    return err.getvalue().splitlines()


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    after = text.replace(old, new, 1) if old else new
    assert after != text
    path.write_text(after)


def test_each_broken_zip_is_refused_with_its_place_and_remedy(client, sound):
    saved()
    client.force_login(noor())
    before = tables()
    for name, (make, place, said) in ZIPS.items():
        zip_file = SimpleUploadedFile("road.zip", make(sound), "application/zip")

        answer = client.post("/admin/roadmap/roadmap/import/", {"zip": zip_file})

        assert answer.status_code == 422, name
        told = [row for row in answer.context["faults"] if row.fault.stops]
        assert any(str(row.fault).startswith(place) and said in str(row.fault) for row in told), (name, told)
        assert all(row.remedy for row in told), (name, told)
        assert tables() == before, name


def test_nothing_is_unpacked_of_what_was_made_to_grow(sound, monkeypatch):
    data = ZIPS["grows a thousandfold"][0](sound)
    opened = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: opened.append(1))

    assert packing.unpack(data).faults
    assert opened == []


def test_the_sound_road_is_sound_as_folder_as_files_and_as_zip(sound):
    assert read_folder(THREE_STAGES).road == read_files(sound).road == packing.read(zipped(sound)).road
    assert read_folder(THREE_STAGES).faults == []
