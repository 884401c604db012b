"""What an answer says about a link, and when the link is asked again. No Django, no clock: `now` comes in.

One bad answer proves little: servers rest, certificates run out for a day. So a link that does not answer is first
*failing* (it may come back by itself) or *broken* (the server says that the page is not there); it is *quarantined*
after three bad answers in a row over three days or more. Nothing is ever removed: it is an author who decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import islice
from typing import Literal
from urllib.parse import urlsplit

from roadmap.fetching import Answer

State = Literal["unchecked", "ok", "moved", "soft_404", "guarded", "failing", "broken", "quarantined"]
# Learners are told of these.
UNANSWERED: tuple[State, ...] = ("broken", "quarantined", "failing")

QUARANTINE_FAILURES, QUARANTINE_AFTER = 3, timedelta(days=3)
WHEN_FINE = timedelta(days=14)
WHEN_MOVED = timedelta(days=7)
WHEN_QUARANTINED = timedelta(days=7)
# After the first, second, third ... bad answer in a row.
BACK_OFF = (timedelta(hours=6), timedelta(days=1), timedelta(days=2), timedelta(days=4))
PATIENCE_AT_LEAST, PATIENCE_AT_MOST = timedelta(hours=1), timedelta(days=7)

_FOR_GOOD = frozenset({301, 308})
# Doors that are shut to machines or strangers say nothing about the page behind them.
_GUARDED = frozenset({401, 402, 403, 406, 407, 451, 999})
_SIGN_IN = re.compile(r"/(log-?in|sign-?in|auth|sso|account/begin)\b", re.IGNORECASE)
_FRONT = re.compile(r"/?((index|home|default)(\.\w+)?/?|[a-z]{2}(-[a-z]{2})?/?)?", re.IGNORECASE)
# Each takes time linear in the page, which a stranger wrote: none runs over what another one begins with.
_HEADING = re.compile(r"<(title|h1)\b[^<>]*>", re.IGNORECASE)
_ENDS = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("title", "h1")}
_TAG = re.compile(r"<[^<>]*>")
_NOT_THERE = re.compile(
    r"^\W*(error\W*)?404\b|\b404\b\W*(error|page|not found)|\berror 404\b"
    r"|\b(page|site|video|document|file|repository|resource|url|content)\s+(was\s+|is\s+|could\s+)?(not|n’t|n't)\s+(be\s+)?found"
    r"|^\W*not found\W*$|\bno longer (available|exists?|here)\b|\b(does|do)(es)?\s?(not|n’t|n't) exist\b"
    r"|\b(page|video|content) (is )?(un|not )available\b|\bdomain (name )?(is )?for sale\b|\bparked domain\b"
    r"|\bcan(’|')?(no)?t find (that|the|this) page\b|\bseite (wurde )?nicht gefunden\b|\bpágina no encontrada\b"
    r"|\bpage (non trouvée|introuvable)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a link before it is asked: bad answers in a row and since when."""

    state: State = "unchecked"
    failures: int = 0
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a link stands after an answer. `moved_to` is an address that the server gives for good, else empty."""

    state: State
    failures: int
    failing_since: datetime | None
    next_check_at: datetime
    moved_to: str = ""


def judge(url: str, answer: Answer, past: Past, now: datetime, *, spread: float = 0.0) -> Verdict:
    """What `answer` makes of the link `url`.

    `spread` from 0 to 1 puts off the next question by up to a tenth, so that what was asked together drifts apart.
    """
    if answer.status == 429 or (answer.status == 503 and answer.retry_after):
        return _patient(answer, past, now)
    state = _fine(url, answer)
    if state is None:
        return _bad(answer, past, now, spread)
    wait = WHEN_MOVED if state == "moved" else WHEN_FINE
    return Verdict(
        state, 0, None, now + _later(wait, spread), moved_to(url, answer) if state == "moved" else ""
    )


def moved_to(url: str, answer: Answer) -> str:
    """Where the first redirects lead as long as they are for good; empty when none is, or when it goes back to http."""
    target = ""
    for hop in answer.hops:
        if hop.status not in _FOR_GOOD:
            break
        target = hop.url
    if not target or _same(target, url) or (_scheme(url) == "https" and _scheme(target) != "https"):
        return ""
    return target


def looks_missing(page: str) -> bool:
    """Whether the title or the first headings of a page say that there is nothing here, though its status says fine."""
    for text in islice(_headings(page[:65536]), 4):
        words = " ".join(unescape(_TAG.sub(" ", text)).split())
        if len(words) < 160 and _NOT_THERE.search(words):
            return True
    return False


def _headings(page: str) -> Iterator[str]:
    """What stands between the tags of its title and its first headings, read once from the beginning to the end."""
    at, unended = 0, set[str]()
    while found := _HEADING.search(page, at):
        name, at = found[1].lower(), found.end()
        end = None if name in unended else _ENDS[name].search(page, at)
        if end is None:
            unended.add(name)
        else:
            yield page[at : end.start()]
            at = end.end()


def leads_to_front(url: str, answer: Answer) -> bool:
    """Whether a page deep inside was answered with a front page, as many a site does with what is gone."""
    if not answer.hops:
        return False
    asked, got = urlsplit(url), urlsplit(answer.url)
    return not _FRONT.fullmatch(asked.path) and bool(_FRONT.fullmatch(got.path)) and not got.query


def _fine(url: str, answer: Answer) -> State | None:
    """The state of a link that answers, None when it does not."""
    if answer.status in _GUARDED:
        return "guarded"
    if not answer.is_fine:
        return None
    if answer.hops and _SIGN_IN.search(urlsplit(answer.url).path) and not _SIGN_IN.search(urlsplit(url).path):
        return "guarded"
    if looks_missing(answer.page) or leads_to_front(url, answer):
        return "soft_404"
    return "moved" if moved_to(url, answer) else "ok"


def _bad(answer: Answer, past: Past, now: datetime, spread: float) -> Verdict:
    failures, since = past.failures + 1, past.failing_since or now
    if failures >= QUARANTINE_FAILURES and now - since >= QUARANTINE_AFTER:
        return Verdict("quarantined", failures, since, now + _later(WHEN_QUARANTINED, spread))
    wait = BACK_OFF[min(failures, len(BACK_OFF)) - 1]
    return Verdict(_kind(answer), failures, since, now + _later(wait, spread))


def _kind(answer: Answer) -> State:
    """Broken when the answer is about this page for good, failing when it may be about today only."""
    if answer.status is not None:
        return "failing" if answer.status >= 500 else "broken"
    return "broken" if answer.trouble in {"refused", "redirects", "tls"} else "failing"


def _patient(answer: Answer, past: Past, now: datetime) -> Verdict:
    """The server is there and asks to be left alone: nothing is learned about the link, and it is no failure."""
    asked = _seconds(answer.retry_after, now)
    wait = min(max(timedelta(seconds=asked), PATIENCE_AT_LEAST), PATIENCE_AT_MOST)
    return Verdict(past.state, past.failures, past.failing_since, now + wait)


def _seconds(retry_after: str, now: datetime) -> float:
    """A Retry-After header in seconds, 0 when it says nothing: a number or a date (RFC 9110, 10.2.3)."""
    said = retry_after.strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return 0
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()


def _later(wait: timedelta, spread: float) -> timedelta:
    return wait * (1 + spread / 10)


def _same(one: str, other: str) -> bool:
    return one.partition("#")[0] == other.partition("#")[0]


def _scheme(url: str) -> str:
    return urlsplit(url).scheme.lower()
