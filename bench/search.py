"""What finding costs over a thousand roads: `make_bench_roads` first, then this in the same house.

Says p50, p95 and most of the milliseconds that this process and its PostgreSQL work at an answer (neighbors on a busy
machine don't count) and, last, p95 by the clock, over two hundred questions that are as rare and as common
as those of people, with filters and counts, and of other words for what was mistyped.
"""

from __future__ import annotations

import atexit
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

import django
from django.conf import settings

running = ExitStack()
running.enter_context(settings.EMBEDDED.used(say=lambda _sentence: None))
atexit.register(running.close)
django.setup()

from django.db import connection
from django.test import Client

from roadmap.models import SearchEntry, SearchWord

ASKED = 200


def measure() -> None:

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE roadmap_searchentry, roadmap_searchword")
    print(f"{SearchEntry.objects.count()} entries, {SearchWord.objects.count()} words")
    dice = random.Random(3)
    words = list(SearchWord.objects.order_by("-entries", "word").values_list("word", flat=True))
    client = Client(SERVER_NAME="localhost")
    ranks = [int(len(words) ** dice.random()) - 1 for _word in range(ASKED)]  # as often common as rare
    questions = [words[rank] for rank in ranks[:80]]
    questions += [f"{words[a]} {words[b]}" for a, b in zip(ranks[80:140], ranks[20:80], strict=True)]
    questions += [words[rank][:4] for rank in ranks[140:180]]
    questions += [f'"{words[rank]}" or {words[rank // 2]}' for rank in ranks[180:]]
    filters = [
        "",
        "&type=podcast&cost=paid",
        "&kind=resource&minutes=60",
        "&kind=topic",
        "&road=bench-7",
        "&order=shortest",
    ]

    def page(address: str) -> Callable[[], None]:
        def ask() -> None:
            answer = client.get(address)
            if answer.status_code != 200:
                raise AssertionError(f"{address} gave {answer.status_code}")

        return ask

    say("search", [page(f"/search/?q={q}") for q in questions])
    say("search, narrowed", [page(f"/search/?q={q}{dice.choice(filters[1:])}") for q in questions])
    say("search for the ten most common words", [page(f"/search/?q={q}") for q in words[:10] * 3])
    say("palette", [page(f"/search/palette/?q={q[: dice.randrange(2, 9)]}") for q in questions])
    typos = [_mistyped(dice.choice(words[:20000]), dice) for _typo in range(ASKED)]
    say("search, mistyped", [page(f"/search/?q={q}") for q in typos])
    say("did you mean, alone", [lambda q=q: SearchWord.objects.meant([q]) for q in typos])  # type: ignore[misc]  # bound now
    asked = [
        "",
        "type=book",
        "cost=paid&type=podcast&level=advanced&language=fr",
        "minutes=60&order=shortest",
        "order=newest",
    ]
    say("library", [page(f"/library/?{dice.choice(asked)}") for _page in range(ASKED)])
    say(
        "library, far on",
        [page(f"/library/?after=bench-r-{dice.randrange(900)}-7") for _page in range(ASKED)],
    )
    say("resource", [page(f"/library/bench-r-{10 * dice.randrange(90)}-7/") for _page in range(ASKED)])


def say(name: str, asks: list[Callable[[], None]]) -> None:
    asks[0]()
    worked, lasted = [], []
    for ask in asks:
        began, work = time.perf_counter(), _work()
        ask()
        worked.append(1000 * (_work() - work))
        lasted.append(1000 * (time.perf_counter() - began))
    p95, by_the_clock = (statistics.quantiles(times, n=20)[-1] for times in (worked, lasted))
    print(
        f"| {name} | {statistics.median(worked):.1f} | {p95:.1f} | {max(worked):.1f} | {by_the_clock:.1f} |"
    )
    sys.stdout.flush()


def _work() -> float:
    """Seconds that this process and the PostgreSQL process of its connection have worked."""

    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    return time.process_time() + int(Path(f"/proc/{backend}/schedstat").read_text().split()[0]) / 1e9


def _mistyped(word: str, dice: random.Random) -> str:
    at = dice.randrange(1, len(word))
    return dice.choice(
        [word[:at] + word[at + 1 :], word[:at] + "z" + word[at:], word[:at] + "q" + word[at + 1 :]]
    )


if __name__ == "__main__":
    measure()
