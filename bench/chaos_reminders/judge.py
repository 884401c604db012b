"""What must be true after each scene, and the one line that says whether it was. No network, no database.

Everything that is judged is compared with a list of what had to be: a scene in which nothing happened is a fault, so
that an empty run is never said to hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from bench import verdict
from bench.verdict import Verdict, miscounted, too_slow

__all__ = ["Verdict", "miscounted", "summary", "too_slow"]

MOST_COPIES = 2
SENT = "sent"


class Row(NamedTuple):
    """One letter as the ledger has it; `message_id` is that of the letter in which it went out."""

    message_id: str
    recipient: str
    kind: str
    occurrence: str
    state: str
    reason: str
    id: str  # of the letter itself; ids tell the order in which letters were planned


class Taken(NamedTuple):
    """One copy that the mail server took."""

    message_id: str
    recipient: str


def summary(verdicts: Sequence[Verdict], scenes: Collection[str]) -> tuple[str, bool]:
    """The last line and whether all held."""
    return verdict.summary("chaos-reminders", verdicts, scenes)


def lost(wanted: Mapping[str, Collection[str]], rows: Iterable[Row], copies: Iterable[Taken]) -> list[str]:
    """What had to arrive and did not: `wanted` names the kinds of letter that each address must get, once each."""
    arrived = {(copy.message_id, copy.recipient) for copy in copies}
    planned = defaultdict(list)
    for row in rows:
        planned[row.recipient, row.kind].append(row)
    asked = [(address, kind) for address, kinds in wanted.items() for kind in kinds]
    faults = [] if asked else ["nothing had to arrive"]
    for place in asked:
        mine = planned[place]
        if not mine:
            faults.append(f"lost: {place[1]} for {place[0]} was never planned")
        elif not any((row.message_id, row.recipient) in arrived for row in mine):
            faults.append(f"lost: {place[1]} for {place[0]} never arrived; {_states(mine)}")
    return faults


def unfinished(rows: Iterable[Row]) -> list[str]:
    """Letters of which the ledger does not say in the end that they were sent, or held back for a newer one."""
    return [
        f"unfinished: {row.kind} {row.occurrence} for {row.recipient} is {row.state} ({row.reason})"
        for row in rows
        if row.state != SENT and (row.state, row.reason) != ("held_back", "superseded")
    ]


def false_marks(rows: Iterable[Row], copies: Iterable[Taken]) -> list[str]:
    """Letters that the ledger calls sent and the mail server never took."""
    arrived = {copy.message_id for copy in copies}
    return [
        f"marked and not sent: {row.kind} {row.occurrence} for {row.recipient}"
        for row in rows
        if row.state == SENT and row.message_id not in arrived
    ]


def doubled(copies: Sequence[Taken], allowed: float) -> list[str]:
    """More copies of letters than there may be at all, or of one letter."""
    extra, counts = duplicates(copies), Counter(copy.message_id for copy in copies)
    faults = [f"{extra} duplicates, at most {allowed:g} are allowed"] if extra > allowed else []
    return faults + [
        f"{count} copies of {message_id}" for message_id, count in counts.items() if count > MOST_COPIES
    ]


def duplicates(copies: Sequence[Taken]) -> int:
    """How many copies came beyond the first of each letter."""
    return len(copies) - len({copy.message_id for copy in copies})


def strange(rows: Iterable[Row], copies: Iterable[Taken]) -> list[str]:
    """Copies under a Message-ID that is no letter's of the ledger, or that went to somebody else."""
    known = {(row.message_id, row.recipient) for row in rows}
    return [
        f"strange: {copy.recipient} got {copy.message_id}, which the ledger does not know"
        for copy in copies
        if (copy.message_id, copy.recipient) not in known
    ]


def burst(wanted: Mapping[str, Collection[str]], copies: Iterable[Taken]) -> list[str]:
    """Addresses that got more letters than there were kinds to write about, whatever their Message-IDs."""
    got: dict[str, set[str]] = defaultdict(set)
    for copy in copies:
        got[copy.recipient].add(copy.message_id)
    return [
        f"{address} got {len(letters)} letters instead of {len(wanted.get(address, ()))}"
        for address, letters in got.items()
        if len(letters) > len(wanted.get(address, ()))
    ]


def outdated(rows: Iterable[Row]) -> list[str]:
    """Letters that were sent though a newer one of the same kind for the same person was planned."""
    newest: dict[tuple[str, str], str] = {}
    told = list(rows)
    for row in told:
        place = (row.recipient, row.kind)
        newest[place] = max(newest.get(place, ""), row.id)
    return [
        f"outdated: {row.kind} {row.occurrence} left for {row.recipient}, and was not the newest"
        for row in told
        if row.state == SENT and row.id != newest[row.recipient, row.kind]
    ]


def _states(rows: Iterable[Row]) -> str:
    return ", ".join(f"{row.occurrence} is {row.state} ({row.reason})" for row in rows)
