"""Letters leave once, whatever breaks: a short `make chaos-reminders`, and what its judge says of planted faults."""

import shutil
import tempfile
from pathlib import Path

import pytest

from bench.chaos_reminders import judge
from bench.chaos_reminders.certificate import for_this_machine
from bench.chaos_reminders.house import House
from bench.chaos_reminders.judge import Row, Taken, Verdict
from bench.chaos_reminders.prepare import write
from bench.chaos_reminders.scale import SHORT
from bench.chaos_reminders.scenes import SCENES
from bench.chaos_reminders.sink import Sink
from bench.chaos_reminders.stage import Stage, play
from lms.embedded import Services
from tests.fixtures.worker import database_of_the_test

WANTED = {"a@x.org": ("quiet",), "b@x.org": ("quiet",)}
ROWS = [
    Row("<1@w>", "a@x.org", "quiet", "quiet-7d", "sent", "", "1"),
    Row("<2@w>", "b@x.org", "quiet", "quiet-7d", "sent", "", "2"),
]
COPIES = [Taken("<1@w>", "a@x.org"), Taken("<2@w>", "b@x.org")]


@pytest.fixture
def place():
    """A folder with a short name, since sockets lie in it, and a Valkey of its own, which may be killed."""
    var = Path(tempfile.mkdtemp(prefix="waymark-chaos-"))
    services = Services(var, postgres=False)
    try:
        with services.owned():
            yield var, services
    finally:
        shutil.rmtree(var, ignore_errors=True)


@pytest.mark.django_db(transaction=True)
def test_letters_leave_once_whatever_breaks(place):
    var, services = place
    told: list[str] = []
    with House(var, database_of_the_test(), services, Sink(tls=for_this_machine(var))) as house:
        stage = Stage(house, SHORT)
        for batch in stage.batches.values():
            write(batch)
        verdicts = play(stage, SCENES, told.append)
        line, is_held = judge.summary(verdicts, SCENES)
        words = "" if is_held else house.last_words()

    assert is_held, "\n".join([*told, words, line])
    assert line == "chaos-reminders: held kills, redis, planners, outage"


# The judge. Each fault is what one planted into the workers leaves behind (bench/chaos_reminders/faults.py)


def found(rows, copies, allowed=0):
    """All that the judge says of one scene."""
    return [
        *judge.lost(WANTED, rows, copies),
        *judge.unfinished(rows),
        *judge.false_marks(rows, copies),
        *judge.doubled(copies, allowed),
        *judge.strange(rows, copies),
        *judge.burst(WANTED, copies),
        *judge.outdated(rows),
    ]


def test_a_scene_without_faults_holds():
    assert found(ROWS, COPIES) == []


def test_a_letter_that_was_marked_before_it_was_sent_is_a_fault():
    said = found(ROWS, COPIES[:1])

    assert "lost: quiet for b@x.org never arrived; quiet-7d is sent ()" in said
    assert "marked and not sent: quiet quiet-7d for b@x.org" in said


def test_letters_that_were_sent_without_a_lease_are_a_fault():
    assert "1 duplicates, at most 0 are allowed" in found(ROWS, [*COPIES, COPIES[0]])
    assert found(ROWS, [*COPIES, COPIES[0]], allowed=1) == []
    assert "3 copies of <1@w>" in found(ROWS, [*COPIES, COPIES[0], COPIES[0]], allowed=9)


def test_a_new_message_id_for_a_second_try_is_a_fault():
    said = found(ROWS, [*COPIES, Taken("<9@w>", "a@x.org")], allowed=9)

    assert "strange: a@x.org got <9@w>, which the ledger does not know" in said
    assert "a@x.org got 2 letters instead of 1" in said


def test_a_letter_that_was_planned_twice_is_a_fault():
    twice = replaced(ROWS[0], message_id="<3@w>", occurrence="quiet-7d/again", id="3")
    said = found([*ROWS, twice], [*COPIES, Taken("<3@w>", "a@x.org")])

    assert "a@x.org got 2 letters instead of 1" in said


def test_a_letter_that_nobody_planned_or_finished_is_a_fault():
    assert "lost: quiet for b@x.org was never planned" in found(ROWS[:1], COPIES[:1])
    waits = replaced(ROWS[1], state="sending")
    assert "unfinished: quiet quiet-7d for b@x.org is sending ()" in found([ROWS[0], waits], COPIES)


def test_a_newer_letter_takes_the_place_of_an_older_one():
    older = replaced(ROWS[0], message_id="<0@w>", id="0", state="held_back", reason="superseded")

    assert found([older, *ROWS], COPIES) == []
    said = found([replaced(older, state="sent"), *ROWS], [Taken("<0@w>", "a@x.org"), *COPIES])
    assert "outdated: quiet quiet-7d left for a@x.org, and was not the newest" in said


def test_nothing_played_and_nothing_wanted_do_not_hold():
    assert judge.lost({}, [], []) == ["nothing had to arrive"]
    assert judge.summary([], []) == ("chaos-reminders: NOT held: nothing was played", False)
    assert judge.summary([Verdict("kills")], SCENES)[1] is False


def replaced(row, **fields):
    return row._replace(**fields)
