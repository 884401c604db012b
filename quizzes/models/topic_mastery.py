"""Reads how well somebody knows the topics of a road, from her last answer to each question: one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from accounts.models import User
from quizzes.mastery import Estimate, Shown, estimate

# A question that waits for a mentor tells nothing yet. For her own eyes, a quiz that keeps secret which answers are
# right is left out until she passed it, if it says so then: a topic's estimate would tell.
_LAST_ANSWERS = """
SELECT topic, fraction, finished_at FROM (
  SELECT DISTINCT ON (slot.question) slot.topic, (mark.value->>'fraction')::float AS fraction, attempt.finished_at
    FROM quizzes_attempt attempt
    JOIN quizzes_quiz quiz ON quiz.id = attempt.quiz_id
    JOIN LATERAL (SELECT marks FROM quizzes_grading WHERE attempt_id = attempt.id ORDER BY number DESC LIMIT 1)
         grading ON true
    JOIN LATERAL jsonb_to_recordset(attempt.paper) AS slot (slot int, question text, topic text) ON true
    JOIN LATERAL (SELECT grading.marks->(slot.slot::text) AS value) mark ON true
   WHERE attempt.person_id = %(person)s AND quiz.roadmap_id = %(road)s
     AND attempt.finished_at IS NOT NULL AND attempt.set_aside_at IS NULL AND NOT attempt.is_abandoned
     AND attempt.started_at >= coalesce(%(since)s, '-infinity'::timestamptz)
     AND slot.topic IS NOT NULL AND mark.value IS NOT NULL AND NOT coalesce((mark.value->>'waits')::bool, false)
     AND (%(sees_all)s OR NOT attempt.review ? 'handed_in' OR attempt.review->'handed_in' ? 'correctness'
          OR (attempt.review->'passed' ? 'correctness' AND EXISTS (
                SELECT FROM quizzes_attempt passed
                 WHERE passed.person_id = attempt.person_id AND passed.quiz_id = attempt.quiz_id
                   AND passed.is_passed AND passed.set_aside_at IS NULL)))
   ORDER BY slot.question, attempt.finished_at DESC, attempt.id DESC
) last
"""


def topic_mastery(
    person: User,
    road_id: int,
    now: datetime,
    *,
    since: datetime | None = None,
    for_mentor: bool = False,
) -> Mapping[str, Estimate]:
    """What is known by the key of each topic of the road that she was asked about, from attempts begun after `since`.

    She herself is told nothing that a quiz's review policy still keeps; whoever looks after her is.
    """
    told = {"person": person.pk, "road": road_id, "since": since, "sees_all": for_mentor}
    shown: dict[str, list[Shown]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LAST_ANSWERS, told)
        for topic, fraction, at in cursor.fetchall():
            shown[topic].append(Shown(fraction, at))
    return {topic: estimate(answers, now) for topic, answers in shown.items()}
