from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from progress.models import Submission
from progress.models.submission import SubmissionQuerySet, SubmissionState
from reminders.kinds.answered import occurrence, occurrence_of_outer, page_of, quotes, version_of
from reminders.kinds.kind import Asked, Kind, Matter, in_chunks, on_road
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.words import LISTED, Also, Content, beginning, hello, more

SOON = timedelta(minutes=15)  # the mentor may have a second thought, the learner may be on the page already
LOOK_BACK = timedelta(days=14)
USEFUL = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FeedbackMatter(Matter):
    """The answer that waits to be read, the newest first, with what else waits; `quote` is how the newest begins."""

    answers: Sequence[Submission]
    quote: str

    @property
    def named(self) -> Iterable[int]:
        mentor = self.answers[0].state_by_id
        return [mentor] if mentor else []


class Feedback(Kind):
    """A mentor has accepted or asked for changes, and the learner has not opened it."""

    key = "feedback"
    name = _("Answers from your mentor")
    hint = _("When feedback on your evidence waits to be opened.")
    priority = 1
    is_critical = True

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        for found in in_chunks(_unplanned(asked)):
            known = readers(row.person_id for row in found)
            letters = (self._letter(known[row.person_id], row, asked.now) for row in found)
            yield [letter for letter in letters if letter]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        rows = Submission.objects.filter(pk__in=[x.facts["submission"] for x in letters]).with_version()
        known = {row.pk: row for row in rows.annotate(is_on_road=on_road("task__roadmap"))}
        found = ((x.pk, _refusal(x, known.get(x.facts["submission"]))) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        waiting = _waiting({letter.recipient_id for letter in letters})
        said = quotes([rows[0] for rows in waiting.values()])
        return {
            letter.pk: FeedbackMatter(
                readers[letter.recipient_id], letter, answers=rows, quote=said.get(rows[0].pk, "")
            )
            for letter in letters
            if (rows := waiting.get(letter.recipient_id))
        }

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, FeedbackMatter)  # noqa: S101  # matters() makes no other
        newest, rest = matter.answers[0], matter.answers[1:]
        title, link = page_of(newest)
        by = str(newest.state_by) if newest.state_by else gettext("Your mentor")
        listed = tuple(Also(*page_of(row)) for row in rest[:LISTED])
        return Content(
            subject=gettext("%(mentor)s answered: %(task)s") % {"mentor": by, "task": title},
            preheader=gettext("The feedback waits to be read."),
            lead=gettext("%(hello)s %(mentor)s has read your evidence and written to you.")
            % {"hello": hello(matter.reader.person), "mentor": by},
            kicker=gettext("Read the feedback"),
            step=title,
            link=link,
            why=gettext("You get this because there is feedback you have not opened."),
            quote=beginning(matter.quote),
            quoted=by,
            also=listed,
            more=more(len(rest) - len(listed)),
        )

    def _letter(self, reader: Reader, row: Submission, now: datetime) -> Letter | None:
        return self.letter(
            reader,
            occurrence=occurrence(row),
            facts={"submission": row.pk, "version": version_of(row)},
            not_before=row.state_since + SOON,
            expires_at=row.state_since + USEFUL,
            now=now,
        )


def _refusal(letter: Letter, row: Submission | None) -> Reason | None:
    if row is None or not getattr(row, "is_on_road", False):
        return Reason.LEFT_ROAD
    if row.state == SubmissionState.WAITING or version_of(row) != letter.facts["version"]:
        return Reason.OVERTAKEN
    return Reason.OPENED if row.feedback_seen_at else None


def _unplanned(asked: Asked) -> SubmissionQuerySet:
    """Decided, not opened, and not in the ledger for this version; decisions of long ago are let be."""
    planned_before = Letter.objects.of_kinds([Feedback.key]).filter(
        recipient=OuterRef("person"), occurrence=occurrence_of_outer()
    )
    stopped = Q(person__letter_wishes__stopped_kinds__has_any_keys=asked.stops(Feedback.key))
    rows = _unseen().filter(state_since__gt=asked.now - LOOK_BACK, state_since__lte=asked.now)
    if asked.person:
        rows = rows.filter(person=asked.person)
    return (
        rows.with_version()
        .filter(~Exists(planned_before), on_road("task__roadmap"), person__is_active=True)
        .exclude(stopped)
    )


def _unseen() -> SubmissionQuerySet:
    return Submission.objects.exclude(state=SubmissionState.WAITING).filter(feedback_seen_at=None)


def _waiting(people: set[int]) -> dict[int, list[Submission]]:
    """All answers that wait to be opened by each of these people, the newest first."""
    rows = (
        _unseen()
        .filter(on_road("task__roadmap"), person__in=people)
        .select_related("task__roadmap", "state_by")
        .order_by(F("state_since").desc(), "-pk")
    )
    found: dict[int, list[Submission]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found
