"""A mentor hears a day before a promised answer is due, when that day is over, and once more a week later."""

from datetime import timedelta

import pytest
from django.db.models import Value
from django.db.models.functions import Replace

from accounts.models import User
from mentoring.models import Mentorship
from progress.models import Submission
from reminders.models import Letter
from reminders.models.letter import Reason
from reminders.words import LISTED
from tests.cast import NOW, enrolled, hand_in, ines, mentored, person, stranger, tomas
from tests.reminders.asking import foreseen, matter, plan, refused, said

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BY = NOW + 3 * DAY  # the road promises an answer within three days


def hands_in(learner, now=NOW):
    mentored(learner, tomas())
    return hand_in(enrolled(learner), now=now).submission


def occurrences(now):
    return [letter.occurrence.partition("/")[2] for letter in plan("promise", now)]


def test_it_comes_a_day_before_then_when_the_day_is_over_and_a_week_later_and_never_again():
    submission = hands_in(ines())

    for days in range(40):
        plan("promise", NOW + days * DAY)

    letters = plan("promise", NOW + 41 * DAY)
    named = f"submission-{submission.pk}/version-1"
    assert [(x.occurrence, x.due_at) for x in letters] == [
        (f"{named}/near-2026-11-27", BY - DAY),
        (f"{named}/broken-2026-11-27", BY),
        (f"{named}/broken-2026-12-04", BY + 7 * DAY),
    ]
    assert {x.recipient for x in letters} == {tomas()}


def test_it_comes_once_however_often_the_mentor_changes_her_zone():
    hands_in(ines())
    letters = []
    for zone in ("Europe/Berlin", "Pacific/Honolulu", "Pacific/Kiritimati"):
        User.objects.get_queryset().filter(pk=tomas().pk).update(time_zone=zone)
        letters.append([letter.expires_at for letter in plan("promise", BY - DAY + HOUR)])

    assert letters == [[BY, BY + 7 * DAY]] * 3


def test_one_that_was_named_by_her_own_day_is_not_planned_again():
    hands_in(ines())
    plan("promise", BY - DAY + HOUR)
    Letter.objects.update(occurrence=Replace("occurrence", Value("-2026-11-27"), Value("-2026-11-28")))

    plan("promise", BY - DAY + HOUR)

    assert len(plan("promise", BY - DAY + HOUR)) == 2


def test_a_newer_version_keeps_the_promise_so_it_brings_no_further_letter():
    enrollment = enrolled(ines())
    hands_in(ines())
    plan("promise", BY - DAY)

    hand_in(enrollment, now=BY - DAY + HOUR)

    assert occurrences(BY) == ["version-1/near-2026-11-27", "version-1/broken-2026-11-27"]


def test_once_it_was_answered_and_handed_in_again_there_is_a_new_promise():
    submission = hands_in(ines())
    plan("promise", BY - DAY)
    submission.ask_for_changes(tomas(), BY - HOUR)
    hand_in(enrolled(ines()), now=BY)

    plan("promise", BY + 2 * DAY)

    assert occurrences(BY + 2 * DAY) == ["version-1/near-2026-11-27", "version-2/near-2026-11-30"]


def test_at_the_last_moment_what_was_answered_is_not_said():
    submission = hands_in(ines())
    (letter,) = plan("promise", BY - DAY)
    before = refused(letter, BY - HOUR)

    submission.accept(tomas(), BY - 2 * HOUR)

    assert before is None
    assert refused(letter, BY - HOUR) == Reason.ANSWERED
    assert matter(letter, BY - HOUR) is None


def test_a_mentor_whose_mentorship_has_ended_hears_nothing_of_it():
    hands_in(ines())
    (letter,) = plan("promise", BY - DAY)

    Mentorship.objects.get().end(BY - DAY)

    assert refused(letter, BY - HOUR) == Reason.NOT_MENTOR


def test_before_the_day_it_says_the_day_and_afterwards_that_it_is_over():
    hands_in(ines())
    hands_in(stranger(), now=NOW + HOUR)
    near, _ = plan("promise", BY - DAY)
    _, _, broken, _ = plan("promise", BY)

    soon, late = said(near, BY - DAY + 2 * HOUR), said(broken, BY + 2 * HOUR)

    assert soon.subject == "Ridge-Report by Ines Moreau: answer by Fri 27 Nov"
    assert soon.kicker == "Review the work of Ines Moreau, waiting 2 days"
    assert [also.title for also in soon.also] == ["Ridge-Report by Stran Ger"]
    assert late.subject == "Ridge-Report by Ines Moreau: an answer was promised by Fri 27 Nov"
    assert late.preheader == "Ines Moreau waits for your answer."
    assert late.lead == "Hello Tomas, Ines Moreau waits for your answer, which was promised by Fri 27 Nov."
    assert late.also[0].text == "Waiting 3 days. Answer by Fri 27 Nov, over since today."
    assert late.link == f"/mentor/reviews/{Submission.objects.get(person=ines()).pk}/"


def test_it_leads_with_the_evidence_that_it_is_about_and_says_why_of_that_one():
    """A piece promised long ago has had its last letter; it follows, whoever else's day is near."""
    old = hands_in(stranger(), now=NOW - 60 * DAY)
    near = hands_in(ines())
    (letter,) = plan("promise", BY - DAY)

    words = said(letter, BY - DAY + HOUR)

    assert words.subject == "Ridge-Report by Ines Moreau: answer by Fri 27 Nov"
    assert words.why == "You get this as a mentor a day before a promised day is over."
    assert words.link == f"/mentor/reviews/{near.pk}/"
    assert [also.link for also in words.also] == [f"/mentor/reviews/{old.pk}/"]


def test_it_leads_with_it_though_more_than_fit_were_promised_before_it():
    for number in range(LISTED + 2):
        hands_in(person(f"Slow{number} Some", "learner"), now=NOW - 60 * DAY)
    hands_in(ines())
    (letter,) = plan("promise", BY - DAY)

    words = said(letter, BY - DAY + HOUR)

    assert (words.preheader, words.step) == ("The promised day is near.", "Ridge-Report")
    assert [also.title.split()[-2] for also in words.also] == [f"Slow{n}" for n in range(LISTED)]
    assert words.more == "And 2 more."


def test_the_preview_shows_what_is_promised_in_the_days_ahead():
    hands_in(ines())

    found = [letter.occurrence.partition("/")[2] for letter in foreseen("promise", tomas(), NOW)]

    assert found == [f"version-1/{x}" for x in ("near-2026-11-27", "broken-2026-11-27", "broken-2026-12-04")]
    assert foreseen("promise", ines(), NOW) == []
