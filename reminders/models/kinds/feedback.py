from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import CharField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from mentoring.models import Review
from progress.models import Enrollment, Submission, SubmissionVersion
from progress.models.submission import SubmissionState
from reminders.models.kinds.kind import CHUNK, Kind, Matter, planned
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.models.wishes import ALL_KINDS

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

SOON = timedelta(minutes=15)  # the mentor may have a second thought, the learner may be on the page already
LOOK_BACK = timedelta(days=14)
USEFUL = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FeedbackMatter(Matter):
    """The answer that waits to be read, the newest first, with what else waits; `quote` is how the newest begins."""

    answers: Sequence[Submission]
    quote: str


class Feedback(Kind):
    """A mentor has accepted or asked for changes, and the learner has not opened it."""

    key = "feedback"
    name = _("Answers from your mentor")
    hint = _("When feedback on your evidence waits to be opened.")

    def plan(self, now: datetime) -> Iterator[list[Letter]]:
        after = 0
        while found := list(_unplanned(now).filter(pk__gt=after).order_by("pk")[:CHUNK]):
            known = readers(row.person_id for row in found)
            letters = (self._letter(known[row.person_id], row, now) for row in found)
            yield [letter for letter in letters if letter]
            after = found[-1].pk

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        rows = _with_version(Submission.objects.filter(pk__in=[x.facts["submission"] for x in letters]))
        known = {row.pk: row for row in rows.annotate(is_on_road=_on_road())}
        found = ((x.pk, _refusal(x, known.get(x.facts["submission"]))) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        waiting = _waiting({letter.recipient_id for letter in letters})
        quotes = _quotes([rows[0] for rows in waiting.values()])
        return {
            letter.pk: FeedbackMatter(
                readers[letter.recipient_id], letter, answers=rows, quote=quotes.get(rows[0].pk, "")
            )
            for letter in letters
            if (rows := waiting.get(letter.recipient_id))
        }

    def _letter(self, reader: Reader, row: Submission, now: datetime) -> Letter | None:
        return planned(
            self.key,
            reader,
            occurrence=f"submission-{row.pk}/version-{_version(row)}",
            facts={"submission": row.pk, "version": _version(row)},
            not_before=row.state_since + SOON,
            expires_at=row.state_since + USEFUL,
            now=now,
        )


def _refusal(letter: Letter, row: Submission | None) -> Reason | None:
    if row is None or not getattr(row, "is_on_road", False):
        return Reason.LEFT_ROAD
    if row.state == SubmissionState.WAITING or _version(row) != letter.facts["version"]:
        return Reason.OVERTAKEN
    return Reason.OPENED if row.feedback_seen_at else None


def _unplanned(now: datetime) -> QuerySet[Submission]:
    """Decided, not opened, and not in the ledger for this version; decisions of long ago are let be."""
    occurrence = Concat(
        Value("submission-"),
        Cast(OuterRef("pk"), CharField()),
        Value("/version-"),
        Cast(OuterRef("version"), CharField()),
        output_field=CharField(),
    )
    planned_before = Letter.objects.of_kinds([Feedback.key]).filter(
        recipient=OuterRef("person"), occurrence=occurrence
    )
    stopped = Q(person__letter_wishes__stopped_kinds__has_any_keys=[Feedback.key, ALL_KINDS])
    return (
        _with_version(_unseen().filter(state_since__gt=now - LOOK_BACK, state_since__lte=now))
        .filter(~Exists(planned_before), _on_road(), person__is_active=True)
        .exclude(stopped)
    )


def _unseen() -> QuerySet[Submission]:
    return Submission.objects.exclude(state=SubmissionState.WAITING).filter(feedback_seen_at=None)


def _with_version(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """Each row with the number of its newest version, which is the one that was decided."""
    newest = (
        SubmissionVersion.objects.filter(submission=OuterRef("pk"))
        .order_by()
        .values("submission")
        .annotate(newest=Max("number"))
        .values("newest")
    )
    return rows.annotate(version=Subquery(newest))


def _version(row: Submission) -> int:
    number: int = getattr(row, "version", 0)
    return number


def _on_road() -> Combinable:
    """Whether the person is still enrolled on the road that the task belongs to; she may have finished it."""
    return Exists(
        Enrollment.objects.current().filter(person=OuterRef("person"), roadmap=OuterRef("task__roadmap"))
    )


def _waiting(people: set[int]) -> dict[int, list[Submission]]:
    """All answers that wait to be opened by each of these people, the newest first."""
    rows = (
        _unseen()
        .filter(_on_road(), person__in=people)
        .select_related("task__roadmap", "state_by")
        .order_by(F("state_since").desc(), "-pk")
    )
    found: dict[int, list[Submission]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found


def _quotes(rows: Sequence[Submission]) -> dict[int, str]:
    """The feedback written with the newest decision on each of these."""
    reviews = Review.objects.filter(version__submission__in=rows).order_by("reviewed_at", "pk")
    return dict(reviews.values_list("version__submission", "feedback"))
