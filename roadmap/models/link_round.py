"""One round of asking links: whatever is due, side by side over many hosts, one after the other on each."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from django.conf import settings

from accounts import clock
from roadmap.fetching import Fetcher
from roadmap.models.link_check import LinkCheck

log = logging.getLogger(__name__)

AT_ONCE = 8  # hosts; only the network waits in threads, the database is written by one
LONGEST_ROUND = 20.0  # seconds: letters and attempts share the worker


@dataclass
class LinkTally:
    """How many links were found in which state during one round."""

    states: dict[str, int] = field(default_factory=dict)
    began: int = 0

    def count(self, state: str) -> None:
        self.states[state] = self.states.get(state, 0) + 1

    @property
    def checked(self) -> int:
        return sum(self.states.values())

    def __str__(self) -> str:
        found = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"{self.checked} links checked ({found or 'none was due'}), {self.began} new or changed"


def house_fetcher() -> Fetcher:
    """Asks in the name of this house, on the ports that settings allow."""
    return Fetcher(f"Waymark link check (+{settings.SITE_URL})", frozenset(settings.CHECK_LINKS_PORTS))


def check_links(longest: float = LONGEST_ROUND, fetcher: Fetcher | None = None) -> LinkTally:
    """Ask what is due for at most about `longest` seconds. May run any number of times side by side."""
    until, tally, asks = time.monotonic() + longest, LinkTally(), fetcher or house_fetcher()
    tally.began = LinkCheck.objects.catch_up(clock.database_now())
    with ThreadPoolExecutor(AT_ONCE, "links") as threads:
        while time.monotonic() < until and _check_chunk(asks, threads, tally):
            pass
    log.info("links: %s", tally)
    return tally


def _check_chunk(fetcher: Fetcher, threads: ThreadPoolExecutor, tally: LinkTally) -> bool:
    """Claim, ask and write one chunk; whether there was any."""
    claimed = LinkCheck.objects.claim(clock.database_now(), AT_ONCE)
    asked = []
    for check in claimed:
        if check.resource.is_archived:
            check.put_off(clock.database_now())
        else:
            asked.append(check)
    for check, answer in zip(asked, threads.map(fetcher.ask, [check.url for check in asked]), strict=True):
        tally.count(check.settle(answer, clock.database_now()))
    return bool(claimed)
