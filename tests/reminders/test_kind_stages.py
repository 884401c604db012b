"""Letters about planned days: which stage, on which days, and what they say."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from accounts.models import Pause
from mentoring.models import mentored_attempts
from progress.models import Enrollment
from quizzes.result import HandMark
from reminders.models.letter import Reason
from tests.cast import (
    ask_texts,
    enrolled,
    hand_in,
    hand_in_texts,
    ines,
    mentored,
    pass_stage,
    person,
    published,
    road,
    tomas,
)
from tests.documents import three_stage_document
from tests.reminders.asking import matter
from tests.reminders.learners import BASE_DUE, DAY, START, letter, planned, refusal, said, stage_due, through

pytestmark = pytest.mark.django_db


BASE_DAYS = (BASE_DUE - START).days


@pytest.fixture
def enrollment():
    stage_due(ines())
    return Enrollment.objects.get()


def stage_key(enrollment, key="base"):
    return f"stage-{enrollment.roadmap.stages.get(key=key).pk}"


def test_a_stage_that_is_due_brings_a_letter_seven_days_and_one_day_before(enrollment):
    key = stage_key(enrollment)

    assert through("stage_due", START - DAY, 20) == [f"{key}/due-2026-11-10/7d", f"{key}/due-2026-11-10/1d"]


def test_it_is_due_in_the_morning_of_her_zone_and_useless_when_the_next_one_comes(enrollment):
    planned("stage_due", BASE_DUE - 7 * DAY)

    assert letter("stage_due").due_at == datetime(2026, 11, 3, 7, tzinfo=UTC)  # 08:00 in Paris
    assert letter("stage_due").expires_at == datetime(2026, 11, 6, 23, tzinfo=UTC)


def test_it_says_the_day_and_what_is_missing_and_why_it_came(enrollment):
    planned("stage_due", BASE_DUE - 7 * DAY)

    content = said("stage_due", BASE_DUE - 7 * DAY)

    assert content.subject == "Test Trail: Base is planned until 10 November"
    assert content.preheader == "0 of 3 core resources are done."
    assert content.link == "/roads/trail-test/stages/base/"
    assert content.why == (
        "You get this because stage 1 is planned until 10 November and not all its core resources are done yet."
    )
    assert [thing.link for thing in content.also] == ["/roads/trail-test/plan/"]


def test_it_says_when_only_the_quiz_is_left(enrollment):
    for resource in ("r-rocks", "r-maps", "r-knots"):
        enrollment.tick(resource, START)
    planned("stage_due", BASE_DUE - 7 * DAY)

    content = said("stage_due", BASE_DUE - 7 * DAY)

    assert content.preheader == "Only its quiz is left."
    assert (
        content.why
        == "You get this because stage 1 is planned until 10 November and its quiz isn’t passed yet."
    )


@pytest.mark.parametrize("kind", ["stage_due", "stage_overdue"])
def test_nothing_is_said_while_only_marks_of_its_quiz_are_waited_for(enrollment, kind):
    ask_texts()
    mentored(ines(), tomas())
    now = BASE_DUE + (2 * DAY if kind == "stage_overdue" else -7 * DAY)
    for resource in ("r-rocks", "r-maps", "r-knots"):
        enrollment.tick(resource, START)
    planned(kind, now)
    attempt = hand_in_texts(ines(), "Salt.", "Frost.", right=0, now=now)
    waits, about = refusal(kind, now), matter(letter(kind), now)
    marks = {slot: HandMark(Decimal(1), "") for slot in (11, 12)}
    mentored_attempts().mark(attempt, marks, seen=1, by=tomas(), now=now)

    assert (waits, about, refusal(kind, now)) == (Reason.NOTHING_TO_SAY, None, None)
    assert "isn’t passed yet" in said(kind, now).why


@pytest.mark.parametrize("kind", ["stage_due", "stage_overdue"])
def test_passing_the_stage_meanwhile_holds_it_back(enrollment, kind):
    now = BASE_DUE + (2 * DAY if kind == "stage_overdue" else -7 * DAY)
    planned(kind, now)
    before = refusal(kind, now)

    pass_stage(enrollment, "base", now)

    assert (before, refusal(kind, now)) == (None, Reason.DONE)


def test_a_stage_that_is_passed_is_not_planned_and_the_next_one_is(enrollment):
    pass_stage(enrollment, "base", START)

    assert through("stage_due", START, 9) == [f"{stage_key(enrollment, 'ridge')}/due-2026-11-16/7d"]


def test_a_stage_behind_one_that_is_not_passed_is_not_written_about(enrollment):
    base = stage_key(enrollment)

    assert all(found.startswith(base) for found in through("stage_overdue", BASE_DUE, 20))


def test_a_moved_plan_holds_the_letter_back_and_is_another_occurrence(enrollment):
    now = BASE_DUE - 7 * DAY
    planned("stage_due", now)
    enrollment.replan(hours_per_week=Decimal(10), starts_on=date(2026, 11, 4), now=now)

    assert refusal("stage_due", now) == Reason.DATE_CHANGED
    assert planned("stage_due", now + 2 * DAY)[-1] == f"{stage_key(enrollment)}/due-2026-11-12/7d"


def test_a_pause_moves_the_day_and_the_letter(enrollment):
    now = BASE_DUE - 7 * DAY
    planned("stage_due", now)
    Pause.objects.declare(ines(), date(2026, 11, 5), date(2026, 11, 15))

    assert refusal("stage_due", now) == Reason.DATE_CHANGED
    assert through("stage_due", now, 20)[1:] == [
        f"{stage_key(enrollment)}/due-2026-11-20/7d",
        f"{stage_key(enrollment)}/due-2026-11-20/1d",
    ]


@pytest.mark.parametrize(
    ("pauses", "days"),
    [
        ([(-20, -10)], 0),
        ([(-20, 3)], 3),
        ([(2, 9)], 7),
        ([(BASE_DAYS, BASE_DAYS + 5)], 5),
        ([(BASE_DAYS + 1, BASE_DAYS + 9)], 0),
        ([(2, 9), (BASE_DAYS + 7, BASE_DAYS + 11)], 11),  # into the second she runs because of the first
        ([(2, 9), (BASE_DAYS + 8, BASE_DAYS + 11)], 7),
        ([(2, 9), (4, 6), (5, 12)], 10),
    ],
)
def test_pauses_of_all_shapes_move_the_day_and_both_letters(enrollment, pauses, days):
    first = START.date()
    for begins, ends in pauses:
        Pause.objects.create(person=ines(), starts_on=first + begins * DAY, ends_on=first + ends * DAY)
    due = BASE_DUE + days * DAY
    key = f"{stage_key(enrollment)}/due-{due.date()}"

    assert enrollment.position(due).due["base"] == due.date()
    assert through("stage_due", due - 8 * DAY, 9) == [f"{key}/7d", f"{key}/1d"]


def test_who_makes_a_plan_three_days_before_is_not_told_of_the_seven_days(enrollment):
    enrollment.replan(
        hours_per_week=Decimal(28), starts_on=date(2026, 11, 20), now=datetime(2026, 11, 19, tzinfo=UTC)
    )

    assert through("stage_due", datetime(2026, 11, 19, 9, tzinfo=UTC), 5)[-1:] == [
        f"{stage_key(enrollment)}/due-2026-11-22/1d"
    ]


def test_who_makes_a_plan_on_the_day_of_a_letter_is_not_told_what_she_just_wrote(enrollment):
    today = datetime(2026, 11, 19, 8, tzinfo=UTC)
    enrollment.replan(hours_per_week=Decimal(28), starts_on=date(2026, 11, 24), now=today)

    assert enrollment.position(today).due["base"] == today.date() + 7 * DAY
    assert through("stage_due", today, 2) == []


def test_a_day_that_went_by_brings_two_letters_and_then_silence(enrollment):
    key = stage_key(enrollment)

    assert through("stage_overdue", BASE_DUE, 20) == [
        f"{key}/due-2026-11-10/2d-after",
        f"{key}/due-2026-11-10/14d-after",
    ]


def test_what_went_by_is_said_with_an_offer_and_without_guilt(enrollment):
    now = BASE_DUE + 2 * DAY
    planned("stage_overdue", now)

    content = said("stage_overdue", now)

    assert content.subject == "Test Trail: new days for your plan?"
    assert (content.kicker, content.link) == ("Move the plan", "/roads/trail-test/plan/")
    assert "stage 1, Base, was planned until 10 November" in content.lead
    assert content.why.startswith("You get this because stage 1 was planned until 10 November")
    assert [(x.title, x.link) for x in content.also] == [
        ("Go on with Base", "/roads/trail-test/stages/base/")
    ]


def test_who_only_waits_for_her_mentor_is_let_be(enrollment):
    pass_stage(enrollment, "base", START)
    pass_stage(enrollment, "ridge", START)
    hand_in(enrollment, now=START)  # summit opens once it is accepted
    planned("stage_due", datetime(2026, 11, 13, 9, tzinfo=UTC))

    assert letter("stage_due").facts["stage"] == "summit"
    assert refusal("stage_due", datetime(2026, 11, 13, 9, tzinfo=UTC)) == Reason.NOTHING_TO_SAY


def test_a_locked_stage_leads_to_where_there_is_work(enrollment):
    pass_stage(enrollment, "base", START)
    pass_stage(enrollment, "ridge", START)
    now = datetime(2026, 11, 13, 9, tzinfo=UTC)
    planned("stage_due", now)

    content = said("stage_due", now)

    assert content.link == "/roads/trail-test/stages/ridge/"  # its report is to be handed in
    assert (
        content.why == "You get this because stage 3 is planned until 20 November and isn’t open to you yet."
    )


def test_stages_of_two_roads_stand_in_one_letter(enrollment):
    other = road_two()
    enrolled(ines(), other, now=START - DAY)
    Enrollment.objects.get(roadmap=other).replan(
        hours_per_week=Decimal("7.6"), starts_on=START.date(), now=START - DAY
    )
    now = BASE_DUE - 5 * DAY

    planned("stage_due", now)

    assert [thing.title for thing in said("stage_due", now).also] == ["Base", "Move the plan"]


def road_two():
    road()
    return published(three_stage_document().model_copy(update={"key": "trail-two", "title": "Trail Two"}))


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Pacific/Kiritimati"])
def test_over_a_change_of_clocks_each_day_brings_one_letter_of_its_own_date(zone):
    walker = person("Wanda Zone", "learner", time_zone=zone)
    made_at = datetime(2026, 10, 12, tzinfo=UTC)
    enrolled(walker, now=made_at).replan(
        hours_per_week=Decimal(10), starts_on=date(2026, 10, 24), now=made_at
    )  # base is due on 1 November, its letters come on 25 October (Paris) and 31 October

    found = through("stage_due", datetime(2026, 10, 22, tzinfo=UTC), 12)

    assert [occurrence.split("/", 1)[1] for occurrence in found] == ["due-2026-11-01/7d", "due-2026-11-01/1d"]
    assert letter("stage_due").due_at.astimezone(walker.zone).hour == 8
