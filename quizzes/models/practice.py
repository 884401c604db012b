from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay, User
from quizzes.bodies import TYPES, Body
from quizzes.marking import mark
from quizzes.models.attempt import Attempt
from quizzes.models.card import Card
from quizzes.models.question import EditKind, QuestionVersion
from quizzes.paper import Slot
from quizzes.practice import TAG, Practicable, Practised, may_practise, rank
from quizzes.review import Item

_TOLD = frozenset(Item)  # practice tells all of it

# The newest version of each question that might be practised in this topic, with what decides whether it may be: those
# that stand in attempts of the person, and those tagged for practice. Papers of retired quizzes ask nobody any more.
_CANDIDATES = """
WITH stood AS (
  SELECT version.question_id, attempt.id AS attempt_id, attempt.number, attempt.finished_at,
         version.number AS version_number, place.value AS place, place.value->>'topic' AS topic,
         quiz.roadmap_id AS road_id
    FROM quizzes_attempt attempt
    JOIN quizzes_quiz quiz ON quiz.id = attempt.quiz_id
   CROSS JOIN LATERAL jsonb_array_elements(attempt.paper) AS place
    JOIN quizzes_questionversion version ON version.id = (place.value->>'version')::bigint
   WHERE attempt.person_id = %(person)s
), wanted AS (
  SELECT DISTINCT question_id AS id FROM stood WHERE topic = %(topic)s AND road_id = %(road)s
   UNION
  SELECT question.id FROM quizzes_question question JOIN roadmap_topic topic ON topic.id = question.topic_id
   WHERE topic.roadmap_id = %(road)s AND topic.key = %(topic)s AND question.tags @> to_jsonb(%(tag)s::text)
), papers AS (
  SELECT DISTINCT asked.value->>'question' AS key
    FROM quizzes_quiz quiz
    JOIN quizzes_quizversion version ON version.id = quiz.current_version_id
   CROSS JOIN LATERAL jsonb_array_elements(version.paper->'questions') AS asked
   WHERE quiz.archived_at IS NULL
     AND EXISTS (SELECT FROM wanted JOIN quizzes_question q ON q.id = wanted.id WHERE q.tags @> to_jsonb(%(tag)s::text))
)
SELECT question.id, question.type, question.archived_at IS NOT NULL, question.tags @> to_jsonb(%(tag)s::text),
       EXISTS (SELECT FROM papers WHERE papers.key = question.key),
       coalesce((SELECT json_agg(json_build_object(
           'attempt', stood.attempt_id, 'is_open', stood.finished_at IS NULL, 'place', stood.place,
           'version', stood.version_number) ORDER BY stood.attempt_id DESC)
          FROM stood WHERE stood.question_id = question.id), '[]'),
       coalesce((SELECT json_agg(json_build_array(version.id, version.number, version.edit_kind)
                  ORDER BY version.number)
          FROM quizzes_questionversion version WHERE version.question_id = question.id), '[]'),
       last.at, last.fraction < 1, resource.key
  FROM wanted JOIN quizzes_question question ON question.id = wanted.id
  LEFT JOIN roadmap_resource resource ON resource.id = question.resource_id
  LEFT JOIN LATERAL (
    SELECT answer.at, answer.fraction FROM quizzes_practiceanswer answer
      JOIN quizzes_questionversion version ON version.id = answer.version_id
     WHERE answer.person_id = %(person)s AND version.question_id = question.id
     ORDER BY answer.at DESC, answer.id DESC LIMIT 1) last ON true
 ORDER BY question.key
"""


class _Standing(NamedTuple):
    """Where a question stands in an attempt of the person."""

    attempt: int
    is_open: bool
    slot: Slot
    version: int


@dataclass(frozen=True)
class PracticeQuestion:
    """One question that a person may practise now; `attempt` shows her its right answer: None where no quiz asks it."""

    question: int
    version: int
    topic: str
    resource: str | None
    drawn: tuple[str, ...]
    practised: Practised = field(default_factory=Practised)
    attempt: int | None = None
    slot: int | None = None

    def body(self) -> Body:
        return QuestionVersion.objects.bodies([self.version])[self.version]

    def order(self) -> tuple[str, ...]:
        """The keys of its options in the order that she saw, else in one that tells nothing."""
        return self.drawn or self.body().option_keys()


class PracticeAnswerQuerySet(models.QuerySet["PracticeAnswer"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def questions(self, person: User, road: int, topic: str, now: datetime) -> list[PracticeQuestion]:
        """The questions of a topic that the person may practise at `now`, the next one first.

        A fixed number of queries: one for the candidates, three at most for each quiz whose results do not show all.
        """
        with connection.cursor() as cursor:
            cursor.execute(_CANDIDATES, {"person": person.pk, "road": road, "topic": topic, "tag": TAG})
            rows = [_Row(*row) for row in cursor.fetchall()]
        telling = _telling({place.attempt for row in rows for place in row.standings()}, person, now)
        found = [question for row in rows if (question := row.practicable(topic, telling)) is not None]
        return sorted(found, key=lambda question: rank(question.practised))

    @transaction.atomic
    def record(
        self, person: User, asked: PracticeQuestion, value: object, client_id: UUID, now: datetime
    ) -> PracticeAnswer:
        """Keep an answer, once for each `client_id`; one that missed makes a review card where an attempt has it."""
        fraction = mark(asked.body(), value)
        self.bulk_create(
            [
                PracticeAnswer(
                    person=person,
                    version_id=asked.version,
                    value=value,
                    fraction=round(float(fraction), 6),
                    at=now,
                    client_id=client_id,
                )
            ],
            ignore_conflicts=True,
        )
        ActiveDay.objects.record(person, now)
        if fraction < 1 and asked.attempt is not None and asked.slot is not None:
            source = Attempt.objects.of(person).defer("paper").get(pk=asked.attempt)
            Card.objects.take_in(
                person, source, asked.slot, now, question=asked.question, version=asked.version
            )
        return self.get(person=person, client_id=client_id)


class PracticeAnswer(models.Model):
    """One answer that a person gave while practising; it counts for nothing, and is kept as a fact about her."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="practice_answers")
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="+")
    value = models.JSONField(null=True)
    fraction = models.FloatField()
    at = models.DateTimeField()
    client_id = models.UUIDField()

    objects = PracticeAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("practice answer")
        verbose_name_plural = _("practice answers")
        ordering = ("-at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["person", "client_id"], name="a_practice_answer_is_written_once")
        ]
        indexes = [models.Index(fields=["person", "version", "-at"], name="practice_answers_newest_first")]

    def __str__(self) -> str:
        return f"{self.person_id} practised {self.version_id}"

    @property
    def is_right(self) -> bool:
        return self.fraction >= 1


class _Row(NamedTuple):
    """One candidate as the statement tells it."""

    question: int
    type: str
    is_archived: bool
    has_tag: bool
    is_on_paper: bool
    stood: list[dict[str, Any]]
    versions: list[tuple[int, int, str]]
    last_at: datetime | None
    was_missed: bool | None
    resource: str | None

    def standings(self) -> list[_Standing]:
        return [
            _Standing(row["attempt"], row["is_open"], Slot.model_validate(row["place"]), row["version"])
            for row in self.stood
        ]

    def practicable(self, topic: str, telling: Collection[int]) -> PracticeQuestion | None:
        """The question as it may be practised; None where it may not."""
        places = self.standings()
        told = next((place for place in places if place.attempt in telling), None)
        known = Practicable(
            is_archived=self.is_archived or not self.versions,
            is_marked_by_hand=TYPES[self.type].is_marked_by_hand,
            has_practice_tag=self.has_tag,
            is_on_paper=self.is_on_paper,
            stands_in_attempt=bool(places),
            stands_open=any(place.is_open for place in places),
            is_answer_seen=told is not None,
            is_outdated=told is not None and self._was_corrected_after(told.version),
        )
        if not may_practise(known):
            return None
        practised = Practised(self.last_at, bool(self.was_missed))
        if told is None:
            return PracticeQuestion(self.question, self.versions[-1][0], topic, self.resource, (), practised)
        slot = told.slot
        return PracticeQuestion(
            question=self.question,
            version=slot.version,
            topic=topic,
            resource=slot.resource or self.resource,
            drawn=slot.order,
            practised=practised,
            attempt=told.attempt,
            slot=slot.slot,
        )

    def _was_corrected_after(self, number: int) -> bool:
        """Whether what is right changed since this version."""
        return any(later > number and kind == EditKind.ANSWER for _pk, later, kind in self.versions)


def _telling(attempts: Collection[int], person: User, now: datetime) -> set[int]:
    """Which of these attempts show their person all of the result; asked once for each quiz and policy."""
    telling: set[int] = set()
    seen: dict[tuple[int, str], frozenset[Item]] = {}
    mine = Attempt.objects.of(person).finished().filter(pk__in=attempts).exclude(is_passed=None, points=None)
    for attempt in mine.select_related("person", "quiz__current_version").defer("paper").order_by("pk"):
        policy = (attempt.quiz_id, str(attempt.review))
        if policy not in seen:
            seen[policy] = attempt.seen(now)
        if seen[policy] >= _TOLD:
            telling.add(attempt.pk)
    return telling
