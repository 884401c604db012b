"""Whom a publish would touch, and how, before it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from itertools import islice
from math import ceil
from typing import NamedTuple

from accounts.sentences import Sentence, ngettext
from accounts.sentences import sentence as _
from progress import plan
from progress.asking import AskedMore, Marks, asked_more, weighed_anew
from progress.models import Enrollment
from progress.models.enrollments import active_since
from progress.models.facts import EnrollmentFacts, read_many
from progress.standing import Facts, doors
from roadmap.document import RoadDocument, StageEntry
from roadmap.models import Roadmap

AT_ONCE = 500


class Row(NamedTuple):
    """One effect, how many learners it has, and what comes of it when the author chooses nothing."""

    effect: Sentence
    learners: int
    otherwise: Sentence


class AskedAgain(NamedTuple):
    """One stage that could be asked again: what for, how many passed it, how many of them would have more to do."""

    title: str
    why: tuple[Sentence, ...]
    passed: int
    again: int


@dataclass
class Impact:
    """What a publish would do to the learners on a road; counters count people by the key of a stage."""

    old: RoadDocument | None
    new: RoadDocument
    asked: Sequence[AskedMore] = ()
    learners: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    opens: Counter[str] = field(default_factory=Counter)
    shuts: Counter[str] = field(default_factory=Counter)
    begun: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)
    passes: Counter[str] = field(default_factory=Counter)
    days: list[int] = field(default_factory=list)
    people_again: int = 0
    people_locked: int = 0

    @property
    def stages(self) -> list[AskedAgain]:
        """The stages that ask for more and were passed by somebody, in the order of the road."""
        return [
            AskedAgain(self._title(one), tuple(self._why(one)), self.passed[one.stage], self.again[one.stage])
            for one in self.asked
            if self.passed[one.stage]
        ]

    def rows(self) -> Iterator[Row]:
        """The effects in words; those on nobody are left out."""
        if self.learners:
            yield Row(_("See the new edition"), self.learners, _("at their next visit"))
        if self.days:
            yield Row(_("Have more or fewer hours ahead"), len(self.days), self._days())
        for one in self.stages:
            effect = _("Passed “%(stage)s”, which asks for more now: %(why)s", stage=one.title, why=one.why)
            yield Row(effect, one.passed, _("keep “passed”"))
        for stage in self.new.stages:
            yield from self._doors(stage)

    # Helpers

    def _title(self, one: AskedMore) -> str:
        return self.new.stage_by_key[one.stage].title

    def _why(self, one: AskedMore) -> Iterator[Sentence]:
        if one.resources:
            count = len(one.resources)
            yield ngettext("%(count)s more resource to tick", "%(count)s more resources to tick", count)
        if one.is_quiz_new:
            yield _("a quiz that was not asked before")
        if one.old_mark is not None:
            yield _("a mark of %(new)s %% after %(old)s %%", old=one.old_mark, new=one.mark or 0)

    def _days(self) -> Sentence:
        """By how many days the end of a plan moves, should it be made anew: below zero it comes earlier."""
        low, high = min(self.days), max(self.days)
        if low == high:
            return ngettext(
                "dates stay; a plan made anew ends %(days)s day from the old end",
                "dates stay; a plan made anew ends %(days)s days from the old end",
                abs(high),
            ).filled(days=f"{high:+d}")
        told = _("dates stay; a plan made anew ends %(low)s to %(high)s days from the old end")
        return told.filled(low=f"{low:+d}", high=f"{high:+d}")

    def _doors(self, stage: StageEntry) -> Iterator[Row]:
        key, title = stage.key, stage.title
        if count := self.passes[key]:
            yield Row(_("Have done all that “%(stage)s” asks now", stage=title), count, _("pass it at once"))
        if count := self.opens[key]:
            yield Row(_("May enter “%(stage)s” earlier", stage=title), count, _("it opens at once"))
        if count := self.shuts[key]:
            shut = _("it shuts until its gate is met; %(count)s of them have begun it and keep what they did")
            effect = _("Stand in “%(stage)s”, which does not open to them any more", stage=title)
            yield Row(effect, count, shut.filled(count=self.begun[key]))
        if count := self.waits[key]:
            effect = _("Stand in front of “%(stage)s”, whose gate changes", stage=title)
            yield Row(effect, count, _("wait for the new gate"))


def impact(
    road: Roadmap,
    old: RoadDocument | None,
    new: RoadDocument,
    now: datetime,
    *,
    old_marks: Marks | None = None,
    new_marks: Marks | None = None,
) -> Impact:
    """What publishing `new` on this road, where `old` is studied, would do to its learners. Writes nothing.

    One query counts them; where rules or hours change, one more lists them and one reads 500 of them at a time.
    """
    learners = Enrollment.objects.current().filter(roadmap=road)
    if old is None:
        return Impact(None, new, learners=learners.count())
    asked = asked_more(old, new, old_marks or {}, new_marks or {})
    found = Impact(old, new, asked, learners=learners.count())
    if asked or _rules(old) != _rules(new):
        weighing = _Weighing(old, new, found)
        rows = learners.order_by("pk").values_list("pk", "background").iterator(AT_ONCE)
        while some := list(islice(rows, AT_ONCE)):
            known = read_many([pk for pk, _background in some], active_since=active_since(now))
            for pk, background in some:
                weighing.add(known[pk], background, now)
    return found


def _rules(document: RoadDocument) -> list[tuple[object, ...]]:
    """What decides about standing and plans."""
    backgrounds = [background.key for background in document.backgrounds]
    return [
        (stage.key, stage.gates, stage.core, stage.quiz, [stage.hours(key) for key in backgrounds])
        for stage in document.stages
    ]


class _Weighing:
    """Learners' facts against both editions, one learner after the other."""

    def __init__(self, old: RoadDocument, new: RoadDocument, found: Impact) -> None:
        self.old, self.new, self.found = old, new, found
        self.both = old.stage_by_key.keys() & new.stage_by_key.keys()
        self.regated = {
            key for key in self.both if old.stage_by_key[key].gates != new.stage_by_key[key].gates
        }
        self.hours: dict[tuple[int, str], dict[str, Fraction]] = {}

    def add(self, known: EnrollmentFacts, background: str, now: datetime) -> None:
        """Where she stands now, under the new edition, and once its stages are asked again."""
        facts, found = known.facts, self.found
        passed, was_open = doors(self.old, facts)
        # A publish writes down what was earned before it.
        kept = replace(facts, passes={**dict.fromkeys(passed, now), **facts.passes})
        passes, is_open = doors(self.new, kept)
        found.passed.update(one.stage for one in found.asked if one.stage in passed)
        found.passes.update((passes - passed) & self.both)
        found.opens.update((is_open - was_open - passes) & self.both)
        shut = (was_open - is_open) & self.both
        found.shuts.update(shut)
        found.begun.update(key for key in shut if self._has_begun(key, facts))
        found.waits.update(self.regated - is_open - shut)
        if found.asked:
            self._ask_again(kept, passes, is_open)
        if days := self._days(known, background, passed, passes):
            found.days.append(days)

    def _ask_again(self, kept: Facts, passes: frozenset[str], is_open: frozenset[str]) -> None:
        still, open_then = doors(self.new, weighed_anew(kept, self.found.asked))
        again = passes - still
        self.found.again.update(again)
        self.found.people_again += bool(again)
        self.found.people_locked += bool(is_open - open_then)

    def _has_begun(self, stage: str, facts: Facts) -> bool:
        return any(
            placed.resource in facts.ticked
            for topic in self.new.stage_by_key[stage].topics
            for placed in topic.resources
        )

    def _days(
        self, known: EnrollmentFacts, background: str, passed: frozenset[str], passes: frozenset[str]
    ) -> int:
        """By how many days what is ahead takes longer, at the hours a week of her plan; 0 without one."""
        if known.plan is None:
            return 0
        before = self._ahead(self.old, background, passed)
        after = self._ahead(self.new, background, passes)
        a_day = Fraction(known.plan.hours_per_week) / 7
        return ceil(after / a_day) - ceil(before / a_day)

    def _ahead(self, document: RoadDocument, background: str, passed: frozenset[str]) -> Fraction:
        """Hours of the stages that are not passed."""
        hours = self._hours(document, background)
        return sum((hours[key] for key in hours if key not in passed), Fraction(0))

    def _hours(self, document: RoadDocument, background: str) -> dict[str, Fraction]:
        known = self.hours.get((id(document), background))
        if known is None:
            known = {stage.key: plan.middle(*stage.hours(background)) for stage in document.stages}
            self.hours[id(document), background] = known
        return known
