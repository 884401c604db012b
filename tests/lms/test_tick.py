"""The clock inside each worker: it goes on whatever breaks, and ends when it is told."""

import logging
import threading
import time
from types import SimpleNamespace

from celery.worker.components import Consumer

from lms import tick
from lms.celery import app
from lms.tick import Clock, Tick
from reminders import emails


class Rounds:
    """An act that counts how often it was called, and on which thread."""

    def __init__(self, *answers):
        self.answers, self.threads = list(answers), []
        self.came = threading.Semaphore(0)

    def __call__(self):
        self.threads.append(threading.current_thread())
        self.came.release()
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def await_calls(self, count):
        assert all(self.came.acquire(timeout=10) for _ in range(count))


def test_rounds_follow_one_another_in_a_thread_of_their_own():
    rounds = Rounds()
    clock = Clock(rounds, 0.01)
    clock.start()
    rounds.await_calls(3)
    clock.stop()

    assert set(rounds.threads) == {clock._thread}
    assert not clock._thread.is_alive()


def test_a_round_that_breaks_is_told_and_the_next_one_comes(caplog):
    rounds = Rounds(RuntimeError("the database is gone"), ValueError("a letter is odd"))
    clock = Clock(rounds, 0.01)
    with caplog.at_level(logging.ERROR, "lms.tick"):
        clock.start()
        rounds.await_calls(3)
        clock.stop()

    assert [str(record.exc_info[1]) for record in caplog.records] == [
        "the database is gone",
        "a letter is odd",
    ]


def test_more_to_do_is_done_at_once_and_then_it_waits(monkeypatch):
    monkeypatch.setattr(tick, "FIRST_AFTER", 0.0)
    rounds = Rounds(0.0, 0.0, None)
    clock = Clock(rounds, 3600)
    clock.start()
    rounds.await_calls(3)

    assert not rounds.came.acquire(timeout=0.1)
    clock.stop()


def test_it_comes_again_as_soon_as_it_is_told_and_never_later_than_usual(monkeypatch):
    monkeypatch.setattr(tick, "FIRST_AFTER", 0.0)
    waits: list[float] = []
    clock = Clock(Rounds(2.0, 90.0, None), 60)

    def waited(wait: float) -> bool:
        waits.append(wait)
        return len(waits) > 3

    monkeypatch.setattr(clock._is_over, "wait", waited)

    clock._run()

    assert waits == [0.0, 2.0, 60, 60]


def test_the_first_round_does_not_wait_for_a_whole_minute():
    assert tick.FIRST_AFTER <= 10


def test_it_ends_at_once_between_rounds_and_before_it_was_started():
    clock = Clock(Rounds(), 3600)
    Clock(Rounds(), 3600).stop()
    clock.start()
    began = time.monotonic()
    clock.stop()

    assert time.monotonic() - began < 1
    assert not clock._thread.is_alive()


def test_a_round_that_hangs_does_not_keep_the_worker_from_ending(monkeypatch):
    monkeypatch.setattr(tick, "PATIENCE", 0.05)
    monkeypatch.setattr(tick, "FIRST_AFTER", 0.0)
    hanging, goes_on = threading.Event(), threading.Event()

    def hang():
        hanging.set()
        return goes_on.wait(10)

    clock = Clock(hang, 3600)
    clock.start()
    assert hanging.wait(10)
    clock.stop()

    assert clock._thread.is_alive()
    assert clock._thread.daemon
    goes_on.set()


def test_some_letters_are_sent_at_a_time_until_there_are_none(monkeypatch):
    tallies = [emails.Tally(sent=50, is_cut_short=True), emails.Tally(awaits_plan=True), emails.Tally(sent=1)]
    monkeypatch.setattr(emails, "send_reminders", lambda longest: tallies.pop(0))

    assert [tick.send_some(), tick.send_some(), tick.send_some()] == [0.0, tick.SOON, None]


def test_a_worker_ticks_as_often_as_the_settings_say_and_begins_nothing_once_it_ends(settings):
    settings.LETTERS_EVERY = 7.0
    worker = SimpleNamespace(steps=[])
    step = Tick(worker)
    step.include(worker)
    step.close(worker)

    assert worker.steps == [step]
    assert step.obj._every == 7.0
    assert step.obj._is_over.is_set()


def test_a_worker_ticks_after_its_pool_and_before_it_waits_for_redis():
    assert Tick.requires == ("celery.worker.components:Pool",)
    assert Consumer.last
    assert not Tick.last


def test_a_beat_has_no_such_clock():
    assert "lms.tick:Tick" in app.steps["worker"]
    assert "lms.tick:Tick" not in app.steps["consumer"]
