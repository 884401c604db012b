"""The paper of a quiz: what a version freezes, what an attempt draws from it, and whether another may begin.

No Django: papers, counts and moments in, values out.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from pydantic import BaseModel, ConfigDict

from quizzes.refusals import AttemptRefusedError, CoolingDownError, LimitReachedError


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PaperQuestion(_Part):
    """One question on a published paper: its key, the id of its QuestionVersion, and the keys of its options."""

    question: str
    version: int
    points: int
    topic: str | None
    resource: str | None
    options: tuple[str, ...]


class Slot(_Part):
    """One place of an attempt's paper, counted from 1; `order` is the option keys as this attempt shows them."""

    slot: int
    question: str
    version: int
    points: int
    topic: str | None
    resource: str | None
    order: tuple[str, ...]


class Paper(_Part):
    """Everything a version of a quiz freezes; equal papers have equal digests."""

    title: str
    pass_percent: int
    attempts_limit: int | None
    cooldown_hours: int
    time_limit_minutes: int | None
    grace_seconds: int
    draw: int | None
    shuffle: bool
    questions: tuple[PaperQuestion, ...]

    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hex."""
        plain = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()

    @property
    def drawn(self) -> int:
        """How many questions an attempt has."""
        return min(self.draw or len(self.questions), len(self.questions))

    def deadline(self, started_at: datetime) -> tuple[datetime | None, datetime | None]:
        """When time is up, and when the attempt closes (deadline plus grace); (None, None) without a limit."""
        if self.time_limit_minutes is None:
            return None, None
        over = started_at + timedelta(minutes=self.time_limit_minutes)
        return over, over + timedelta(seconds=self.grace_seconds)

    def refusal(
        self, finished: int, last_finished_at: datetime | None, now: datetime
    ) -> AttemptRefusedError | None:
        """Why no further attempt may begin at `now`, or None when it may."""
        if self.attempts_limit is not None and finished >= self.attempts_limit:
            return LimitReachedError(self.attempts_limit)
        if last_finished_at is not None:
            until = last_finished_at + timedelta(hours=self.cooldown_hours)
            if now < until:
                return CoolingDownError(until)
        return None


def draw(paper: Paper, earlier: Iterable[str], random: Random) -> tuple[Slot, ...]:
    """The slots of a new attempt: questions not seen before first, then those seen least often, ties by lot.

    `earlier` is the key of every question in every earlier attempt, as often as it was asked. A paper that does not
    shuffle keeps its order of questions and options.
    """
    seen = Counter(earlier)
    lots = random.sample(range(len(paper.questions)), len(paper.questions))
    chosen = sorted(lots, key=lambda place: seen[paper.questions[place].question])[: paper.drawn]
    if paper.shuffle:
        random.shuffle(chosen)
    else:
        chosen.sort()
    return tuple(
        _slot(number, paper.questions[place], paper, random) for number, place in enumerate(chosen, 1)
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
