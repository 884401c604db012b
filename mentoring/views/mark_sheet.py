"""What a mentor's pages say of one attempt at a quiz: its answers, what they earned, and who marked them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext

from accounts.models import User
from accounts.words import said
from mentoring import words
from mentoring.models import mentored_enrollments
from quizzes.marking import is_given
from quizzes.models import Attempt, Grading
from quizzes.result import Answered, Mark, Result
from roadmap import rendering


@dataclass(frozen=True)
class MarkSheet:
    """A marked attempt with its gradings; `number` is that of the newest."""

    attempt: Attempt
    result: Result
    gradings: Sequence[Grading]

    @classmethod
    def of(cls, attempt: Attempt) -> MarkSheet:
        """Four queries."""
        gradings = list(attempt.gradings.select_related("graded_by").order_by("number"))
        return cls(attempt, attempt.result(), gradings)

    @property
    def number(self) -> int:
        return self.gradings[-1].number

    @cached_property
    def all_marks(self) -> dict[int, Mark]:
        return {answer.slot.slot: answer.mark for answer in self.result.answered}

    @cached_property
    def marks(self) -> dict[int, Mark]:
        """Those that a person gives, by slot."""
        return {
            answer.slot.slot: answer.mark
            for answer in self.result.answered
            if answer.body.is_marked_by_hand and answer.is_given
        }

    def rows(self, form: forms.Form, reader: User, moved: Sequence[int] = ()) -> list[dict[str, Any]]:
        """Each answer that a person marks, with its fields."""
        return [
            {
                **self.row(slot, reader),
                "points_field": form[f"points-{slot}"],
                "comment_field": form[f"comment-{slot}"],
                "is_moved": slot in moved,
            }
            for slot in self.marks
        ]

    def row(self, slot: int, reader: User) -> dict[str, Any]:
        """One answer: what was asked, what was said, what it earned so far and from whom."""
        answer = next(answer for answer in self.result.answered if answer.slot.slot == slot)
        body = answer.body
        right = body.right_value()
        return {
            "slot": slot,
            "stem": words.written(body.stem),
            "guide": words.written(getattr(body, "guide", "")),
            "explanation": words.written(body.explanation),
            "given": _given(answer),
            "length": len(str(answer.value).split()) if body.is_marked_by_hand and answer.is_given else 0,
            "right": said(body.said(right)) if right is not None else "",
            "late": said(body.said(answer.late)) if is_given(answer.late) else "",
            "overtaken": said(body.said(answer.overtaken)) if is_given(answer.overtaken) else "",
            "waits": answer.mark.waits,
            "points": plain(answer.mark.points),
            "possible": answer.mark.possible,
            "comment": answer.mark.comment,
            "marked": self._marked(slot, reader),
        }

    def others(self) -> list[dict[str, Any]]:
        """What the rest of the paper earned, in a line each."""
        return [
            {
                "slot": answer.slot.slot,
                "title": Truncator(strip_tags(rendering.inline(answer.body.stem.split("\n\n")[0]))).words(16),
                "points": plain(answer.mark.points),
                "possible": answer.mark.possible,
            }
            for answer in self.result.answered
            if answer.slot.slot not in self.marks
        ]

    def _marked(self, slot: int, reader: User) -> str:
        """Who gave the mark that stands, and when; empty where nobody did."""
        if not self.gradings:
            return ""
        last: Grading | None = None
        before: Any = self.gradings[0].marks.get(str(slot))
        for grading in self.gradings[1:]:
            if grading.marks.get(str(slot)) != before:
                last, before = grading, grading.marks.get(str(slot))
        if last is None:
            return ""
        values = {"who": words.member(last.graded_by), "day": words.day(reader.today(last.graded_at))}
        return gettext("%(who)s, %(day)s") % values


def _given(answer: Answered) -> str:
    """A learner's answer: a text as she formatted it, anything else in words."""
    if not answer.is_given:
        return ""
    text = said(answer.body.said(answer.value))
    return words.written(text) if answer.body.is_marked_by_hand else text


def plain(points: Decimal) -> str:
    """Points as pages say them: 2, 2.5."""
    return f"{round(points, 2).normalize():f}"


def facts(sheet: MarkSheet, reader: User) -> list[tuple[str, str]]:
    """Whose attempt it is, when it was handed in, and how it stands."""
    attempt = sheet.attempt
    finished: datetime = attempt.finished_at or attempt.started_at
    points = {"points": plain(attempt.points or Decimal(0)), "possible": plain(attempt.points_possible)}
    return [
        (gettext("Learner"), str(attempt.person)),
        (gettext("Road"), attempt.quiz.roadmap.title),
        (gettext("Attempt"), str(attempt.number)),
        (gettext("Handed in"), words.day(reader.today(finished))),
        (gettext("Points so far"), gettext("%(points)s of %(possible)s") % points),
        (gettext("Pass mark"), f"{attempt.pass_percent} %"),
    ]


def learner_href(mentor: User, attempt: Attempt) -> str:
    """The learner's page, empty when she is not on the road any more."""
    reach = mentored_enrollments().within_reach_of(mentor)
    is_on_road = reach.filter(person=attempt.person_id, roadmap=attempt.quiz.roadmap_id).exists()
    return words.learner_url(attempt.person_id, attempt.quiz.roadmap.key) if is_on_road else ""
