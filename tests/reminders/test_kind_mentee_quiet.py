"""When the last letter about being away has come and its learner stays away, her mentor hears of it once."""

from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.models import ActiveDay, Pause
from mentoring.models import Mentorship
from progress.models import Cohort, Enrollment
from reminders.models import Letter, LetterWishes
from reminders.models.letter import Reason
from tests.cast import EARLIER, ines, mentored, road, stranger, tomas
from tests.reminders.asking import foreseen, matter, plan, refused, said, sent
from tests.reminders.moments import LAST, quiet

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
GONE = LAST + 32 * DAY  # the last letter comes after 7, 11, 18 and 32 days
NEXT = GONE + 2 * DAY


def stays_away(learner, by_name=True):
    """She got the last letter about being away."""
    quiet(learner)
    if by_name:
        mentored(learner, tomas())
    plan("quiet", GONE)
    letter = Letter.objects.of(learner).of_kinds(["quiet"]).latest("id")
    assert letter.facts["is_last"]
    sent(letter, GONE)


def occurrences(now):
    return [letter.occurrence for letter in plan("mentee_quiet", now)]


def test_two_days_after_the_last_letter_her_mentor_is_told_and_never_again():
    stays_away(ines())
    too_early = occurrences(GONE)

    for days in range(1, 60, 3):
        plan("mentee_quiet", GONE + days * DAY)

    (letter,) = plan("mentee_quiet", GONE + 61 * DAY)
    assert too_early == []
    assert (letter.recipient, letter.occurrence) == (tomas(), f"learner-{ines().pk}/quiet-since-2026-11-10")
    assert letter.due_at == NEXT


def test_the_learner_herself_is_not_written_to_again():
    stays_away(ines())

    for days in range(60):
        plan("quiet", GONE + days * DAY)

    assert Letter.objects.of(ines()).of_kinds(["quiet"]).count() == 1


@pytest.mark.parametrize(
    "why", ["an earlier letter", "not sent", "came back", "nobody's", "stopped", "finished", "long ago"]
)
def test_when_nobody_is_told(why):
    stays_away(ines())
    letters = Letter.objects.of_kinds(["quiet"])
    if why == "an earlier letter":
        letters.update(facts={**letters.get().facts, "is_last": False})
    elif why == "not sent":
        letters.update(state="held_back", sent_at=None, shown_at=None)
    elif why == "came back":
        ActiveDay.objects.record(ines(), GONE + DAY)
    elif why == "nobody's":
        Mentorship.objects.all().delete()
    elif why == "stopped":
        LetterWishes.objects.of(tomas()).stop("mentee_quiet")
    elif why == "finished":
        Enrollment.objects.update(finished_at=GONE)

    assert occurrences(GONE + 60 * DAY if why == "long ago" else NEXT) == []


def test_a_letter_that_was_only_shown_here_for_want_of_an_address_counts_too():
    stays_away(ines())
    Letter.objects.of_kinds(["quiet"]).update(
        state="held_back", reason=Reason.SUPPRESSED, sent_at=None, shown_at=GONE
    )

    assert len(occurrences(NEXT)) == 1


def test_the_mentor_of_her_cohort_is_told():
    stays_away(ines(), by_name=False)
    cohort = Cohort.objects.create(roadmap=road(), title="Autumn", starts_on=date(2026, 10, 1))
    Enrollment.objects.join(cohort)
    Mentorship(mentor=tomas(), cohort=cohort).begin(EARLIER)

    assert [letter.recipient for letter in plan("mentee_quiet", NEXT)] == [tomas()]


def test_at_the_last_moment_it_is_asked_again():
    stays_away(ines())
    (letter,) = plan("mentee_quiet", NEXT - DAY)
    before = refused(letter, NEXT)

    Pause.objects.declare(ines(), NEXT.date(), NEXT.date() + 7 * DAY)
    on_pause = refused(letter, NEXT)
    Mentorship.objects.get().end(NEXT)
    not_mentored = refused(letter, NEXT)
    ActiveDay.objects.record(ines(), NEXT)

    assert (before, on_pause, not_mentored) == (None, Reason.ON_PAUSE, Reason.NOT_MENTOR)
    assert refused(letter, NEXT) == Reason.CAME_BACK
    assert matter(letter, NEXT) is None


def test_one_letter_names_all_who_were_not_named_before():
    stays_away(ines())
    stays_away(stranger())
    told, newest = plan("mentee_quiet", NEXT)

    words = said(newest, NEXT)
    sent(told, NEXT)

    assert words.subject == "2 of your learners stay away"
    assert {words.step, *(also.title for also in words.also)} == {"Ines Moreau", "Stran Ger"}
    alone = said(newest, NEXT + DAY)
    assert alone.subject == f"{stranger()} has been quiet since 10 November"
    assert f"{stranger()} has had no day of study since 10 November" in alone.lead
    assert words.link.startswith("/mentor/learners/")


def test_the_preview_of_the_mentor_shows_it():
    stays_away(ines())

    assert len(foreseen("mentee_quiet", tomas(), GONE)) == 1
    assert foreseen("mentee_quiet", ines(), GONE) == []


def test_its_letters_are_found_by_an_index_of_their_own():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT FROM reminders_letter l WHERE l.kind = 'quiet'"
            """ AND l.facts @> '{"is_last": true}' AND l.due_at > '2026-11-01'"""
        )
        assert "last_quiet_letters_by_due" in str(cursor.fetchall())
