"""Answers to mark and appeals that wait for many mentors, asked of all of them at once; reach.py asks for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mentoring.models.charges import MENTORS, rows_of
from mentoring.models.reach import mentored_appeals, mentored_attempts
from quizzes.models import Appeal, Attempt

# What MentoredAttempts.queued and MentoredAppeals.queued find, whosever it is.
_WORK = """
SELECT attempt.id AS attempt_id, NULL::bigint AS appeal_id, attempt.person_id, attempt.quiz_id,
       attempt.finished_at AS since
  FROM quizzes_attempt attempt
 WHERE attempt.finished_at IS NOT NULL AND attempt.is_passed IS NULL AND attempt.points IS NOT NULL
   AND attempt.set_aside_at IS NULL
UNION ALL
SELECT attempt.id, appeal.id, attempt.person_id, attempt.quiz_id, appeal.raised_at
  FROM quizzes_appeal appeal JOIN quizzes_attempt attempt ON attempt.id = appeal.attempt_id
 WHERE appeal.state = 'open' AND attempt.finished_at IS NOT NULL
"""
# It, once for each mentor whose turn it is: her learners' by name, her cohorts' on the cohort's road. It came to her
# when it was handed in and marked as far as it marks itself, or when she took its learner over.
TO_MARK = f"""
SELECT pair.mentor_id, pair.attempt_id, pair.appeal_id, pair.since,
       greatest(pair.since, first.graded_at, pair.began_at) AS came_at
  FROM (
    SELECT mentor_id, person_id, attempt_id, appeal_id, since, min(began_at) AS began_at
      FROM (
        SELECT own.mentor_id, own.began_at, work.*
          FROM ({_WORK}) work
          JOIN mentoring_mentorship own ON own.learner_id = work.person_id AND own.ended_at IS NULL
         WHERE {{which}}
        UNION ALL
        SELECT own.mentor_id, own.began_at, work.*
          FROM ({_WORK}) work
          JOIN quizzes_quiz quiz ON quiz.id = work.quiz_id
          JOIN progress_enrollment e
            ON e.person_id = work.person_id AND e.roadmap_id = quiz.roadmap_id AND e.left_at IS NULL
          JOIN mentoring_mentorship own ON own.cohort_id = e.cohort_id AND own.ended_at IS NULL
         WHERE {{which}}) found
     WHERE person_id <> mentor_id
     GROUP BY mentor_id, person_id, attempt_id, appeal_id, since) pair
  JOIN ({MENTORS}) mentor ON mentor.id = pair.mentor_id
  JOIN accounts_user learner ON learner.id = pair.person_id AND learner.is_active
  LEFT JOIN quizzes_grading first ON first.attempt_id = pair.attempt_id AND first.number = 1
"""  # noqa: S608  # constants
_LONGEST = f"""
SELECT mentor_id, attempt_id, appeal_id, attempts, appeals, late FROM (
    SELECT w.mentor_id, w.attempt_id, w.appeal_id,
           count(*) FILTER (WHERE w.appeal_id IS NULL) OVER mine AS attempts, count(w.appeal_id) OVER mine AS appeals,
           count(*) FILTER (WHERE w.since < %(late_since)s) OVER mine AS late,
           row_number() OVER (PARTITION BY w.mentor_id ORDER BY w.since, w.attempt_id, w.appeal_id) AS place
      FROM ({TO_MARK.format(which="own.mentor_id = ANY(%(mentors)s)")}) w
    WINDOW mine AS (PARTITION BY w.mentor_id)) numbered
 WHERE place <= %(most)s ORDER BY mentor_id, place
"""  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class MarkingWork:
    """Attempts with answers that wait for one mentor's marks, and appeals: how many, how many late, the first few."""

    attempts: int
    appeals: int
    late: int
    first: tuple[Attempt | Appeal, ...]

    @property
    def count(self) -> int:
        return self.attempts + self.appeals


def marking_for(mentors: Iterable[int], late_since: datetime, *, most: int) -> dict[int, MarkingWork]:
    """What each of these mentors is to mark and to answer, the longest waiting first; who has nothing is missing.

    Late is what has waited since before `late_since`.
    """
    return _work(rows_of(_LONGEST, mentors=list(mentors), late_since=late_since, most=most))


def _work(rows: Sequence[tuple[Any, ...]]) -> dict[int, MarkingWork]:
    marks = {attempt for _, attempt, appeal, *_ in rows if not appeal}
    to_mark = mentored_attempts().listed().defer("paper").in_bulk(marks)
    answers = {appeal for _, _, appeal, *_ in rows if appeal}
    to_answer = mentored_appeals().listed().defer("attempt__paper").in_bulk(answers)
    first: dict[int, list[Attempt | Appeal]] = {}
    for mentor, attempt, appeal, *_ in rows:
        first.setdefault(mentor, []).append(to_answer[appeal] if appeal else to_mark[attempt])
    return {
        mentor: MarkingWork(attempts, appeals, late, tuple(first[mentor]))
        for mentor, _, _, attempts, appeals, late in rows
    }
