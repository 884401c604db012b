"""How long a card is remembered: FSRS-6 over whole days, by the package `fsrs`, and fitted to one learner's reviews.

Source: the free spaced repetition scheduler of the open-spaced-repetition group, in its version 6 with 21 parameters,
as py-fsrs implements it. Its clock is handed days of the learner's own calendar, as midnights in UTC, so neither a
time zone nor a change to summer time shortens a day. No Django: states and days in, states out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from functools import cached_property
from random import Random

import fsrs
from fsrs.scheduler import DEFAULT_PARAMETERS, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS

DEFAULTS: tuple[float, ...] = tuple(DEFAULT_PARAMETERS)
LONGEST_DAYS = 365  # nobody plans beyond a year; what is known that long is seen once more
USUAL_RETENTION = 0.9

LEAST_REVIEWS = 400
MOST_REVIEWS = 1500  # the newest ones, so that a fit stays short
MOST_TRIALS = 300
HELD_OUT = 0.2  # the newest reviews, which no trial sees
PULL = 3.0  # how strongly parameters are held to the defaults, against the loss of one review

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_AGAIN_TODAY = timedelta(minutes=1)  # any span below a day: the card comes back on the same day


class Rating(IntEnum):
    """What the learner says of her memory, as FSRS counts it."""

    NOT_YET = 1
    HARD = 2
    GOOD = 3
    EASY = 4


class Phase(IntEnum):
    """Where a card is: new or not known yet, known, or forgotten and on its way back."""

    LEARNING = 1
    KNOWN = 2
    RELEARNING = 3


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of one card: stability in days, difficulty 1 to 10 (None before the first review), and its days."""

    due_on: date
    phase: Phase = Phase.LEARNING
    stability: float | None = None
    difficulty: float | None = None
    reviewed_on: date | None = None


@dataclass(frozen=True)
class Rhythm:
    """How one learner's cards come back: the parameters that hold for her, and how much she wants to remember."""

    parameters: tuple[float, ...] = DEFAULTS
    retention: float = USUAL_RETENTION

    def after(self, memory: Memory, rating: Rating, on: date, seed: object) -> Memory:
        """The card after this answer on this day. Equal seeds spread its next day equally."""
        card, _log = self.scheduler.review_card(_card(memory), fsrs.Rating(rating), _midnight(on))
        after = _memory(card, on)
        days = (after.due_on - on).days
        return replace(after, due_on=on + timedelta(days=spread(days, seed)))

    def choices(self, memory: Memory, on: date, seed: object) -> dict[Rating, Memory]:
        """What each answer would lead to."""
        return {rating: self.after(memory, rating, on, seed) for rating in Rating}

    def recall(self, memory: Memory, on: date) -> float:
        """The probability, 0 to 1, that the card is remembered on this day; 0 before its first review."""
        return float(self.scheduler.get_card_retrievability(_card(memory), _midnight(on)))

    @cached_property
    def scheduler(self) -> fsrs.Scheduler:
        return fsrs.Scheduler(
            parameters=self.parameters,
            desired_retention=self.retention,
            learning_steps=(_AGAIN_TODAY,),
            relearning_steps=(_AGAIN_TODAY,),
            maximum_interval=LONGEST_DAYS,
            enable_fuzzing=False,  # its own throws dice each time: the days on the buttons would not be kept
        )


def spread(days: int, seed: object) -> int:
    """An interval moved a little, so that cards of one quiz do not stay together; below three days it stays.

    Equal seeds move alike, so a longer interval never becomes the shorter one.
    """
    if days < 3:
        return days
    reach = 1 + 0.15 * (min(days, 7) - 2.5) + 0.1 * max(min(days, 20) - 7, 0) + 0.05 * max(days - 20, 0)
    lot = Random(str(seed)).random()  # noqa: S311  # it spreads days and keeps no secret
    return min(max(2, round(days + (2 * lot - 1) * reach)), LONGEST_DAYS)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), UTC)


def _card(memory: Memory) -> fsrs.Card:
    return fsrs.Card(
        card_id=0,
        state=fsrs.State(memory.phase),
        step=None if memory.phase is Phase.KNOWN else 0,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=_midnight(memory.due_on),
        last_review=_midnight(memory.reviewed_on) if memory.reviewed_on else None,
    )


def _memory(card: fsrs.Card, on: date) -> Memory:
    return Memory(card.due.date(), Phase(card.state), card.stability, card.difficulty, on)


# How many of a day


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cards that are due: those coming back today, those seen on another day, and those never seen."""

    returning: int = 0
    known: int = 0
    new: int = 0


@dataclass(frozen=True, slots=True)
class DailyCap:
    """At most so many cards a day, and so many new ones among them."""

    cards: int
    new: int

    def left(self, waiting: Waiting, seen: int, seen_new: int) -> Waiting:
        """What of it is shown today, after so many cards were seen today; what comes back was counted already."""
        known = min(waiting.known, max(self.cards - seen, 0))
        new = min(waiting.new, max(self.cards - seen - known, 0), max(self.new - seen_new, 0))
        return Waiting(waiting.returning, known, new)


# Fitting the parameters to one learner

History = Sequence[tuple[date, Rating]]


@dataclass(frozen=True, slots=True)
class Fit:
    """What came of a fit: log loss per held-out review, with the parameters tried before and with the best."""

    parameters: tuple[float, ...]
    loss_before: float
    loss_after: float
    reviews: int

    @property
    def is_better(self) -> bool:
        return self.loss_after < self.loss_before


def fit(histories: Mapping[int, History], known: tuple[float, ...] = DEFAULTS) -> Fit | None:
    """Parameters that foretell this learner's answers better; None with too few reviews to say.

    `histories` are her reviews by card, in order. The newest fifth is held out: the fit sees the rest, and its result
    is better only if it foretells the held-out ones better than `known` does. Loss is log loss of remembered or not
    over reviews on a later day than the one before, plus a pull to the defaults. The search is that of Hooke and
    Jeeves (1961): one parameter after the other is moved up or down, steps are halved once none helps; it ends after
    MOST_TRIALS looks at the whole, whatever came of it.
    """
    recent = _newest(histories)
    count = sum(map(len, recent))
    if count < LEAST_REVIEWS:
        return None
    days = sorted(on for history in recent for on, _rating in history)
    border = days[int(len(days) * (1 - HELD_OUT))]

    def cost(parameters: tuple[float, ...]) -> float:
        seen = [[review for review in history if review[0] < border] for history in recent]
        losses = list(_losses(seen, parameters))
        return (sum(losses) + PULL * _distance(parameters)) / max(len(losses), 1)

    best = _search(cost, known)
    return Fit(best, _held_out(recent, border, known), _held_out(recent, border, best), count)


def _newest(histories: Mapping[int, History]) -> list[History]:
    """Whole histories, those of the cards seen last, up to MOST_REVIEWS."""
    chosen, count = list[History](), 0
    for history in sorted(filter(None, histories.values()), key=lambda history: history[-1][0], reverse=True):
        if chosen and count + len(history) > MOST_REVIEWS:
            break
        chosen.append(history[-MOST_REVIEWS:])
        count += len(history)
    return chosen


def _losses(
    histories: Iterable[History], parameters: tuple[float, ...], since: date = date.min
) -> Iterable[float]:
    """The log loss of each review since that day that came on a later day than the one before."""
    scheduler = Rhythm(parameters).scheduler
    for history in histories:
        card, before = fsrs.Card(card_id=0, due=_FIRST), date.max
        for on, rating in history:
            moment = _midnight(on)
            if before < on and on >= since:
                foretold = float(scheduler.get_card_retrievability(card, moment))
                yield _loss(foretold, remembered=rating is not Rating.NOT_YET)
            card, _log = scheduler.review_card(card, fsrs.Rating(rating), moment)
            before = on


def _loss(foretold: float, *, remembered: bool) -> float:
    certain = min(max(foretold, 1e-4), 1 - 1e-4)
    return -math.log(certain if remembered else 1 - certain)


def _held_out(histories: Sequence[History], border: date, parameters: tuple[float, ...]) -> float:
    losses = list(_losses(histories, parameters, border))
    return sum(losses) / len(losses) if losses else math.inf


def _distance(parameters: tuple[float, ...]) -> float:
    """How far from the defaults, each parameter measured by its own size."""
    return sum(
        ((one - usual) / max(abs(usual), 0.1)) ** 2 for one, usual in zip(parameters, DEFAULTS, strict=True)
    )


def _search(cost: Callable[[tuple[float, ...]], float], start: tuple[float, ...]) -> tuple[float, ...]:
    best, lowest, trials = start, cost(start), 1
    step = 0.3
    while trials < MOST_TRIALS and step > 0.01:
        before = lowest
        for place in range(len(start)):
            for way in (step, -step):
                tried = _moved(best, place, way)
                found, trials = cost(tried), trials + 1
                if found < lowest:
                    best, lowest = tried, found
                    break
        step = step if lowest < before - 1e-4 else step / 2
    return best


def _moved(parameters: tuple[float, ...], place: int, way: float) -> tuple[float, ...]:
    by = way * max(abs(parameters[place]), 0.05)
    low, high = LOWER_BOUNDS_PARAMETERS[place], UPPER_BOUNDS_PARAMETERS[place]
    moved = min(max(parameters[place] + by, low), high)
    return (*parameters[:place], moved, *parameters[place + 1 :])
