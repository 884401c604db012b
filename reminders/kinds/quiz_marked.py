from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import CharField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, Greatest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quizzes.models import Appeal, Attempt, Grading, GradingKind
from quizzes.models.attempts import AttemptQuerySet
from reminders.kinds.kind import Asked, Kind, Matter, in_chunks, on_road
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.words import LISTED, Also, Content, hello, more

_BY_PEOPLE = [GradingKind.BY_MENTOR, GradingKind.APPEAL]
SOON = timedelta(minutes=15)  # the mentor may have a second thought, the learner may be on the page already
LOOK_BACK = timedelta(days=14)
USEFUL = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class QuizMarkedMatter(Matter):
    """The attempts whose marks or answers wait to be read, the newest first."""

    attempts: Sequence[Attempt]


class QuizMarked(Kind):
    """A mentor has marked the last answer of an attempt, or answered an appeal, and the learner has not opened it."""

    key = "quiz_marked"
    name = _("Marks from your mentor")
    hint = _("When answers in a quiz were marked, or an appeal was answered.")
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
        wanted = Attempt.objects.filter(pk__in=[x.facts["attempt"] for x in letters])
        known = {row.pk: row for row in _with_state(wanted).filter(on_road("quiz__roadmap"))}
        unread = set(_answered(wanted).values_list("pk", flat=True))
        found = ((x.pk, _refusal(x, known.get(x.facts["attempt"]), unread)) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        waiting = _waiting({letter.recipient_id for letter in letters})
        return {
            letter.pk: QuizMarkedMatter(readers[letter.recipient_id], letter, attempts=rows)
            for letter in letters
            if (rows := waiting.get(letter.recipient_id))
        }

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, QuizMarkedMatter)  # noqa: S101  # matters() makes no other
        newest, rest = matter.attempts[0], matter.attempts[1:]
        listed = tuple(Also(*_page_of(row)) for row in rest[:LISTED])
        title, link = _page_of(newest)
        return Content(
            subject=gettext("%(quiz)s: your mentor has answered") % {"quiz": title},
            preheader=gettext("Marks or an answer wait to be read."),
            lead=gettext("%(hello)s your mentor has looked at your answers in this quiz.")
            % {"hello": hello(matter.reader.person)},
            kicker=gettext("See your result"),
            step=title,
            link=link,
            why=gettext("You get this because a mentor marked or answered something you have not opened."),
            also=listed,
            more=more(len(rest) - len(listed)),
        )

    def _letter(self, reader: Reader, row: Attempt, now: datetime) -> Letter | None:
        said_at: datetime = row.said_at  # type: ignore[attr-defined]  # _with_state()
        return self.letter(
            reader,
            occurrence=_occurrence(row),
            facts={"attempt": row.pk},
            not_before=said_at + SOON,
            expires_at=said_at + USEFUL,
            now=now,
        )


def _refusal(letter: Letter, row: Attempt | None, unread: set[int]) -> Reason | None:
    if row is None:
        return Reason.LEFT_ROAD
    if row.pk not in unread:
        return Reason.OPENED
    return Reason.OVERTAKEN if _occurrence(row) != letter.occurrence else None


def _occurrence(row: Attempt) -> str:
    occurrence: str = row.occurrence  # type: ignore[attr-defined]  # _with_state()
    return occurrence


def _unplanned(asked: Asked) -> QuerySet[Attempt]:
    """With marks or answers that were not seen, and not in the ledger for these; those of long ago are let be."""
    since = asked.now - LOOK_BACK
    marked = Grading.objects.filter(graded_at__gt=since, kind__in=_BY_PEOPLE)
    answered = Appeal.objects.filter(answered_at__gt=since)
    planned_before = Letter.objects.of_kinds([QuizMarked.key]).filter(
        recipient=OuterRef("person"), occurrence=OuterRef("occurrence")
    )
    stopped = Q(person__letter_wishes__stopped_kinds__has_any_keys=asked.stops(QuizMarked.key))
    recent = marked.order_by().values("attempt").union(answered.order_by().values("attempt"))
    rows = _answered(Attempt.objects.filter(on_road("quiz__roadmap"), pk__in=recent, person__is_active=True))
    if asked.person:
        rows = rows.filter(person=asked.person)
    return _with_state(rows).filter(~Exists(planned_before), Q(("said_at__lte", asked.now))).exclude(stopped)


def _answered(rows: AttemptQuerySet) -> AttemptQuerySet:
    """Those with news from a mentor: who regrades a question answers nobody."""
    marks = Grading.objects.filter(
        attempt=OuterRef("pk"), kind__in=_BY_PEOPLE, number__gt=OuterRef("seen_grading")
    )
    answers = Appeal.objects.answered().filter(attempt=OuterRef("pk"), seen_at=None)
    return rows.with_news().filter(Exists(marks) | Exists(answers))


def _with_state(rows: QuerySet[Attempt]) -> QuerySet[Attempt]:
    """Each row with what a letter is about: the last marks, how many answers, and when the last of them came."""
    gradings = (
        Grading.objects.filter(attempt=OuterRef("pk"), kind__in=_BY_PEOPLE).order_by().values("attempt")
    )
    answers = Appeal.objects.answered().filter(attempt=OuterRef("pk")).order_by().values("attempt")
    newest = gradings.annotate(newest=Max("number")).values("newest")
    count = answers.annotate(count=Count("pk")).values("count")
    graded_at = Subquery(gradings.annotate(at=Max("graded_at")).values("at"))
    answered_at = Subquery(answers.annotate(at=Max("answered_at")).values("at"))
    return rows.annotate(
        said_at=Greatest(graded_at, answered_at),  # without what is missing
        occurrence=Concat(
            Value("attempt-"),
            Cast("pk", CharField()),
            Value("/grading-"),
            Cast(Coalesce(Subquery(newest), 1), CharField()),
            Value("/answers-"),
            Cast(Coalesce(Subquery(count), 0), CharField()),
            output_field=CharField(),
        ),
    )


def _waiting(people: set[int]) -> dict[int, list[Attempt]]:
    """All attempts with such news of each of these people, the newest first."""
    rows = _answered(Attempt.objects.filter(on_road("quiz__roadmap"), person__in=people)).select_related(
        "quiz__roadmap"
    )
    found: dict[int, list[Attempt]] = {}
    for row in _with_state(rows).defer("paper").order_by(F("said_at").desc(), "-pk"):
        found.setdefault(row.person_id, []).append(row)
    return found


def _page_of(attempt: Attempt) -> tuple[str, str]:
    """The quiz of an attempt, and where its result is."""
    road, quiz = attempt.quiz.roadmap.key, attempt.quiz
    return quiz.title, reverse("progress:quiz_result", args=[road, quiz.key, attempt.number])
