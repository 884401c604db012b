"""Many plan at once, every task comes five times, five beats tick, and none."""

from __future__ import annotations

import json
import time
from datetime import timedelta

from bench import processes
from bench.chaos_reminders import judge
from bench.chaos_reminders.feeder import Feeder
from bench.chaos_reminders.house import Worker
from bench.chaos_reminders.judge import Verdict
from bench.chaos_reminders.stage import SEND, Stage, StuckError

HARDLY_EVER = 3600.0  # seconds between two rounds of a worker's own clock
TIMES = 5  # that a task is delivered
BEFORE = timedelta(days=2)
BEATS_LIMIT = 90.0  # seconds until every beat has ticked


def planners(stage: Stage, verdict: Verdict) -> None:
    """Nobody gets a letter twice, whoever plans and sends how often."""
    _many_planners_no_beat(stage, verdict)
    _many_deliveries(stage, verdict)
    _many_beats(stage, verdict)


def _many_planners_no_beat(stage: Stage, verdict: Verdict) -> None:
    batch, count = stage.begin("planners"), stage.scale.planners
    environment = stage.house.environment("worker", HARDLY_EVER)
    asked = json.loads(processes.run("bench.chaos_reminders.planner", environment, str(count)))
    rows = stage.house.rows(batch.name)
    verdict.figures.append(f"{count} planners at once asked for {asked} letters; {len(rows)} were planned")
    verdict.add([f"a planner asked for {n}" for n in asked if n < 0])
    verdict.add(judge.miscounted("letters planned", batch.count, len(rows)))
    stage.house.worker("beatless-a")
    stage.drain(batch)
    verdict.figures.append(f"no beat at all: {stage.arrived(batch)}")
    stage.judge(verdict, batch, allowed=0)
    stage.house.end_workers()


def _many_deliveries(stage: Stage, verdict: Verdict) -> None:
    batch = stage.begin("delivered", early=BEFORE)
    for number in range(stage.scale.workers):
        _await_first_round(stage.house.worker(f"delivered-{number}", children=3, every=HARDLY_EVER))
    stage.house.set_clock(batch.begins)
    with Feeder(stage.house, SEND, most=20, times=TIMES) as feeder:
        stage.drain(batch)
        time.sleep(1)
    verdict.figures.append(f"{feeder.pushed} tasks, each delivered {TIMES} times; {stage.arrived(batch)}")
    verdict.add(["no task was delivered"] if not feeder.pushed else [])
    stage.judge(verdict, batch, allowed=0)


def _many_beats(stage: Stage, verdict: Verdict) -> None:
    """By the workers that run already, whose own clocks hardly ever tick."""
    batch = stage.begin("beats", early=BEFORE)
    beats = [stage.house.beat(f"beat-{n}", every=1) for n in range(stage.scale.beats)]
    until = time.monotonic() + BEATS_LIMIT
    while not all(_rounds(beat) for beat in beats):
        if time.monotonic() > until:
            raise StuckError(f"of {len(beats)} beats {sum(map(bool, map(_rounds, beats)))} tick")
        time.sleep(0.1)
    stage.house.set_clock(batch.begins)
    stage.drain(batch)
    time.sleep(2)
    verdict.figures.append(
        f"{len(beats)} beats sent {[_rounds(beat) for beat in beats]} rounds; {stage.arrived(batch)}"
    )
    stage.judge(verdict, batch, allowed=0)


def _rounds(beat: Worker) -> int:
    return beat.said().count(f"({SEND})")


def _await_first_round(worker: Worker) -> None:
    """A worker's own clock ticks once soon after it starts: that must be over before the scene begins."""
    worker.await_word("letters: ")
