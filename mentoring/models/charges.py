"""What waits for many mentors and whom they look after, asked of all of them at once; reach.py asks for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models.user import MENTOR
from mentoring.models.reach import QUIET_AFTER, Need, mentored_enrollments, mentored_submissions
from progress.models import Enrollment, Submission
from roadmap.models import Edition

# Those who mentor now: their role may have been taken from them while a mentorship still runs.
MENTORS = f"""
SELECT person.id, person.time_zone FROM accounts_user person
  JOIN accounts_user_groups member ON member.user_id = person.id
  JOIN auth_group role ON role.id = member.group_id AND role.name = '{MENTOR}'
 WHERE person.is_active
"""  # noqa: S608  # a constant
# Evidence that waits, once for each mentor whose turn it is: her learners' by name, her cohorts' on the cohort's road.
# It came to her when it had been handed in and she had begun to look after whose it is.
WAITING = f"""
SELECT pair.mentor_id, s.id AS submission_id, s.person_id, s.state_since, s.answer_by, mentor.time_zone,
       greatest(s.state_since, pair.began_at) AS came_at
  FROM (SELECT mentor_id, id, min(began_at) AS began_at FROM (
    SELECT own.mentor_id, s.id, own.began_at
      FROM progress_submission s
      JOIN mentoring_mentorship own ON own.learner_id = s.person_id AND own.ended_at IS NULL
     WHERE s.state = 'waiting' AND {{which}}
    UNION ALL
    SELECT own.mentor_id, s.id, own.began_at
      FROM progress_submission s
      JOIN roadmap_evidencetask task ON task.id = s.task_id
      JOIN progress_enrollment e
        ON e.person_id = s.person_id AND e.roadmap_id = task.roadmap_id AND e.left_at IS NULL
      JOIN mentoring_mentorship own ON own.cohort_id = e.cohort_id AND own.ended_at IS NULL
     WHERE s.state = 'waiting' AND {{which}}) turn GROUP BY mentor_id, id) pair
  JOIN ({MENTORS}) mentor ON mentor.id = pair.mentor_id
  JOIN progress_submission s ON s.id = pair.id AND s.person_id <> pair.mentor_id
  JOIN accounts_user learner ON learner.id = s.person_id AND learner.is_active
"""  # noqa: S608  # constants
# Who mentors whom on which unfinished road, by name or by cohort.
PAIRS = f"""
SELECT pair.mentor_id, pair.person_id AS learner_id, max(road.key) AS road
  FROM (
    SELECT own.mentor_id, e.person_id, e.roadmap_id
      FROM progress_enrollment e JOIN mentoring_mentorship own ON own.learner_id = e.person_id AND own.ended_at IS NULL
     WHERE e.left_at IS NULL AND e.finished_at IS NULL AND {{which}}
    UNION
    SELECT own.mentor_id, e.person_id, e.roadmap_id
      FROM progress_enrollment e JOIN mentoring_mentorship own ON own.cohort_id = e.cohort_id AND own.ended_at IS NULL
     WHERE e.left_at IS NULL AND e.finished_at IS NULL AND {{which}}) pair
  JOIN roadmap_roadmap road ON road.id = pair.roadmap_id
  JOIN ({MENTORS}) mentor ON mentor.id = pair.mentor_id
  JOIN accounts_user learner ON learner.id = pair.person_id AND learner.is_active
 WHERE pair.person_id <> pair.mentor_id
 GROUP BY pair.mentor_id, pair.person_id
"""  # noqa: S608  # constants
_SOME_PAIRS = PAIRS.format(which="own.mentor_id = ANY(%(mentors)s) AND e.person_id = ANY(%(learners)s)")
_LISTED = """
SELECT mentor_id, submission_id, count, late FROM (
    SELECT w.mentor_id, w.submission_id,
           count(*) OVER mine AS count, count(*) FILTER (WHERE w.answer_by < %(now)s) OVER mine AS late,
           row_number() OVER (PARTITION BY w.mentor_id ORDER BY w.{order}, w.submission_id) AS place
      FROM ({waiting}) w WINDOW mine AS (PARTITION BY w.mentor_id)) numbered
 WHERE place <= %(most)s ORDER BY mentor_id, place
"""
_LONGEST = _LISTED.format(
    order="state_since", waiting=WAITING.format(which="own.mentor_id = ANY(%(mentors)s)")
)
_PROMISED = _LISTED.format(
    order="answer_by",
    waiting=WAITING.format(which="own.mentor_id = ANY(%(mentors)s) AND s.answer_by <= %(promised_by)s"),
)
_WAITING = WAITING.format(which="s.id = ANY(%(submissions)s)")
_NOW_MENTORS = f"""
SELECT mentor.id FROM ({MENTORS}) mentor WHERE mentor.id = ANY(%(mentors)s)
   AND EXISTS (SELECT FROM mentoring_mentorship own WHERE own.mentor_id = mentor.id AND own.ended_at IS NULL)
"""  # noqa: S608  # constants
# The learners that many mentors look after, as MentoredEnrollments.for_mentor finds them, each by the road on which she
# needs a word most, as by_need orders them: the first few of those who may, and how many of each need there are.
_NEEDS = f"""
WITH asked AS (
    SELECT * FROM unnest(%(mentors)s::bigint[], %(days)s::date[]) AS asked (mentor_id, on_day)
), pair AS (
    SELECT own.mentor_id, e.id FROM asked JOIN mentoring_mentorship own USING (mentor_id)
      JOIN progress_enrollment e ON e.person_id = own.learner_id WHERE own.ended_at IS NULL
    UNION
    SELECT own.mentor_id, e.id FROM asked JOIN mentoring_mentorship own USING (mentor_id)
      JOIN progress_enrollment e ON e.cohort_id = own.cohort_id WHERE own.ended_at IS NULL
), weighed AS (
    SELECT DISTINCT ON (asked.mentor_id, e.person_id) asked.mentor_id, e.id, row.last_active_on,
           CASE WHEN row.is_finished OR EXISTS (
                    SELECT FROM accounts_pause pause WHERE pause.person_id = e.person_id
                       AND pause.starts_on <= asked.on_day AND pause.ends_on > asked.on_day) THEN {Need.NONE:d}
                WHEN coalesce(row.last_active_on, (e.enrolled_at AT TIME ZONE 'UTC')::date)
                     <= asked.on_day - {QUIET_AFTER.days} THEN {Need.QUIET:d}
                WHEN row.next_due_on < asked.on_day THEN {Need.BEHIND:d}
                ELSE {Need.ON_PLAN:d} END AS need
      FROM asked JOIN pair USING (mentor_id)
      JOIN ({MENTORS}) mentor ON mentor.id = asked.mentor_id
      JOIN progress_enrollment e ON e.id = pair.id AND e.left_at IS NULL AND e.person_id <> asked.mentor_id
      JOIN accounts_user learner ON learner.id = e.person_id AND learner.is_active
      LEFT JOIN progress_standingrow row ON row.enrollment_id = e.id
     ORDER BY asked.mentor_id, e.person_id, need, row.last_active_on NULLS FIRST, e.id
)
SELECT mentor_id, id, quiet, behind FROM (
    SELECT weighed.*, count(*) FILTER (WHERE need = {Need.QUIET:d}) OVER mine AS quiet,
           count(*) FILTER (WHERE need = {Need.BEHIND:d}) OVER mine AS behind,
           row_number() OVER (PARTITION BY mentor_id ORDER BY need, last_active_on NULLS FIRST, id) AS place
      FROM weighed WINDOW mine AS (PARTITION BY mentor_id)) numbered
 WHERE place <= %(most)s AND need <= {Need.BEHIND:d} ORDER BY mentor_id, place
"""  # noqa: S608  # constants
_REVIEWED = """
SELECT review.reviewer_id, review.id, task.key, version.edition_id, review.reviewed_at, first.handed_in_at
  FROM mentoring_review review
  JOIN progress_submissionversion version ON version.id = review.version_id
  JOIN progress_submission s ON s.id = version.submission_id
  JOIN roadmap_evidencetask task ON task.id = s.task_id
  JOIN LATERAL (
    SELECT min(v.handed_in_at) AS handed_in_at FROM progress_submissionversion v
     WHERE v.submission_id = s.id AND v.number <= version.number
       AND v.number > coalesce((SELECT max(o.number) FROM progress_submissionversion o
                                  JOIN mentoring_review r ON r.version_id = o.id
                                 WHERE o.submission_id = s.id AND o.number < version.number), 0)) first ON true
 WHERE review.reviewer_id = ANY(%(mentors)s) AND review.reviewed_at > %(since)s
"""
_COHORTS = """
SELECT own.mentor_id, cohort.title, count(*), count(*) FILTER (WHERE row.last_active_on > %(since)s),
       count(*) FILTER (WHERE row.is_finished)
  FROM mentoring_mentorship own JOIN progress_cohort cohort ON cohort.id = own.cohort_id
  JOIN progress_enrollment e ON e.cohort_id = cohort.id AND e.left_at IS NULL AND e.person_id <> own.mentor_id
  JOIN accounts_user learner ON learner.id = e.person_id AND learner.is_active
  LEFT JOIN progress_standingrow row ON row.enrollment_id = e.id
 WHERE own.mentor_id = ANY(%(mentors)s) AND own.ended_at IS NULL
 GROUP BY own.mentor_id, cohort.id ORDER BY own.mentor_id, cohort.starts_on DESC, cohort.id
"""


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """Evidence that waits for one mentor: how much, how much of it longer than promised, and the first few."""

    count: int
    late: int
    first: tuple[Submission, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """How many of one mentor's learners are quiet or behind their plan, and the first few of them."""

    quiet: int
    behind: int
    first: tuple[Enrollment, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What one mentor reviewed: how much, and how much of it by the promised day."""

    count: int
    kept: int


@dataclass(frozen=True, slots=True)
class CohortNumbers:
    """One cohort of a mentor: learners, how many of them were here lately, how many have finished."""

    title: str
    learners: int
    active: int
    finished: int


def still_mentors(people: Iterable[int]) -> set[int]:
    """Those of these people who mentor somebody now."""
    return {person for (person,) in rows_of(_NOW_MENTORS, mentors=list(people))}


def waiting_for(mentors: Iterable[int], now: datetime, *, most: int) -> dict[int, WaitingWork]:
    """What waits for each of these mentors, the longest waiting first; who has nothing waiting is missing."""
    return _work(rows_of(_LONGEST, mentors=list(mentors), now=now, most=most))


def submissions_waiting(submissions: Iterable[int]) -> dict[int, tuple[datetime, frozenset[int]]]:
    """Of these submissions those that wait: by when an answer is promised, and whose mentors' turn it is."""
    ids = set(submissions)
    turns: dict[int, set[int]] = {}
    for mentor, submission, *_ in rows_of(_WAITING, submissions=list(ids)):
        turns.setdefault(submission, set()).add(mentor)
    waiting = Submission.objects.waiting().filter(pk__in=ids).values_list("pk", "answer_by")
    return {pk: (by, frozenset(turns.get(pk, ()))) for pk, by in waiting if by}


def promised_by(mentors: Iterable[int], by: datetime, now: datetime, *, most: int) -> dict[int, WaitingWork]:
    """The same for that to which an answer was promised by then, the earliest promised first."""
    return _work(rows_of(_PROMISED, mentors=list(mentors), promised_by=by, now=now, most=most))


def roads_of_pairs(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Of these pairs of mentor and learner those that are such now, with the key of a road that is not finished."""
    asked = set(pairs)
    mentors, learners = {mentor for mentor, _ in asked}, {learner for _, learner in asked}
    rows = rows_of(_SOME_PAIRS, mentors=list(mentors), learners=list(learners))
    return {(mentor, learner): road for mentor, learner, road in rows if (mentor, learner) in asked}


def needs_of(days: Mapping[int, date], *, most: int) -> dict[int, Needs]:
    """Learners who may need a word, by mentor, given the day on her calendar; who has none is missing."""
    rows = rows_of(_NEEDS, mentors=list(days), days=list(days.values()), most=most)
    known = _enrollments([row[:2] for row in rows], days)
    return {
        mentor: Needs(quiet, behind, tuple(known[x[1], days[mentor]] for x in rows if x[0] == mentor))
        for mentor, _, quiet, behind in rows
    }


def answered_since(mentors: Iterable[int], since: datetime) -> dict[int, Answered]:
    """What these mentors reviewed since then; a promise is what the edition says that the version answers."""
    found: dict[int, Answered] = {}
    for mentor, _, task, edition, at, handed_in_at in rows_of(_REVIEWED, mentors=list(mentors), since=since):
        days = Edition.objects.document(edition).task_by_key[task].promise_days
        had = found.get(mentor, Answered(0, 0))
        found[mentor] = Answered(had.count + 1, had.kept + (at <= handed_in_at + timedelta(days=days)))
    return found


def cohorts_of(mentors: Iterable[int], since: date) -> dict[int, list[CohortNumbers]]:
    """The cohorts of these mentors, the youngest first; active is who was here after that day."""
    found: dict[int, list[CohortNumbers]] = {}
    for mentor, *numbers in rows_of(_COHORTS, mentors=list(mentors), since=since):
        found.setdefault(mentor, []).append(CohortNumbers(*numbers))
    return found


def _work(rows: Sequence[tuple[Any, ...]]) -> dict[int, WaitingWork]:
    known = mentored_submissions().listed().in_bulk({submission for _, submission, _, _ in rows})
    first: dict[int, list[Submission]] = {}
    for mentor, submission, _, _ in rows:
        first.setdefault(mentor, []).append(known[submission])
    return {mentor: WaitingWork(count, late, tuple(first[mentor])) for mentor, _, count, late in rows}


def _enrollments(
    pairs: Sequence[tuple[int, int]], days: Mapping[int, date]
) -> dict[tuple[int, date], Enrollment]:
    """Enrollments as words.signal wants them, by id and day: a query for each day that calendars show."""
    by_day: dict[date, set[int]] = {}
    for mentor, enrollment in pairs:
        by_day.setdefault(days[mentor], set()).add(enrollment)
    return {
        (row.pk, day): row
        for day, some in by_day.items()
        for row in mentored_enrollments().filter(pk__in=some).listed().by_need(day)
    }


def rows_of(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
