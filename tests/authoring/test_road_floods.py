"""Roads that are made to be long: a small zip must not keep the house busy for minutes."""

import time

from authoring import folder
from authoring.checked import ENOUGH, Checked
from authoring.folder import MAX_FAULTS, read_files


def said(checked: Checked) -> set[str]:
    return {str(fault.what) for fault in checked.faults}


def test_a_list_of_many_keys_is_read_in_time_that_grows_with_its_length():
    keys = "".join(f"- k{number}\n" for number in range(60_000))
    began = time.process_time()

    checked = read_files({"road.yaml": f"key: long\nstages:\n{keys}- k7\n".encode()})

    assert time.process_time() - began < 20
    assert "The file is missing." in said(checked)
    assert "“k7” is listed twice." in said(checked)


def test_what_nobody_reads_on_about_is_not_looked_at():
    entries = "- {}\n" * (ENOUGH * 3)

    checked = read_files({"road.yaml": b"key: long\n", "resources.yaml": entries.encode()})

    assert checked.road is None
    assert len(checked.faults) == MAX_FAULTS


def test_files_together_hold_no_more_than_a_road_has(monkeypatch):
    monkeypatch.setattr(folder, "MAX_PARTS", 50)
    many = "".join(f"- {number}\n" for number in range(100))

    checked = read_files({"road.yaml": b"key: long\n", "faq.yaml": many.encode(), "resources.yaml": b"[]"})

    assert checked.road is None
    assert "The files before this one hold more than a road has." in said(checked)


def test_a_fault_that_stops_is_told_among_hundreds_that_only_warn():
    strays = {f"notes/{number}.txt": b"x" for number in range(MAX_FAULTS + 10)}

    checked = read_files({"road.yaml": b"key: long\n", **strays})

    assert checked.stops
    assert len(checked.faults) == MAX_FAULTS
