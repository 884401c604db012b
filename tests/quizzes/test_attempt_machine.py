"""Any order of starting, opening, saving, choosing, handing in, waiting, sweeping, extending, giving, marking and
correcting keeps what an attempt promises."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from api.serializers.quizzes import attempt_sheet
from progress.models.facts import read_facts
from quizzes.models import (
    Accommodation,
    Attempt,
    Grading,
    PaperItem,
    Question,
    QuestionVersion,
    Quiz,
    QuizVersion,
    Regrade,
    regraded,
)
from quizzes.paper import Overtime
from quizzes.refusals import (
    AttemptRefusedError,
    CoolingDownError,
    FinishedError,
    LimitReachedError,
    TakenOverError,
)
from quizzes.result import HandMark, fraction_of
from quizzes.saves import SavedItem
from tests import cast
from tests.cast import NOW

LIMIT, COOLDOWN, TIME, GRACE = 3, timedelta(hours=1), timedelta(minutes=10), timedelta(minutes=1)
HAND_IN_LATER = timedelta(minutes=5)
FIRST, SECOND, TEXT = (
    1,
    2,
    3,
)  # two statements of a point each, of which the first is corrected, and a text of two
POINTS = {FIRST: 1, SECOND: 1, TEXT: 2}
PASS = 75
WHY = "CANARY-WHY"
REVIEW = {
    "handed_in": ["correctness"],
    "passed": ["correctness", "feedback"],
    "closed": ["correctness", "feedback", "right_answer", "explanation"],
}

pages = st.integers(0, 5)  # which of the pages that were opened, the last one first
numbers = st.integers(0, 3)  # which of the attempts, the last one first
values = st.sampled_from(["true", "false", None])
items = st.tuples(st.sampled_from([FIRST, SECOND, TEXT]), st.integers(1, 4), values)
policies = st.sampled_from(["credit_all", "both", "new_only", "none"])
Marks = dict[int, tuple[Fraction, bool]]  # what a slot earned, and whether it waits for a mentor


@dataclass
class Tried:
    """What the answers of the engine let its person, mentor and author believe of one attempt."""

    started_at: datetime
    deadline_at: datetime
    overtime: Overtime
    epoch: int = 0
    finished_at: datetime | None = None
    is_aside: bool = False
    is_abandoned: bool = False
    extensions: int = 0
    acknowledged: dict[int, tuple[tuple[int, int], Any]] = field(default_factory=dict)
    corrected_later: list[Regrade] = field(default_factory=list)  # it was open when they began
    kept: dict[UUID, Any] = field(default_factory=dict)  # all that was ever sent, late and overtaken ones too
    gradings: list[tuple[Regrade | None, Marks]] = field(default_factory=list)

    @property
    def closes_at(self) -> datetime:
        return self.deadline_at + GRACE

    def is_overdue(self, now: datetime) -> bool:
        later = HAND_IN_LATER if self.overtime == Overtime.GRACE else timedelta(0)
        return self.finished_at is None and now > self.closes_at + later

    def is_open(self, now: datetime) -> bool:
        return self.finished_at is None and now <= self.closes_at

    def finish(self, now: datetime) -> None:
        """The answers in time are marked; those of who let it go by earn nothing, where that was said."""
        said = {slot: value for slot, (_, value) in self.acknowledged.items()}
        self.is_abandoned = self.overtime != Overtime.HAND_IN and self.is_overdue(now)
        self.finished_at = min(now, self.deadline_at)
        marks = {slot: (Fraction(said.get(slot) == "true"), False) for slot in (FIRST, SECOND)}
        marks[TEXT] = (Fraction(0), bool(said.get(TEXT)))
        nothing = dict.fromkeys(POINTS, (Fraction(0), False))
        self.gradings.append((None, nothing if self.is_abandoned else marks))

    @property
    def marks(self) -> Marks:
        return self.gradings[-1][1]

    @property
    def points(self) -> Fraction:
        return sum((POINTS[slot] * share for slot, (share, _) in self.marks.items()), Fraction(0))

    @property
    def is_passed(self) -> bool | None:
        if any(waits for _, waits in self.marks.values()):
            return None
        return 100 * self.points >= PASS * sum(POINTS.values())

    @property
    def counts(self) -> bool:
        return self.finished_at is not None and not self.is_aside


class AttemptMachine(RuleBasedStateMachine):
    """One person at one quiz. What may happen is checked against `tried`, one model of each attempt."""

    house: dict[
        str, Any
    ]  # what `play` made before: the quiz, its papers by what happens when time is over, ...

    @initialize(overtime=st.sampled_from(list(Overtime)))
    def begin(self, overtime: Overtime) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.quiz: Quiz = self.house["quiz"]
        self.quiz.current_version = self.house["versions"][overtime]
        self.quiz.save(update_fields=["current_version"])
        self.overtime = overtime
        self.now = NOW
        self.pages: list[tuple[int, int]] = []  # number of the attempt, epoch in which the page was opened
        self.last: tuple[tuple[int, int], list[SavedItem]] | None = None
        self.tried: dict[int, Tried] = {}
        self.regrades: list[Regrade] = []
        self.looked_at = ""
        self.extra, self.factor = 0, 1  # what she has beyond everybody
        self._start()
        self._open()

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    # What learners do

    @rule()
    def start(self) -> None:
        self._start()

    def _start(self) -> None:
        """What is over is handed in first; a refusal undoes that with all else, and leaves it to the sweep."""
        newest = self.tried[max(self.tried)] if self.tried else None
        ends = [
            tried.finished_at or tried.deadline_at
            for tried in self.tried.values()
            if not tried.is_aside and (tried.finished_at or tried.is_overdue(self.now))
        ]
        attempt, refused = self._try_to_start()
        if newest and newest.finished_at is None and not newest.is_overdue(self.now):
            assert attempt
            assert attempt.number == max(self.tried)
        elif len(ends) >= LIMIT + self.extra:
            assert isinstance(refused, LimitReachedError)
        elif ends and self.now < max(ends) + COOLDOWN:
            assert isinstance(refused, CoolingDownError)
            assert refused.until == max(ends) + COOLDOWN
        else:
            assert attempt
            assert attempt.number == len(self.tried) + 1
            if newest and newest.finished_at is None:
                newest.finish(self.now)
            assert attempt.deadline_at is not None
            assert attempt.deadline_at == self.now + TIME * self.factor
            self.tried[attempt.number] = Tried(self.now, attempt.deadline_at, self.overtime)

    @precondition(lambda self: self.tried)
    @rule()
    def open(self) -> None:
        self._open()

    def _open(self) -> None:
        number = max(self.tried)
        tried = self.tried[number]
        if not tried.is_open(self.now):
            with pytest.raises(FinishedError):
                self._attempt(number).open(self.now)
            return
        tried.epoch += 1
        assert self._attempt(number).open(self.now) == tried.epoch
        self.pages.append((number, tried.epoch))

    @precondition(lambda self: self.pages)
    @rule(back=pages, sent=st.lists(items, min_size=1, max_size=5), is_doubled=st.booleans())
    def save(self, back: int, sent: list[tuple[int, int, Any]], is_doubled: bool) -> None:
        """Sequences come in any order; a request may name the same save twice."""
        page = self.pages[max(len(self.pages) - 1 - back, 0)]
        saves = [
            SavedItem.model_validate({"slot": slot, "sequence": n, "client_id": uuid4(), "value": value})
            for slot, n, value in sent
        ]
        self._send(page, saves + saves[:1] if is_doubled else saves)
        self.last = page, saves

    @precondition(lambda self: self.last)
    @rule(value=values)
    def send_again(self, value: object) -> None:
        """A repeated request, even one that was tampered with, writes nothing."""
        assert self.last
        page, saves = self.last
        self._send(page, [item.model_copy(update={"value": value}) for item in saves])

    @precondition(lambda self: self.tried)
    @rule(takes_overtaken=st.booleans())
    def choose(self, takes_overtaken: bool) -> None:
        """Of two answers the learner picks one, and is not asked again."""
        number = max(self.tried)
        attempt, tried = self._attempt(number), self.tried[number]
        differing = attempt.answers.differences()
        if not differing or not tried.is_open(self.now):
            return
        one = differing[0]
        wanted = one.overtaken.value if takes_overtaken else (one.counting.value if one.counting else None)
        attempt.choose(one.slot, takes_overtaken=takes_overtaken, now=self.now)
        assert one.slot not in {row.slot for row in attempt.answers.differences()}
        before = tried.acknowledged.get(one.slot)
        sequence = before[0][1] + 1 if before and before[0][0] == tried.epoch else 1
        tried.acknowledged[one.slot] = (tried.epoch, sequence), wanted
        tried.kept[one.choice_id] = wanted

    @precondition(lambda self: self.tried)
    @rule(back=numbers)
    def submit(self, back: int) -> None:
        number = self._number(back)
        self._attempt(number).submit(self.now)
        if self.tried[number].finished_at is None:
            self.tried[number].finish(self.now)

    # What happens by itself

    @rule(minutes=st.sampled_from([1, 3, 9, 10, 11, 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        over = [tried for tried in self.tried.values() if tried.is_overdue(self.now)]
        assert Attempt.objects.finalise_overdue(self.now) == len(over)
        for tried in over:
            tried.finish(self.now)

    # What others do

    @precondition(lambda self: self.tried)
    @rule(back=numbers, minutes=st.sampled_from([-5, 0, 5, 30]))
    def extend(self, back: int, minutes: int) -> None:
        """Time is given, never taken; a finished attempt stays finished."""
        tried, attempt = self.tried[self._number(back)], self._attempt(self._number(back))
        until = tried.deadline_at + timedelta(minutes=minutes)
        attempt.extend(until, by=cast.tomas(), reason="The line was cut.", now=self.now)
        if tried.finished_at is None and until > tried.deadline_at:
            tried.deadline_at, tried.extensions = until, tried.extensions + 1

    @precondition(lambda self: self.extra < 2)
    @rule(attempts=st.sampled_from([1, 2]), factor=st.sampled_from([1, 2]))
    def accommodate(self, attempts: int, factor: int) -> None:
        """More attempts, more time, running attempts included; of several accommodations the greatest of each kind."""
        row = Accommodation(
            person=self.person, quiz=self.quiz, extra_attempts=attempts, time_factor=Decimal(factor)
        )
        Accommodation.objects.give(row, by=cast.tomas(), now=self.now)
        self.extra, self.factor = max(self.extra, attempts), max(self.factor, factor)
        for tried in self.tried.values():
            due = tried.started_at + TIME * self.factor
            if tried.finished_at is None and due > tried.deadline_at:
                tried.deadline_at, tried.extensions = due, tried.extensions + 1

    @precondition(lambda self: self.tried)
    @rule(back=numbers)
    def set_aside(self, back: int) -> None:
        number = self._number(back)
        self._attempt(number).set_aside(by=None, reason="Another began it.", now=self.now)
        tried = self.tried[number]
        if tried.finished_at is None:
            tried.finish(self.now)
        tried.is_aside = True

    @precondition(lambda self: any(tried.finished_at for tried in self.tried.values()))
    @rule(back=numbers, half_points=st.integers(0, 4))
    def mark_by_hand(self, back: int, half_points: int) -> None:
        attempt, tried = self._attempt(self._number(back)), self.tried[self._number(back)]
        if tried.finished_at is None:
            return
        share = Fraction(half_points, 4)
        said = {TEXT: HandMark(Decimal(half_points) / 2)}
        before = len(tried.gradings)
        written = Grading.objects.mark_by_hand(attempt, said, seen=before, by=cast.tomas(), now=self.now)
        if written is not None:
            tried.gradings.append((None, {**tried.marks, TEXT: (share, False)}))
        else:
            assert tried.marks[TEXT] == (share, False)

    @precondition(lambda self: len(self.regrades) < 4)
    @rule(policy=policies, never_lower=st.booleans())
    def regrade(self, policy: str, never_lower: bool) -> None:
        """The key of the first statement was wrong: it is false."""
        regrade = Regrade.objects.begin(
            *self.house["wordings"],
            policy=policy,
            never_lower=never_lower,
            reason="The key was wrong.",
            by=None,
            now=self.now,
        )
        assert regraded.work(regrade, self.now)
        self._look_after()
        self.regrades.append(regrade)
        for tried in self.tried.values():
            if tried.finished_at is not None:
                self._correct(tried, regrade)
            elif tried.started_at < self.now:
                tried.corrected_later.append(regrade)

    @precondition(lambda self: self.regrades)
    @rule(which=st.integers(0, 3))
    def undo_regrade(self, which: int) -> None:
        """The slot is as before, unless something later changed it once more."""
        regrade = self.regrades[which % len(self.regrades)]
        was_undone = regrade.is_undone
        regrade.undo(None, self.now)
        assert regraded.work(regrade, self.now)
        for tried in self.tried.values() if not was_undone else ():
            place = next((n for n, (by, _) in enumerate(tried.gradings) if by == regrade), None)
            if place is not None and tried.marks[FIRST] == tried.gradings[place][1][FIRST]:
                before = tried.gradings[place - 1][1][FIRST]
                tried.gradings.append((None, {**tried.marks, FIRST: before}))

    @precondition(lambda self: self.regrades)
    @rule()
    def look_after_regrades(self) -> None:
        """Attempts that were open when a regrade began are corrected later, in the order of the regrades."""
        self.now += timedelta(minutes=11)
        regraded.work_on_all(self.now)
        self._look_after()

    # What always holds

    @invariant()
    def everything_is_as_it_was_acknowledged(self) -> None:
        if not hasattr(self, "tried"):
            return
        rows = list(
            Attempt.objects.of(self.person)
            .order_by("number")
            .prefetch_related("answers", "gradings", "extensions")
        )
        assert [row.number for row in rows] == sorted(self.tried)
        assert sum(not row.is_finished for row in rows) <= 1
        assert sum(not tried.is_aside for tried in self.tried.values()) <= LIMIT + self.extra
        for row in rows:
            self._is_as_said(row, self.tried[row.number])

    def _is_as_said(self, row: Attempt, tried: Tried) -> None:
        assert (row.finished_at, row.epoch) == (tried.finished_at, tried.epoch)
        assert (row.deadline_at, row.closes_at) == (tried.deadline_at, tried.closes_at)
        assert (row.set_aside_at is not None) == tried.is_aside
        assert len(row.extensions.all()) == tried.extensions
        assert {answer.client_id: answer.value for answer in row.answers.all()} == tried.kept
        if tried.finished_at is None:
            assert (row.points, row.is_passed, row.receipt) == (None, None, "")
            assert not row.gradings.all()
        else:
            self._is_marked_as_said(row, tried)

    def _is_marked_as_said(self, row: Attempt, tried: Tried) -> None:
        gradings = sorted(row.gradings.all(), key=lambda one: one.number)
        found = [
            {int(slot): (fraction_of(mark), mark.get("waits", False)) for slot, mark in one.marks.items()}
            for one in gradings
        ]
        assert found == [marks for _, marks in tried.gradings]
        assert row.points == gradings[-1].points == tried.points
        assert sum(mark.points for mark in gradings[-1].by_slot().values()) == row.points
        assert (row.is_passed, row.is_abandoned) == (tried.is_passed, tried.is_abandoned)

    @precondition(lambda self: bool(getattr(self, "tried", None)))
    @invariant()
    def what_pages_say_is_what_may_be_said(self) -> None:
        """Asked again whenever anything was acknowledged since: these are the dear ones."""
        state = repr((self.tried, self.extra))
        if state != self.looked_at:
            self._first_and_newest_show_what_they_may()
            self._standing_is_what_the_attempts_say()
            self.looked_at = state

    def _first_and_newest_show_what_they_may(self) -> None:
        attempts = self.tried.values()
        is_closed = sum(one.counts for one in attempts) >= LIMIT + self.extra
        is_shown = is_closed and all(one.finished_at for one in attempts)
        for number in {1, max(self.tried)}:
            attempt, tried = self._attempt(number), self.tried[number]
            assert attempt.values() == {slot: value for slot, (_, value) in tried.acknowledged.items()}
            assert attempt.receipt_holds() == (tried.finished_at is not None)
            assert (WHY in attempt_sheet(attempt, self.now).model_dump_json()) == is_shown

    def _standing_is_what_the_attempts_say(self) -> None:
        """Computed from the model alone: how many count, the best of them, and since when the quiz is passed."""
        enrollment = self.house["enrollment"]
        read = read_facts(
            person=self.person.pk,
            road=enrollment.roadmap_id,
            enrollment=enrollment.pk,
            since=cast.EARLIER,
            active_since=self.now.date(),
        )
        fact = read.facts.quizzes.get(self.quiz.key)
        mine = [tried for tried in self.tried.values() if not tried.is_aside]
        if fact is None:
            assert not mine
            return
        done = [tried for tried in mine if tried.finished_at]
        passed = [tried.finished_at for tried in done if tried.is_passed]
        best = max((tried.points for tried in done), default=None)
        assert fact.attempts == len(done)
        assert fact.best_percent == (None if best is None else 100 * best / sum(POINTS.values()))
        assert fact.passed_at == min((at for at in passed if at), default=None)
        assert fact.waiting == sum(tried.is_passed is None for tried in done)

    # Helpers

    @property
    def person(self) -> Any:
        return self.house["enrollment"].person

    def _try_to_start(self) -> tuple[Attempt | None, AttemptRefusedError | None]:
        try:
            return Attempt.objects.start(self.person, self.quiz, self.now), None
        except AttemptRefusedError as refused:
            return None, refused

    def _send(self, page: tuple[int, int], sent: list[SavedItem]) -> None:
        """A refusal is the one that the model expects; whatever was said, all of it is kept."""
        number, epoch = page
        attempt, tried = self._attempt(number), self.tried[number]
        once = {item.client_id: item for item in sent}.values()  # a save that stands there twice is one
        new = [item for item in once if item.client_id not in tried.kept]
        if not tried.is_open(self.now):
            with pytest.raises(FinishedError):
                attempt.save_answers(epoch, sent, self.now)
        elif epoch != tried.epoch:
            with pytest.raises(TakenOverError):
                attempt.save_answers(epoch, sent, self.now)
        else:
            attempt.save_answers(epoch, sent, self.now)
            for item in new:
                known = tried.acknowledged.get(item.slot)
                if known is None or (epoch, item.sequence) >= known[0]:
                    tried.acknowledged[item.slot] = (epoch, item.sequence), item.value
        tried.kept |= {item.client_id: item.value for item in new}

    def _correct(self, tried: Tried, regrade: Regrade) -> None:
        """What the regrade makes of the first statement's mark; once per attempt."""
        if tried.is_abandoned or any(by == regrade for by, _ in tried.gradings):
            return
        said = tried.acknowledged.get(FIRST, (None, None))[1]
        was = tried.marks[FIRST][0]
        earned = {
            "credit_all": Fraction(1),
            "both": Fraction(said in {"true", "false"}),
            "new_only": Fraction(said == "false"),
            "none": was,
        }[regrade.policy]
        earned = max(earned, was) if regrade.never_lower else earned
        if earned != was:
            tried.gradings.append((regrade, {**tried.marks, FIRST: (earned, False)}))

    def _look_after(self) -> None:
        for tried in self.tried.values():
            if tried.finished_at is not None:
                for regrade in tried.corrected_later:
                    if not regrade.is_undone:
                        self._correct(tried, regrade)
                tried.corrected_later = []

    def _number(self, back: int) -> int:
        return max(len(self.tried) - back, 1)

    def _attempt(self, number: int) -> Attempt:
        return (
            Attempt.objects.of(self.person).select_related("quiz__roadmap", "quiz_version").get(number=number)
        )


def house() -> dict[str, Any]:
    """Ines on the road; the quiz with a paper for each way in which time may be over; the statement and its new key."""
    enrollment = cast.enrolled(cast.ines())
    quiz = Quiz.objects.get(roadmap=enrollment.roadmap, key="base-quiz")
    quiz.items.filter(position__gt=2).delete()
    for item in quiz.items.select_related("question"):
        item.question.draft = {**item.question.draft, "explanation": WHY}
        item.question.save()
    text = {"stem": "Why?", "explanation": WHY, "guide": WHY}
    asked = Question.objects.create(key="q-text", type="long_text", draft=text)
    PaperItem.objects.create(quiz=quiz, question=asked, position=3, points=POINTS[TEXT])
    quiz.attempts_limit, quiz.cooldown_hours, quiz.time_limit_minutes = LIMIT, 1, 10
    quiz.pass_percent, quiz.shuffle, quiz.review = PASS, False, REVIEW
    quiz.overtime_minutes = HAND_IN_LATER.seconds // 60
    versions = {overtime: _published(quiz, overtime) for overtime in Overtime}
    before = QuestionVersion.objects.get(pk=versions[Overtime.HAND_IN].sheet.questions[0].version)
    after = QuestionVersion.objects.create(
        question=before.question,
        number=before.number + 1,
        body={**before.body, "answer": False},
        edit_kind="answer",
        published_at=NOW,
    )
    return {"enrollment": enrollment, "quiz": quiz, "versions": versions, "wordings": (before, after)}


def _published(quiz: Quiz, overtime: Overtime) -> QuizVersion:
    quiz.overtime = overtime
    quiz.save()
    return quiz.publish(None, cast.EARLIER)


def play(examples: int, steps: int) -> None:
    AttemptMachine.house = house()
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
    play(examples=120, steps=8)


@pytest.mark.django_db
@pytest.mark.long
def test_attempts_keep_their_promises_in_very_many_orders():
    play(examples=2000, steps=15)
