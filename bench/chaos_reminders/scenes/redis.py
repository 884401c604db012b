"""Redis is killed, flushed, stopped and cut off under load."""

from __future__ import annotations

import signal
import time

from bench.chaos_reminders import judge
from bench.chaos_reminders.feeder import Feeder
from bench.chaos_reminders.house import Worker
from bench.chaos_reminders.judge import Verdict
from bench.chaos_reminders.stage import SEND, Stage, Stillness, StuckError, spread

LOAD = "quizzes.tasks.mark_unmarked"  # a task that does little
RECOVERY_LIMIT = 30.0  # seconds until tasks are done again
GIVEN_UP = 90.0
FLUSHED_OF = 5  # one kill in so many
STOPPED = 12.0  # seconds that Redis takes connections and says nothing


def redis(stage: Stage, verdict: Verdict) -> None:
    """Tasks come all the time, letters leave; after each break the worker must do tasks again."""
    scale, batch = stage.scale, stage.begin("redis", thinks=stage.scale.thinks)
    worker = stage.house.worker("redis-a", children=3)
    with Feeder(stage.house, LOAD, most=20) as feeder:
        stage.await_letters(60)
        _await_work(feeder, worker)
        kills = [_kill(stage, feeder, worker, number) for number in range(scale.redis_kills)]
        half = [_cut_off(stage, feeder, worker, number) for number in range(scale.half_open)]
        verdict.figures += _stay_down(stage, feeder, worker)
    stage.finish(batch)
    verdict.figures += [
        f"{len(kills)} kills, one in {FLUSHED_OF} with a flush; doing tasks again after {spread(kills)}",
        f"{len(half)} times half-open; doing tasks again after {spread(half)}",
        stage.arrived(batch),
    ]
    verdict.add(judge.miscounted("kills of Redis", scale.redis_kills, len(kills)))
    verdict.add(judge.too_slow("doing tasks again", max(kills + half), RECOVERY_LIMIT))
    # who loses Redis ends the task that is running, which may have been sending
    stage.judge(verdict, batch, allowed=len(kills) + len(half))


def _kill(stage: Stage, feeder: Feeder, worker: Worker, number: int) -> float:
    """Kill it under load and start it again; after how many seconds a task was done that was sent since."""
    feeder.push(SEND)
    time.sleep(stage.dice.uniform(0.2, 1.0))
    stage.house.kill_redis()
    time.sleep(stage.dice.uniform(*stage.scale.down))
    stage.house.start_redis()
    if number % FLUSHED_OF == FLUSHED_OF - 1:
        stage.house.forget_tasks()
    return _await_work(feeder, worker)


def _cut_off(stage: Stage, feeder: Feeder, worker: Worker, number: int) -> float:
    """Let the worker's connections be open and dead: by turns Redis stops for a while, or the wire swallows all."""
    feeder.push(SEND)
    time.sleep(0.5)
    assert stage.house.valkey.process
    if number % 2:
        stage.house.valkey.process.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED)
        stage.house.valkey.process.send_signal(signal.SIGCONT)
    elif not stage.house.wire.swallow():
        raise StuckError("there was no connection to Redis to cut")
    return _await_work(feeder, worker)


def _stay_down(stage: Stage, feeder: Feeder, worker: Worker) -> list[str]:
    """Letters leave while Redis is gone, also from a worker that is started meanwhile and has never seen it."""
    with stage.house.without_redis():
        before = len(stage.sink.copies)
        time.sleep(stage.scale.long_down)
        first = len(stage.sink.copies) - before
        asked = time.monotonic()
        worker.ask_to_end()
        late = stage.house.worker("redis-b", children=2, ready=False)
        started_in = _await_sender(stage, late)
    again = _await_work(feeder, late)
    worker.stop()
    ended_in = time.monotonic() - asked
    if not first:
        raise StuckError(f"no letter left in {stage.scale.long_down:g} s without Redis")
    if again > RECOVERY_LIMIT:
        raise StuckError(f"a worker that was started without Redis did its first task after {again:.1f} s")
    return [
        f"{first} letters left in {stage.scale.long_down:g} s without Redis",
        f"a worker that was started without it began to send after {started_in:.1f} s",
        f"and did its first task {again:.1f} s after Redis came",
        f"the other had ended {ended_in:.1f} s after it was asked, some of them without Redis",
    ]


def _await_sender(stage: Stage, worker: Worker) -> float:
    """How many seconds from now until this worker's own clock sends. When all is claimed, time passes."""
    began, stillness = time.monotonic(), Stillness(stage, "redis")
    while worker.pid not in [stage.house.sender(port) for port in stage.sink.sending()]:
        stillness.look()
        if time.monotonic() - began > GIVEN_UP:
            raise StuckError(f"a worker that was started without Redis sent nothing for {GIVEN_UP:g} s")
        time.sleep(0.03)
    return time.monotonic() - began


def _await_work(feeder: Feeder, worker: Worker) -> float:
    """How many seconds from now until the worker has done a task that was sent from now on."""
    began, sent = time.monotonic(), list[str]()
    while time.monotonic() - began < GIVEN_UP:
        if name := feeder.push(LOAD):
            sent.append(name)
        time.sleep(0.2)
        if any(worker.has_done(name) for name in sent):
            return time.monotonic() - began
    raise StuckError(f"the worker did no task for {GIVEN_UP:g} s after Redis came back")
