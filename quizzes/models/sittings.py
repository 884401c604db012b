"""Reads what statistics may count of a quiz: each learner's first attempt, one after the other, in flat memory."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from accounts.models.user import LEARNER
from quizzes.bodies import Body
from quizzes.marking import is_given
from quizzes.models.question import QuestionVersion
from quizzes.statistics import Group, Taken, seconds_by_slot, tail_size

CHUNK = 100

# Who may open the desk or has any role beside a learner's is not counted: she tries quizzes out, and knows the answers.
# One that was set aside is as if it had never been; the first one that is left counts if its learner handed it in and
# every slot is marked.
_FIRST = """
WITH first AS (
  SELECT DISTINCT ON (attempt.person_id) attempt.*
    FROM quizzes_attempt attempt JOIN accounts_user person ON person.id = attempt.person_id
   WHERE attempt.quiz_id = %(quiz)s AND attempt.finished_at IS NOT NULL AND attempt.set_aside_at IS NULL
     AND NOT person.is_staff AND NOT person.is_superuser
     AND NOT EXISTS (SELECT FROM accounts_user_groups held JOIN auth_group role ON role.id = held.group_id
                      WHERE held.user_id = person.id AND role.name <> %(learner)s)
   ORDER BY attempt.person_id, attempt.number
), ranked AS (
  SELECT id, row_number() OVER (ORDER BY points / nullif(points_possible, 0) NULLS FIRST, id) AS rank,
         count(*) OVER () AS people
    FROM first WHERE NOT is_abandoned AND is_passed IS NOT NULL
)
SELECT ranked.id, ranked.rank, ranked.people, attempt.started_at, attempt.finished_at, attempt.is_passed,
       attempt.paper::text,
       (SELECT marks::text FROM quizzes_grading WHERE attempt_id = ranked.id ORDER BY number DESC LIMIT 1)
  FROM ranked JOIN quizzes_attempt attempt ON attempt.id = ranked.id
 ORDER BY ranked.id
"""
# The moments of all saves that count, and what the newest one of each slot says.
_SAVES = """
SELECT attempt_id, slot, saved_at, is_newest,
       CASE WHEN is_newest THEN coalesce(value, 'null')::text END,
       CASE WHEN is_newest THEN confidence END
  FROM (SELECT id, attempt_id, slot, saved_at, value, confidence,
               row_number() OVER (PARTITION BY attempt_id, slot ORDER BY epoch DESC, sequence DESC, id DESC) = 1
               AS is_newest
          FROM quizzes_answer
         WHERE attempt_id = ANY(%s) AND NOT is_late AND NOT is_overtaken) save
 ORDER BY attempt_id, saved_at, id
"""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One learner's first attempt as statistics count it."""

    finished_at: datetime
    is_passed: bool
    group: Group
    taken: tuple[Taken, ...]


class _Row(NamedTuple):
    pk: int
    rank: int
    people: int
    started_at: datetime
    finished_at: datetime
    is_passed: bool
    paper: str
    marks: str | None

    @property
    def group(self) -> Group:
        tail = tail_size(self.people)
        if self.rank <= tail:
            return "bottom"
        return "top" if self.rank > self.people - tail else ""


class _Save(NamedTuple):
    slot: int
    saved_at: datetime
    is_newest: bool
    value: str | None
    confidence: int | None


def first_sittings(quiz_id: int) -> Iterator[Sitting]:
    """Every sitting that counts of a quiz, by id, as one moment has them; needs a transaction."""
    bodies: dict[int, Body] = {}
    with connection.chunked_cursor() as cursor:
        cursor.execute(_FIRST, {"quiz": quiz_id, "learner": LEARNER})
        while rows := [_Row(*row) for row in cursor.fetchmany(CHUNK)]:
            saves = _saves([row.pk for row in rows])
            for row in rows:
                yield _sitting(row, saves[row.pk], bodies)


def _saves(attempts: Sequence[int]) -> Mapping[int, list[_Save]]:
    found: dict[int, list[_Save]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_SAVES, [list(attempts)])
        for attempt, *save in cursor.fetchall():
            found[attempt].append(_Save(*save))
    return found


def _sitting(row: _Row, saves: Sequence[_Save], bodies: dict[int, Body]) -> Sitting:
    """`bodies` are those of sittings before; what they miss is added."""
    paper, marks = json.loads(row.paper), json.loads(row.marks or "{}")
    if missing := [slot["version"] for slot in paper if slot["version"] not in bodies]:
        bodies |= QuestionVersion.objects.bodies(missing)
    seconds = seconds_by_slot(row.started_at, ((save.saved_at, save.slot) for save in saves))
    newest = {save.slot: save for save in saves if save.is_newest}
    taken = (
        _taken(slot, bodies[slot["version"]], mark, newest.get(slot["slot"]), seconds.get(slot["slot"]))
        for slot in paper
        if (mark := marks.get(str(slot["slot"]))) is not None
    )
    return Sitting(row.finished_at, row.is_passed, row.group, tuple(taken))


def _taken(
    slot: Mapping[str, Any], body: Body, mark: Mapping[str, Any], save: _Save | None, seconds: float | None
) -> Taken:
    value = json.loads(save.value) if save and save.value else None
    return Taken(
        question=slot["version"],
        fraction=mark["fraction"],
        possible=mark["possible"],
        is_given=is_given(value),
        picked=body.picked(value),
        seconds=seconds,
        confidence=save.confidence if save else None,
    )
