"""Six hours without a mail server, with time passed in; then servers that leave doubt."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from bench.chaos_reminders import judge
from bench.chaos_reminders.house import Worker
from bench.chaos_reminders.judge import Verdict
from bench.chaos_reminders.sink import Mood, Phase
from bench.chaos_reminders.stage import AGAIN, Stage, StuckError

LENGTH = timedelta(hours=6)
ROUND_LIMIT = 60.0  # seconds that one round may take
SAID_AFTER_ROUND = '"letters: '


def outage(stage: Stage, verdict: Verdict) -> None:
    """Letters fall due while no server takes them; then the newest of each kind leaves, and no more."""
    batch = stage.begin("outage")
    began = batch.begins.replace(hour=7, minute=30)
    stage.house.set_clock(began)
    worker = stage.house.worker("outage-a", every=0.3)
    _be_ill(stage, worker, began)
    states, refused = stage.house.states(batch.name), stage.sink.refused
    verdict.add([f"{states['failed']} letters failed during the outage"] if states.get("failed") else [])
    verdict.add([f"{len(stage.sink.copies)} letters left during the outage"] if stage.sink.copies else [])
    stage.sink.turn(Mood.WELL)
    since = time.monotonic()
    stage.drain(batch)
    rows = stage.house.rows(batch.name)
    verdict.figures += [
        f"{LENGTH} without a mail server, {refused} refusals",
        f"{len(rows)} letters fell due to {batch.count} people: {states}",
        f"{stage.arrived(batch)}, {time.monotonic() - since:.0f} s after it came back",
    ]
    stage.judge(verdict, batch, allowed=0)
    verdict.add(judge.outdated(rows))
    _refuse_for_good(stage, verdict)
    for number, mood in enumerate(stage.scale.doubts):
        _leave_doubt(stage, f"doubt{number}", mood, verdict)


def _be_ill(stage: Stage, worker: Worker, began: datetime) -> None:
    """Step through the hours; in each step the worker's clock does at least one whole round."""
    ills, step = stage.scale.ills, stage.scale.outage_step
    for number in range(int(LENGTH / step)):
        mood = ills[number * len(ills) * step // LENGTH]
        if stage.sink.mood is not mood:
            stage.sink.turn(mood)
        stage.house.set_clock(began + number * step)
        _await_round(worker)
    stage.house.set_clock(began + LENGTH)
    _await_round(
        worker, rounds=2
    )  # the one under way planned for the hour before, the next plans what came since


def _await_round(worker: Worker, rounds: int = 1) -> None:
    """Until so many rounds more have ended."""
    until, wanted = time.monotonic() + ROUND_LIMIT, worker.said().count(SAID_AFTER_ROUND) + rounds
    while worker.said().count(SAID_AFTER_ROUND) < wanted:
        if time.monotonic() > until:
            raise StuckError("a round took longer than a minute")
        time.sleep(0.05)


def _refuse_for_good(stage: Stage, verdict: Verdict) -> None:
    """“Never” is an answer: the letter has failed, and is not tried again."""
    batch = stage.begin("never")
    stage.sink.turn(Mood.NEVER)
    _await_states(stage, batch.name, {"failed": batch.count})
    refused = stage.sink.refused
    stage.sink.turn(Mood.WELL)
    stage.house.pass_time(AGAIN)
    time.sleep(1.5)
    verdict.figures.append(f"550 for {batch.count} letters: {refused} tries, {len(stage.sink.copies)} copies")
    verdict.add(judge.miscounted("tries of letters that are refused for good", batch.count, refused))
    verdict.add(["a letter that was refused for good left later"] if stage.sink.copies else [])


def _leave_doubt(stage: Stage, name: str, mood: Mood, verdict: Verdict) -> None:
    """A server that takes the letter and does not say so: one more try, under the same Message-ID, and no third."""
    batch = stage.begin(name)
    stage.sink.turn(mood)
    until = time.monotonic() + ROUND_LIMIT
    while len({copy.message_id for copy in stage.sink.copies}) < batch.count:
        if time.monotonic() > until:
            raise StuckError(f"a server that {mood} was not tried by all")
        time.sleep(0.1)
    while stage.sink.sending(Phase.WRITING):
        time.sleep(0.1)
    stage.sink.turn(Mood.WELL)
    stage.drain(batch)
    verdict.figures.append(f"a server that {mood}: {stage.arrived(batch)}")
    stage.judge(verdict, batch, allowed=batch.count, may_give_up=True)


def _await_states(stage: Stage, name: str, wanted: dict[str, int]) -> None:
    until = time.monotonic() + ROUND_LIMIT
    while (states := stage.house.states(name)) != wanted:
        if time.monotonic() > until:
            raise StuckError(f"letters are {states}, not {wanted}")
        time.sleep(0.1)
