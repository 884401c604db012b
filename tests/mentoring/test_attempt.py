"""One attempt as those who look after its learner read it, and what she is given beyond everybody."""

from datetime import timedelta
from decimal import Decimal

import lxml.html
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from accounts.models import User
from quizzes.models import Accommodation, Attempt
from quizzes.refusals import FinishedError, TakenOverError
from tests import cast
from tests.cast import ada, answer, enrolled, ines, mentored, noor, person, stranger, tomas

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def text(answered) -> str:
    return " ".join(str(lxml.html.fromstring(answered.content).xpath("string()")).split())


def under_way(**policies: object) -> Attempt:
    return Attempt.objects.start(ines(), cast.base_quiz(time_limit_minutes=40, **policies), clock.now())


@pytest.fixture
def mentor():
    enrolled(ines())
    mentored(ines(), tomas())
    return browser(tomas())


@pytest.fixture
def finished(mentor) -> Attempt:
    """Three of ten right; one answer came from an overtaken page and one too late."""
    attempt = under_way(shuffle=False)
    now = clock.now()
    first = attempt.open(now)
    second = attempt.open(now)
    guessed = answer(3).model_copy(update={"confidence": 1})
    attempt.save_answers(second, [answer(1), answer(2), guessed], now)
    with pytest.raises(TakenOverError):
        attempt.save_answers(first, [answer(2, "false", sequence=7)], now)
    attempt.submit(now)
    with pytest.raises(FinishedError):
        attempt.save_answers(second, [answer(9, "false", sequence=9)], now)
    return attempt


def path(attempt: Attempt, name: str = "attempt") -> str:
    return reverse(f"mentoring:{name}", args=[attempt.pk])


def given_path() -> str:
    return reverse("mentoring:accommodations", args=[ines().pk, cast.road().key])


GIVES = {
    "quiz": "",
    "time_factor": "1.5",
    "extra_minutes": "0",
    "extra_attempts": "0",
    "note": "Certificate seen.",
}


class TestRecord:
    def test_it_shows_answers_marks_what_did_not_count_and_the_receipt(self, mentor, finished):
        page = text(mentor.get(path(finished)))
        assert "3 of 10, marked" in page
        assert "Sent from a page that another one had replaced, not counted: “False”" in page
        assert "Came after time was over, not counted: “False”" in page
        assert "How sure she was: I guessed" in page
        assert finished.receipt in page
        assert "what is stored fits this number" in page

    def test_each_marking_says_who_when_and_why(self, mentor):
        cast.ask_texts(count=1)
        attempt = cast.hand_in_texts(ines(), "It leaks.", now=clock.now())
        form = {"seen": "1", "points-11": "3", "comment-11": "Good."}
        mentor.post(reverse("mentoring:marks", args=[attempt.pk]), form)

        page = text(mentor.get(path(attempt)))
        assert "13 of 14, marked by a mentor" in page
        assert "Tomas Berg" in page
        assert "10 of 14, marked" in page
        assert "Good." in page

    def test_a_receipt_that_does_not_fit_is_said(self, mentor, finished):
        Attempt.objects.update(receipt="0" * 64)
        assert "does not fit the receipt" in text(mentor.get(path(finished)))

    def test_of_one_under_way_only_how_it_stands_is_shown(self, mentor):
        attempt = under_way()
        attempt.save_answers(attempt.open(clock.now()), [answer(1)], clock.now())
        page = text(mentor.get(path(attempt)))
        assert "It is under way." in page
        assert "Statement" not in page
        assert "CANARY" not in page

    def test_its_queries_are_few_however_long_the_paper(self, mentor, finished):
        mentor.get(path(finished))
        with CaptureQueriesContext(connection) as queries:
            mentor.get(path(finished))
        assert len(queries) <= 14, [query["sql"][:90] for query in queries]

    @pytest.mark.parametrize("who", [ines, stranger, noor, lambda: person("Olga Other", "mentor")])
    def test_strangers_get_404_behind_each_door(self, finished, who):
        other = browser(who())
        assert other.get(path(finished)).status_code == 404
        for name in ("attempt_minutes", "attempt_set_aside"):
            assert other.post(path(finished, name), {"minutes": "5", "reason": "x"}).status_code == 404
        finished.refresh_from_db()
        assert finished.set_aside_at is None

    def test_an_admin_reads_everybodys(self, finished):
        assert browser(ada()).get(path(finished)).status_code == 200

    def test_the_learners_page_leads_to_it(self, mentor, finished):
        page = mentor.get(reverse("mentoring:learner", args=[ines().pk])).content.decode()
        assert path(finished) in page
        assert given_path() in page


class TestMoreTime:
    def test_an_attempt_under_way_is_given_minutes(self, mentor):
        attempt = under_way()
        before = attempt.deadline_at
        said = mentor.post(
            path(attempt, "attempt_minutes"), {"minutes": "15", "reason": "Fire alarm."}, follow=True
        )

        attempt = Attempt.objects.get()
        assert attempt.deadline_at == before + 15 * MINUTE
        assert "It runs until" in text(said)
        assert "Fire alarm." in text(said)
        assert attempt.extensions.get().extended_by == tomas()

    @pytest.mark.parametrize("typed", [{"minutes": "0", "reason": "x"}, {"minutes": "5", "reason": ""}])
    def test_what_is_missing_is_said_and_nothing_changes(self, mentor, typed):
        attempt = under_way()
        answered = mentor.post(path(attempt, "attempt_minutes"), typed)
        assert answered.status_code == 422
        assert "Nothing was given yet." in text(answered)
        assert Attempt.objects.get().deadline_at == attempt.deadline_at

    def test_a_finished_one_gets_none(self, mentor, finished):
        typed = {"minutes": "5", "reason": "x"}
        assert "Nothing was changed" in text(
            mentor.post(path(finished, "attempt_minutes"), typed, follow=True)
        )


class TestSettingAside:
    def test_it_counts_for_nothing_and_says_who_and_why(self, mentor, finished):
        said = mentor.post(path(finished, "attempt_set_aside"), {"reason": "The power went."}, follow=True)
        assert "Set aside by Tomas Berg" in text(said)
        assert "The power went." in text(said)
        assert "base-quiz" not in enrolled(ines()).standing(clock.now()).facts.quizzes

    def test_it_needs_a_reason(self, mentor, finished):
        answered = mentor.post(path(finished, "attempt_set_aside"), {"reason": " "})
        assert answered.status_code == 422
        assert "Nothing was set aside yet." in text(answered)
        finished.refresh_from_db()
        assert finished.set_aside_at is None

    def test_the_first_reason_stays(self, mentor, finished):
        for reason in ("First.", "Second."):
            mentor.post(path(finished, "attempt_set_aside"), {"reason": reason})
        finished.refresh_from_db()
        assert finished.set_aside_reason == "First."


class TestAccommodations:
    def test_q18_what_runs_has_the_time_at_once_and_the_page_says_which(self, mentor):
        attempt = under_way()
        said = mentor.post(given_path(), GIVES, follow=True)

        assert "One attempt under way has more time at once: Base quiz #1." in text(said)
        assert "1.5 times the time" in text(said)
        moved = Attempt.objects.get()
        assert moved.deadline_at == attempt.started_at + 60 * MINUTE
        row = Accommodation.objects.get()
        assert (row.person, row.given_by, row.quiz, row.note) == (ines(), tomas(), None, "Certificate seen.")

    def test_a_form_says_nothing_of_who_and_when(self, mentor):
        smuggled = {"person": tomas().pk, "given_by": ines().pk, "ended_at": "2020-01-01", "id": "77"}
        mentor.post(given_path(), GIVES | smuggled)
        row = Accommodation.objects.get()
        assert (row.person, row.given_by, row.ended_at) == (ines(), tomas(), None)
        assert row.pk != 77

    def test_what_a_mentor_gave_outlives_her(self, mentor):
        attempt = under_way()
        mentor.post(given_path(), GIVES)
        mentor.post(path(attempt, "attempt_set_aside"), {"reason": "A mistake."})
        tomas().erase()
        assert Accommodation.objects.get().given_by is None
        attempt = Attempt.objects.get()
        assert (attempt.extensions.get().extended_by, attempt.set_aside_by) == (None, None)

    def test_it_is_ended_and_stays_in_the_list(self, mentor):
        mentor.post(given_path(), GIVES | {"quiz": str(cast.base_quiz().pk), "extra_attempts": "2"})
        row = Accommodation.objects.get()
        end = reverse("mentoring:end_accommodation", args=[ines().pk, cast.road().key, row.pk])
        said = text(mentor.post(end, follow=True))

        row.refresh_from_db()
        assert (row.ended_by, row.is_current) == (tomas(), False)
        assert "Ended: Tomas Berg" in said
        assert "1.5 times the time, 2 attempts more" in said

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"time_factor": "1"}, "This gives nothing"),
            ({"time_factor": "0.5"}, "greater than or equal to 1"),
            ({"extra_minutes": "-5"}, "greater than or equal to 0"),
            ({"quiz": "9999"}, "not one of the available choices"),
        ],
    )
    def test_what_cannot_be_given_is_said(self, mentor, typed, said):
        answered = mentor.post(given_path(), GIVES | typed)
        assert answered.status_code == 422
        assert said in text(answered)
        assert not Accommodation.objects.exists()

    @pytest.mark.parametrize("who", [ines, stranger, noor, lambda: person("Olga Other", "mentor")])
    def test_q18_nobody_else_sees_gives_or_ends(self, mentor, who):
        mentor.post(given_path(), GIVES)
        row, other = Accommodation.objects.get(), browser(who())
        assert other.get(given_path()).status_code == 404
        assert other.post(given_path(), GIVES).status_code == 404
        end = reverse("mentoring:end_accommodation", args=[ines().pk, cast.road().key, row.pk])
        assert other.post(end).status_code == 404
        row.refresh_from_db()
        assert row.is_current
        assert Accommodation.objects.count() == 1

    def test_q18_she_reads_her_time_on_the_cover_and_others_read_theirs(self, mentor):
        cast.base_quiz(time_limit_minutes=40)
        Accommodation.objects.give(
            Accommodation(person=ines(), time_factor=Decimal("1.5")), by=tomas(), now=clock.now()
        )
        peer = person("Lena Other", "learner")
        enrolled(peer)
        cover = reverse("progress:quiz_start", args=[cast.road().key, "base-quiz"])
        assert "60 minutes instead of 40" in text(browser(ines()).get(cover))
        assert "40 minutes" in text(browser(peer).get(cover))
        assert "instead" not in text(browser(peer).get(cover))
