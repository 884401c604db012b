"""What is counted of questions and quizzes: whose attempts, which of them, and when; counting again changes nothing."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from time import process_time

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from quizzes.models import Attempt, Grading, Question, QuestionNumbers, Quiz, QuizNumbers
from quizzes.models.sittings import first_sittings
from quizzes.paper import draw
from quizzes.tasks import count_questions
from roadmap.models import Topic
from tests import cast
from tests.cast import EARLIER, NOW, answer

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LATER = NOW + DAY


def base_quiz() -> Quiz:
    return Quiz.objects.get(roadmap=cast.road(), key="base-quiz")


def crowd(count: int, first: int = 0) -> list[User]:
    """Learners without any role or with a learner's, whom nothing else is known of."""
    people = User.objects.bulk_create(
        User(email=f"crowd-{number}@example.org", password="!", date_joined=EARLIER)
        for number in range(first, first + count)
    )
    learners, _ = Group.objects.get_or_create(name="learner")
    User.groups.through.objects.bulk_create(
        User.groups.through(user=person, group=learners) for person in people
    )
    return people


def sit(person: User, right: int, now=NOW, quiz: Quiz | None = None) -> Attempt:
    """A finished attempt with this many of ten statements called true, which they are, and no other answer."""
    quiz = quiz or base_quiz()
    version = quiz.studied_version()
    number = Attempt.objects.of(person).filter(quiz=quiz).count() + 1
    slots = draw(version.sheet, [], Random(person.pk))
    slots = tuple(sorted(slots, key=lambda slot: int(slot.question.rpartition("-")[2])))
    slots = tuple(slot.model_copy(update={"slot": place}) for place, slot in enumerate(slots, 1))
    attempt = Attempt.objects.begin(person, version, number, slots, now)
    attempt.save_answers(attempt.open(now), [answer(slot.slot) for slot in slots[:right]], now)
    attempt.submit(now)
    return attempt


def counted(now=LATER) -> dict[int, QuestionNumbers]:
    """The rows of the quiz's ten questions by their number, counted now."""
    quiz = base_quiz()
    QuizNumbers.objects.count_due(now)
    rows = QuestionNumbers.objects.filter(quiz=quiz).listed()
    return {int(row.version.question.key.rpartition("-")[2]): row for row in rows}


def whole() -> QuizNumbers:
    return QuizNumbers.objects.get(quiz=base_quiz())


class TestWhoIsCounted:
    def test_q19_numbers_are_of_first_attempts_and_start_at_ten_people(self):
        nine = crowd(9)
        for place, person in enumerate(nine):
            sit(person, place)
            sit(person, 10, NOW + DAY)

        assert (counted(NOW + 2 * DAY)[1].people, counted()[1].facility) == (9, None)
        assert (whole().people, whole().mean) == (9, None)

        [tenth] = crowd(1, first=9)
        sit(tenth, 9, NOW + 2 * DAY)
        rows = counted(NOW + 3 * DAY)
        assert [round(rows[question].facility or 0, 1) for question in (1, 5, 9, 10)] == [0.9, 0.5, 0.1, 0.0]
        assert (whole().people, whole().passed, whole().mean) == (10, 2, pytest.approx(0.45))

    def test_q19_negative_discrimination_is_an_alert(self):
        quiz = base_quiz()
        strange = quiz.items.get(position=10).question
        strange.draft = {**strange.draft, "answer": False}
        strange.save()
        quiz.publish(None, EARLIER)
        for place, person in enumerate(crowd(12)):
            sit(person, place % 2 * 9)
        for person in crowd(12, first=12):
            wrong_way = Attempt.objects.start(person, quiz, NOW)
            slot = next(slot.slot for slot in wrong_way.slots if slot.question == strange.key)
            wrong_way.save_answers(wrong_way.open(NOW), [answer(slot, "false")], NOW)
            wrong_way.submit(NOW)

        row = counted()[10]
        assert row.discrimination < 0
        assert row.alerts[0]["code"] == "strong_fail"
        assert row.attention == 2

    @pytest.mark.parametrize("role", ["mentor", "author", "admin"])
    def test_q20_who_has_more_than_a_learners_role_is_never_counted(self, role):
        sit(cast.ines(), 5)
        sit(cast.person("Staff Person", role), 10)
        sit(cast.person("Both Roles", "learner", role), 10)

        assert (counted()[1].people, whole().people) == (1, 1)

    def test_q20_nor_who_may_open_the_desk_without_a_role(self):
        sit(cast.ines(), 5)
        helper = cast.person("Odd Helper")
        helper.is_staff = True
        helper.save()
        sit(helper, 10)

        assert counted()[1].people == 1

    def test_q20_what_was_set_aside_is_kept_and_not_counted(self):
        first = sit(cast.ines(), 2)
        first.set_aside(by=cast.ada(), reason="The power went.", now=NOW + MINUTE)
        assert counted()[1].people == 0

        sit(cast.ines(), 7, NOW + DAY)
        rows = counted(NOW + 3 * DAY)
        assert (rows[1].people, rows[7].blanks, rows[8].blanks) == (1, 0, 1)
        assert Attempt.objects.of(cast.ines()).count() == 2

    def test_setting_aside_after_a_count_is_noticed(self):
        attempt = sit(cast.ines(), 2)
        assert counted()[1].people == 1

        attempt.set_aside(by=cast.ada(), reason="The power went.", now=LATER + MINUTE)
        assert counted(LATER + 20 * MINUTE)[1].people == 0

    def test_an_open_attempt_one_that_waits_for_marks_and_an_abandoned_one_are_not_counted(self):
        Attempt.objects.start(cast.ines(), base_quiz(), NOW)
        waiting = sit(cast.stranger(), 3)
        Attempt.objects.filter(pk=waiting.pk).update(is_passed=None)
        abandoned = sit(crowd(1)[0], 3)
        Attempt.objects.filter(pk=abandoned.pk).update(is_abandoned=True)

        assert counted()[1].people == 0


class TestWhatIsCounted:
    def test_choices_blanks_sureness_and_time(self):
        attempt = Attempt.objects.start(cast.ines(), base_quiz(), NOW)
        epoch = attempt.open(NOW)
        attempt.save_answers(epoch, [answer(1, "false")], NOW + MINUTE)
        attempt.save_answers(epoch, [answer(1, "true", 2)], NOW + 2 * MINUTE)
        attempt.save_answers(epoch, [answer(2, "false")], NOW + 2.5 * MINUTE)
        attempt.submit(NOW + 3 * MINUTE)
        taken = {one.question: one for one in next(iter(first_sittings(attempt.quiz_id))).taken}
        first, second, third = (taken[slot.version] for slot in attempt.slots[:3])

        assert (first.picked, first.seconds, first.fraction) == (["true"], 120, 1)
        assert (second.picked, second.seconds, second.fraction) == (["false"], 30, 0)
        assert (third.picked, third.seconds, third.is_given) == ([], None, False)

    def test_how_sure_somebody_was_is_counted_beside_whether_it_was_right(self):
        attempt = Attempt.objects.start(cast.ines(), base_quiz(), NOW)
        sure = answer(1).model_copy(update={"confidence": 3})
        guessed = answer(2, "false").model_copy(update={"confidence": 1})
        attempt.save_answers(attempt.open(NOW), [sure, guessed], NOW)
        attempt.submit(NOW)
        QuizNumbers.objects.count_due(LATER)
        first, second = (
            QuestionNumbers.objects.get(version=slot.version).confidence for slot in attempt.slots[:2]
        )

        assert (first, second) == ({"3": [1, 1]}, {"1": [1, 0]})

    def test_the_best_and_the_weakest_are_27_percent_each(self):
        for place, person in enumerate(crowd(11)):
            sit(person, place)

        row = counted()[5]
        assert (row.top, row.bottom) == (3, 3)
        assert row.choices == {"true": [6, 3, 0]}

    def test_the_newest_grading_counts(self):
        attempt = sit(cast.ines(), 1)
        before = counted()
        assert before[2].blanks == 1
        [row] = attempt.gradings.all()
        marks = {**row.marks, "2": {"points": "1.000", "possible": 1, "fraction": 1.0}}
        Grading.objects.create(
            attempt=attempt, number=2, marks=marks, points=2, graded_at=LATER + MINUTE, reason="regraded"
        )

        [sitting] = first_sittings(attempt.quiz_id)
        assert sum(one.fraction for one in sitting.taken) == 2

    def test_a_changed_answer_starts_anew_and_the_old_version_keeps_its_numbers(self):
        people = crowd(20)
        for person in people[:10]:
            sit(person, 5)
        old = counted()[1]
        quiz = base_quiz()
        question = old.version.question
        question.draft = {**question.draft, "stem": "Another statement."}
        question.save()
        quiz.publish(None, LATER)
        counted(LATER + MINUTE)
        new = QuestionNumbers.objects.get(version__question=question, is_on_paper=True)
        old.refresh_from_db()

        assert (new.version.number, new.people, new.facility) == (2, 0, None)
        assert (old.is_on_paper, old.people, old.facility) == (False, 10, 1.0)


class TestWhenItIsCounted:
    def test_questions_of_a_paper_nobody_answered_have_rows_without_numbers(self):
        rows = counted()

        assert len(rows) == 10
        assert {(row.people, row.facility, row.attention) for row in rows.values()} == {(0, None, 0)}

    def test_counting_again_writes_nothing_where_nothing_came(self):
        sit(cast.ines(), 5)
        counted()
        before = list(QuizNumbers.objects.values())

        assert QuizNumbers.objects.count_due(LATER + 20 * MINUTE) == 0
        assert list(QuizNumbers.objects.values()) == before

    def test_a_quiz_that_many_take_is_counted_once_in_ten_minutes(self):
        sit(cast.ines(), 5)
        counted()
        sit(cast.stranger(), 5, LATER + MINUTE)

        assert counted(LATER + 5 * MINUTE)[1].people == 1
        assert counted(LATER + 11 * MINUTE)[1].people == 2

    def test_what_became_visible_late_is_still_noticed(self):
        sit(cast.ines(), 5)
        counted()
        sit(cast.stranger(), 5, LATER - 5 * MINUTE)  # its transaction ended after the count

        assert counted(LATER + 11 * MINUTE)[1].people == 2

    def test_step_by_step_and_from_scratch_give_the_same(self):
        people, random = crowd(14), Random(7)
        for step, person in enumerate(people):
            sit(person, random.randint(0, 10), NOW + step * DAY)
            QuizNumbers.objects.count_due(NOW + step * DAY + MINUTE)
        by_steps = list(QuestionNumbers.objects.order_by("version").values(*_told()))
        quiz_by_steps = QuizNumbers.objects.values(
            "people", "passed", "mean", "deviation", "consistency"
        ).get(quiz=base_quiz())
        QuestionNumbers.objects.all().delete()
        QuizNumbers.objects.all().delete()
        call_command("count_questions", "--all", verbosity=0)

        assert list(QuestionNumbers.objects.order_by("version").values(*_told())) == by_steps
        assert (
            QuizNumbers.objects.values("people", "passed", "mean", "deviation", "consistency").get(
                quiz=base_quiz()
            )
            == quiz_by_steps
        )
        assert quiz_by_steps["people"] == 14

    def test_who_was_erased_goes_from_the_numbers_within_a_week(self):
        sit(cast.ines(), 5)
        counted()
        cast.ines().erase()

        assert counted(LATER + 8 * DAY)[1].people == 0

    def test_the_task_and_the_command_count(self, capsys):
        sit(cast.ines(), 5)

        assert count_questions() == 3
        call_command("count_questions")
        assert "0 quizzes counted." in capsys.readouterr().out

    def test_as_many_queries_for_many_quizzes_people_and_questions(self):
        sit(cast.ines(), 5)
        with CaptureQueriesContext(connection) as few:
            QuizNumbers.objects.count_all(LATER)
        for place, person in enumerate(crowd(30)):
            sit(person, place % 10)
        with CaptureQueriesContext(connection) as many:
            QuizNumbers.objects.count_all(LATER)

        assert len(many) <= len(few) + 1


@pytest.mark.django_db(transaction=True)
def test_two_who_count_at_once_count_each_quiz_once():
    sit(cast.ines(), 5)
    with ThreadPoolExecutor(4) as pool:
        totals = list(pool.map(_count_in_thread, range(4)))

    assert sum(totals) == 3
    assert QuestionNumbers.objects.filter(quiz=base_quiz()).count() == 10


def _count_in_thread(_place: int) -> int:
    try:
        return QuizNumbers.objects.count_due(LATER)
    finally:
        connection.close()


def _told() -> list[str]:
    return [field.name for field in QuestionNumbers._meta.concrete_fields if field.name != "id"]


@pytest.mark.long
def test_two_hundred_questions_and_two_thousand_attempts_take_seconds_and_flat_memory():
    quiz = base_quiz()
    topic = Topic.objects.filter(stage=quiz.stage_id).earliest("pk")
    questions = Question.objects.bulk_create(
        cast._draft_question(f"q-many-{number}", number, topic) for number in range(11, 201)
    )
    quiz.items.model.objects.bulk_create(
        quiz.items.model(quiz=quiz, question=question, position=position)
        for position, question in enumerate(questions, 11)
    )
    quiz.publish(None, EARLIER)
    people = crowd(2000)
    _bulk_sittings(base_quiz(), people)
    _peak(quiz.pk, 100)  # bodies are read and kept
    few, many = _peak(quiz.pk, 100), _peak(quiz.pk, 500)
    began = process_time()
    QuizNumbers.objects.count_all(LATER)
    took = process_time() - began

    row = QuestionNumbers.objects.filter(quiz=quiz).first()
    assert (row.people, QuestionNumbers.objects.filter(quiz=quiz).count()) == (2000, 200)
    assert many < few * 1.3 + 2_000_000, f"{few:,} and {many:,} bytes"
    assert took < 30, f"{took:.1f} s"


def _peak(quiz: int, most: int) -> int:
    """The most memory that reading so many sittings took."""
    tracemalloc.start()
    for place, _sitting in enumerate(first_sittings(quiz)):
        if place >= most:
            break
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _bulk_sittings(quiz: Quiz, people: list[User]) -> None:
    """Finished attempts with an answer to each question, written by PostgreSQL itself."""
    [first] = [sit(people[0], 10, quiz=quiz)]
    statements = [
        """INSERT INTO quizzes_attempt (person_id, quiz_id, quiz_version_id, number, paper, pass_percent, started_at,
             epoch, finished_at, points, points_possible, is_passed, receipt)
           SELECT person.id, quiz_id, quiz_version_id, 1, paper, pass_percent, started_at, 0, finished_at,
                  person.id %% 200, points_possible, person.id %% 200 > 160, 'r'
             FROM quizzes_attempt, accounts_user person WHERE quizzes_attempt.id = %s AND person.id = ANY(%s)""",
        """INSERT INTO quizzes_grading (attempt_id, number, marks, points, graded_at, reason)
           SELECT attempt.id, 1, (SELECT jsonb_object_agg(slot, jsonb_build_object('points', '1', 'possible', 1,
                    'fraction', ((slot * 7919 + person_id * 104729) %% 200 < person_id %% 200)::int))
                    FROM generate_series(1, 200) slot), points, finished_at, ''
             FROM quizzes_attempt attempt WHERE attempt.id <> %s AND attempt.person_id = ANY(%s)""",
        """INSERT INTO quizzes_answer (attempt_id, slot, client_id, epoch, sequence, value, saved_at, is_late)
           SELECT attempt.id, slot, gen_random_uuid(), 1, 1, '"true"', started_at + slot * interval '20 seconds', false
             FROM quizzes_attempt attempt, generate_series(1, 200) slot
            WHERE attempt.id <> %s AND attempt.person_id = ANY(%s)""",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, [first.pk, [person.pk for person in people[1:]]])
        cursor.execute("ANALYZE")
