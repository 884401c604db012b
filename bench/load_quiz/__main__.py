"""`make load-quiz`: 2,000 learners at one quiz, on the product as it runs, with its client on the same machine.

It starts servers, web, worker and beat below a temporary folder, plays the scenes of bench/load_quiz/scenes.py one
after the other, and compares what PostgreSQL holds with what was sent and acknowledged. The last line says whether all
held, and so does the exit status. Eight to ten minutes; `ARGS="--short"` is a look of about one, with few people, for
whoever works at the tool.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time

from bench.load_quiz.house import running
from bench.load_quiz.judge import summary
from bench.load_quiz.scenes import SHORT, Play, Scale
from bench.report import machine


def main() -> int:
    parser = argparse.ArgumentParser(prog="make load-quiz", description=__doc__)
    parser.add_argument("--short", action="store_true", help="few people, less than a minute")
    scale = SHORT if parser.parse_args().short else Scale()
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # its folder and its servers go with it, however it ends
    began = time.monotonic()
    with running(scale.savers + scale.submitters) as house:
        print(f"{machine()}; client included. Prepared in {time.monotonic() - began:.0f} s.", flush=True)
        play = Play(house, scale)
        verdicts = asyncio.run(play.run(lambda lines: print(lines, flush=True)))
        line, is_held = summary(verdicts, play.scenes)
        if not is_held:
            print(f"\nThe last lines of the house:\n{house.last_words()}")
    print(line)
    return 0 if is_held else 1


if __name__ == "__main__":
    sys.exit(main())
