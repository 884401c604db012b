"""A mentor marks answers and answers appeals; what that earns opens at once, and the learner is told."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from accounts.models import User
from progress.models import StagePass
from quizzes.models import Appeal, Attempt, Grading, Quiz, Regrade, regraded
from quizzes.models.regrade import Policy
from reminders.emails.drawing import mail
from reminders.kinds import KINDS, Asked
from reminders.models.letter import Letter, Reason
from reminders.models.reader import readers
from tests import cast
from tests.cast import ada, ask_texts, enrolled, hand_in_texts, ines, mentored, noor, person, stranger, tomas
from tests.quizzes.test_regrade import corrected

pytestmark = pytest.mark.django_db
HOME = "/mentor/"


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def mentor() -> Client:
    mentored(ines(), tomas())
    return browser(tomas())


@pytest.fixture
def attempt(mentor) -> Attempt:
    """Ten of ten points, and two texts of four points that wait; 15 of 18 pass. All of the stage is ticked."""
    ask_texts()
    enrollment = enrolled(ines())
    for resource in sorted(enrollment.document.stage_by_key["base"].core_keys()):
        enrollment.tick(resource, clock.now())
    return hand_in_texts(
        ines(), "It *knows* the answer.", "<script>alert(1)</script> saw it.", now=clock.now()
    )


def path(attempt: Attempt) -> str:
    return reverse("mentoring:marks", args=[attempt.pk])


def given(seen: int = 1, **fields: str) -> dict[str, str]:
    """The fields of the form: p11 are the points of slot 11, c11 the comment."""
    names = {"p": "points-", "c": "comment-"}
    return {"seen": str(seen), **{names[name[0]] + name[1:]: said for name, said in fields.items()}}


class TestMarking:
    def test_what_waits_stands_in_the_queue_with_how_long_and_until_when(self, mentor, attempt):
        Attempt.objects.update(finished_at=clock.now() - timedelta(days=9))

        page = text(mentor.get(HOME))

        assert "1 quiz with answers to mark" in page
        assert path(attempt) in page
        assert "9 days" in page
        assert "2 days late" in page

    def test_the_page_shows_question_guide_and_the_answer_without_obeying_it(self, mentor, attempt):
        page = text(mentor.get(path(attempt)))

        assert "2 answers to mark" in page
        assert "Why does it leak? (1)" in page
        assert "Half for a reason." in page
        assert "It <em>knows</em> the answer." in page
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "The rest of the paper" in page

    def test_q13_the_last_mark_decides_and_opens_the_next_stage_at_once(self, mentor, attempt):
        ridge = reverse("progress:quiz_start", args=["trail-test", "ridge-quiz"])
        learner = browser(ines())
        assert "so far. 2 answers wait" in text(learner.get(result_of(attempt)))
        assert not StagePass.objects.filter(person=ines()).exists()

        answer = mentor.post(path(attempt), given(p11="4", c11="Well put.", p12="3.5"))

        assert answer.headers["Location"] == HOME
        attempt.refresh_from_db()
        assert (float(attempt.points or 0), attempt.is_passed) == (17.5, True)
        assert StagePass.objects.filter(person=ines(), stage__key="base").exists()
        assert enrolled(ines()).standing_row.stages_passed == 1
        page = text(learner.get(result_of(attempt)))
        assert "17.5 of 18. You passed." in page
        assert "Well put." in page
        assert learner.get(ridge).status_code == 200

    def test_saving_goes_on_with_what_has_waited_longest(self, mentor, attempt):
        other = person("Other Learner", "learner")
        mentored(other, tomas())
        following = hand_in_texts(other, "One.", "Two.", now=clock.now())

        answer = mentor.post(path(attempt), given(p11="4", p12="4"))

        assert answer.headers["Location"] == path(following)

    def test_an_answer_without_points_goes_on_waiting(self, mentor, attempt):
        mentor.post(path(attempt), given(p11="4"))

        attempt.refresh_from_db()
        assert (attempt.points, attempt.is_passed) == (14, None)
        assert "1 answer to mark" in text(mentor.get(path(attempt)))

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"p11": "5"}, "Give whole or half points, from 0 to 4."),
            ({"p11": "1.25"}, "Give whole or half points, from 0 to 4."),
            ({"p11": "NaN"}, "Give whole or half points, from 0 to 4."),
            ({"c11": "Words only."}, "You wrote a comment: give points too"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(self, mentor, attempt, fields, said):
        answer = mentor.post(path(attempt), given(**fields, c12="Kept."))

        assert answer.status_code == 422
        assert said in text(answer)
        assert "Kept." in text(answer)
        assert Grading.objects.count() == 1

    def test_a_double_click_marks_once(self, mentor, attempt):
        sent = given(p11="4", p12="4")

        assert [mentor.post(path(attempt), sent).status_code for _click in range(2)] == [302, 302]
        assert Grading.objects.count() == 2

    def test_of_two_mentors_the_second_sees_both_marks_and_decides(self, mentor, attempt):
        browser(ada()).post(path(attempt), given(p11="4", c11="Fine.", p12="4"))

        answer = mentor.post(path(attempt), given(p11="1", c11="Too short.", p12="4"))
        page = text(answer)

        assert answer.status_code == 409
        assert "It stands at 4 of 4, by Ada Okafor" in page
        assert "Too short." in page
        assert Grading.objects.count() == 2

        again = mentor.post(path(attempt), given(seen=2, p11="1", c11="Too short.", p12="4"))
        assert again.status_code == 302
        assert Grading.objects.latest("number").by_slot()[11].points == 1

    def test_a_mark_is_corrected_on_the_same_page(self, mentor, attempt):
        mentor.post(path(attempt), given(p11="4", p12="4"))
        page = text(mentor.get(path(attempt)))
        assert "All answers are marked" in page
        assert re.search(r'name="points-11"[^>]* value="4"', page)

        mentor.post(path(attempt), given(seen=2, p11="0", p12="4"))

        attempt.refresh_from_db()
        assert (attempt.points, attempt.is_passed) == (14, False)
        assert StagePass.objects.filter(person=ines()).exists()  # what was passed stays passed

    @pytest.mark.parametrize("who", [ines, stranger, noor, lambda: person("Olga Other", "mentor")])
    def test_nobody_else_finds_it(self, attempt, who):
        client = browser(who())

        assert client.get(path(attempt)).status_code == 404
        assert client.post(path(attempt), given(p11="4", p12="4")).status_code == 404
        assert Grading.objects.count() == 1

    def test_nobody_marks_her_own_answers(self, mentor, attempt):
        ines().groups.add(*tomas().groups.all())
        ines().groups.add(*ada().groups.all())

        assert browser(ines()).post(path(attempt), given(p11="4", p12="4")).status_code == 404

    def test_an_open_attempt_is_not_there(self, mentor):
        attempt = cast.enrolled(ines()).start_quiz(quiz(), clock.now())

        assert mentor.get(path(attempt)).status_code == 404

    def test_pages_cost_the_same_however_much_waits(self, mentor, attempt):
        first = len(queries(mentor, HOME)), len(queries(mentor, path(attempt)))
        for number in range(3):
            learner = person(f"L{number} Learner", "learner")
            mentored(learner, tomas())
            hand_in_texts(learner, "One.", "Two.", now=clock.now())

        assert (len(queries(mentor, HOME)), len(queries(mentor, path(attempt)))) == first

    def test_what_counts_for_nothing_waits_for_nobody(self, mentor, attempt):
        attempt.set_aside(by=None, reason="A mistake.", now=clock.now())

        assert "to mark" not in text(mentor.get(HOME))


def queries(client: Client, address: str) -> list[Any]:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return caught.captured_queries


def quiz() -> Any:
    return Quiz.objects.get(roadmap=cast.road(), key="base-quiz")


def result_of(attempt: Attempt) -> str:
    return reverse("progress:quiz_result", args=["trail-test", "base-quiz", attempt.number])


class TestAppeals:
    @pytest.fixture
    def missed(self, mentor) -> Attempt:
        """Seven of ten; eight pass."""
        return hand_in_texts(ines(), right=7, now=clock.now())

    @pytest.fixture
    def slot(self, missed) -> int:
        marks = missed.gradings.get().by_slot()
        return next(slot.slot for slot in missed.slots if not marks[slot.slot].is_full)

    @pytest.fixture
    def appeal(self, missed, slot) -> Appeal:
        return Appeal.objects.begin(missed, slot, "The word <b>is</b> ambiguous.", clock.now())

    def send(self, missed: Attempt, slot: object, said: str = "It is ambiguous.", who=ines) -> Any:
        address = reverse("progress:quiz_appeal", args=["trail-test", "base-quiz", missed.number])
        return browser(who()).post(address, {"slot": str(slot), "text": said})

    def page(self, appeal: Appeal) -> str:
        return reverse("mentoring:appeal", args=[appeal.pk])

    def test_a_learner_appeals_on_the_page_of_her_result_and_sees_how_it_stands(self, missed, slot):
        assert "Marked wrongly?" in text(browser(ines()).get(result_of(missed)))

        assert self.send(missed, slot).status_code == 302
        assert self.send(missed, slot, "Again.").status_code == 302

        assert Appeal.objects.get().text == "It is ambiguous."
        page = text(browser(ines()).get(result_of(missed)))
        assert "Your appeals" in page
        assert "Waiting for an answer" in page

    @pytest.mark.parametrize(
        ("where", "said"), [(1, "Why?"), (99, "Why?"), ("x", "Why?"), (None, " "), (None, "x" * 2001)]
    )
    def test_what_cannot_be_appealed_is_refused_and_kept(self, missed, slot, where, said):
        answer = self.send(missed, slot if where is None else where, said)

        assert answer.status_code == 422
        assert "Nothing was sent yet." in text(answer)
        assert not Appeal.objects.exists()

    def test_too_many_a_day_are_refused_in_words(self, missed, slot, monkeypatch):
        monkeypatch.setattr("quizzes.models.appeal.MOST_A_DAY", 0)

        answer = self.send(missed, slot)

        assert answer.status_code == 422
        assert "within a day. Send this one tomorrow." in text(answer)

    @pytest.mark.parametrize("who", [stranger, tomas])
    def test_nobody_else_appeals(self, missed, slot, who):
        assert self.send(missed, slot, who=who).status_code == 404

    def test_an_open_attempt_is_not_appealed(self, mentor):
        attempt = enrolled(ines()).start_quiz(quiz(), clock.now())

        assert self.send(attempt, 1).status_code == 302
        assert not Appeal.objects.exists()

    def test_it_stands_in_the_queue_and_on_a_page_with_the_answer(self, mentor, appeal):
        home = text(mentor.get(HOME))
        page = text(mentor.get(self.page(appeal)))

        assert "1 appeal waiting" in home
        assert self.page(appeal) in home
        assert "The word &lt;b&gt;is&lt;/b&gt; ambiguous." in page
        assert "What is right:" in page

    def test_upholding_passes_the_quiz_and_settles_the_road(self, mentor, appeal, missed):
        enrollment = enrolled(ines())
        for resource in sorted(enrollment.document.stage_by_key["base"].core_keys()):
            enrollment.tick(resource, clock.now())

        answer = mentor.post(
            self.page(appeal),
            {
                "seen": "1",
                "decision": "upheld",
                "points": "1",
                "answer": "You are right.",
                "tells_authors": "on",
            },
        )

        assert answer.headers["Location"] == HOME
        missed.refresh_from_db()
        assert (missed.points, missed.is_passed) == (8, True)
        assert StagePass.objects.filter(person=ines(), stage__key="base").exists()
        page = text(browser(ines()).get(result_of(missed)))
        assert "Upheld" in page
        assert "You are right." in page
        assert list(Appeal.objects.for_authors()) == [appeal]

    def test_declining_needs_words_and_changes_no_mark(self, mentor, appeal, missed):
        wordless = mentor.post(self.page(appeal), {"seen": "1", "decision": "declined", "answer": " "})
        assert wordless.status_code == 422
        assert "Say why: declining needs words." in text(wordless)

        mentor.post(self.page(appeal), {"seen": "1", "decision": "declined", "answer": "It says so."})

        assert missed.gradings.count() == 1
        assert "It says so." in text(browser(ines()).get(result_of(missed)))
        assert "appeal waiting" not in text(mentor.get(HOME))

    @pytest.mark.parametrize("points", ["0", "2", "", "x"])
    def test_upholding_needs_more_points_than_there_are(self, mentor, appeal, points):
        answer = mentor.post(self.page(appeal), {"seen": "1", "decision": "upheld", "points": points})

        assert answer.status_code == 422
        assert Appeal.objects.get().is_open

    def test_the_second_who_answers_sees_what_the_first_said(self, mentor, appeal):
        browser(ada()).post(self.page(appeal), {"seen": "1", "decision": "declined", "answer": "It says so."})

        answer = mentor.post(
            self.page(appeal), {"seen": "1", "decision": "upheld", "points": "1", "answer": "Oh, yes."}
        )

        assert answer.status_code == 409
        assert "Ada Okafor answered this appeal before you." in text(answer)
        assert "It says so." in text(answer)
        assert "Oh, yes." in text(answer)
        assert Grading.objects.count() == 1

    @pytest.mark.parametrize("who", [ines, stranger, noor, lambda: person("Olga Other", "mentor")])
    def test_nobody_else_finds_an_appeal(self, appeal, who):
        client = browser(who())

        assert client.get(self.page(appeal)).status_code == 404
        assert client.post(self.page(appeal), {"decision": "declined", "answer": "No."}).status_code == 404


class TestTelling:
    """A final mark and an answered appeal are told: on Today, and by letter when she does not come."""

    def planned(self, hours: int = 0) -> list[str]:
        asked = Asked.of_all(clock.now() + timedelta(hours=hours))
        letters = [row for some in KINDS["quiz_marked"].plan(asked) for row in some]
        for letter in letters:
            letter.save()
        return [letter.occurrence for letter in letters]

    def test_a_provisional_result_is_not_told_and_a_final_one_once(self, mentor, attempt):
        mentor.post(path(attempt), given(p11="4"))
        assert self.planned() == []
        assert "Marked or answered" not in text(browser(ines()).get("/today/"))

        mentor.post(path(attempt), given(seen=2, p11="4", p12="4"))
        assert self.planned() == [f"attempt-{attempt.pk}/grading-3/answers-0"]
        assert self.planned() == []
        assert "Marked or answered" in text(browser(ines()).get("/today/"))

    def test_opening_the_result_is_reading_it(self, mentor, attempt):
        mentor.post(path(attempt), given(p11="4", p12="4"))
        browser(ines()).get(result_of(attempt))

        assert Attempt.objects.get().seen_grading == 2
        assert self.planned() == []
        assert "Marked or answered" not in text(browser(ines()).get("/today/"))

    def test_the_letter_says_where_to_look_and_no_grade(self, mentor, attempt):
        mentor.post(path(attempt), given(p11="4", p12="4"))
        self.planned()
        letters = list(Letter.objects.of_kinds(["quiz_marked"]))
        kind, known = KINDS["quiz_marked"], readers([ines().pk])

        assert kind.refusals(letters, known, clock.now()) == {}
        (matter,) = kind.matters(letters, known, clock.now()).values()
        message = mail(matter, kind.says(matter))
        assert message.subject == f"{attempt.quiz.title}: your mentor has answered"
        assert result_of(attempt) in str(message.body)
        assert "18" not in message.subject

        browser(ines()).get(result_of(attempt))
        assert list(kind.refusals(letters, known, clock.now()).values()) == [Reason.OPENED]

    def test_a_regrade_is_no_answer_of_a_mentor(self, mentor, attempt):
        mentor.post(path(attempt), given(p11="4", p12="4"))
        unread = self.planned()
        letters = list(Letter.objects.of_kinds(["quiz_marked"]))
        self.regrade()
        known = readers([ines().pk])

        assert (len(unread), self.planned()) == (1, [])
        assert KINDS["quiz_marked"].refusals(letters, known, clock.now()) == {}

        browser(ines()).get(result_of(attempt))
        Letter.objects.all().delete()
        self.regrade(to=True)

        assert Attempt.objects.with_news().exists()
        assert self.planned() == []
        assert list(KINDS["quiz_marked"].refusals(letters, known, clock.now()).values()) == [Reason.OPENED]

    def regrade(self, *, to: bool = False) -> None:
        """The author turns a key round, and everybody gets the points."""
        before, after = corrected(to)
        run = Regrade.objects.begin(
            before,
            after,
            policy=Policy.NEW_ONLY,
            never_lower=False,
            reason="The key.",
            by=noor(),
            now=clock.now(),
        )
        assert regraded.work(run, clock.now())

    def test_a_declined_appeal_is_told_too(self, mentor, attempt):
        mentor.post(path(attempt), given(p11="3", p12="4"))
        browser(ines()).get(result_of(attempt))
        appeal = Appeal.objects.begin(attempt, 11, "Why?", clock.now())
        appeal.decline("It says so.", by=tomas(), tells_authors=False, now=clock.now())

        assert self.planned() == [f"attempt-{attempt.pk}/grading-2/answers-1"]
        browser(ines()).get(result_of(attempt))
        assert Appeal.objects.get().seen_at is not None
        assert not Attempt.objects.with_news().exists()
