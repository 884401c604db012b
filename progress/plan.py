"""Dates of a plan: hours of each stage, hours a week, a first day, and the pauses in between.

Plain arithmetic: the hours of a stage are the middle of its low and high; a week's hours are spread evenly
over its seven days; sums are taken before rounding, so that rounding never adds up. Days in a pause don't count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `starts_on` up to but without `ends_on`."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class StageDates:
    """One planned stage: its first day and the day by which it is due."""

    key: str
    starts_on: date
    due_on: date


def middle(low: int, high: int) -> Fraction:
    """The middle of a range of hours."""
    return Fraction(low + high, 2)


def lay_out(
    hours: Sequence[tuple[str, Fraction]], hours_per_week: Fraction, starts_on: date
) -> list[StageDates]:
    """Dates of stages studied one after the other, pauses not yet added; due_on is the last day of study.

    `hours` is (stage key, hours) in order; raises ValueError unless hours_per_week is above zero.
    """
    if hours_per_week <= 0:
        raise ValueError("A plan needs more than no hours a week.")
    planned, studied = [], Fraction(0)
    for key, needed in hours:
        begins = starts_on + timedelta(days=int(studied * 7 / hours_per_week))
        studied += needed
        last = starts_on + timedelta(days=max(ceil(studied * 7 / hours_per_week) - 1, 0))
        planned.append(StageDates(key, begins, max(begins, last)))
    return planned


def shift(day: date, pauses: Iterable[Span], *, since: date) -> date:
    """The calendar day on which a day planned without pauses falls, when pauses from `since` on are left out."""
    for pause in merged(pauses):
        begins = max(pause.starts_on, since)
        if begins < pause.ends_on and begins <= day:
            day += pause.ends_on - begins
    return day


def weeks_since(day: date, pauses: Iterable[Span], *, since: date) -> int:
    """How many whole weeks lie between the days `since` and `day`, when days of pauses are left out."""
    paused = sum(
        max((min(pause.ends_on, day) - max(pause.starts_on, since)).days, 0) for pause in merged(pauses)
    )
    return ((day - since).days - paused) // 7


def merged(pauses: Iterable[Span]) -> list[Span]:
    """The same days as spans that neither touch nor overlap, in order."""
    joined: list[Span] = []
    for pause in sorted(pauses, key=lambda span: span.starts_on):
        if joined and pause.starts_on <= joined[-1].ends_on:
            last = joined[-1]
            joined[-1] = Span(last.starts_on, max(last.ends_on, pause.ends_on))
        else:
            joined.append(pause)
    return joined


def weeks_needed(hours: Fraction, hours_per_week: Fraction) -> int:
    """Whole weeks that this many hours take, rounded up."""
    return ceil(hours / hours_per_week)


def months_needed(hours: Fraction, hours_per_week: Fraction) -> Fraction:
    """Months of 52/12 weeks that this many hours take."""
    return hours / hours_per_week / Fraction(52, 12)
