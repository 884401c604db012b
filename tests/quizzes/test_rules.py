"""The rules of the engine, Q1 to Q22, each by a test named after it; those that stand elsewhere are counted here."""

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from accounts import clock
from quizzes.bodies import body
from quizzes.marking import mark
from quizzes.models import Answer, Attempt, Question, Regrade, regraded
from quizzes.models.regrade import Policy
from quizzes.refusals import LimitReachedError, UnknownSlotError
from quizzes.review import Item
from quizzes.tasks import finalise_overdue
from tests import cast
from tests.cast import NOW, answer
from tests.quizzes.test_bodies import EXAMPLES

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TESTS = Path(__file__).resolve().parents[1]
NOTHING_BEFORE_THE_END = {"handed_in": [], "passed": [], "closed": [item.value for item in Item]}


def started(now: datetime = NOW, **policies: object) -> Attempt:
    return Attempt.objects.start(cast.ines(), cast.base_quiz(**policies), now)


def browser() -> Client:
    """Another browser of Ines: another tab, another device."""
    client = Client()
    client.force_login(cast.enrolled(cast.ines()).person)
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"progress:{name}", args=["trail-test", "base-quiz", *args])


class TestStarting:
    def test_q01_starting_again_gives_the_open_attempt_and_writes_nothing(self):
        first = started()

        assert [Attempt.objects.start(cast.ines(), first.quiz, NOW + MINUTE) for _ in range(3)] == [first] * 3
        assert Attempt.objects.count() == 1

    @pytest.mark.parametrize(("number", "sentence"), [(1, "numbered_once"), (2, "one_open_attempt")])
    def test_q01_the_database_refuses_a_second_row_of_a_number_and_a_second_open_attempt(
        self, number, sentence
    ):
        first = started()

        with pytest.raises(IntegrityError, match=sentence), transaction.atomic():
            Attempt.objects.begin(cast.ines(), first.quiz_version, number, first.slots, NOW)

    def test_q01_the_limit_holds_and_an_attempt_that_was_begun_uses_one_up(self):
        first = started(attempts_limit=1, cooldown_hours=0)
        first.submit(NOW)

        with pytest.raises(LimitReachedError):
            Attempt.objects.start(cast.ines(), first.quiz, NOW)

    def test_q02_what_is_asked_and_how_it_is_graded_is_frozen_at_the_start(self):
        attempt = started(time_limit_minutes=40, draw=4)
        attempt.refresh_from_db()
        frozen = Attempt.objects.filter(pk=attempt.pk).values().get()
        asked = [row.asked for row in attempt.questions()]
        for item in attempt.quiz.items.select_related("question"):
            item.question.draft = {**item.question.draft, "stem": "Said anew.", "answer": False}
            item.question.save()
        cast.base_quiz(
            pass_percent=10,
            draw=9,
            time_limit_minutes=1,
            grace_seconds=0,
            overtime="abandon",
            review=NOTHING_BEFORE_THE_END,
        )

        assert Attempt.objects.filter(pk=attempt.pk).values().get() == frozen
        again = Attempt.objects.get(pk=attempt.pk)
        assert [row.asked for row in again.questions()] == asked
        again.save_answers(again.open(NOW), [answer(slot.slot) for slot in again.slots], NOW)
        again.submit(NOW)
        assert again.points == 4
        assert again.is_passed
        assert again.seen(NOW) == frozenset(Item)

    def test_q07_another_tab_or_device_shows_the_same_attempt_in_the_same_order_with_the_same_answers(self):
        here, there = browser(), browser()
        here.post(url("quiz_start"))
        attempt = Attempt.objects.get()
        attempt.save_answers(attempt.open(NOW), [answer(2, "true"), answer(3, "false")], NOW)

        shown = [
            [(row["slot"], row["stem"], row["fields"]) for row in page.context["rows"]]
            for page in (here.get(url("quiz", 1)), here.get(url("quiz", 1)), there.get(url("quiz", 1)))
        ]

        assert there.post(url("quiz_start"))["Location"] == url("quiz", 1)
        assert shown[0] == shown[1] == shown[2]
        chosen = {slot: [one["value"] for one in fields if one["is_chosen"]] for slot, _, fields in shown[0]}
        assert (chosen[1], chosen[2], chosen[3]) == ([], ["true"], ["false"])


class TestSaving:
    @pytest.mark.parametrize("change", [{"value": "false"}, {"sequence": 99}, {"is_late": True}])
    def test_q04_an_answer_is_never_changed(self, change):
        attempt = started()
        attempt.save_answers(attempt.open(NOW), [answer(1)], NOW)

        with pytest.raises(IntegrityError), transaction.atomic():
            Answer.objects.update(**change)

    def test_q04_an_answer_is_never_taken_away(self):
        attempt = started()
        attempt.save_answers(attempt.open(NOW), [answer(1)], NOW)

        with pytest.raises(IntegrityError), transaction.atomic():
            Answer.objects.all().delete()

    def test_q04_a_retry_in_any_order_changes_nothing(self):
        attempt = started()
        epoch = attempt.open(NOW)
        saves = [answer(1, "true", 1), answer(1, "false", 2), answer(2, "true", 3)]
        for some in (saves, saves[1:], saves[:1], list(reversed(saves))):
            attempt.save_answers(epoch, some, NOW)

        assert attempt.answers.count() == 3
        assert attempt.values() == {1: "false", 2: "true"}

    @pytest.mark.parametrize(("take", "counts"), [("overtaken", "false"), ("counting", "true")])
    def test_q04_a_stale_tab_is_told_both_answers_are_kept_and_the_learner_picks(self, take, counts):
        tab = browser()
        tab.post(url("quiz_start"))
        attempt = Attempt.objects.get()
        stale, newer = attempt.open(clock.now()), attempt.open(clock.now())

        def send(epoch: int, value: str) -> int:
            item = {"slot": 1, "sequence": 1, "client_id": str(uuid4()), "value": value}
            body = {"epoch": epoch, "items": [item]}
            return tab.post(url("quiz_save", 1), body, content_type="application/json").status_code

        assert (send(newer, "true"), send(stale, "false")) == (200, 409)
        (row,) = tab.get(url("quiz_differences", 1)).context["differences"]
        assert [version["value"] for version in row["versions"]] == ['"false"', '"true"']
        tab.post(url("quiz_differences", 1), {"slot": "1", "take": take})
        assert attempt.values() == {1: counts}
        assert set(attempt.answers.values_list("value", flat=True)) == {"false", "true"}


class TestTheClock:
    def test_q09_the_sweep_finds_what_is_over_by_an_index_alone(self):
        waiting = Attempt.objects.overdue(NOW).order_by("closes_at").values_list("pk")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            plan = waiting.explain()

        assert "open_attempts_by_closing" in plan

    def test_q09_an_attempt_nobody_is_at_is_finished_at_its_deadline_once(self):
        attempt = started(now=clock.now() - DAY, time_limit_minutes=10)
        attempt.save_answers(attempt.open(attempt.started_at), [answer(1)], attempt.started_at)

        assert [finalise_overdue(), finalise_overdue()] == [1, 0]
        attempt.refresh_from_db()
        assert attempt.finished_at == attempt.deadline_at
        assert attempt.points == 1
        assert attempt.gradings.count() == 1

    def test_q21_a_clock_that_is_set_back_moves_no_deadline_and_is_shown_to_each_in_her_zone(self):
        """In Paris it is 02:30 twice on 25 October 2026."""
        before = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        attempt = started(now=before, time_limit_minutes=60)

        assert attempt.deadline_at == before + timedelta(hours=1)
        attempt.save_answers(attempt.open(before), [answer(1)], before + timedelta(minutes=59))
        assert attempt.values() == {1: "true"}
        assert [
            moment.astimezone(cast.ines().zone).strftime("%H:%M %z")
            for moment in (before, attempt.deadline_at)
        ] == [
            "02:30 +0200",
            "02:30 +0100",
        ]


@pytest.mark.parametrize("name", ["at", "now", "time", "saved_at", "sent_at", "client_time", "timestamp"])
def test_q03_no_clock_but_the_servers_counts(name):
    """A page that says it is early is late all the same, and one that says that time is up is not believed."""
    tab, early = browser(), (clock.now() - 3 * DAY).isoformat()
    attempt = started(now=clock.now() - DAY, time_limit_minutes=10)
    epoch = attempt.open(attempt.started_at)
    item = {"slot": 1, "sequence": 1, "client_id": str(uuid4()), "value": "true", name: early}
    sent = {"epoch": epoch, "items": [item], name: early}
    form = {"epoch": epoch, "q2": "true", "confirmed": "1", name: early, "finished_at": early}

    saved = tab.post(url("quiz_save", 1), sent, content_type="application/json", headers={"date": early})
    tab.post(url("quiz_submit", 1), form)

    attempt.refresh_from_db()
    assert saved.status_code == 410
    assert attempt.finished_at == attempt.deadline_at
    assert attempt.points == 0
    assert not attempt.values()
    assert {row.slot for row in attempt.answers.late()} >= {1}


class TestSecrets:
    def test_q11_a_result_has_the_slots_of_the_frozen_paper_whatever_was_sent(self):
        attempt = started(draw=4)
        epoch = attempt.open(NOW)
        attempt.save_answers(epoch, [answer(1, sequence=n) for n in range(9)], NOW)
        with pytest.raises(UnknownSlotError):
            attempt.save_answers(epoch, [answer(5)], NOW)
        attempt.submit(NOW)

        assert [row.slot.slot for row in attempt.result().answered] == [1, 2, 3, 4]
        assert attempt.points == 1
        assert attempt.points_possible == 4

    def test_q11_what_is_shown_once_no_attempt_is_left_waits_for_the_last_one_that_is_open(self):
        """The quiz is over, but her time was extended: the first result does not tell what the second still asks."""
        first = started(available_until=NOW + DAY, cooldown_hours=0, review=NOTHING_BEFORE_THE_END)
        first.submit(NOW)
        second = Attempt.objects.start(cast.ines(), first.quiz, NOW)
        second.extend(NOW + 2 * DAY, by=None, reason="The line was cut.", now=NOW)
        later = NOW + DAY + MINUTE

        assert first.seen(later) == frozenset()
        second.submit(later)
        assert first.seen(later) == second.seen(later) == frozenset(Item)

    def test_q11_an_attempt_more_closes_what_was_shown_when_none_was_left(self):
        first = started(attempts_limit=1, review=NOTHING_BEFORE_THE_END)
        first.submit(NOW)
        assert first.seen(NOW) == frozenset(Item)

        first.quiz = cast.base_quiz(attempts_limit=2)

        assert first.seen(NOW) == frozenset()


@pytest.mark.parametrize(
    ("type_", "value", "share"),
    [
        ("multiple", ["a", "b"], Fraction(1)),
        ("multiple", ["a"], Fraction(1, 2)),
        ("multiple", ["a", "b", "c"], Fraction(1, 2)),
        ("multiple", ["a", "c"], Fraction(0)),
        ("multiple", ["c"], Fraction(0)),
        ("numeric", "2,6 kg", Fraction(1)),
        ("numeric", "2.61", Fraction(0)),
        ("short_text", " ＭＥＬＴ ", Fraction(1)),
        ("short_text", "melted", Fraction(0)),
        ("cloze", {"1": "5", "2": "a"}, Fraction(3, 4)),
        ("cloze", {"3": "timeseriessplit"}, Fraction(1, 4)),
    ],
)
def test_q12_part_of_an_answer_earns_part_of_the_points_by_the_rule_of_its_type(type_, value, share):
    assert mark(body(type_, EXAMPLES[type_]), value) == share


def test_q12_orders_and_pairs_earn_by_what_follows_and_what_belongs():
    order, pairs = body("ordering", EXAMPLES["ordering"]), body("matching", EXAMPLES["matching"])
    first, second, third, fourth = order.right_value()
    one, two = pairs.right_value().items()

    assert mark(order, [first, second, fourth, third]) == Fraction(1, 3)
    assert mark(order, [fourth, third, second, first]) == 0
    assert mark(pairs, dict([one, two])) == 1
    assert mark(pairs, dict([one])) == Fraction(1, 2)


class TestQuestionsThatGo:
    def test_q15_an_open_attempt_keeps_a_question_that_was_archived_and_taken_off_the_paper(self):
        attempt = started()
        asked = [row.asked for row in attempt.questions()]
        gone = Question.objects.get(key=attempt.slots[0].question)
        attempt.quiz.items.filter(question=gone).delete()
        Question.objects.filter(pk=gone.pk).update(archived_at=NOW)
        cast.base_quiz()

        again = Attempt.objects.get(pk=attempt.pk)
        assert [row.asked for row in again.questions()] == asked
        again.save_answers(again.open(NOW), [answer(slot.slot) for slot in again.slots], NOW)
        again.submit(NOW)
        assert again.points == len(asked)
        assert again.result().answered[0].body.stem == asked[0].stem

    def test_q15_a_question_that_was_asked_is_never_deleted(self):
        attempt = started()

        with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
            Question.objects.get(key=attempt.slots[0].question).delete()


def test_q14_the_last_regrade_decides_for_an_attempt_that_was_open_as_it_does_for_everybody():
    attempt = started(shuffle=False)
    question = Question.objects.get(key=attempt.slots[0].question)
    question.draft = {**question.draft, "answer": False}
    question.save()
    cast.base_quiz()
    after, before = question.versions.order_by("-number")[:2]

    def correct(policy: str, now: datetime) -> None:
        regrade = Regrade.objects.begin(
            before, after, policy=policy, never_lower=False, reason="It was wrong.", by=None, now=now
        )
        assert regraded.work(regrade, now)

    correct(Policy.NEW_ONLY, NOW + MINUTE)
    correct(Policy.CREDIT_ALL, NOW + 2 * MINUTE)
    attempt.submit(NOW + 5 * MINUTE)
    for minutes in (12, 13, 30, 60):
        regraded.work_on_all(NOW + minutes * MINUTE)

    attempt.refresh_from_db()
    assert attempt.points == 1
    assert [row.kind for row in attempt.gradings.order_by("number")] == ["marked", "regraded"]


def test_every_rule_of_the_engine_has_a_test_named_after_it():
    named = {
        int(number)
        for path in TESTS.rglob("test_*.py")
        for number in re.findall(r"^\s*def test_q(\d\d)_", path.read_text(), re.MULTILINE)
    }

    assert named == set(range(1, 23))
