"""What must be true after each scene, and the one line that says whether it was. No network, no database.

Everything that is judged is compared with a list of what had to be: a scene in which nothing happened is a fault, so
that an empty run is never said to hold.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from bench import verdict
from bench.verdict import Verdict, miscounted, too_slow

__all__ = ["Verdict", "miscounted", "summary", "too_slow"]


class Saved(NamedTuple):
    """One answer as a player made it, or as the database keeps it."""

    attempt: int
    slot: int
    epoch: int
    sequence: int
    client_id: str
    value: object


class HandedIn(NamedTuple):
    """What the database says of one attempt that was handed in."""

    attempt: int
    points: Decimal | None
    receipt: str
    gradings: int
    graded_points: Decimal | None


def summary(verdicts: Sequence[Verdict], scenes: Collection[str]) -> tuple[str, bool]:
    """The last line and whether all held."""
    return verdict.summary("load-quiz", verdicts, scenes)


def percentile(seconds: Collection[float], share: float) -> float:
    """The time within which this share was answered; endless when nothing was."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


def lost(acknowledged: Iterable[Saved], kept: Iterable[Saved]) -> list[str]:
    """What was acknowledged and is not kept as it was sent."""
    found = {(row.attempt, row.client_id): row for row in kept}
    return [
        f"lost: attempt {sent.attempt}, slot {sent.slot}, {sent.value!r} was acknowledged; kept is {found.get(key)}"
        for sent in acknowledged
        if found.get(key := (sent.attempt, sent.client_id)) != sent
    ]


def doubled(sent: Iterable[Saved], kept: Sequence[Saved]) -> list[str]:
    """Saves that are kept more than once, or that nobody sent."""
    known = {(row.attempt, row.client_id) for row in sent}
    by_id = Counter((row.attempt, row.client_id) for row in kept)
    by_place = Counter((row.attempt, row.slot, row.epoch, row.sequence) for row in kept)
    return [
        *(f"kept {count} times: save {key}" for key, count in by_id.items() if count > 1),
        *(
            f"kept {count} times: (attempt, slot, epoch, sequence) {p}"
            for p, count in by_place.items()
            if count > 1
        ),
        *(f"kept, but never sent: save {key}" for key in by_id if key not in known),
    ]


def wrong_at_last(sent: Iterable[Saved], kept: Iterable[Saved]) -> list[str]:
    """Slots whose value that counts is not the one sent last."""
    wanted, counting = _newest(sent), _newest(kept)
    return [
        f"wrong at last: attempt {place[0]}, slot {place[1]} counts {counting.get(place)}, sent last {save.value!r}"
        for place, save in wanted.items()
        if place not in counting or counting[place].value != save.value
    ]


def badly_started(
    people: Collection[int], attempts: Iterable[tuple[int, int]], answers: Mapping[int, Collection[str]]
) -> list[str]:
    """People who have not exactly one attempt, or were led to another one; `attempts` are (person, attempt)."""
    begun: dict[int, set[int]] = defaultdict(set)
    for person, attempt in attempts:
        begun[person].add(attempt)
    return [
        *miscounted("people who start", len(people), len(set(people))),
        *(f"person {p} has {len(begun[p])} attempts" for p in people if len(begun[p]) != 1),
        *(
            f"person {p} was led to {sorted(answers.get(p, ()))}"
            for p in people
            if len(set(answers.get(p, ()))) != 1
        ),
    ]


def badly_handed_in(expected: Mapping[int, Decimal], rows: Iterable[HandedIn]) -> list[str]:
    """Attempts without exactly one receipt and one grading, or with other points than their answers earn."""
    found = {row.attempt: row for row in rows}
    faults = miscounted("attempts handed in", len(expected), len(found.keys() & expected.keys()))
    for attempt, points in expected.items():
        row = found.get(attempt)
        if row is None or not row.receipt:
            faults.append(f"attempt {attempt} has no receipt")
        elif row.gradings != 1:
            faults.append(f"attempt {attempt} was graded {row.gradings} times")
        elif row.points != points or row.graded_points != points:
            faults.append(f"attempt {attempt} has {row.points} ({row.graded_points} graded), earned {points}")
    return faults


def _newest(saves: Iterable[Saved]) -> dict[tuple[int, int], Saved]:
    newest: dict[tuple[int, int], Saved] = {}
    for save in saves:
        place = (save.attempt, save.slot)
        if place not in newest or (save.epoch, save.sequence) >= (
            newest[place].epoch,
            newest[place].sequence,
        ):
            newest[place] = save
    return newest
