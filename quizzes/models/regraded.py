"""Going through the attempts of a regrade: what it would change, and changing it, some attempts at a time.

Whatever stops half-way goes on where it was: each attempt is changed once per regrade, in a transaction with the note
of how far it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from quizzes import regrading
from quizzes.bodies import Body
from quizzes.models.answer import Answer
from quizzes.models.attempt import Attempt
from quizzes.models.attempts import AttemptQuerySet
from quizzes.models.grading import Grading, GradingKind
from quizzes.models.question import QuestionVersion
from quizzes.models.quiz_version import QuizVersion
from quizzes.models.regrade import CHUNK, Regrade
from quizzes.paper import Slot
from quizzes.regrading import Change, Outlook, Policy
from quizzes.result import fraction_of, mark_row, total

_LONGEST_ACT = timedelta(minutes=5)


class Regraded(NamedTuple):
    """One attempt of which the marks change, the grading that counted so far, and its marks afterwards by slot."""

    attempt: Attempt
    grading: Grading
    marks: Mapping[str, Any]


def outlook(regrade: Regrade) -> Outlook:
    """What this regrade, saved or not, would change: all its attempts are read, none is written. Memory stays flat."""
    found = Outlook()
    cursor = 0
    while attempts := _some(_asked(regrade).filter(pk__gt=cursor)):
        for one in _regraded(regrade, attempts, found):
            _note(one, found)
        cursor = attempts[-1].pk
    return found


def work(regrade: Regrade, now: datetime, most: int = 1000) -> bool:
    """Change up to `most` further attempts, or take back what was changed; whether it is finished. May run twice."""
    for _round in range(1 + most // CHUNK):
        if _step(regrade.pk, now):
            break
    regrade.refresh_from_db()
    return regrade.finished_at is not None


def work_on_all(now: datetime) -> int:
    """Go on with every regrade at work, and look after attempts that finished since under one; how many regrades."""
    at_work = list(Regrade.objects.at_work().order_by("begun_at", "id"))
    for regrade in at_work:
        work(regrade, now)
    stale = Regrade.objects.to_look_after(now).order_by("after__question")
    questions = list(stale.values_list("after__question", flat=True))
    for question in dict.fromkeys(questions):
        _look_after(question, now)
    return len(at_work) + len(questions)


@transaction.atomic
def _step(pk: int, now: datetime) -> bool:
    """One chunk; whether nothing is left, or somebody else is at it."""
    regrade = Regrade.objects.at_work().select_for_update(skip_locked=True, no_key=True).filter(pk=pk).first()
    if regrade is None:
        return True
    if not regrade.cursor and not regrade.is_undone:
        _look_after(regrade.after.question_id, now)
    found = _changed(regrade) if regrade.is_undone else _asked(regrade)
    attempts = _locked(found.filter(pk__gt=regrade.cursor))
    if not attempts:
        regrade.finished_at = regrade.looked_at = now
        regrade.save(update_fields=["finished_at", "looked_at"])
        return True
    if regrade.is_undone:
        _write(regrade, list(_restored(regrade, attempts)), GradingKind.UNDONE, now)
    else:
        regrade.changed += _write(regrade, list(_regraded(regrade, attempts)), GradingKind.REGRADED, now)
    regrade.cursor = attempts[-1].pk
    regrade.save(update_fields=["cursor", "changed"])
    return False


@transaction.atomic
def _look_after(question: int, now: datetime) -> None:
    """Attempts that were open when a regrade began are marked by their own key first; they are corrected here.

    All regrades of a question are looked after at once, in the order in which they began, so that the last one decides
    as it does for everybody else. What a later one changed already, an earlier one leaves alone.
    """
    lasting = Regrade.objects.lasting(now).filter(after__question=question).order_by("begun_at", "id")
    regrades = list(lasting.select_for_update(of=("self",), no_key=True))
    for place, regrade in enumerate(regrades):
        attempts = _locked(_finished_since(regrade, later=regrades[place:]), most=10_000)
        regrade.changed += _write(regrade, list(_regraded(regrade, attempts)), GradingKind.REGRADED, now)
        regrade.looked_at = now
        regrade.save(update_fields=["looked_at", "changed"])


# Which attempts


def _asked(regrade: Regrade) -> AttemptQuerySet:
    """The finished attempts that asked the question."""
    asked = [{"question": regrade.after.question.key}]
    quizzes = QuizVersion.objects.filter(paper__questions__contains=asked).values("quiz")
    return Attempt.objects.finished().filter(quiz__in=quizzes, is_abandoned=False, paper__contains=asked)


def _finished_since(regrade: Regrade, later: Sequence[Regrade]) -> AttemptQuerySet:
    """Those among them that were open when it began and were marked since somebody looked last."""
    since = (regrade.looked_at or regrade.begun_at) - _LONGEST_ACT
    marked = Grading.objects.filter(kind=GradingKind.MARKED, graded_at__gt=since).values("attempt")
    found = _asked(regrade).filter(started_at__lt=regrade.begun_at, pk__in=marked)
    return Attempt.objects.filter(pk__in=found.exclude(gradings__regrade__in=later).values("pk"))


def _changed(regrade: Regrade) -> AttemptQuerySet:
    """The attempts that the regrade changed."""
    mine = Grading.objects.filter(regrade=regrade, kind=GradingKind.REGRADED).values("attempt")
    return Attempt.objects.finished().filter(pk__in=mine)


def _some(attempts: AttemptQuerySet, most: int = CHUNK) -> list[Attempt]:
    return list(attempts.order_by("pk")[:most])


def _locked(attempts: AttemptQuerySet, most: int = CHUNK) -> list[Attempt]:
    return _some(attempts.select_for_update(of=("self",), no_key=True), most)


# What becomes of them


def _regraded(
    regrade: Regrade, attempts: Sequence[Attempt], found: Outlook | None = None
) -> Iterator[Regraded]:
    """Those of which the marks change; the others are counted in `found` with why they stay."""
    found = found or Outlook()
    known = _Known(regrade, attempts)
    for attempt in attempts:
        slot = _slot(attempt, regrade.after)
        grading = known.gradings.get(attempt.pk)
        if slot is None or grading is None:
            continue
        found.looked_at += 1
        row = grading.marks[str(slot.slot)]
        if row.get("by_hand") or row.get("waits"):
            found.by_hand += 1
            continue
        was, value = fraction_of(row), known.values.get((attempt.pk, slot.slot))
        before = known.bodies[slot.version]
        is_kind = regrade.never_lower
        earned = regrading.earned_after(
            Policy(regrade.policy), before, known.after, value, was, never_lower=is_kind
        )
        if earned is None:
            found.incomparable += 1
        elif earned != was:
            yield _with(attempt, grading, slot, mark_row(slot, earned))


def _restored(regrade: Regrade, attempts: Sequence[Attempt]) -> Iterator[Regraded]:
    """The slot as it was before the regrade, unless something later changed it once more."""
    rows = Grading.objects.filter(attempt__in=attempts).order_by("attempt", "number")
    gradings: dict[int, list[Grading]] = {}
    for row in rows:
        gradings.setdefault(row.attempt_id, []).append(row)
    for attempt in attempts:
        slot, mine = _slot(attempt, regrade.after), gradings[attempt.pk]
        place = next(n for n, row in enumerate(mine) if row.regrade_id == regrade.pk)
        if slot is None or mine[-1].marks[str(slot.slot)] != mine[place].marks[str(slot.slot)]:
            continue
        yield _with(attempt, mine[-1], slot, mine[place - 1].marks[str(slot.slot)])


def _with(attempt: Attempt, grading: Grading, slot: Slot, row: Mapping[str, Any]) -> Regraded:
    return Regraded(attempt, grading, {**grading.marks, str(slot.slot): dict(row)})


def _slot(attempt: Attempt, after: QuestionVersion) -> Slot | None:
    """Where the question stands on the attempt's paper in an older wording than `after`."""
    key = after.question.key
    return next((slot for slot in attempt.slots if slot.question == key and slot.version != after.pk), None)


class _Known:
    """What weighing these attempts needs: newest gradings, the answers that count, the wordings; four queries."""

    def __init__(self, regrade: Regrade, attempts: Sequence[Attempt]) -> None:
        gradings = Grading.objects.newest().filter(attempt__in=attempts)
        self.gradings = {row.attempt_id: row for row in gradings}
        answers = Answer.objects.that_count().newest().filter(attempt__in=attempts)
        self.values = {(row.attempt_id, row.slot): row.value for row in answers}
        asked = {slot.version for attempt in attempts for slot in attempt.slots}
        self.bodies: dict[int, Body] = QuestionVersion.objects.bodies({*asked, regrade.after_id})
        self.after = self.bodies[regrade.after_id]


# Writing


def _write(regrade: Regrade, changed: Sequence[Regraded], kind: GradingKind, now: datetime) -> int:
    """The further gradings, and what they make of their attempts; how many."""
    by = regrade.undone_by_id if kind == GradingKind.UNDONE else regrade.begun_by_id
    new = []
    for attempt, grading, marks in changed:
        points = attempt.sum_up(marks)
        new.append(
            Grading(
                attempt=attempt,
                number=grading.number + 1,
                kind=kind,
                regrade=regrade,
                marks=marks,
                points=points,
                graded_at=now,
                graded_by_id=by,
                reason=regrade.reason,
            )
        )
    Grading.objects.bulk_create(new, batch_size=CHUNK)
    Attempt.objects.bulk_update([one.attempt for one in changed], ["points", "is_passed"], batch_size=CHUNK)
    return len(new)


def _note(one: Regraded, found: Outlook) -> None:
    attempt = one.attempt
    was = total(one.grading.marks.values()), attempt.is_passed
    attempt.sum_up(one.marks)
    found.note(
        Change(
            attempt.pk,
            attempt.person_id,
            points=(was[0], total(one.marks.values())),
            passed=(was[1], attempt.is_passed),
        )
    )
