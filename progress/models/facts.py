"""Reads all facts of one enrollment in one statement; the rules that weigh them are in progress.standing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from progress.known import PlacementFact, Share
from progress.plan import Span
from progress.standing import EvidenceFact, Facts, QuizFact
from quizzes.result import fraction_of

# What is asked of one enrollment, whose person, road and so on stand where the braces are. A pass counts unless the
# stage was asked again by a later edition; an attempt begun before it was asked again counts from that mark on, and
# uses up none of the attempts that are allowed. Which attempt decides is said by the quiz's newest version; one that
# was set aside counts for nothing. A pass by placement counts unless its person walks the stage all the same; what a
# placement earned is told by topic, and of which stages it says nothing any more.
_ALL = """
  (SELECT json_agg(r.key) FROM progress_tick t JOIN roadmap_resource r ON r.id = t.resource_id
    WHERE t.person_id = {person} AND t.ticked_at >= {since}),
  (SELECT json_agg(row_to_json(q)) FROM (
     SELECT a.key, count(a.finished_at) FILTER (WHERE a.is_counted) AS attempts,
            max(a.finished_at) FILTER (WHERE a.is_counted) AS last_finished_at,
            max(a.id) FILTER (WHERE a.finished_at IS NULL) AS open_attempt,
            count(a.finished_at) FILTER (WHERE a.is_passed IS NULL) AS waiting,
            CASE a.score
              WHEN 'last' THEN (array_agg(a.percent ORDER BY a.number DESC) FILTER (WHERE a.percent IS NOT NULL))[1]
              WHEN 'first' THEN (array_agg(a.percent ORDER BY a.number) FILTER (WHERE a.percent IS NOT NULL))[1]
              WHEN 'average' THEN avg(a.percent)
              ELSE max(a.percent) END AS best_percent,
            CASE a.score
              WHEN 'last' THEN (array_agg(a.passed_at ORDER BY a.number DESC) FILTER (WHERE a.is_passed IS NOT NULL))[1]
              WHEN 'first' THEN (array_agg(a.passed_at ORDER BY a.number) FILTER (WHERE a.is_passed IS NOT NULL))[1]
              WHEN 'average' THEN CASE WHEN avg(a.percent) >= max(a.asked_percent) THEN max(a.finished_at) END
              ELSE min(a.passed_at) END AS passed_at
       FROM (
         SELECT a.id, a.number, a.finished_at, a.is_passed, quiz.key, coalesce(version.score, 'best') AS score,
                100 * a.points / nullif(a.points_possible, 0) AS percent,
                coalesce(o.pass_percent, a.pass_percent) AS asked_percent,
                o.asked_at IS NULL OR a.started_at >= o.asked_at AS is_counted,
                CASE WHEN a.is_passed AND NOT EXISTS (
                    SELECT FROM progress_reopening o
                     WHERE o.quiz_id = a.quiz_id AND o.reopened_at > a.started_at
                       AND 100 * a.points < o.pass_percent * a.points_possible)
                THEN a.finished_at END AS passed_at
           FROM quizzes_attempt a JOIN quizzes_quiz quiz ON quiz.id = a.quiz_id
           LEFT JOIN quizzes_quizversion version ON version.id = quiz.current_version_id
           LEFT JOIN LATERAL (SELECT max(reopened_at) AS asked_at, max(pass_percent) AS pass_percent
                                FROM progress_reopening WHERE quiz_id = quiz.id) o ON true
          WHERE a.person_id = {person} AND quiz.roadmap_id = {road} AND a.started_at >= {since}
            AND a.set_aside_at IS NULL) a
      GROUP BY a.key, a.score) q),
  (SELECT json_agg(row_to_json(s)) FROM (
     SELECT task.key, s.id, s.state, s.state_since, s.feedback_seen_at IS NULL AS is_unseen,
            (SELECT count(*) FROM progress_submissionversion v WHERE v.submission_id = s.id) AS versions
       FROM progress_submission s JOIN roadmap_evidencetask task ON task.id = s.task_id
      WHERE s.person_id = {person} AND task.roadmap_id = {road} AND s.state_since >= {since}) s),
  (SELECT json_object_agg(p.key, json_build_array(p.passed_at, p.reason, p.is_placed)) FROM (
     SELECT stage.key, max(o.reason) AS reason,
            coalesce(max(p.passed_at) FILTER (WHERE o.id IS NULL AND p.source = 'walked'),
                     max(p.passed_at) FILTER (WHERE o.id IS NULL)) AS passed_at,
            bool_and(p.source = 'placement') FILTER (WHERE o.id IS NULL) AS is_placed
       FROM progress_stagepass p JOIN roadmap_stage stage ON stage.id = p.stage_id
       LEFT JOIN LATERAL (SELECT id, reason FROM progress_reopening
                           WHERE stage_id = p.stage_id AND edition_id > p.edition_id
                           ORDER BY edition_id DESC LIMIT 1) o ON true
      WHERE p.person_id = {person} AND stage.roadmap_id = {road} AND p.passed_at >= {since}
        AND (p.source = 'walked' OR NOT coalesce((SELECT walks FROM progress_walkchoice c
              WHERE c.attempt_id = p.attempt_id AND c.stage_id = p.stage_id ORDER BY c.id DESC LIMIT 1), false))
      GROUP BY stage.key) p),
  (SELECT row_to_json(p) FROM (
     SELECT v.number, v.hours_per_week, v.starts_on,
            (SELECT json_agg(json_build_object('key', stage.key, 'starts_on', d.starts_on, 'due_on', d.due_on)
                             ORDER BY d.due_on, d.id)
               FROM progress_plannedstage d JOIN roadmap_stage stage ON stage.id = d.stage_id
              WHERE d.plan_id = v.id) AS stages
       FROM progress_planversion v WHERE v.enrollment_id = {enrollment}
      ORDER BY v.number DESC LIMIT 1) p),
  (SELECT json_agg(json_build_array(starts_on, ends_on)) FROM accounts_pause WHERE person_id = {person}),
  (SELECT json_agg("on") FROM accounts_activeday
    WHERE person_id = {person} AND "on" > %(active_since)s),
  (SELECT json_agg(row_to_json(p)) FROM (
     SELECT a.id AS attempt, a.finished_at, a.pass_percent,
            (SELECT json_agg(json_build_array(place->>'topic', mark->'possible', mark->'fraction'))
               FROM jsonb_array_elements(a.paper) place
              CROSS JOIN LATERAL (SELECT g.marks -> (place->>'slot') AS mark) m
              WHERE place->>'topic' IS NOT NULL AND m.mark IS NOT NULL) AS slots,
            (SELECT json_agg(stage.key) FROM roadmap_stage stage
              WHERE stage.roadmap_id = {road}
                AND (SELECT walks FROM progress_walkchoice c
                      WHERE c.attempt_id = a.id AND c.stage_id = stage.id ORDER BY c.id DESC LIMIT 1)) AS walked,
            (SELECT json_agg(stage.key) FROM progress_reopening o JOIN roadmap_stage stage ON stage.id = o.stage_id
              WHERE stage.roadmap_id = {road} AND o.reopened_at > a.finished_at) AS reopened
       FROM quizzes_quiz quiz
       JOIN quizzes_attempt a ON a.quiz_id = quiz.id AND a.person_id = {person}
       JOIN LATERAL (SELECT marks FROM quizzes_grading WHERE attempt_id = a.id ORDER BY number DESC LIMIT 1) g ON true
      WHERE quiz.roadmap_id = {road} AND quiz.purpose = 'placement' AND a.finished_at IS NOT NULL
        AND a.set_aside_at IS NULL AND a.started_at >= {since}) p)
"""
_ONE = "SELECT" + _ALL.format(
    person="%(person)s", road="%(road)s", since="%(since)s", enrollment="%(enrollment)s"
)
_MANY = (
    "SELECT e.id,"  # noqa: S608  # names of columns
    + _ALL.format(
        person="e.person_id",
        road="e.roadmap_id",
        since="coalesce(e.counts_from, '-infinity')",
        enrollment="e.id",
    )
    + " FROM progress_enrollment e WHERE e.id = ANY(%(enrollments)s)"
)


@dataclass(frozen=True, slots=True)
class PlannedDates:
    """One stage of the plan as it was laid out, pauses not yet added."""

    key: str
    starts_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The plan that is followed now."""

    number: int
    hours_per_week: Decimal
    starts_on: date
    stages: tuple[PlannedDates, ...]


@dataclass(frozen=True, slots=True)
class EnrollmentFacts:
    """Everything a learner's own pages need to know about her besides the edition."""

    facts: Facts
    plan: PlanFacts | None
    pauses: tuple[Span, ...]
    active_days: frozenset[date]
    unseen: tuple[tuple[str, str], ...]  # (task key, state) with feedback that was not opened yet
    asked_again: Mapping[str, str] = field(
        default_factory=dict
    )  # stages that were passed once, and the author's reason


def read_facts(
    *, person: int, road: int, enrollment: int, since: datetime, active_since: date
) -> EnrollmentFacts:
    """All facts of one enrollment from `since` on, active days after `active_since`: one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ONE,
            {
                "person": person,
                "road": road,
                "enrollment": enrollment,
                "since": since,
                "active_since": active_since,
            },
        )
        return _facts(cursor.fetchone())


def read_many(enrollments: Sequence[int], *, active_since: date) -> dict[int, EnrollmentFacts]:
    """The same for several enrollments by id, each from when it counts: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_MANY, {"enrollments": list(enrollments), "active_since": active_since})
        return {row[0]: _facts(row[1:]) for row in cursor.fetchall()}


def _facts(row: Sequence[Any]) -> EnrollmentFacts:
    """What a row holds, each column JSON or None."""
    ticked, quizzes, evidence, passes, plan, pauses, active, placements = row
    evidence, passes = evidence or [], passes or {}
    return EnrollmentFacts(
        facts=Facts(
            ticked=frozenset(ticked or ()),
            quizzes={row["key"]: _quiz(row) for row in quizzes or ()},
            evidence={row["key"]: _evidence(row) for row in evidence},
            passes={key: datetime.fromisoformat(at) for key, (at, *_) in passes.items() if at},
            placed=frozenset(key for key, (at, _, is_placed) in passes.items() if at and is_placed),
            placements=tuple(_placement(row) for row in placements or ()),
        ),
        asked_again={key: reason for key, (at, reason, _) in passes.items() if not at},
        plan=_plan(plan) if plan else None,
        pauses=tuple(Span(_day(first), _day(back)) for first, back in pauses or ()),
        active_days=frozenset(_day(on) for on in active or ()),
        unseen=tuple(
            (row["key"], row["state"]) for row in evidence if row["is_unseen"] and row["state"] != "waiting"
        ),
    )


def _quiz(row: dict[str, Any]) -> QuizFact:
    return QuizFact(
        attempts=row["attempts"],
        best_percent=row["best_percent"],
        passed_at=_moment(row["passed_at"]),
        last_finished_at=_moment(row["last_finished_at"]),
        open_attempt=row["open_attempt"],
        waiting=row["waiting"],
    )


def _evidence(row: dict[str, Any]) -> EvidenceFact:
    return EvidenceFact(row["state"], datetime.fromisoformat(row["state_since"]), row["versions"])


def _placement(row: dict[str, Any]) -> PlacementFact:
    topics: dict[str, Share] = {}
    for topic, possible, fraction in row["slots"] or ():
        earned = possible * fraction_of({"fraction": fraction})
        topics[topic] = topics.get(topic, Share()) + Share(1, earned, possible)
    return PlacementFact(
        attempt=row["attempt"],
        finished_at=datetime.fromisoformat(row["finished_at"]),
        pass_percent=row["pass_percent"],
        topics=topics,
        walked=frozenset(row["walked"] or ()),
        reopened=frozenset(row["reopened"] or ()),
    )


def _plan(row: dict[str, Any]) -> PlanFacts:
    return PlanFacts(
        number=row["number"],
        hours_per_week=Decimal(str(row["hours_per_week"])),
        starts_on=_day(row["starts_on"]),
        stages=tuple(
            PlannedDates(stage["key"], _day(stage["starts_on"]), _day(stage["due_on"]))
            for stage in row["stages"] or ()
        ),
    )


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
