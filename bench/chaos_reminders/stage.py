"""What the scenes have in common: people of their own on a day of their own, and how they come to their end."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from bench.chaos_reminders import judge
from bench.chaos_reminders.feeder import Feeder
from bench.chaos_reminders.house import House
from bench.chaos_reminders.judge import Verdict
from bench.chaos_reminders.people import Batch
from bench.chaos_reminders.scale import Scale, batches
from bench.chaos_reminders.sink import Mood

SEND = "reminders.tasks.send_reminders"
AGAIN = timedelta(
    minutes=31
)  # as long as a kind need not be planned anew, or as a letter waits after some tries
STILL, STILL_AFTER_KILLS = 2.0, 6.0  # seconds in which nothing moves, before time passes
DRAIN_LIMIT = 600.0  # seconds
IN_FLIGHT = {"planned", "sending"}


class StuckError(Exception):
    """What had to happen did not; the message says what."""


class Stage:
    """One house on which scene after scene is played."""

    def __init__(self, house: House, scale: Scale) -> None:
        self.house, self.sink, self.scale = house, house.sink, scale
        self.batches = batches(scale)
        self.dice = random.Random(1)

    def begin(self, name: str, *, thinks: float = 0, early: timedelta = timedelta(0)) -> Batch:
        """The people of this name on their day, or so much `early`, with everybody before them out of the way.

        Workers that run must have nothing to do just now.
        """
        batch = self.batches[name]
        for other in self.batches.values():
            if other.day < batch.day:
                self.house.retire(other.name)
        self.sink.copies.clear()
        self.sink.takes, self.sink.refused = thinks, 0
        self.sink.turn(Mood.WELL)
        self.house.forget_tasks()
        self.house.set_clock(batch.begins - early)
        return batch

    def finish(self, batch: Batch) -> None:
        """Nothing is broken any more, and the mail server is quick: all that is left arrives."""
        self.sink.takes = 0
        with Feeder(self.house, SEND, most=4):
            self.drain(batch, after_kills=True)

    def drain(self, batch: Batch, *, after_kills: bool = False) -> None:
        """Wait until everybody's letters are planned and none waits. When nothing moves any more, time passes.

        What is being sent is left alone, but `after_kills`: then it may be in the hands of nobody.
        """
        until, still, looked = time.monotonic() + DRAIN_LIMIT, time.monotonic(), (0, {"": 0})
        while not self._is_drained(batch):
            seen = (len(self.sink.copies), self.house.states(batch.name))
            is_held = "sending" in seen[1]
            if seen != looked or self.sink.sending() or (is_held and not after_kills):
                looked, still = seen, time.monotonic()
            elif time.monotonic() - still > (STILL_AFTER_KILLS if is_held else STILL):
                self.house.pass_time(AGAIN)
                still = time.monotonic()
            if time.monotonic() > until:
                raise StuckError(f"letters of {batch.name} still wait: {seen[1]}")
            time.sleep(0.2)

    def judge(self, verdict: Verdict, batch: Batch, *, allowed: float, may_give_up: bool = False) -> None:
        """What must be true of any scene, with so many duplicates allowed; letters in doubt `may_give_up`."""
        rows, taken = self.house.rows(batch.name), self.house.taken(batch.name)
        verdict.add(judge.lost(batch.wanted, rows, taken))
        verdict.add(judge.unfinished(row for row in rows if not (may_give_up and row.reason == "lost")))
        verdict.add(judge.false_marks(rows, taken))
        verdict.add(judge.doubled(taken, allowed))
        verdict.add(judge.strange(rows, taken))
        verdict.add(judge.burst(batch.wanted, taken))

    def await_letters(self, seconds: float) -> float:
        """Wait until the mail server takes one more letter; how long that was."""
        began, before = time.monotonic(), len(self.sink.copies)
        while len(self.sink.copies) == before:
            if time.monotonic() - began > seconds:
                raise StuckError(f"no letter left within {seconds:g} s")
            time.sleep(0.02)
        return time.monotonic() - began

    def arrived(self, batch: Batch) -> str:
        """How many letters had to arrive, and how many did."""
        taken = self.house.taken(batch.name)
        wanted = sum(map(len, batch.wanted.values()))
        return (
            f"{wanted} letters had to arrive; {len(taken)} copies, {judge.duplicates(taken)} of them double"
        )

    def _is_drained(self, batch: Batch) -> bool:
        states = self.house.states(batch.name)
        if states.keys() & IN_FLIGHT or not states:
            return False
        planned = {(row.recipient, row.kind) for row in self.house.rows(batch.name)}
        return len(planned) >= batch.count * len(batch.kinds)


class Stillness:
    """While somebody to send is waited for: those who were killed may have claimed all that is left.

    Then time passes, until their leases are over.
    """

    def __init__(self, stage: Stage, name: str) -> None:
        self._stage, self._name, self._since = stage, name, time.monotonic()

    def look(self) -> None:
        if self._stage.sink.sending():
            self._since = time.monotonic()
        elif time.monotonic() - self._since > STILL_AFTER_KILLS and self._is_all_claimed():
            self._stage.house.pass_time(AGAIN)
            self._since = time.monotonic()

    def _is_all_claimed(self) -> bool:
        states = self._stage.house.states(self._name)
        return bool(states.get("sending")) and not states.get("planned")


Scene = Callable[[Stage, Verdict], None]


def play(stage: Stage, scenes: Mapping[str, Scene], say: Callable[[str], None]) -> list[Verdict]:
    """Play these scenes in their order, and say after each what came of it."""
    verdicts = []
    for name, scene in scenes.items():
        verdict, began = Verdict(name), time.monotonic()
        try:
            scene(stage, verdict)
        except StuckError as trouble:
            verdict.add([str(trouble)])
        finally:
            stage.house.end_workers()
        verdict.figures.append(f"{time.monotonic() - began:.0f} s; load {os.getloadavg()[0]:.1f}")
        verdicts.append(verdict)
        say("\n".join(verdict.lines()))
    return verdicts


def spread(seconds: Sequence[float]) -> str:
    """Times in words."""
    if not seconds:
        return "nothing measured"
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.1f} s (median), {ordered[-1]:.1f} s at most"
