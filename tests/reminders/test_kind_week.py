"""The weekly letters: once in a week of her calendar, on her weekday, saying where she stands and what waits."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ActiveDay, Pause, User
from mentoring.models import Mentorship, Review
from progress.models import Enrollment
from quizzes.models.deck import USUAL_CAP, Deck
from reminders.kinds import digest, kind
from reminders.kinds import week as kinds_week
from reminders.models import Letter, LetterWishes
from reminders.models.letter import Reason
from roadmap.models import Edition
from tests.cast import (
    EARLIER,
    NOW,
    ask_texts,
    enrolled,
    hand_in,
    hand_in_texts,
    ines,
    mentored,
    pass_stage,
    person,
    road,
    stranger,
    tomas,
)
from tests.reminders import learners
from tests.reminders.asking import foreseen, matter, plan, refused, said, sent
from tests.reminders.moments import wish
from tests.reminders.samples import mentor_week as mentor_sample
from tests.reminders.samples import week as sample
from tests.reminders.test_kind_stages import road_two

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUNDAY = datetime(2026, 11, 22, 18, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)  # 08:00 in Paris and Berlin


def walking(learner):
    """On the road for a month, here a week ago."""
    enrollment = enrolled(learner)
    ActiveDay.objects.record(learner, SUNDAY - 7 * DAY)
    return enrollment


def occurrences(now, key="week"):
    return [letter.occurrence for letter in plan(key, now)]


def test_it_is_planned_a_day_ahead_for_the_first_open_hour_of_her_weekday():
    walking(ines())
    too_early = occurrences(SUNDAY - DAY)

    (letter,) = plan("week", SUNDAY)

    assert too_early == []
    assert (letter.occurrence, letter.due_at) == ("2026-W48", MONDAY)
    assert letter.expires_at == datetime(2026, 11, 25, 23, tzinfo=UTC)  # Thursday 00:00 in Paris
    assert not letter.is_critical


def test_each_week_has_one_letter_however_often_it_is_planned():
    walking(ines())

    for hours in range(0, 24 * 21, 12):
        ActiveDay.objects.record(ines(), SUNDAY + hours * HOUR)
        plan("week", SUNDAY + hours * HOUR)

    assert occurrences(SUNDAY + 21 * DAY) == ["2026-W48", "2026-W49", "2026-W50", "2026-W51"]


def test_a_whole_house_with_one_weekday_is_planned_in_several_goes(monkeypatch):
    monkeypatch.setattr(kind, "CHUNK", 1)
    monkeypatch.setattr(digest, "MOST_AT_ONCE", 2)
    for learner in (ines(), stranger(), person("Lena Other", "learner")):
        walking(learner)

    assert len(plan("week", SUNDAY)) == 2
    assert len(plan("week", SUNDAY)) == 3


@pytest.mark.parametrize(
    ("zone", "weekday", "now", "week", "due"),
    [
        ("Pacific/Kiritimati", 1, "2026-11-22T09Z", "2026-W48", "2026-11-22T18Z"),
        ("America/Los_Angeles", 7, "2026-11-22T09Z", "2026-W47", "2026-11-22T16Z"),
        ("Europe/Paris", 5, "2026-12-31T12Z", "2026-W53", "2027-01-01T07Z"),
    ],
)
def test_week_and_weekday_are_those_of_her_own_calendar(zone, weekday, now, week, due):
    walking(ines())
    ActiveDay.objects.record(ines(), datetime.fromisoformat(now))
    User.objects.get_queryset().filter(pk=ines().pk).update(time_zone=zone)
    wish(ines(), digest_weekday=weekday)

    (letter,) = plan("week", datetime.fromisoformat(now))

    assert (letter.occurrence, letter.due_at) == (week, datetime.fromisoformat(due))


def test_a_morning_that_was_missed_is_made_up_for_within_two_days_and_then_not():
    walking(ines())
    ActiveDay.objects.record(ines(), SUNDAY)

    too_late = occurrences(MONDAY + 3 * DAY)

    assert too_late == []
    assert occurrences(MONDAY + 2 * DAY) == ["2026-W48"]


def test_days_on_which_she_wants_no_letters_put_it_off():
    walking(ines())
    wish(ines(), weekdays=[2])

    assert [x.due_at for x in plan("week", SUNDAY)] == [MONDAY + DAY]


def test_another_weekday_moves_the_letter_of_this_week_that_is_planned_or_just_claimed():
    walking(ines())
    plan("week", SUNDAY)
    Letter.objects.claim(MONDAY)
    wishes = LetterWishes.objects.of(ines())

    wishes.choose(stopped=[], digest_weekday=5)

    assert not Letter.objects.exists()
    (letter,) = plan("week", MONDAY + 3 * DAY)
    assert (letter.occurrence, letter.due_at, refused(letter, letter.due_at)) == (
        *("2026-W48", MONDAY + 4 * DAY),
        None,
    )
    wishes.choose(stopped=[], digest_weekday=5)
    assert plan("week", MONDAY + 4 * DAY) == [letter]


def test_a_letter_of_this_week_that_left_before_is_not_followed_by_one_on_another_weekday():
    walking(ines())
    (letter,) = plan("week", SUNDAY)
    sent(letter, MONDAY)

    LetterWishes.objects.of(ines()).choose(stopped=[], digest_weekday=5)

    assert occurrences(MONDAY + 4 * DAY) == ["2026-W48"]


@pytest.mark.parametrize("key", ["week", "mentor_week"])
def test_one_that_was_planned_while_she_chose_another_weekday_is_not_sent(key):
    mentor_sample.sample()
    walking(ines())
    letter = plan(key, SUNDAY)[0]
    before = refused(letter, MONDAY)

    wish(letter.recipient, digest_weekday=5)

    assert (before, refused(letter, MONDAY)) == (None, Reason.WISHES_CHANGED)


@pytest.mark.parametrize(
    "why", ["finished", "left", "suspended", "stopped", "away", "on a pause", "on no road"]
)
def test_who_gets_none(why):
    if why != "on no road":
        enrollment = walking(ines())
    if why == "finished":
        Enrollment.objects.update(finished_at=NOW)
    elif why == "left":
        enrollment.leave(SUNDAY)
    elif why == "suspended":
        User.objects.get_queryset().filter(pk=ines().pk).update(is_active=False)
    elif why == "stopped":
        LetterWishes.objects.of(ines()).stop("week")
    elif why == "away":
        assert occurrences(SUNDAY + 21 * DAY) == []
        return
    elif why == "on a pause":
        Pause.objects.declare(ines(), date(2026, 11, 20), date(2026, 12, 10))

    assert occurrences(SUNDAY) == []


def test_who_left_her_road_meanwhile_gets_none():
    enrollment = walking(ines())
    (letter,) = plan("week", SUNDAY)
    before = refused(letter, MONDAY)

    enrollment.leave(SUNDAY)

    assert (before, refused(letter, MONDAY)) == (None, Reason.NO_ROAD)
    assert matter(letter, MONDAY) is None


def test_a_plan_that_begins_later_is_not_talked_of_yet():
    enrollment = enrolled(ines(), now=SUNDAY - DAY)
    enrollment.replan(hours_per_week=Decimal(10), starts_on=date(2026, 12, 7), now=SUNDAY - DAY)
    (letter,) = plan("week", SUNDAY)

    assert matter(letter, MONDAY) is None


def test_it_does_not_say_that_hours_are_planned_where_a_plan_begins_later_and_another_road_leads():
    ActiveDay.objects.record(ines(), SUNDAY - 2 * DAY)
    first, later = enrolled(ines()), enrolled(ines(), road_two(), now=SUNDAY - DAY)
    later.replan(hours_per_week=Decimal(7), starts_on=date(2027, 2, 1), now=SUNDAY - DAY)
    (letter,) = plan("week", SUNDAY)

    both = said(letter, MONDAY)
    first.leave(SUNDAY)
    alone = said(letter, MONDAY)

    assert "10 hours are planned this week" in both.lead
    assert "the road Test Trail" in both.why
    assert "Trail Two" in [thing.title for thing in both.also]
    assert "the road Trail Two" in alone.why
    assert "planned this week" not in f"{alone.lead}{alone.preheader}"


def test_her_weeks_are_counted_from_where_her_plan_begins_or_she_started_over_without_pauses():
    enrollment = Enrollment.objects.enroll(
        ines(),
        road(),
        now=EARLIER,
        background="walker",
        hours_per_week=Decimal(10),
        starts_on=date(2026, 11, 1),
    )
    ActiveDay.objects.record(ines(), SUNDAY - 7 * DAY)
    (letter,) = plan("week", SUNDAY)

    def told() -> str:
        lead = said(letter, MONDAY).lead
        return lead.partition("your week ")[2].partition(" ")[0]

    seen = [told()]
    Pause.objects.declare(ines(), date(2026, 11, 9), date(2026, 11, 16))
    seen.append(told())
    enrollment.start_over(SUNDAY - DAY)
    seen.append(told())
    enrollment.replan(hours_per_week=Decimal(10), starts_on=date(2026, 11, 25), now=SUNDAY)
    seen.append(told())

    assert seen == ["4", "3", "1", ""]


def test_cards_are_counted_as_her_deck_shows_them():
    learners.cards(ines(), 12, due_on=MONDAY.date())
    shown = [Deck.read(ines(), MONDAY.date() - n * DAY).due for n in range(2)]
    counted = [kinds_week._cards({ines().pk: MONDAY.date() - n * DAY})[ines().pk] for n in range(2)]

    assert counted == shown
    assert shown == [USUAL_CAP.new, 0]


def test_it_says_the_next_step_the_week_where_she_is_and_what_waits():
    sample.sample()
    (letter,) = plan("week", SUNDAY)

    words = said(letter, MONDAY)

    assert words.subject == "Your week, 23 to 29 November"
    assert words.lead == "Hello Ines, 10 hours are planned this week. It is your week 5 on Test Trail."
    assert (words.kicker, words.step) == ("Start here", "R-Wind")
    assert words.link == "/roads/trail-test/stages/ridge/#resource-r-wind"
    assert words.tables[0].rows == (("R-Wind",), ("The quiz of the stage Ridge",))
    assert words.standing.startswith(
        "1 of 3 stages passed, 3 of 5 core resources done. 3 study days last week."
    )
    assert [also.title for also in words.also] == ["Ridge-Report", "1 review card"]
    assert words.also[0].text == "With Tomas Berg. An answer is promised by Tuesday 24 November."
    assert words.note == "Your pause begins on Friday 27 November; the plan waits with you."
    assert words.why == "You get this every Monday because you are on the road Test Trail."


def test_while_only_marks_of_a_quiz_are_waited_for_it_says_so_and_does_not_list_that_quiz():
    ask_texts()
    enrollment = walking(ines())
    for resource in ("r-rocks", "r-maps", "r-knots"):
        enrollment.tick(resource, SUNDAY - DAY)
    hand_in_texts(ines(), "Salt.", "Frost.", now=SUNDAY - DAY)
    (letter,) = plan("week", SUNDAY)

    words = said(letter, MONDAY)

    assert (words.step, words.link) == (
        "Your quiz answers are with your mentor",
        "/roads/trail-test/quizzes/base-quiz/",
    )
    assert words.tables == ()


def test_all_tasks_of_a_stage_are_listed_only_as_far_as_the_hours_go():
    enrollment = walking(ines())
    document = enrollment.document
    timed = {
        key: entry.model_copy(update={"minutes": (300, 420)}) for key, entry in document.resources.items()
    }
    Edition.objects.publish(
        road(), document.model_copy(update={"resources": timed}), by=None, changelog="Times.", now=EARLIER
    )
    (letter,) = plan("week", SUNDAY)

    words = said(letter, MONDAY)

    assert words.kicker == "Start here, 6 h"
    assert words.tables[0].head == ("Task", "Time")
    assert words.tables[0].rows == (("R-Rocks", "6 h"), ("R-Maps", "6 h"))


def test_the_preview_shows_the_weeks_ahead():
    walking(ines())
    ActiveDay.objects.record(ines(), SUNDAY)

    assert [letter.occurrence for letter in foreseen("week", ines(), SUNDAY)] == ["2026-W48", "2026-W49"]
    assert foreseen("week", tomas(), SUNDAY) == []
    assert not Letter.objects.exists()


def test_a_mentors_week_names_what_waits_who_may_need_a_word_and_her_cohorts():
    mentor_sample.sample()
    (letter,) = plan("mentor_week", SUNDAY)

    words = said(letter, MONDAY)

    assert (letter.recipient, letter.occurrence, letter.due_at) == (tomas(), "2026-W48", MONDAY)
    assert words.subject == "Your learners’ week, 23 to 29 November"
    assert words.preheader == (
        "1 piece of evidence waits for your review. 1 of your learners may need a word."
        " Last week you answered 1, 1 of them by the promised day."
    )
    assert (words.step, words.kicker) == ("Ridge-Report", "Review the work of Ines Moreau, waiting 3 days")
    assert words.tables[0].rows == (("Autumn <2026> & friends", "3", "2", "0"),)
    assert [(also.title, also.text) for also in words.also] == [("Stran Ger", "Not begun yet, Test Trail.")]
    assert words.note == "A signal is a reason to write, not a grade."


def test_a_mentor_for_whom_nothing_waits_gets_no_weekly_letter():
    walking(ines())
    mentored(ines(), tomas())
    (letter,) = plan("mentor_week", SUNDAY)
    before = matter(letter, MONDAY)

    pass_stage(enrolled(ines()), "base", SUNDAY)
    enrolled(ines()).replan(hours_per_week=Decimal(10), starts_on=SUNDAY.date(), now=SUNDAY)
    enrolled(ines()).settle(SUNDAY)

    assert before is not None  # her plan had fallen behind
    assert matter(letter, MONDAY) is None
    Mentorship.objects.get().end(SUNDAY)
    assert refused(letter, MONDAY) == Reason.NOT_MENTOR


def test_a_promise_that_was_kept_and_one_that_was_not_are_told_apart():
    mentor_sample.sample()
    late = hand_in(enrolled(stranger()), now=SUNDAY - 5 * DAY)
    late.submission.accept(tomas(), SUNDAY)
    Review.objects.create(version=late, reviewer=tomas(), decision="accept", feedback="", reviewed_at=SUNDAY)
    (letter,) = plan("mentor_week", SUNDAY)

    assert "Last week you answered 2, 1 of them by the promised day." in said(letter, MONDAY).lead


@pytest.mark.parametrize("key", ["week", "mentor_week"])
def test_more_people_take_no_more_queries(key):
    def ask(numbers):
        for number in numbers:
            learner = person(f"Walker{number} Some", "learner")
            walking(learner)
            if key == "mentor_week":
                mentored(learner, person(f"Guide{number} Some", "mentor"))
        LetterWishes.objects.of_all(User.objects.get_queryset().values_list("pk", flat=True))
        Letter.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            letters = plan(key, SUNDAY)
        return len(letters), len(asked)

    few, many = ask(range(2)), ask(range(2, 9))

    assert (few[0], many[0]) == (2, 9)
    assert few[1] == many[1]
