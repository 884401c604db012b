"""What one person's cards ask of her today and in the next days: one statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.db import connection

from accounts.models import User
from quizzes.memory import DailyCap, Waiting

DAYS_AHEAD = 7
SECONDS_A_CARD = 30  # as long as a learner has answered none
REVIEWS_LOOKED_AT = 50

# Questions of the person's open attempts: their cards rest meanwhile. A subquery of question ids.
RESTING = """
SELECT version.question_id
  FROM quizzes_attempt attempt
 CROSS JOIN LATERAL jsonb_array_elements(attempt.paper) AS place
  JOIN quizzes_questionversion version ON version.id = (place.value->>'version')::bigint
 WHERE attempt.person_id = %s AND attempt.finished_at IS NULL
"""


def due_cards(person: str, day: str) -> str:
    """SQL of the cards that are due to a person on a day of her calendar, before her daily cap; both named in SQL."""
    resting = RESTING.replace("%s", person)
    return f"""
SELECT card.due_on, card.reviewed_on FROM quizzes_card card
 WHERE card.person_id = {person} AND card.due_on <= {day} AND card.suspended_at IS NULL AND NOT card.is_veiled
   AND card.question_id NOT IN ({resting})
"""  # noqa: S608  # names of columns of ours


def due_pile(person: str, day: str) -> str:
    """SQL of how many cards a deck shows to a person on a day before she answers any, and since when the first is due.

    The days of new cards do not count for who wants none of them: her deck never shows one.
    """
    return f"""
SELECT least(cap.cards, due.known + least(due.new, cap.new)) AS shown, due.oldest
  FROM (SELECT coalesce(max(cards_a_day), {USUAL_CAP.cards}) AS cards, coalesce(max(new_a_day), {USUAL_CAP.new}) AS new
          FROM quizzes_cardsettings WHERE person_id = {person}) cap
 CROSS JOIN LATERAL (
   SELECT count(reviewed_on) AS known, count(*) - count(reviewed_on) AS new,
          min(due_on) FILTER (WHERE reviewed_on IS NOT NULL OR cap.new > 0) AS oldest
     FROM ({due_cards(person, day)}) card) due
"""  # noqa: S608  # names of columns of ours


_DECK = f"""
WITH mine AS (
  SELECT due_on, reviewed_on, suspended_at,
         is_veiled OR question_id IN ({RESTING.replace("%s", "%(person)s")}) AS rests
    FROM quizzes_card WHERE person_id = %(person)s
), due AS (
  SELECT reviewed_on FROM mine WHERE suspended_at IS NULL AND NOT rests AND due_on <= %(on)s
), ahead AS (
  SELECT due_on, count(*) AS cards FROM mine
   WHERE suspended_at IS NULL AND due_on > %(on)s AND due_on <= %(last)s GROUP BY due_on
), today AS (
  SELECT count(DISTINCT card_id) AS seen,
         count(DISTINCT card_id) FILTER (WHERE before->>'reviewed_on' IS NULL) AS seen_new
    FROM quizzes_cardreview review
   WHERE person_id = %(person)s AND "on" = %(on)s
     AND NOT EXISTS (SELECT FROM quizzes_cardundo undo WHERE undo.review_id = review.id)
), pace AS (
  SELECT avg(seconds) AS seconds FROM (
    SELECT seconds FROM quizzes_cardreview WHERE person_id = %(person)s AND seconds IS NOT NULL
     ORDER BY "on" DESC, id DESC LIMIT {REVIEWS_LOOKED_AT}) AS last
)
SELECT (SELECT count(*) FROM due WHERE reviewed_on >= %(on)s),
       (SELECT count(*) FROM due WHERE reviewed_on < %(on)s),
       (SELECT count(*) FROM due WHERE reviewed_on IS NULL),
       (SELECT seen FROM today), (SELECT seen_new FROM today),
       (SELECT cards_a_day FROM quizzes_cardsettings WHERE person_id = %(person)s),
       (SELECT new_a_day FROM quizzes_cardsettings WHERE person_id = %(person)s),
       (SELECT seconds FROM pace),
       (SELECT count(*) FROM mine WHERE suspended_at IS NULL),
       (SELECT count(*) FROM mine WHERE suspended_at IS NOT NULL),
       (SELECT count(*) FROM mine WHERE suspended_at IS NULL AND rests),
       (SELECT coalesce(jsonb_object_agg(due_on, cards), '{{}}')::text FROM ahead)
"""  # noqa: S608  # a statement of ours and a number
USUAL_CAP = DailyCap(20, 10)


@dataclass(frozen=True, slots=True)
class Deck:
    """One person's cards on one day of her calendar. `left` is what is shown of what is due, within her daily cap."""

    on: date
    waiting: Waiting
    left: Waiting
    seen: int
    cap: DailyCap
    seconds_a_card: float
    cards: int
    put_aside: int
    resting: int
    ahead: Mapping[date, int]

    @classmethod
    def read(cls, person: User, on: date) -> Deck:
        """The person's deck on this day: one query."""
        last = on + timedelta(days=DAYS_AHEAD - 1)
        with connection.cursor() as cursor:
            cursor.execute(_DECK, {"person": person.pk, "on": on, "last": last})
            row = cursor.fetchone()
        waiting, (seen, seen_new, cards, of_new, pace) = Waiting(*row[:3]), row[3:8]
        cap = USUAL_CAP if cards is None else DailyCap(cards, of_new)
        return cls(
            on=on,
            waiting=waiting,
            left=cap.left(waiting, seen, seen_new),
            seen=seen,
            cap=cap,
            seconds_a_card=float(pace or SECONDS_A_CARD),
            cards=row[8],
            put_aside=row[9],
            resting=row[10],
            ahead={date.fromisoformat(day): count for day, count in json.loads(row[11]).items()},
        )

    @property
    def due(self) -> int:
        """How many cards are shown today from now on."""
        return self.left.returning + self.left.known + self.left.new

    @property
    def days(self) -> list[tuple[date, int]]:
        """The next days with how many cards are shown on each: what the daily cap leaves over moves to the next."""
        found, left = [(self.on, self.due)], self.left
        known, new = self.waiting.known - left.known, self.waiting.new - left.new
        for ahead in range(1, DAYS_AHEAD):
            day = self.on + timedelta(days=ahead)
            due = Waiting(0, known + self.ahead.get(day, 0), new)
            shown = self.cap.left(due, 0, 0)
            known, new = due.known - shown.known, due.new - shown.new
            found.append((day, shown.known + shown.new))
        return found

    @property
    def this_week(self) -> int:
        return sum(count for _, count in self.days)

    def minutes(self, cards: int) -> int:
        """About how long so many cards take, at the pace of the last ones."""
        return minutes_for(cards, self.seconds_a_card)


def minutes_for(cards: int, seconds_a_card: float = SECONDS_A_CARD) -> int:
    return ceil(cards * seconds_a_card / 60)
