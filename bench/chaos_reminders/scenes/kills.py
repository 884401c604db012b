"""Senders are killed while letters flow."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Sequence

from bench.chaos_reminders import judge
from bench.chaos_reminders.feeder import Feeder
from bench.chaos_reminders.house import Worker
from bench.chaos_reminders.judge import Verdict
from bench.chaos_reminders.stage import SEND, Stage, Stillness, StuckError

CHOOSY = 5.0  # seconds in which the wanted sort of process is looked for
OUT_OF_LETTERS = 120.0  # seconds


def kills(stage: Stage, verdict: Verdict) -> None:
    """SIGKILL, one after the other, to processes that have a connection to the mail server."""
    scale, batch = stage.scale, stage.begin("kills", thinks=stage.scale.thinks)
    workers = [stage.house.worker(f"kills-{number}") for number in range(scale.workers)]
    with Feeder(stage.house, SEND, most=6):
        stage.await_letters(60)
        killed = Counter(_kill(stage, workers, number) for number in range(scale.kills))
    before = len(stage.sink.copies)
    stage.finish(batch)
    doubled = judge.duplicates(stage.house.taken(batch.name))
    verdict.figures += [
        f"{killed.total()} senders killed, {killed['main']} of them main processes with all their children",
        f"{before} letters until the last kill; {stage.arrived(batch)}",
        f"{100 * doubled / max(1, killed.total()):.1f} duplicates for a hundred kills",
    ]
    verdict.add(judge.miscounted("kills", scale.kills, killed.total()))
    stage.judge(verdict, batch, allowed=scale.doubled * scale.kills)


def _kill(stage: Stage, workers: Sequence[Worker], number: int) -> str:
    """Kill one at whatever moment of its work it is; which sort of process it was."""
    time.sleep(stage.scale.kill_every * stage.dice.uniform(0.7, 1.3))
    mains = {worker.pid: worker for worker in workers}
    is_mains_turn = number % stage.scale.mains_of == stage.scale.mains_of - 1
    pid = _sender(stage, set(mains), is_mains_turn=is_mains_turn)
    os.kill(pid, signal.SIGKILL)
    if pid in mains:
        mains[pid].start()
        return "main"
    return "child"


def _sender(stage: Stage, mains: set[int], *, is_mains_turn: bool) -> int:
    """Somebody who is sending: a main process when it is the turn of one, else a child; anybody when none is found."""
    began, stillness = time.monotonic(), Stillness(stage, "kills")
    while (waited := time.monotonic() - began) < OUT_OF_LETTERS:
        ports = stage.sink.sending()
        stage.dice.shuffle(ports)
        pids = [pid for port in ports if (pid := stage.house.sender(port))]
        chosen = next((pid for pid in pids if (pid in mains) == is_mains_turn), None)
        if chosen or (pids and waited > CHOOSY):
            return chosen or pids[0]
        stillness.look()
        time.sleep(0.03)
    raise StuckError(f"for {OUT_OF_LETTERS:g} s nobody was there to kill")
