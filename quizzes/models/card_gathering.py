from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, models

from accounts.models import User
from quizzes.bodies import TYPES

CHUNK = 500  # markings at a time
LONGEST_TRANSACTION = timedelta(hours=1)  # a marking may become visible so long after its number was given

# Missed, or right but unsure, in the newest marking of a finished attempt; one that the person set aside or let go by
# makes no cards, nor does a placement, which asks what nobody studied yet. The newest attempt at a question counts. A
# miss begins a card again (its memory stays: what she says next decides), unless she answered it since. The day is one
# earlier than that of the attempt, so that it is over in every zone. Rows in one order, so that two never wait for each
# other.
_GATHER = """
WITH asked AS (
  SELECT attempt.person_id, attempt.id AS source_id, attempt.finished_at, attempt.review,
         (place.value->>'slot')::int AS slot, (place.value->>'version')::bigint AS version_id,
         grading.marks -> (place.value->>'slot') AS mark
    FROM quizzes_grading grading
    JOIN quizzes_attempt attempt ON attempt.id = grading.attempt_id
    JOIN quizzes_quiz quiz ON quiz.id = attempt.quiz_id
   CROSS JOIN LATERAL jsonb_array_elements(attempt.paper) AS place
   WHERE {which} AND attempt.finished_at IS NOT NULL AND NOT attempt.is_abandoned AND attempt.set_aside_at IS NULL
     AND quiz.purpose <> 'placement'
     AND NOT EXISTS (SELECT FROM quizzes_grading newer
                      WHERE newer.attempt_id = grading.attempt_id AND newer.number > grading.number)
), judged AS (
  SELECT asked.*, version.question_id,
         (mark->>'points')::numeric < (mark->>'possible')::numeric AS was_missed,
         (SELECT answer.confidence FROM quizzes_answer answer
           WHERE answer.attempt_id = source_id AND answer.slot = asked.slot
             AND NOT answer.is_late AND NOT answer.is_overtaken
           ORDER BY answer.epoch DESC, answer.sequence DESC, answer.id DESC LIMIT 1) AS confidence
    FROM asked
    JOIN quizzes_questionversion version ON version.id = version_id
    JOIN quizzes_question question ON question.id = version.question_id
   WHERE NOT coalesce((mark->>'waits')::boolean, false) AND question.type <> ALL(%(by_hand)s)
), chosen AS (
  SELECT DISTINCT ON (person_id, question_id) * FROM judged
   WHERE was_missed OR confidence < 3
   ORDER BY person_id, question_id, finished_at DESC, slot
)
INSERT INTO quizzes_card AS card
       (person_id, question_id, version_id, source_id, slot, asked_at, was_missed, is_veiled, phase, due_on, turn)
SELECT person_id, question_id, version_id, source_id, slot, finished_at, was_missed,
       NOT coalesce(review->'handed_in' @> '["correctness", "right_answer", "explanation"]', true),
       1, (finished_at AT TIME ZONE 'UTC')::date - 1, 0
  FROM chosen ORDER BY person_id, question_id
ON CONFLICT (person_id, question_id) DO UPDATE
   SET version_id = excluded.version_id, source_id = excluded.source_id, slot = excluded.slot,
       asked_at = excluded.asked_at, was_missed = true, is_veiled = excluded.is_veiled,
       due_on = least(card.due_on, excluded.due_on), turn = card.turn + 1
 WHERE excluded.was_missed AND excluded.asked_at > card.asked_at
   AND (card.reviewed_at IS NULL OR card.reviewed_at < excluded.asked_at)
"""
_BETWEEN = _GATHER.format(which="grading.id > %(after)s AND grading.id <= %(upto)s")
_OF_PERSON = _GATHER.format(which="attempt.person_id = %(person)s AND grading.id > %(after)s")
_NEXT = "SELECT max(id) FROM (SELECT id FROM quizzes_grading WHERE id > %s ORDER BY id LIMIT %s) AS chunk"


class CardGathering(models.Model):
    """At `gathered_at` all markings up to `upto` that could be seen then had been looked at for cards."""

    upto = models.BigIntegerField()
    gathered_at = models.DateTimeField()

    class Meta:
        ordering = ("-gathered_at",)

    def __str__(self) -> str:
        return f"{self.gathered_at}: {self.upto}"


def gather(now: datetime) -> int:
    """Make cards of what was missed or unsure since the last time, in chunks; how many were made or begun again."""
    after, count = _looked_at_for_good(now), 0
    while (upto := _end_of_chunk(after)) is not None:
        count += _run(_BETWEEN, {"after": after, "upto": upto})
        after = upto
    CardGathering.objects.create(upto=after, gathered_at=now)
    _forget_old(now)
    return count


def gather_of(person: User, now: datetime) -> int:
    """The same for one person."""
    return _run(_OF_PERSON, {"person": person.pk, "after": _looked_at_for_good(now)})


def _looked_at_for_good(now: datetime) -> int:
    """The number up to which nothing can turn up any more; what came later is looked at once more."""
    old = CardGathering.objects.filter(gathered_at__lt=now - LONGEST_TRANSACTION)
    return old.aggregate(upto=models.Max("upto"))["upto"] or 0


def _end_of_chunk(after: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [after, CHUNK])
        upto: int | None = cursor.fetchone()[0]
    return upto


def _run(statement: str, told: dict[str, int]) -> int:
    by_hand = [name for name, body in TYPES.items() if body.is_marked_by_hand]
    values: dict[str, int | list[str]] = {**told, "by_hand": by_hand}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        count: int = cursor.rowcount
    return count


def _forget_old(now: datetime) -> None:
    """Of the rows that are old enough, only the newest is asked for."""
    old = CardGathering.objects.filter(gathered_at__lt=now - LONGEST_TRANSACTION)
    old.exclude(pk__in=old.order_by("-gathered_at", "-id").values("pk")[:1]).delete()
