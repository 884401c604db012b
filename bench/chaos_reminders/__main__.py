"""`make chaos-reminders`: letters while senders, Redis and the mail server break; real workers, Valkey, PostgreSQL.

It starts servers of its own below a temporary folder and plays the scenes of bench/chaos_reminders/scenes one after
the other. The last line says whether all held, and so does the exit status. Twenty minutes;
`ARGS="--short"` is a look of about two, for whoever works at the tool. `ARGS="--plant NAME"` plants one of the faults
of bench/chaos_reminders/faults.py into the workers: then it must not hold.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bench import processes
from bench.chaos_reminders.certificate import for_this_machine
from bench.chaos_reminders.house import House
from bench.chaos_reminders.judge import summary
from bench.chaos_reminders.people import as_argument
from bench.chaos_reminders.scale import SHORT, Scale
from bench.chaos_reminders.scenes import SCENES
from bench.chaos_reminders.sink import Sink
from bench.chaos_reminders.stage import Stage, play
from bench.report import machine
from lms.embedded import Services


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos-reminders", description=__doc__)
    parser.add_argument("--short", action="store_true", help="few people and few breaks")
    parser.add_argument("--plant", default="", help="a fault to be found")
    parser.add_argument("--thinks", type=float, help="seconds that the mail server takes for a letter")
    parser.add_argument("scenes", nargs="*", default=list(SCENES), help="all when none is named")
    said = parser.parse_args()
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # its folder and servers go with it, however it ends
    began = time.monotonic()
    with ExitStack() as ending:
        var = Path(tempfile.mkdtemp(prefix="waymark-chaos-"))
        ending.callback(shutil.rmtree, var, ignore_errors=True)
        services = Services(var)
        ending.enter_context(services.owned())
        sink = Sink(tls=for_this_machine(var))
        house = House(var, services.database_url, services, sink, planted=said.plant)
        ending.enter_context(house)
        scale = SHORT if said.short else Scale()
        stage = Stage(house, scale if said.thinks is None else replace(scale, thinks=said.thinks))
        processes.run(
            "bench.chaos_reminders.prepare",
            house.environment("command", 60),
            as_argument(stage.batches.values()),
        )
        print(f"{machine()}. Prepared in {time.monotonic() - began:.0f} s.", flush=True)
        chosen = {name: SCENES[name] for name in said.scenes}
        verdicts = play(stage, chosen, lambda lines: print(lines, flush=True))
        line, is_held = summary(verdicts, chosen)
        if not is_held:
            print(f"\nThe last lines of the workers:\n{house.last_words()}")
    print(line)
    return 0 if is_held else 1


if __name__ == "__main__":
    sys.exit(main())
