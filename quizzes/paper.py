"""The paper of a quiz: what a version freezes, what an attempt draws from it, and whether another may begin.

No Django: papers, counts and moments in, values out.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil
from random import Random
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from quizzes.refusals import (
    AttemptRefusedError,
    ClosedError,
    CoolingDownError,
    LimitReachedError,
    NeverAgainError,
)
from quizzes.review import SHOWS_ALL, ReviewPolicy


class Purpose(StrEnum):
    """What a quiz is for: to pass its stage, or to find out which stages somebody knows already."""

    STAGE = "stage"
    PLACEMENT = "placement"


class Overtime(StrEnum):
    """What happens when time and grace are over: what is saved is handed in; it may be handed in for a while, but not
    changed; or what was not handed in earns nothing."""

    HAND_IN = "hand_in"
    GRACE = "grace"
    ABANDON = "abandon"


class Score(StrEnum):
    """Which of several attempts decides."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"
    AVERAGE = "average"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def unless(default: Any) -> Any:
    """A field that papers gained later: left out while it says this, so that older papers keep their digests."""
    return Field(exclude_if=lambda value: value == default)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one person has beyond what the paper gives everybody; the greater of factor and minutes counts."""

    time_factor: Fraction = Fraction(1)
    extra_minutes: int = 0
    extra_attempts: int = 0

    def minutes(self, limit: int) -> int:
        """The time limit for this person, whole minutes, rounded up."""
        return max(ceil(limit * self.time_factor), limit + self.extra_minutes)


NOTHING_EXTRA = Allowance()


class Pool(_Part):
    """A pool of a paper: `count` of the questions that bear its name are drawn.

    What it asked of them (topic, tag, difficulty) is kept so that an earlier paper can be drafted again.
    """

    name: str
    count: int
    points: int = 1
    topic: str | None = None
    tag: str = ""
    difficulty_from: int = 1
    difficulty_to: int = 5


class PaperQuestion(_Part):
    """One question on a published paper: its key, the id of its QuestionVersion, and the keys of its options.

    It stands on every attempt's paper unless the paper draws, or `pool` names the pool it may be drawn from.
    """

    question: str
    version: int
    points: int
    topic: str | None
    resource: str | None
    options: tuple[str, ...]
    pool: Annotated[str, unless("")] = ""


class Slot(_Part):
    """One place of an attempt's paper, counted from 1; `order` is the option keys as this attempt shows them."""

    slot: int
    question: str
    version: int
    points: int
    topic: str | None
    resource: str | None
    order: tuple[str, ...]


class Policies(_Part):
    """How a quiz is taken, whatever it asks; drafts, files and papers call these by the same names."""

    title: str
    pass_percent: int
    attempts_limit: int | None
    cooldown_hours: int
    time_limit_minutes: int | None
    grace_seconds: int
    draw: int | None
    shuffle: bool
    purpose: Annotated[Purpose, unless(Purpose.STAGE)] = Purpose.STAGE
    available_until: Annotated[datetime | None, unless(None)] = None
    overtime: Annotated[Overtime, unless(Overtime.HAND_IN)] = Overtime.HAND_IN
    overtime_minutes: Annotated[int, unless(0)] = 0
    score: Annotated[Score, unless(Score.BEST)] = Score.BEST
    per_page: Annotated[int | None, unless(None)] = None
    asks_confidence: Annotated[bool, unless(False)] = False
    review: Annotated[ReviewPolicy, unless(SHOWS_ALL)] = SHOWS_ALL


class Paper(Policies):
    """Everything a version of a quiz freezes; equal papers have equal digests."""

    questions: tuple[PaperQuestion, ...]
    pools: Annotated[tuple[Pool, ...], unless(())] = ()

    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        plain = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()

    def asks_as(self, other: Paper) -> bool:
        """Whether both ask the same in the same way: which options a question has follows from its version."""
        return self._without_options() == other._without_options()

    def _without_options(self) -> Paper:
        plain = tuple(asked.model_copy(update={"options": ()}) for asked in self.questions)
        return self.model_copy(update={"questions": plain})

    @property
    def drawn(self) -> int:
        """How many questions an attempt has."""
        fixed = sum(not asked.pool for asked in self.questions)
        return min(self.draw or fixed, fixed) + sum(pool.count for pool in self.pools)

    def ends_before(self, other: Paper) -> bool:
        """Whether it can't be taken any more when `other` still can."""
        mine, theirs = self.available_until, other.available_until
        return mine is not None and (theirs is None or mine < theirs)

    def with_later_end(self, other: Paper) -> Paper:
        """This paper until the later end of both: nobody who began under it loses time by `other`."""
        return (
            self.model_copy(update={"available_until": other.available_until})
            if self.ends_before(other)
            else self
        )

    def minutes(self, allowance: Allowance = NOTHING_EXTRA) -> int | None:
        """The time limit for somebody with this allowance; None without one."""
        return None if self.time_limit_minutes is None else allowance.minutes(self.time_limit_minutes)

    def deadline(
        self, started_at: datetime, allowance: Allowance = NOTHING_EXTRA
    ) -> tuple[datetime | None, datetime | None]:
        """When time is up, and when the attempt closes (deadline plus grace); (None, None) without a limit.

        Nothing runs past the moment until which the quiz can be taken.
        """
        minutes = self.minutes(allowance)
        over = started_at + timedelta(minutes=minutes) if minutes is not None else None
        ends = [moment for moment in (over, self.available_until) if moment is not None]
        if not ends:
            return None, None
        return min(ends), min(ends) + timedelta(seconds=self.grace_seconds)

    def refusal(
        self,
        finished: int,
        last_finished_at: datetime | None,
        now: datetime,
        allowance: Allowance = NOTHING_EXTRA,
    ) -> AttemptRefusedError | None:
        """Why no further attempt may begin at `now`, or None when it may."""
        if self.available_until is not None and now >= self.available_until:
            return ClosedError(self.available_until)
        if self.attempts_limit is not None and finished >= self.attempts_limit + allowance.extra_attempts:
            return LimitReachedError(self.attempts_limit + allowance.extra_attempts)
        if last_finished_at is None:
            return None
        until = last_finished_at + timedelta(hours=self.cooldown_hours)
        if now >= until:
            return None
        if self.available_until is not None and until >= self.available_until:
            return NeverAgainError(until, self.available_until)
        return CoolingDownError(until)


def draw(paper: Paper, earlier: Iterable[str], random: Random) -> tuple[Slot, ...]:
    """The slots of a new attempt: questions not seen before first, then those seen least often, ties by lot.

    `earlier` is the key of every question in every earlier attempt, as often as it was asked. A paper that does not
    shuffle keeps its order of questions and options.
    """
    seen = Counter(earlier)
    lots = random.sample(range(len(paper.questions)), len(paper.questions))
    lots.sort(key=lambda place: seen[paper.questions[place].question])
    fixed = sum(not asked.pool for asked in paper.questions)
    chosen: dict[str, int] = {}
    for pool, count in (("", min(paper.draw or fixed, fixed)), *((p.name, p.count) for p in paper.pools)):
        members = [place for place in lots if paper.questions[place].pool == pool]
        fresh = [place for place in members if paper.questions[place].question not in chosen]
        chosen |= {paper.questions[place].question: place for place in fresh[:count]}
    places = list(chosen.values())
    if paper.shuffle:
        random.shuffle(places)
    else:
        places.sort()
    return tuple(
        _slot(number, paper.questions[place], paper, random) for number, place in enumerate(places, 1)
    )


def _slot(number: int, asked: PaperQuestion, paper: Paper, random: Random) -> Slot:
    order = list(asked.options)
    if paper.shuffle:
        random.shuffle(order)
    return Slot(
        slot=number,
        question=asked.question,
        version=asked.version,
        points=asked.points,
        topic=asked.topic,
        resource=asked.resource,
        order=tuple(order),
    )


def receipt(slots: Sequence[Slot], answers: Mapping[int, object], finished_at: datetime) -> str:
    """SHA-256 in hex over what was asked, what was answered and when: proves later what was handed in."""
    rows = [[slot.slot, slot.version, answers.get(slot.slot)] for slot in slots]
    plain = json.dumps([rows, finished_at.isoformat()], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
