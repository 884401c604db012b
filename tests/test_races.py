"""Two of the same at once: whatever the order, the end is the same as one after the other."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from accounts import clock
from accounts.models import ActiveDay, Invitation, User
from api.models import Token
from authoring.models import Draft, PublishedMeanwhileError
from progress.models import Enrollment, PlanVersion, StagePass, StandingRow, Submission, Tick
from quizzes.memory import Rating
from quizzes.models import Appeal, Card, CardReview, CardSession, CardUndo, PaperItem, Question, Quiz
from quizzes.refusals import CardMovedError
from roadmap.models import Edition, Resource, Roadmap, Stage
from tests import cast
from tests.authoring import roads
from tests.cast import NOW

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act answers or raises, all begun in the same moment, each over a connection of its own."""
    ready, outcomes = threading.Barrier(len(acts)), dict[int, Any]()

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            ready.wait()
            outcomes[place] = act()
        except Exception as error:  # noqa: BLE001  # it is what the test looks at
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcomes[place] for place in sorted(outcomes)]


def errors(outcomes: list[object]) -> list[object]:
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


def mine() -> Enrollment:
    """The row as a request of its own would find it."""
    return Enrollment.objects.select_related("roadmap", "person").get(person__email="ines@example.org")


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_enrolling_twice_at_once_makes_one_enrollment_with_one_plan():
    road, person = cast.road(), cast.ines()
    form = {"background": "walker", "hours_per_week": "10", "starts_on": clock.now().date().isoformat()}
    browsers = [browser(person) for _ in range(4)]

    answers = at_once(*(lambda b=b: b.post(f"/roads/{road.key}/enroll/", form).status_code for b in browsers))

    assert set(answers) == {302}
    assert Enrollment.objects.count() == PlanVersion.objects.count() == 1


def test_the_last_two_ticks_at_once_pass_the_stage():
    enrollment = cast.enrolled(cast.ines())
    cast.take_quiz(enrollment, "base-quiz", points=10)
    core = sorted(enrollment.document.stage_by_key["base"].core_keys())
    enrollment.tick(core[0], NOW)
    ActiveDay.objects.all().delete()  # or the row of the day makes one wait for the other
    ActiveDay.objects.record(enrollment.person, NOW)
    last = core[1:]

    held = threading.Event()

    def tick(key: str) -> None:
        with transaction.atomic():
            mine().tick(key, NOW)
            held.wait(0.3)  # both have looked before either is committed

    assert not errors(at_once(*(lambda key=key: tick(key) for key in last)))

    assert StagePass.objects.filter(stage__key="base").count() == 1
    assert StandingRow.objects.get().stages_passed == 1


def test_a_storm_of_ticks_ends_as_the_last_one_says():
    enrollment = cast.enrolled(cast.ines())

    def press(done: bool) -> None:
        act = mine().tick if done else mine().untick
        act("r-rocks", NOW)

    outcomes = at_once(*(lambda done=number % 2 == 0: press(done) for number in range(10)))
    mine().untick("r-rocks", NOW)
    mine().tick("r-maps", NOW)

    assert not errors(outcomes)
    assert list(Tick.objects.values_list("resource__key", flat=True)) == ["r-maps"]
    assert StandingRow.objects.get(enrollment=enrollment).core_ticked == 1


def test_two_new_plans_at_once_are_numbered_one_after_the_other():
    enrollment = cast.enrolled(cast.ines())

    outcomes = at_once(
        *(
            lambda hours=hours: mine().replan(hours_per_week=Decimal(hours), starts_on=NOW.date(), now=NOW)
            for hours in (5, 6, 7, 8)
        )
    )

    assert not errors(outcomes)
    assert sorted(enrollment.plans.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


def test_evidence_handed_in_twice_at_once_is_one_submission_with_numbered_versions():
    enrollment = cast.enrolled(cast.ines())
    task = cast.opened(enrollment)

    def hand_in() -> object:
        return Submission.objects.hand_in(mine(), task, kind="link", link="https://example.org/a", now=NOW)

    assert not errors(at_once(hand_in, hand_in, hand_in))

    submission = Submission.objects.get()
    assert sorted(submission.versions.values_list("number", flat=True)) == [1, 2, 3]
    assert submission.state == "waiting"


def test_settling_twice_at_once_writes_each_pass_once_and_keeps_the_first_finish():
    enrollment = cast.enrolled(cast.ines())
    for key in ("base", "ridge"):
        cast.pass_stage(enrollment, key)
    cast.hand_in(enrollment).submission.accept(cast.tomas(), NOW)
    cast.take_quiz(enrollment, "summit-quiz", points=10)
    snow = Resource.objects.get(key="r-snow")
    Tick.objects.create(person=enrollment.person, resource=snow, ticked_at=NOW)

    outcomes = at_once(*(lambda second=s: mine().settle(NOW + timedelta(seconds=second)) for s in range(6)))
    first = mine().finished_at
    mine().settle(NOW + timedelta(days=1))

    assert not errors(outcomes)
    assert StagePass.objects.count() == 3
    assert first is not None
    assert mine().finished_at == first


def test_publishing_twice_at_once_numbers_two_editions():
    road = roads.published()

    outcomes = at_once(
        *(
            lambda: Draft(Roadmap.objects.get(pk=road.pk)).publish(by=None, changelog="x", now=NOW)
            for _ in range(3)
        )
    )

    assert not errors(outcomes)
    numbers = sorted(Edition.objects.of(road).values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    road.refresh_from_db()
    assert road.current_edition.number == numbers[-1]


def test_two_who_press_publish_at_once_make_one_edition():
    road = roads.published()
    Stage.objects.filter(key="oven").update(title="Heat")

    def publish() -> Edition:
        draft = Draft(Roadmap.objects.get(pk=road.pk))
        return draft.publish(by=None, changelog="x", now=NOW, against=1)

    outcomes = at_once(*(publish for _ in range(3)))

    assert [type(error) for error in errors(outcomes)] == [PublishedMeanwhileError] * 2
    assert Edition.objects.of(road).count() == 2


def test_two_roads_that_share_questions_are_published_at_once():
    """Each has the other's question on its paper, in the other order: neither hangs, no version is numbered twice."""
    cast.road()
    roads.published()
    shared = list(Question.objects.filter(key__in=["q-bread-21", "q-trail-test-base-1"]).order_by("key"))
    first, second = Quiz.objects.get(key="market-quiz"), Quiz.objects.get(key="base-quiz")
    PaperItem.objects.get_or_create(quiz=first, question=shared[1], defaults={"position": 0})
    PaperItem.objects.get_or_create(quiz=second, question=shared[0], defaults={"position": 99})
    for question in shared:
        Question.objects.filter(pk=question.pk).update(
            draft={**question.draft, "stem": "Asked anew?"},
            topic=None,
        )

    outcomes = at_once(
        *(lambda pk=quiz.pk: Quiz.objects.get(pk=pk).publish(None, NOW) for quiz in (first, second)),
        lambda: Draft(Roadmap.objects.get(key="three-stages")).publish(by=None, changelog="x", now=NOW),
    )

    assert not errors(outcomes)
    assert [question.versions.count() for question in shared] == [2, 2]


def test_publishing_a_quiz_twice_at_once_writes_one_version():
    cast.road()
    quiz = Quiz.objects.get(key="base-quiz")
    Quiz.objects.filter(pk=quiz.pk).update(pass_percent=60)
    copies = [Quiz.objects.get(pk=quiz.pk) for _ in range(3)]

    outcomes = at_once(*(lambda copy=copy: copy.publish(None, NOW).number for copy in copies))

    assert not errors(outcomes)
    assert set(outcomes) == {2}
    assert quiz.versions.count() == 2


def test_people_enroll_and_tick_while_a_road_is_published():
    road = roads.published()
    cast.stranger()

    def publish() -> None:
        with transaction.atomic():
            Draft(Roadmap.objects.get(pk=road.pk)).publish(by=None, changelog="x", now=NOW)
            published.set()
            entered.wait(5)

    published, entered = threading.Event(), threading.Event()

    def enroll() -> None:
        published.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '3s'")
        cast.enrolled(cast.stranger(), road, now=NOW)
        entered.set()

    assert not errors(at_once(publish, enroll))
    assert entered.is_set()


def test_one_invitation_lets_one_person_in(settings):
    settings.SIGN_UP, settings.ACCOUNT_RATE_LIMITS = "invitation", False
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    token = Invitation.objects.invite("new@example.org", by=None, now=clock.now())[1]
    browsers = [Client(), Client(), Client()]
    for one in browsers:
        one.get("/invitation/", {"token": token})
    form = {"name": "New", "email": "new@example.org", "password1": "a-long-walk-uphill", "time_zone": "UTC"}

    answers = at_once(*(lambda one=one: one.post("/accounts/signup/", form).status_code for one in browsers))

    assert not errors(answers)
    assert max(answers) < 500
    assert User.objects.get_queryset().filter(email__iexact="new@example.org").count() == 1
    assert Client().get("/invitation/", {"token": token}).status_code == 410


def test_a_token_revoked_while_it_is_used_stays_revoked():
    now = clock.now()
    token, secret = Token.objects.issue(
        cast.ines(), name="x", scope="read", now=now, expires_at=now + timedelta(days=1)
    )
    used = Token.objects.get(pk=token.pk)

    token.revoke(now)
    used.note_use(now)

    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/me/").status_code == 401


def test_two_pauses_of_the_same_days_at_once_are_one():
    person = cast.ines()
    browsers = [browser(person) for _ in range(3)]
    cache.clear()
    day = clock.now().date()
    form = {"starts_on": day.isoformat(), "ends_on": (day + timedelta(days=3)).isoformat()}

    answers = at_once(*(lambda b=b: b.post("/settings/pause/", form).status_code for b in browsers))

    assert sorted(answers) == [302, 422, 422]
    assert person.pauses.count() == 1


def missed_at_the_base_quiz() -> list[Card]:
    cast.take_quiz(cast.enrolled(cast.ines()), "base-quiz", points=6, now=clock.now())
    Card.objects.gather(clock.now())
    return list(Card.objects.order_by("id"))


def test_a_card_answered_in_two_tabs_at_once_is_answered_once():
    card, now = missed_at_the_base_quiz()[0], clock.now()

    def answer(rating: Rating) -> int:
        return int(Card.objects.select_related("person").get(pk=card.pk).review(rating, 0, now).pk)

    outcomes = at_once(*(lambda one=one: answer(one) for one in (Rating.GOOD, Rating.EASY, Rating.GOOD)))

    assert {type(error) for error in errors(outcomes)} <= {CardMovedError}
    assert CardReview.objects.count() == 1
    assert Card.objects.get(pk=card.pk).turn == 1


def test_an_answer_taken_back_twice_at_once_is_taken_back_once():
    card, now = missed_at_the_base_quiz()[0], clock.now()
    review = card.review(Rating.GOOD, 0, now)

    outcomes = at_once(*(lambda: Card.objects.undo(cast.ines(), review.pk, now) for _ in range(3)))

    assert not errors(outcomes)
    assert CardUndo.objects.count() == 1
    assert Card.objects.get(pk=card.pk).turn == 2


def test_cards_gathered_by_the_clock_and_by_two_pages_at_once_are_made_once():
    now = clock.now()
    cast.take_quiz(cast.enrolled(cast.ines()), "base-quiz", points=2, now=now)

    outcomes = at_once(
        lambda: Card.objects.gather(now),
        lambda: Card.objects.gather(now),
        lambda: Card.objects.gather_of(cast.ines(), now),
        lambda: Card.objects.gather_of(cast.ines(), now),
    )

    assert not errors(outcomes)
    assert Card.objects.count() == 8
    assert set(Card.objects.values_list("turn", flat=True)) == {0}


def test_a_session_begun_twice_at_once_is_one():
    person, now = cast.ines(), clock.now()

    outcomes = at_once(*(lambda: CardSession.objects.begin(person, now).pk for _ in range(3)))

    assert len(set(outcomes)) == 1
    assert CardSession.objects.count() == 1


def test_two_mentors_mark_the_same_answers_and_one_is_shown_what_the_other_gave():
    cast.mentored(cast.ines(), cast.tomas())
    cast.ask_texts()
    attempt = cast.hand_in_texts(cast.ines(), "It knows.", "It saw.", now=clock.now())
    door, first = f"/mentor/attempts/{attempt.pk}/", {"seen": "1", "points-12": "4"}
    mentor, admin = browser(cast.tomas()), browser(cast.ada())

    answers = at_once(
        lambda: mentor.post(door, {**first, "points-11": "4"}),
        lambda: admin.post(door, {**first, "points-11": "0"}),
    )

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert list(attempt.gradings.order_by("number").values_list("number", flat=True)) == [1, 2]
    attempt.refresh_from_db()
    assert attempt.points in {14, 18}
    assert attempt.is_passed == (attempt.points == 18)


def test_two_answers_to_an_appeal_are_one():
    cast.mentored(cast.ines(), cast.tomas())
    attempt = cast.hand_in_texts(cast.ines(), right=7, now=clock.now())
    (slot, *_more) = [slot for slot, mark in attempt.gradings.get().by_slot().items() if not mark.is_full]
    appeal = Appeal.objects.begin(attempt, slot, "Why?", clock.now())
    door = f"/mentor/appeals/{appeal.pk}/"
    mentor, admin = browser(cast.tomas()), browser(cast.ada())

    answers = at_once(
        lambda: mentor.post(door, {"seen": "1", "decision": "upheld", "points": "1"}),
        lambda: admin.post(door, {"seen": "1", "decision": "declined", "answer": "It says so."}),
    )

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    appeal.refresh_from_db()
    assert attempt.gradings.count() == (2 if appeal.state == "upheld" else 1)
