from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from typing import TYPE_CHECKING, NamedTuple, Self

from django.db import connection, models, transaction

from accounts.models import User
from quizzes.models.accommodation import Accommodation
from quizzes.models.quiz import Quiz
from quizzes.models.quiz_version import QuizVersion
from quizzes.paper import NOTHING_EXTRA, Allowance, Slot, draw
from quizzes.refusals import FinishedError, TakenOverError, UnknownSlotError
from quizzes.review import ReviewPolicy
from quizzes.saves import Save, SavedItem

if TYPE_CHECKING:
    from quizzes.models.attempt import Attempt

_RANDOM = SystemRandom()


# In the order of the models' fields, as from_db wants them.
_COLUMNS = (
    *("id", "person_id", "quiz_id", "quiz_version_id", "number", "paper", "pass_percent", "started_at"),
    *(
        "deadline_at",
        "closes_at",
        "epoch",
        "finished_at",
        "points",
        "points_possible",
        "is_passed",
        "receipt",
    ),
    *("overtime", "overtime_minutes", "review", "flagged", "is_abandoned"),
    *("set_aside_at", "set_aside_by_id", "set_aside_reason", "seen_grading"),
)
_JSON = ("paper", "review", "flagged")
_QUIZ_COLUMNS = ("id", "roadmap_id", "key", "title", "current_version_id")
_MINE = """
  FROM quizzes_attempt attempt
  JOIN quizzes_quiz quiz ON quiz.id = attempt.quiz_id
  JOIN roadmap_roadmap road ON road.id = quiz.roadmap_id
"""
_FIND = f"""
SELECT {", ".join(f"attempt.{name}" for name in _COLUMNS)},
       {", ".join(f"quiz.{name}" for name in _QUIZ_COLUMNS)}
{_MINE}
 WHERE attempt.person_id = %s AND road.key = %s AND quiz.key = %s AND attempt.number = %s
"""  # names of columns

# One statement, so that finishing the attempt or opening it elsewhere cannot come in between. Nothing typed is dropped:
# what arrives after the attempt is over is kept as late, what an overtaken page sends is kept as overtaken.
_SAVE = """
WITH mine AS (
  SELECT attempt.id, deadline_at, %(highest)s <= jsonb_array_length(paper) AS is_known, epoch = %(epoch)s AS is_mine,
         finished_at IS NOT NULL AS is_finished,
         finished_at IS NOT NULL OR coalesce(%(now)s > closes_at, false) AS is_over
  {which}
     FOR SHARE OF attempt
), written AS (
  INSERT INTO quizzes_answer
         (attempt_id, slot, client_id, epoch, sequence, value, confidence, saved_at, is_late, is_overtaken)
  SELECT mine.id, item.slot, item.client_id, %(epoch)s, item.sequence, item.value, item.confidence, %(now)s,
         mine.is_over, NOT mine.is_mine AND NOT mine.is_over
    FROM mine, jsonb_to_recordset(%(items)s::jsonb)
         AS item (slot int, client_id uuid, sequence bigint, value jsonb, confidence smallint)
   WHERE mine.is_known
  ON CONFLICT (attempt_id, client_id) DO NOTHING
)
SELECT deadline_at, %(highest)s, is_known, is_mine, is_finished, is_over FROM mine
"""
_COUNTING = """
SELECT DISTINCT ON (attempt_id, slot) attempt_id, slot, coalesce(value, 'null')::text FROM quizzes_answer
 WHERE attempt_id = ANY(%s) AND NOT is_late AND NOT is_overtaken
 ORDER BY attempt_id, slot, epoch DESC, sequence DESC, id DESC
"""
_SAVE_TO = _SAVE.format(which="FROM quizzes_attempt attempt WHERE id = %(attempt)s")
_SAVE_MINE = _SAVE.format(
    which=f"""{_MINE}
   WHERE attempt.person_id = %(person)s AND road.key = %(road)s AND quiz.key = %(quiz)s
     AND attempt.number = %(number)s AND coalesce(attempt.id = %(shown)s::bigint, true)"""
)


class Verdict(NamedTuple):
    """What came of a save: `highest` is the highest slot that was sent."""

    deadline_at: datetime | None
    highest: int
    is_known: bool
    is_mine: bool
    is_finished: bool
    is_over: bool

    def refuse(self) -> None:
        """Raise what the save came upon; what came too late or from an overtaken page is kept all the same."""
        if not self.is_known:
            raise UnknownSlotError(f"This attempt has no slot {self.highest}.")
        if self.is_over:
            raise FinishedError
        if not self.is_mine:
            raise TakenOverError


def _save(
    statement: str,
    whose: Mapping[str, int | str | None],
    epoch: int,
    items: Sequence[SavedItem],
    now: datetime,
) -> Verdict | None:
    told: dict[str, int | str | datetime | None] = {
        **whose,
        "epoch": epoch,
        "now": now,
        "items": json.dumps([item.model_dump(mode="json") for item in items]),
        "highest": max((item.slot for item in items), default=0),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, told)
        row = cursor.fetchone()
    return Verdict(*row) if row else None


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def open(self) -> Self:
        return self.filter(finished_at=None)

    def finished(self) -> Self:
        return self.exclude(finished_at=None)

    def passed(self) -> Self:
        return self.filter(is_passed=True, set_aside_at=None)

    def that_count(self) -> Self:
        """Finished, and not set aside."""
        return self.finished().filter(set_aside_at=None)

    def waiting(self) -> Self:
        """Handed in, with a slot that is not marked yet."""
        return self.finished().filter(is_passed=None)

    def to_mark(self) -> Self:
        """Those among them for whose answers a mentor is wanted."""
        return self.waiting().filter(points__isnull=False, set_aside_at=None)

    def with_news(self) -> Self:
        """Those whose person has not seen the newest result yet, or an answer to an appeal of hers.

        A provisional result is no news.
        """
        same = self.model.objects.filter(pk=models.OuterRef("pk"))
        newer = same.filter(gradings__number__gt=models.F("seen_grading"))
        answered = same.filter(appeals__answered_at__isnull=False, appeals__seen_at=None)
        return self.filter(
            models.Q(models.Exists(newer), is_passed__isnull=False) | models.Q(models.Exists(answered))
        )

    def unmarked(self) -> Self:
        """Handed in while marking failed: they have no grading yet."""
        return self.waiting().filter(points=None)

    def overdue(self, now: datetime) -> Self:
        """Open attempts whose deadline and grace are over, and the minutes in which they might be handed in."""
        minutes = models.ExpressionWrapper(
            models.F("overtime_minutes") * timedelta(minutes=1), models.DurationField()
        )
        return self.open().filter(closes_at__lt=now).filter(closes_at__lt=now - minutes)

    def find(self, person: User, road_key: str, quiz_key: str, number: int) -> Attempt | None:
        """The person's attempt of this number, knowing its person and the key of its quiz: one query.

        Acts at an attempt start here, so it is asked without building a queryset; pages that show more use `at`.
        """
        with connection.cursor() as cursor:
            cursor.execute(_FIND, [person.pk, road_key, quiz_key, number])
            row = cursor.fetchone()
        if row is None:
            return None
        attempt = self.model.from_db(self.db, _COLUMNS, row[: len(_COLUMNS)])
        for name in _JSON:
            setattr(attempt, name, json.loads(getattr(attempt, name)))
        attempt.person, attempt.quiz = person, Quiz.from_db(self.db, _QUIZ_COLUMNS, row[len(_COLUMNS) :])
        return attempt

    def save_to(
        self, attempt: Attempt, epoch: int, items: Sequence[SavedItem], now: datetime
    ) -> Verdict | None:
        """Write these saves where they may be written: one statement. Sending them again changes nothing."""
        return _save(_SAVE_TO, {"attempt": attempt.pk}, epoch, items, now)

    def save_answers(
        self, person: User, road_key: str, quiz_key: str, number: int, *, sent: Save, now: datetime
    ) -> datetime | None:
        """The same for the person's attempt of this number, which is not read before; its deadline.

        Raises Attempt.DoesNotExist, and as Attempt.save_answers does.
        """
        whose: dict[str, int | str | None] = {
            "person": person.pk,
            "road": road_key,
            "quiz": quiz_key,
            "number": number,
            "shown": sent.attempt,
        }
        verdict = _save(_SAVE_MINE, whose, sent.epoch, sent.items, now)
        if verdict is None:
            raise self.model.DoesNotExist
        verdict.refuse()
        return verdict.deadline_at

    def whose_receipt_fails(self, chunk: int = 500) -> Iterator[Attempt]:
        """Finished attempts of which what is stored is not what their receipt was made of; two queries a chunk."""
        last = 0
        while rows := list(self.finished().filter(pk__gt=last).order_by("pk")[:chunk]):
            last = rows[-1].pk
            with connection.cursor() as cursor:
                cursor.execute(_COUNTING, [[row.pk for row in rows]])
                said: dict[int, dict[int, object]] = defaultdict(dict)
                for attempt, slot, value in cursor.fetchall():
                    said[attempt][slot] = json.loads(value)
            yield from (row for row in rows if not row.receipt_fits(said[row.pk]))

    def at(self, road_key: str, quiz_key: str) -> Self:
        """Attempts at one quiz of one road."""
        return self.filter(quiz__roadmap__key=road_key, quiz__key=quiz_key)

    @transaction.atomic
    def start(self, person: User, quiz: Quiz, now: datetime, *, since: datetime | None = None) -> Attempt:
        """The person's open attempt at this quiz; a new one where none is open, its paper drawn and frozen.

        Starting twice at once (two clicks, two tabs) gives the same attempt. Attempts begun before `since` do not
        count towards limit and cooldown. Raises AttemptRefusedError.
        """
        User.objects.get_queryset().select_for_update(no_key=True).get(pk=person.pk)
        earlier = list(self.of(person).filter(quiz=quiz).order_by("number"))
        if earlier and not earlier[-1].is_finished:
            if not earlier[-1].is_overdue(now):
                return earlier[-1]
            earlier[-1].submit(now)
        counted = [a.finished_at for a in earlier if a.finished_at and a.counts_from(since)]
        allowance = Accommodation.objects.allowance(person, quiz)
        if refusal := quiz.refusal(counted, now, allowance):
            raise refusal
        version = quiz.studied_version()
        seen = (slot.question for attempt in earlier for slot in attempt.slots)
        slots = draw(version.sheet, seen, _RANDOM)
        number = earlier[-1].number + 1 if earlier else 1
        return self.begin(person, version, number, slots, now, allowance)

    def begin(  # noqa: PLR0917  # what an attempt freezes, in the order in which it is found
        self,
        person: User,
        version: QuizVersion,
        number: int,
        slots: Sequence[Slot],
        now: datetime,
        allowance: Allowance = NOTHING_EXTRA,
    ) -> Attempt:
        """Write an open attempt with this number and these slots; `start` decides whether it may be."""
        sheet = version.sheet
        deadline_at, closes_at = sheet.deadline(now, allowance)
        return self.create(
            person=person,
            quiz_id=version.quiz_id,
            quiz_version=version,
            number=number,
            paper=[slot.model_dump(mode="json") for slot in slots],
            pass_percent=sheet.pass_percent,
            points_possible=sum(slot.points for slot in slots),
            started_at=now,
            deadline_at=deadline_at,
            closes_at=closes_at,
            overtime=sheet.overtime,
            overtime_minutes=sheet.overtime_minutes,
            review={} if sheet.review == ReviewPolicy() else sheet.review.model_dump(mode="json"),
        )

    def keep_up(self, by: User | None, reason: str, now: datetime) -> None:
        """Let open attempts with a limit take over a later end of their quiz; of those at one quiz."""
        running = self.open().exclude(deadline_at=None).order_by("pk")
        for attempt in running.select_related("person", "quiz__current_version", "quiz_version"):
            attempt.keep_up(by=by, reason=reason, now=now)

    def finalise_overdue(self, now: datetime, limit: int = 500) -> int:
        """Hand in what is saved of attempts whose time is over; how many. Several may run side by side.

        Each attempt is one transaction, so one that fails does not hold up those before it.
        """
        waiting = self.overdue(now).order_by("closes_at").values_list("pk", flat=True)
        return sum(self._finalise(pk, now) for pk in list(waiting[:limit]))

    @transaction.atomic
    def _finalise(self, pk: int, now: datetime) -> bool:
        attempt = self.overdue(now).select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
        if attempt is None:
            return False
        attempt.submit(now)
        return True

    def mark_unmarked(self, now: datetime, limit: int = 100) -> int:
        """Mark those whose marking failed, each in a transaction of its own; how many could be. Never marks one twice.

        What fails again stands in the log, and is tried again by the next round.
        """
        failed = self.unmarked().order_by("-finished_at").values_list("pk", flat=True)
        return sum(self._mark(pk, now) for pk in list(failed[:limit]))

    @transaction.atomic
    def _mark(self, pk: int, now: datetime) -> bool:
        attempt = (
            self.unmarked()
            .select_for_update(of=("self",), no_key=True, skip_locked=True)
            .filter(pk=pk)
            .first()
        )
        if attempt is None:
            return False
        attempt.mark(now)
        return attempt.points is not None
