"""Any order of starting, opening, saving, handing in, waiting and sweeping keeps what an attempt promises."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from quizzes.models import Attempt, Quiz
from quizzes.refusals import (
    AttemptRefusedError,
    CoolingDownError,
    FinishedError,
    LimitReachedError,
    NotFinishedError,
    TakenOverError,
)
from quizzes.saves import SavedItem
from tests import cast
from tests.cast import NOW

LIMIT, COOLDOWN, TIME, GRACE = 3, timedelta(hours=1), timedelta(minutes=10), timedelta(minutes=1)
SLOTS = 3
Page = tuple[int, int]  # number of the attempt, epoch in which the page was opened

pages = st.integers(0, 5)  # which of the pages that were opened, the last one first
values = st.sampled_from(["true", "false", None])


class AttemptMachine(RuleBasedStateMachine):
    """One person at one quiz; `saved` and `finished` are what the answers of the engine let her believe."""

    @initialize()
    def publish(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
        self.quiz.attempts_limit, self.quiz.cooldown_hours = LIMIT, 1
        self.quiz.time_limit_minutes, self.quiz.draw = 10, SLOTS
        self.quiz.save()
        self.quiz.publish(None, cast.EARLIER)
        self.now = NOW
        self.pages: list[Page] = []
        self.last: tuple[Page, SavedItem] | None = None
        self.epochs: dict[int, int] = {}
        self.deadlines: dict[int, datetime] = {}
        self.finished: dict[int, datetime] = {}
        self.saved: dict[int, dict[int, tuple[tuple[int, int], object]]] = {}

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # What may happen

    @rule()
    def start(self) -> None:
        """What is over is handed in first; a refusal undoes that with all else, and leaves it to the sweep."""
        numbers = sorted(self.deadlines)
        finished = self.finished | self._over()
        is_open = bool(numbers) and numbers[-1] not in finished
        ready = max(finished.values(), default=NOW - COOLDOWN) + COOLDOWN
        attempt, refused = self._try_to_start()
        if is_open:
            assert attempt
            assert attempt.number == numbers[-1]
        elif len(finished) == LIMIT:
            assert isinstance(refused, LimitReachedError)
        elif self.now < ready:
            assert isinstance(refused, CoolingDownError)
            assert refused.until == ready
        else:
            assert attempt
            assert (attempt.number, attempt.deadline_at) == (len(numbers) + 1, self.now + TIME)
            self.finished, self.deadlines[attempt.number] = finished, self.now + TIME
            self.saved[attempt.number], self.epochs[attempt.number] = {}, 0

    @precondition(lambda self: self.deadlines)
    @rule()
    def open(self) -> None:
        number = max(self.deadlines)
        if number in self.finished or self._is_over(number):
            with pytest.raises(FinishedError):
                self._attempt(number).open(self.now)
            return
        epoch = self._attempt(number).open(self.now)
        assert epoch == self.epochs[number] + 1
        self.epochs[number] = epoch
        self.pages.append((number, epoch))

    @precondition(lambda self: self.pages)
    @rule(back=pages, slot=st.integers(1, SLOTS), sequence=st.integers(1, 9), value=values)
    def save(self, back: int, slot: int, sequence: int, value: object) -> None:
        page = self.pages[max(len(self.pages) - 1 - back, 0)]
        item = SavedItem.model_validate(
            {"slot": slot, "sequence": sequence, "client_id": uuid4(), "value": value}
        )
        if self._send(page, item):
            number, epoch = page
            kept = self.saved[number].get(slot)
            if kept is None or (epoch, sequence) >= kept[0]:
                self.saved[number][slot] = ((epoch, sequence), value)
            self.last = (page, item)

    @precondition(lambda self: self.last)
    @rule(value=values)
    def send_again(self, value: object) -> None:
        """A repeated request, even one that was tampered with, writes nothing."""
        assert self.last
        page, item = self.last
        self._send(page, item.model_copy(update={"value": value}))

    @precondition(lambda self: self.deadlines)
    @rule()
    def submit(self) -> None:
        number = max(self.deadlines)
        self._attempt(number).submit(self.now)
        self.finished.setdefault(number, min(self.now, self.deadlines[number]))

    @rule(minutes=st.sampled_from([1, 3, 9, 10, 11, 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        over = self._over()
        assert Attempt.objects.finalise_overdue(self.now) == len(over)
        self.finished |= over

    # What always holds

    @invariant()
    def there_is_one_open_attempt_at_most_and_no_more_than_may_be(self) -> None:
        if hasattr(self, "quiz"):
            rows = Attempt.objects.of(cast.ines())
            assert rows.open().count() <= 1
            assert sorted(rows.values_list("number", flat=True)) == sorted(self.deadlines)
            assert len(self.deadlines) <= LIMIT

    @invariant()
    def each_attempt_is_what_was_acknowledged(self) -> None:
        for number in getattr(self, "deadlines", {}):
            attempt = self._attempt(number)
            assert attempt.deadline_at == self.deadlines[number]
            assert attempt.finished_at == self.finished.get(number)
            assert attempt.epoch == self.epochs[number]
            assert attempt.values() == {slot: value for slot, (_, value) in self.saved[number].items()}
            if number in self.finished:
                self._is_marked(attempt)
            else:
                self._tells_nothing(attempt)

    def _is_marked(self, attempt: Attempt) -> None:
        """One marking: a point for each slot whose last acknowledged answer in time is right."""
        right = {slot for slot, (_, value) in self.saved[attempt.number].items() if value == "true"}
        (grading,) = attempt.gradings.all()
        marks = grading.by_slot()
        assert {slot for slot, mark in marks.items() if mark.points == 1} == right
        assert attempt.points == grading.points == sum(mark.points for mark in marks.values()) == len(right)
        assert attempt.is_passed == (len(right) == SLOTS)  # 80 percent of three points are three
        assert attempt.finished_at is not None
        assert attempt.finished_at <= self.deadlines[attempt.number]

    def _tells_nothing(self, attempt: Attempt) -> None:
        assert (attempt.points, attempt.is_passed, attempt.receipt) == (None, None, "")
        assert not attempt.gradings.exists()
        with pytest.raises(NotFinishedError):
            attempt.result()

    # Helpers

    def _try_to_start(self) -> tuple[Attempt | None, AttemptRefusedError | None]:
        try:
            return Attempt.objects.start(cast.ines(), self.quiz, self.now), None
        except AttemptRefusedError as refused:
            return None, refused

    def _send(self, page: Page, item: SavedItem) -> bool:
        """Whether the save was acknowledged; a refusal is the one that the model expects."""
        number, epoch = page
        attempt = self._attempt(number)
        is_current = epoch == self.epochs[number]
        if is_current and number not in self.finished and not self._is_over(number):
            attempt.save_answers(epoch, [item], self.now)
            return True
        is_final = number in self.finished or is_current
        with pytest.raises(FinishedError if is_final else TakenOverError):
            attempt.save_answers(epoch, [item], self.now)
        return False

    def _attempt(self, number: int) -> Attempt:
        return Attempt.objects.of(cast.ines()).get(number=number)

    def _is_over(self, number: int) -> bool:
        return self.now > self.deadlines[number] + GRACE

    def _over(self) -> dict[int, datetime]:
        """The deadline of each attempt that is open though its time is over."""
        return {
            number: deadline
            for number, deadline in self.deadlines.items()
            if number not in self.finished and self._is_over(number)
        }


def play(examples: int, steps: int) -> None:
    cast.road(), cast.ines()
    run(
        AttemptMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_attempts_keep_their_promises_in_any_order():
    play(examples=12, steps=20)


@pytest.mark.django_db
@pytest.mark.long
def test_attempts_keep_their_promises_in_very_many_orders():
    play(examples=60, steps=50)
