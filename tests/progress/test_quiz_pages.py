"""The doors of a quiz: its cover, the player, saving, handing in and the result, as a learner meets them."""

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts import clock
from accounts.models import ActiveDay
from progress.models import Enrollment, StagePass
from quizzes.models import Accommodation, Attempt, PaperItem, Question, Quiz
from quizzes.models.quiz_version import QuizVersion
from tests import cast
from tests.documents import document, stage, topic
from tests.quizzes.test_bodies import EXAMPLES, with_canaries

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def enrollment() -> Enrollment:
    return cast.enrolled(cast.ines())


@pytest.fixture
def ines(client, enrollment):
    """A browser in which Ines is signed in and on the road."""
    client.force_login(enrollment.person)
    return client


def url(name: str, *rest: object, quiz: str = "base-quiz", road: str = "trail-test") -> str:
    return reverse(f"progress:{name}", args=[road, quiz, *rest])


def base_quiz(**policies: object) -> Quiz:
    """The first stage's quiz, published with these policies."""
    quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    for name, value in policies.items():
        setattr(quiz, name, value)
    quiz.save()
    quiz.publish(None, cast.EARLIER)
    return quiz


def begin(browser) -> Attempt:
    browser.post(url("quiz_start"))
    return Attempt.objects.latest("number")


def opened(browser, attempt: Attempt) -> int:
    """The epoch of the page that the browser opens now."""
    return int(browser.get(url("quiz", attempt.number)).context["epoch"])


def send(browser, attempt: Attempt, epoch: int, *items: dict[str, object]):
    return browser.post(
        url("quiz_save", attempt.number),
        data=json.dumps({"epoch": epoch, "items": items}),
        content_type="application/json",
    )


def item(slot: int, value: object = "true", sequence: int = 1) -> dict[str, object]:
    return {"slot": slot, "sequence": sequence, "client_id": str(uuid4()), "value": value}


def form(attempt: Attempt, epoch: int, right: int, **more: str) -> dict[str, object]:
    """The whole form of the player with so many right answers, the rest left open."""
    return {"epoch": epoch, **{f"q{slot.slot}": "true" for slot in attempt.slots[:right]}, **more}


def finish(browser, right: int) -> Attempt:
    """An attempt with so many right answers, handed in without any script."""
    attempt = begin(browser)
    browser.post(url("quiz_submit", attempt.number), form(attempt, opened(browser, attempt), right))
    browser.post(url("quiz_submit", attempt.number), {"confirmed": "1"})
    attempt.refresh_from_db()
    return attempt


class TestCover:
    def test_it_says_what_the_quiz_asks(self, ines):
        base_quiz(draw=6, attempts_limit=3, time_limit_minutes=40, cooldown_hours=12)
        facts = dict(ines.get(url("quiz_start")).context["facts"])

        assert facts == {
            "Questions": "6",
            "Pass mark": "80 %",
            "Time": "40 minutes",
            "Attempts": "0 of 3 used",
            "Between attempts": "12 hours",
        }

    def test_starting_leads_to_the_player_and_is_an_active_day(self, ines, enrollment):
        response = ines.post(url("quiz_start"))

        assert response.url == url("quiz", 1)
        assert ActiveDay.objects.of(enrollment.person).count() == 1

    def test_starting_twice_goes_on_with_the_same_attempt(self, ines):
        assert ines.post(url("quiz_start")).url == ines.post(url("quiz_start")).url
        assert Attempt.objects.count() == 1
        assert "Go on with the quiz" in ines.get(url("quiz_start")).content.decode()

    def test_the_quiz_of_a_locked_stage_says_what_is_missing_and_does_not_start(self, ines):
        page = ines.get(url("quiz_start", quiz="ridge-quiz"))
        refused = ines.post(url("quiz_start", quiz="ridge-quiz"))

        assert "Base passed" in page.content.decode()
        assert not page.context["is_offered"]
        assert refused.status_code == 409
        assert not Attempt.objects.exists()

    def test_the_next_attempt_says_when_it_may_begin_on_the_learners_clock(self, ines, enrollment):
        attempt = finish(ines, 3)
        assert attempt.finished_at is not None
        until = (attempt.finished_at + timedelta(hours=24)).astimezone(enrollment.person.zone)

        assert f"{until:%H:%M}" in ines.get(url("quiz_start")).context["refusal"]
        assert ines.post(url("quiz_start")).status_code == 409
        assert Attempt.objects.count() == 1

    def test_somebodys_own_time_and_attempts_are_said_to_her_alone(self, client, ines, enrollment):
        quiz = base_quiz(time_limit_minutes=40, attempts_limit=2)
        Accommodation.objects.create(
            person=enrollment.person, quiz=quiz, time_factor=1.5, extra_attempts=1, given_at=cast.EARLIER
        )
        hers = dict(ines.get(url("quiz_start")).context["facts"])
        cast.enrolled(cast.stranger())
        client.force_login(cast.stranger())
        others = dict(client.get(url("quiz_start")).context["facts"])

        assert (hers["Your time"], hers["Attempts"]) == ("60 minutes instead of 40", "0 of 3 used")
        assert (others["Time"], others["Attempts"]) == ("40 minutes", "0 of 2 used")

    def test_a_quiz_that_is_over_or_closes_during_the_wait_says_so(self, ines):
        quiz = base_quiz(available_until=clock.now() + timedelta(hours=5))
        finish(ines, 3)
        assert "No further attempt is possible" in ines.get(url("quiz_start")).context["refusal"]
        clock.move(timedelta(hours=6))

        assert "could be taken until" in ines.get(url("quiz_start")).context["refusal"]
        assert not ines.get(url("quiz_start")).context["is_offered"]
        assert quiz.available_until is not None

    def test_it_says_what_a_result_will_show_and_when(self, ines):
        base_quiz(
            review={"handed_in": ["correctness"], "passed": ["explanation"], "closed": ["right_answer"]},
            time_limit_minutes=40,
        )

        assert ines.get(url("quiz_start")).context["how"] == [
            "Shown once handed in: which answers are right.",
            "Shown once passed: why it is right.",
            "Shown once no attempt is left: the right answer.",
            "Never shown: what the author says to an answer.",
            "At 0:00 what is saved is handed in.",
        ]

    def test_used_up_attempts_are_said(self, ines):
        base_quiz(attempts_limit=1)
        finish(ines, 3)

        assert ines.get(url("quiz_start")).context["refusal"] == "You used the only attempt there is."

    def test_a_quiz_that_is_not_published_yet_says_so(self, ines):
        Quiz.objects.filter(key="base-quiz").update(current_version=None)

        assert "not published yet" in ines.get(url("quiz_start")).content.decode()
        assert ines.post(url("quiz_start")).status_code == 409

    def test_somebody_who_is_not_on_the_road_gets_404(self, client, enrollment):
        client.force_login(cast.stranger())

        assert client.get(url("quiz_start")).status_code == 404
        assert client.post(url("quiz_start")).status_code == 404

    def test_a_quiz_of_another_road_gets_404(self, ines):
        other = document(stage("sea", topics=[topic("waves", "r-waves")]))
        cast.published(other.model_copy(update={"key": "other-road"}))

        assert ines.get(url("quiz_start", quiz="sea-quiz")).status_code == 404
        assert ines.post(url("quiz_start", quiz="sea-quiz")).status_code == 404

    def test_whoever_is_signed_out_is_sent_to_sign_in(self, client, enrollment):
        assert reverse("account_login") in client.get(url("quiz_start")).url

    def test_it_costs_few_queries(self, ines, django_assert_max_num_queries):
        finish(ines, 3)
        ines.get(url("quiz_start"))

        with django_assert_max_num_queries(8):
            ines.get(url("quiz_start"))


class TestPlayer:
    def test_all_questions_stand_on_the_page_in_the_order_that_was_frozen(self, ines):
        attempt = begin(ines)
        rows = ines.get(url("quiz", 1)).context["rows"]

        assert [row["slot"] for row in rows] == list(range(1, 11))
        stems = [question.asked.stem for question in attempt.questions()]
        assert [str(row["stem"]) for row in rows] == stems

    def test_it_carries_what_the_script_needs(self, ines):
        attempt = begin(ines)
        html = ines.get(url("quiz", 1)).content.decode()

        assert f'data-attempt="{attempt.pk}"' in html
        assert 'data-epoch="1"' in html
        assert f'data-save-url="{url("quiz_save", 1)}"' in html
        assert html.count("data-slot=") == html.count("data-slot-link=") == 10

    def test_what_was_answered_is_chosen_when_it_is_opened_again(self, ines):
        attempt = begin(ines)
        send(ines, attempt, opened(ines, attempt), item(3, "false"))
        row = ines.get(url("quiz", 1)).context["rows"][2]

        assert [option["is_chosen"] for option in row["fields"]] == [False, True]
        assert row["is_done"]

    def test_the_time_left_is_the_servers(self, ines):
        base_quiz(time_limit_minutes=40)
        begin(ines)

        assert 2390 <= ines.get(url("quiz", 1)).context["timer"]["seconds"] <= 2400

    def test_an_attempt_whose_time_is_over_is_handed_in_and_shows_its_result(self, ines):
        base_quiz(time_limit_minutes=40)
        attempt = begin(ines)
        clock.move(timedelta(minutes=42))

        assert ines.get(url("quiz", 1)).url == url("quiz_result", 1)
        attempt.refresh_from_db()
        assert attempt.is_finished

    def test_a_finished_attempt_leads_to_its_result(self, ines):
        finish(ines, 3)

        assert ines.get(url("quiz", 1)).url == url("quiz_result", 1)
        assert ines.get(url("quiz_submit", 1)).url == url("quiz_result", 1)

    @pytest.mark.parametrize("name", ["quiz", "quiz_submit", "quiz_result"])
    def test_another_persons_attempt_is_404(self, client, ines, name):
        begin(ines)
        cast.enrolled(cast.stranger())
        client.force_login(cast.stranger())

        assert client.get(url(name, 1)).status_code == 404

    def test_nobody_saves_into_another_persons_attempt(self, client, ines):
        attempt = begin(ines)
        cast.enrolled(cast.stranger())
        client.force_login(cast.stranger())

        assert send(client, attempt, 1, item(1)).status_code == 404
        assert client.post(url("quiz_submit", 1), {"confirmed": "1"}).status_code == 404
        attempt.refresh_from_db()
        assert not attempt.is_finished

    def test_it_costs_the_same_however_many_questions_there_are(self, ines, django_assert_num_queries):
        base_quiz(draw=2)
        begin(ines)
        ines.get(url("quiz", 1))
        with django_assert_num_queries(8):
            ines.get(url("quiz", 1))
        Attempt.objects.all()._raw_delete("default")
        base_quiz(draw=None)
        begin(ines)
        ines.get(url("quiz", 1))
        with django_assert_num_queries(8):
            ines.get(url("quiz", 1))


class TestSaving:
    def test_an_answer_is_kept(self, ines):
        attempt = begin(ines)

        answer = send(ines, attempt, opened(ines, attempt), item(1, sequence=4)).json()

        assert answer["saved"] == {"1": 4}
        assert answer["deadline_at"] is None
        assert answer["server_now"]
        assert attempt.values() == {1: "true"}

    def test_the_answer_says_the_deadline_so_that_an_extension_moves_the_clock(self, ines):
        base_quiz(time_limit_minutes=40)
        attempt = begin(ines)
        epoch = opened(ines, attempt)
        assert attempt.deadline_at is not None
        until = attempt.deadline_at + 20 * MINUTE
        Attempt.objects.get().extend(until, by=None, reason="fire alarm", now=clock.now())

        said = send(ines, attempt, epoch, item(1)).json()

        assert abs(datetime.fromisoformat(said["deadline_at"]) - until) < timedelta(seconds=1)

    def test_what_somebody_else_typed_never_becomes_an_answer_of_who_is_signed_in_now(self, client, ines):
        hers = begin(ines)
        cast.enrolled(cast.stranger())
        client.force_login(cast.stranger())
        client.post(url("quiz_start"))
        his = Attempt.objects.get(person=cast.stranger())
        epoch = opened(client, his)
        body = {"epoch": epoch, "items": [item(1)]}
        address = url("quiz_save", 1)

        wrong = client.post(address, {**body, "attempt": hers.pk}, content_type="application/json")
        sent = client.post(url("quiz", 1), form(his, epoch, 3) | {"attempt": hers.pk})

        assert (wrong.status_code, sent.status_code) == (404, 404)
        assert his.values() == hers.values() == {}
        right = client.post(address, {**body, "attempt": his.pk}, content_type="application/json")
        assert right.status_code == 200

    def test_saving_costs_four_queries_at_most(self, ines, django_assert_max_num_queries):
        attempt = begin(ines)
        epoch = opened(ines, attempt)

        with django_assert_max_num_queries(4):
            send(ines, attempt, epoch, *[item(slot) for slot in range(1, 11)])

    def test_an_overtaken_page_is_told_so(self, ines):
        attempt = begin(ines)
        old = opened(ines, attempt)
        opened(ines, attempt)
        answer = send(ines, attempt, old, item(1))

        assert (answer.status_code, answer.json()) == (409, {"reason": "taken_over", "kept": [1]})
        assert attempt.values() == {}
        assert attempt.answers.overtaken().get().value == "true"

    def test_a_finished_attempt_is_gone(self, ines):
        attempt = finish(ines, 3)
        answer = send(ines, attempt, attempt.epoch, item(1, "false"))

        assert (answer.status_code, answer.json()) == (410, {"reason": "finished", "kept": [1]})
        assert attempt.answers.late().get().value == "false"

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "null",
            "[]",
            "{",
            '{"epoch": 1}',
            '{"epoch": "x", "items": []}',
            '{"epoch": 1, "items": [{"slot": 1}]}',
            '{"epoch": 99999999999999, "items": []}',
            json.dumps({"epoch": 1, "items": [item(99)]}),
            json.dumps({"epoch": 1, "items": [item(1, {"a": 1})]}),
            json.dumps({"epoch": 1, "items": [item(1, "x" * 20_001)]}),
            json.dumps({"epoch": 1, "items": [item(1, sequence=-1)]}),
            json.dumps({"epoch": 1, "items": [item(1, sequence=2**63)]}),
            json.dumps({"epoch": 1, "items": [item(1, float("nan"))]}),
            json.dumps({"epoch": 1, "items": [item(1, "\ud800")]}),
            json.dumps({"epoch": 1, "items": [{**item(1), "client_id": "me"}]}),
            json.dumps({"epoch": 1, "items": [item(1)] * 201}),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_its_faults_and_nothing_is_kept(self, ines, body):
        attempt = begin(ines)
        opened(ines, attempt)
        answer = ines.post(url("quiz_save", 1), data=body, content_type="application/json")

        assert answer.status_code == 422
        assert answer.json()["faults"]
        assert not attempt.answers.exists()

    def test_a_character_that_the_database_has_not_is_left_out(self, ines):
        attempt = begin(ines)
        send(ines, attempt, opened(ines, attempt), item(1, "a\x00b"))

        assert attempt.values() == {1: "ab"}


class TestState:
    def test_it_says_how_the_attempt_stands(self, ines):
        attempt = begin(ines)
        epoch = opened(ines, attempt)
        said = ines.get(url("quiz_state", 1), {"attempt": attempt.pk}).json()

        assert (said["epoch"], said["is_finished"], said["differences"]) == (epoch, False, [])
        assert said["csrf"]

    def test_a_page_of_somebody_else_learns_nothing(self, client, ines):
        hers = begin(ines)
        cast.enrolled(cast.stranger())
        client.force_login(cast.stranger())
        client.post(url("quiz_start"))

        assert client.get(url("quiz_state", 1), {"attempt": hers.pk}).status_code == 404

    def test_flags_go_on_their_own_path(self, ines):
        attempt = begin(ines)
        assert ines.post(url("quiz_flag", 1), {"flag": "3"}).status_code == 204
        ines.post(url("quiz_flag", 1), {"flag": "5"})
        ines.post(url("quiz_flag", 1), {"unflag": "3"})
        ines.post(url("quiz_flag", 1), {"flag": "99"})
        ines.post(url("quiz_flag", 1), {"flag": "²"})

        attempt.refresh_from_db()
        assert attempt.flagged == [5]
        assert [row["slot"] for row in ines.get(url("quiz_submit", 1)).context["listed"]] == list(
            range(1, 11)
        )


class TestDifferences:
    """Slot 1 was answered "false" on the older page, "true" on the newer one."""

    @pytest.fixture
    def attempt(self, ines) -> Attempt:
        attempt = begin(ines)
        older = opened(ines, attempt)
        send(ines, attempt, opened(ines, attempt), item(1, "true"), item(2, "true"))
        send(ines, attempt, older, item(1, "false"), item(2, "true"), item(3, ""))
        return attempt

    def test_only_what_differs_is_asked(self, ines, attempt):
        [row] = ines.get(url("quiz", 1)).context["differences"]

        assert row["slot"] == 1
        assert [version["words"] for version in row["versions"]] == ["False", "True"]

    @pytest.mark.parametrize(("take", "counts"), [("overtaken", "false"), ("counting", "true")])
    def test_one_of_both_is_taken_once(self, ines, attempt, take, counts):
        taken = ines.post(url("quiz_differences", 1), {"slot": "1", "take": take})
        ines.post(url("quiz_differences", 1), {"slot": "1", "take": "overtaken"})

        assert taken.url == url("quiz", 1)
        assert attempt.values() == {1: counts, 2: "true"}
        assert ines.get(url("quiz", 1)).context["differences"] == []

    @pytest.mark.parametrize(
        "said", [{}, {"slot": "x", "take": "counting"}, {"slot": "9", "take": "overtaken"}]
    )
    def test_what_is_no_choice_changes_nothing(self, ines, attempt, said):
        answer = ines.post(url("quiz_differences", 1), said)

        assert len(answer.context["differences"]) == 1
        assert attempt.values() == {1: "true", 2: "true"}

    def test_a_finished_attempt_asks_no_longer(self, ines, attempt):
        ines.post(url("quiz_submit", 1), {"confirmed": "1"})

        assert ines.post(url("quiz_differences", 1), {"slot": "1", "take": "overtaken"}).url == url(
            "quiz_result", 1
        )
        assert attempt.values() == {1: "true", 2: "true"}


class TestWithoutScript:
    def test_the_form_is_kept_and_the_page_comes_back(self, ines):
        attempt = begin(ines)
        answer = ines.post(url("quiz", 1), form(attempt, opened(ines, attempt), 4), follow=True)

        assert answer.context["answered"] == 4
        assert "Your answers are saved." in answer.content.decode()

    def test_handing_in_first_lists_what_is_open(self, ines):
        attempt = begin(ines)
        answer = ines.post(url("quiz_submit", 1), form(attempt, opened(ines, attempt), 7), follow=True)

        assert answer.context["unanswered"] == [8, 9, 10]
        assert "3 questions are still open" in answer.content.decode()
        attempt.refresh_from_db()
        assert not attempt.is_finished

    def test_confirming_hands_in_what_was_kept(self, ines):
        attempt = finish(ines, 7)

        assert attempt.points == 7
        assert attempt.is_passed is False

    def test_an_overtaken_form_shows_what_was_typed_and_overwrites_nothing(self, ines):
        attempt = begin(ines)
        old = opened(ines, attempt)
        send(ines, attempt, opened(ines, attempt), item(1, "false"))
        answer = ines.post(url("quiz_submit", 1), form(attempt, old, 3))

        assert answer.status_code == 409
        assert answer.context["answered"] == 3
        assert "opened somewhere else" in answer.content.decode()
        assert attempt.values() == {1: "false"}
        assert ines.post(url("quiz", 1), form(attempt, answer.context["epoch"], 3)).status_code == 302
        assert attempt.values() == {1: "true", 2: "true", 3: "true"}

    @pytest.mark.parametrize("epoch", ["", "x", "-1", "9" * 30, "²"])
    def test_a_form_with_a_broken_epoch_is_treated_as_overtaken(self, ines, epoch):
        attempt = begin(ines)
        opened(ines, attempt)

        assert ines.post(url("quiz", 1), form(attempt, epoch, 3)).status_code == 409
        assert attempt.values() == {}

    def test_when_the_clock_is_at_zero_the_form_is_handed_in_without_asking(self, ines):
        base_quiz(time_limit_minutes=40)
        attempt = begin(ines)
        epoch = opened(ines, attempt)
        clock.move(timedelta(minutes=40, seconds=5))
        answer = ines.post(url("quiz_submit", 1), form(attempt, epoch, 9))

        assert answer.url == url("quiz_result", 1)
        attempt.refresh_from_db()
        assert attempt.points == 9

    def test_after_the_grace_a_form_is_kept_as_late_and_not_marked(self, ines):
        base_quiz(time_limit_minutes=40)
        attempt = begin(ines)
        epoch = opened(ines, attempt)
        clock.move(timedelta(minutes=42))
        answer = ines.post(url("quiz_submit", 1), form(attempt, epoch, 9), follow=True)

        attempt.refresh_from_db()
        assert attempt.points == 0
        assert "Your late answer is kept, not counted" in answer.content.decode()


class TestResult:
    def test_passing_passes_the_stage_and_opens_the_next_at_once(self, ines, enrollment):
        for key in sorted(enrollment.document.stage_by_key["base"].core_keys()):
            enrollment.tick(key, cast.NOW)
        finish(ines, 8)

        assert StagePass.objects.filter(person=enrollment.person, stage__key="base").exists()
        assert ines.get(url("quiz_start", quiz="ridge-quiz")).context["is_offered"]

    def test_the_headline_says_how_much_was_missing(self, ines):
        finish(ines, 7)

        assert ines.get(url("quiz_result", 1)).context["headline"] == "7 of 10. One point short of passing."

    def test_it_adds_up_by_topic_and_explains_each_question(self, ines):
        finish(ines, 7)
        page = ines.get(url("quiz_result", 1))
        html = page.content.decode()

        assert sum(topic["right"] for topic in page.context["topics"]) == 7
        assert {topic["name"] for topic in page.context["topics"]} == {"Rocks", "Knots"}
        assert len(page.context["missed"]) == 3
        assert all(f"CANARY-WHY-{n}" in html for n in range(1, 11))
        assert "/stages/base/#topic-rocks" in html
        assert "https://example.org/r-knots" in html

    def test_a_passed_attempt_points_to_what_comes_next(self, ines):
        finish(ines, 9)
        page = ines.get(url("quiz_result", 1))

        assert page.context["headline"] == "9 of 10. You passed."
        assert page.context["sign"].href
        assert page.context["gate"].rows

    def test_an_open_attempt_has_no_result_yet(self, ines):
        begin(ines)

        assert ines.get(url("quiz_result", 1)).url == url("quiz", 1)

    def test_the_receipt_is_shown_and_stays_the_same(self, ines):
        attempt = finish(ines, 9)
        ines.post(url("quiz_submit", 1), {"confirmed": "1"})

        assert attempt.receipt in ines.get(url("quiz_result", 1)).content.decode()

    def test_the_second_attempt_is_compared_with_the_first(self, ines):
        base_quiz(cooldown_hours=0)
        finish(ines, 5)
        finish(ines, 7)

        assert ines.get(url("quiz_result", 2)).context["compared"] == "Up from 5 of 10 in the attempt before."

    def test_the_result_of_a_quiz_that_left_the_road_can_still_be_read(self, ines, enrollment):
        finish(ines, 7)
        entries = tuple(entry.model_copy(update={"quiz": None}) for entry in enrollment.document.stages)
        without = enrollment.document.model_copy(update={"stages": entries})
        type(enrollment.roadmap.current_edition).objects.publish(
            enrollment.roadmap, without, by=None, changelog="No quizzes.", now=cast.NOW
        )

        assert ines.get(url("quiz_result", 1)).status_code == 200
        assert ines.get(url("quiz_start")).status_code == 404

    def test_it_costs_the_same_for_two_questions_and_for_ten(self, ines, django_assert_num_queries):
        base_quiz(draw=2, cooldown_hours=0)
        finish(ines, 1)
        ines.get(url("quiz_result", 1))
        with django_assert_num_queries(13):
            ines.get(url("quiz_result", 1))
        base_quiz(draw=None)
        finish(ines, 5)
        ines.get(url("quiz_result", 2))
        with django_assert_num_queries(13):
            ines.get(url("quiz_result", 2))


class TestSecrets:
    """Right answers, reasons and feedback carry canaries; no page or answer says one before the attempt is finished."""

    @pytest.fixture
    def attempt(self, ines) -> Attempt:
        quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
        for name in EXAMPLES:
            question = Question.objects.create(
                key=f"q-canary-{name.replace('_', '-')}", type=name, draft=with_canaries(name)
            )
            PaperItem.objects.create(quiz=quiz, question=question, position=20)
        quiz.publish(None, cast.EARLIER)
        return begin(ines)

    def test_nothing_is_said_before_handing_in(self, ines, attempt):
        epoch = opened(ines, attempt)
        answers = [
            ines.get(url("quiz_start")),
            ines.get(url("quiz", 1)),
            send(ines, attempt, epoch + 1, item(1)),
            send(ines, attempt, epoch, item(1)),
            ines.get(url("quiz_result", 1), follow=True),
            ines.post(url("quiz_submit", 1), {"epoch": 0}),
            ines.get(url("quiz_submit", 1)),
            ines.get(reverse("progress:stage", args=["trail-test", "base"])),
        ]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 409, 200, 409, 200, 200]
        for answer in answers:
            said = answer.content.decode()
            assert "canary" not in said.casefold()
            assert "424242" not in said
            assert "is_right" not in said

    def test_everything_is_said_after_it(self, ines, attempt):
        single = next(slot for slot in attempt.slots if slot.question == "q-canary-single")
        send(ines, attempt, opened(ines, attempt), item(single.slot, "b"))
        ines.post(url("quiz_submit", 1), {"confirmed": "1"})
        said = ines.get(url("quiz_result", 1)).content.decode()

        for secret in ("CANARY-WHY", "CANARY-ANSWER", "CANARY-FEEDBACK", "424242"):
            assert secret in said


def test_a_published_version_alone_decides_what_is_asked(ines):
    quiz = Quiz.objects.get(roadmap=cast.road(), key="base-quiz")
    quiz.items.all().delete()
    ines.post(url("quiz_start"))

    assert QuizVersion.objects.filter(quiz=quiz).count() == 1
    assert len(Attempt.objects.get().slots) == 10
