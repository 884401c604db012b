"""Letters about changes asked for, attempts that end, cards, pauses and editions: when they come and what they say."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from accounts.models import ActiveDay, Pause
from mentoring.models import Review
from progress.models import Enrollment
from quizzes.memory import Rating
from quizzes.models import Card, CardSettings
from quizzes.models.deck import Deck
from reminders.emails import send_reminders
from reminders.kinds import KINDS
from reminders.models import Letter
from reminders.models.letter import LetterState, Reason
from roadmap.document import RoadDocument
from tests.cast import NOW, enrolled, hand_in, ines, pass_stage, person, take_quiz, tomas
from tests.documents import three_stage_document
from tests.reminders import learners
from tests.reminders.learners import (
    BACK_ON,
    DAY,
    asking_more,
    begun,
    card_day,
    letter,
    planned,
    publish,
    refusal,
    said,
    sent_back,
    through,
)
from tests.reminders.moments import at, wish
from tests.reminders.test_kind_stages import road_two

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


# Changes asked for


def test_changes_asked_for_bring_a_letter_after_four_days_and_after_fourteen_and_no_more():
    submission = sent_back(ines())

    assert through("changes_asked", NOW, 20) == [
        f"submission-{submission.pk}/version-1/4d",
        f"submission-{submission.pk}/version-1/14d",
    ]
    assert letter("changes_asked").due_at == datetime(2026, 12, 8, 7, tzinfo=UTC)  # 08:00 in Paris


def test_it_says_since_when_and_quotes_the_mentor_and_asks_again_after_the_next_version():
    version = hand_in(enrolled(ines()))
    Review.objects.create(
        version=version,
        reviewer=tomas(),
        decision="ask_for_changes",
        feedback="Label the axes.",
        reviewed_at=NOW,
    )
    version.submission.ask_for_changes(tomas(), NOW)
    planned("changes_asked", NOW + 4 * DAY)

    content = said("changes_asked", NOW + 4 * DAY)
    hand_in(enrolled(ines()), now=NOW + 5 * DAY)
    refused = refusal("changes_asked", NOW + 5 * DAY)
    version.submission.refresh_from_db()
    version.submission.ask_for_changes(tomas(), NOW + 6 * DAY)

    assert content.subject == "Ridge-Report: go on with your next version"
    assert content.link == "/roads/trail-test/evidence/ridge-report/"
    assert (content.quote, content.quoted) == ("Label the axes.", "Tomas Berg")
    assert content.why == (
        "You get this because changes were asked for on 24 November and no new version was handed in since."
    )
    assert refused == refusal("changes_asked", NOW + 6 * DAY) == Reason.OVERTAKEN
    assert planned("changes_asked", NOW + 10 * DAY)[-1].endswith("/version-2/4d")


def test_changes_asked_for_are_let_be_once_it_is_accepted_or_she_started_over():
    submission = sent_back(ines())
    planned("changes_asked", NOW + 4 * DAY)
    Enrollment.objects.get().start_over(NOW + DAY)
    started_over = refusal("changes_asked", NOW + 4 * DAY)
    Enrollment.objects.update(counts_from=None)
    submission.accept(tomas(), NOW + DAY)

    assert (started_over, refusal("changes_asked", NOW + 4 * DAY)) == (Reason.LEFT_ROAD, Reason.DONE)


# Attempts


@pytest.mark.parametrize(
    ("minutes", "before"), [(120, None), (180, HOUR), (30 * 60, HOUR), (48 * 60, DAY), (96 * 60, DAY)]
)
def test_an_attempt_of_days_is_spoken_of_a_day_before_one_of_hours_an_hour_and_a_short_one_never(
    minutes, before
):
    attempt = begun(ines(), minutes)
    planned("attempt_ending", NOW, NOW + 9 * DAY)

    found = Letter.objects.first()

    assert (found is None) == (before is None)
    if found:
        assert found.expires_at == attempt.deadline_at
        assert found.due_at == attempt.deadline_at - before
        assert found.is_critical


NO_HOUR_IS_LEFT: list[
    tuple[int, dict[str, Any], str | None]
] = [  # so long an attempt, begun at 10:00 in Paris, what is wanted, and when the letter is due there
    (36 * 60, {}, "25 19:00"),  # it ends at 22:00: said an hour before it is quiet
    (17 * 60, {}, "24 19:00"),  # at 03:00
    (22 * 60, {}, "24 19:00"),  # at 08:00, just when letters may come again
    (22 * 60 + 10, {}, "24 19:00"),  # at 08:10: ten minutes are too few
    (22 * 60 + 40, {}, "25 08:00"),
    (10 * 60, {"quiet_from": time(12)}, "24 11:00"),  # not in the hour after she began
    (8 * 60, {"quiet_from": time(11)}, None),
    (96 * 60, {"weekdays": [2]}, "24 19:00"),  # on a Saturday, and letters come on Tuesdays
    (20 * 24 * 60, {"weekdays": [2]}, "08 19:00"),  # on 14 December, a Monday
]


def test_where_no_hour_is_left_before_an_attempt_ends_it_is_said_in_the_last_one_before():
    for number, (minutes, wanted, _due) in enumerate(NO_HOUR_IS_LEFT):
        walker = person(f"Walker{number} Some", "learner", time_zone="Europe/Paris")
        begun(walker, minutes)
        wish(walker, **wanted)

    through("attempt_ending", NOW, 16)

    due = dict(Letter.objects.values_list("recipient__name", "due_at"))
    found = [due.get(f"Walker{number} Some") for number in range(len(NO_HOUR_IS_LEFT))]
    assert [x and f"{x.astimezone(ines().zone):%d %H:%M}" for x in found] == [x[2] for x in NO_HOUR_IS_LEFT]


def test_before_a_pause_too_and_it_says_the_day_however_early_it_comes(mail_goes_to_sink):
    begun(ines(), 10 * 24 * 60)  # ends on 4 December
    Pause.objects.declare(ines(), date(2026, 11, 27), date(2026, 12, 7))
    wish(ines(), stopped_kinds=sorted(KINDS.keys() - {"attempt_ending"}))
    planned("attempt_ending", NOW + 2 * DAY)

    at(datetime(2026, 11, 26, 18, tzinfo=UTC))
    send_reminders()

    (sent,) = mail_goes_to_sink.letters
    assert sent["Subject"] == "Base quiz: your attempt is open until 4 December, 10:00"


def test_one_that_missed_its_last_open_hour_is_too_late_and_does_not_come_at_night(mail_goes_to_sink):
    begun(ines(), 17 * 60)
    wish(ines(), stopped_kinds=sorted(KINDS.keys() - {"attempt_ending"}))
    planned("attempt_ending", NOW)

    at(datetime(2026, 11, 24, 19, 5, tzinfo=UTC))
    send_reminders()

    assert not mail_goes_to_sink.letters
    assert Letter.objects.get().reason == Reason.TOO_LATE


def test_it_says_until_when_and_what_becomes_of_what_is_saved():
    begun(ines(), 96 * 60)
    planned("attempt_ending", NOW + 3 * DAY)

    content = said("attempt_ending", NOW + 3 * DAY)

    assert content.subject == "Base quiz: your attempt is open until 28 November, 10:00"
    assert content.preheader == "What is saved by then is handed in by itself."
    assert content.link == "/roads/trail-test/quizzes/base-quiz/"


def test_handing_in_holds_it_back_and_more_time_is_another_occurrence():
    attempt = begun(ines(), 96 * 60)
    first = planned("attempt_ending", NOW + 3 * DAY)
    attempt.give_minutes(24 * 60, by=None, reason="Ill.", now=NOW + 3 * DAY)
    moved = refusal("attempt_ending", NOW + 3 * DAY)
    found = planned("attempt_ending", NOW + 4 * DAY)
    attempt.submit(NOW + 4 * DAY)

    assert moved == Reason.DATE_CHANGED
    assert found == [*first, f"attempt-{attempt.pk}/ends-2026-11-29T09:00:00+00:00"]
    assert refusal("attempt_ending", NOW + 4 * DAY) == Reason.DONE


# Review cards


def test_cards_are_written_about_every_third_day_at_most_while_she_is_about():
    now = learners.cards_due(ines())
    for day in range(9):
        ActiveDay.objects.record(ines(), now + day * DAY)

    found = through("cards_due", now, 9)

    assert found == [f"cards-{(now + n * DAY).date()}" for n in (0, 3, 6, 9)]


def test_cards_are_let_be_when_she_has_been_away_for_a_week():
    now = learners.cards_due(ines())

    assert through("cards_due", now + 9 * DAY, 3) == []


@pytest.mark.parametrize(
    ("count", "days", "is_planned"), [(10, 2, False), (11, 2, True), (1, 2, False), (1, 3, True)]
)
def test_how_many_cards_and_how_long_due(count, days, is_planned):
    now = card_day(ines())
    learners.cards(ines(), count, due_on=now.date() - days * DAY)
    ActiveDay.objects.record(ines(), now)

    assert bool(planned("cards_due", now, now + HOUR)) == is_planned


def test_it_says_how_many_cards_are_due_and_reviewing_one_today_holds_it_back():
    now = learners.cards_due(ines())
    planned("cards_due", now)
    content = said("cards_due", now)
    yesterday = Card.objects.get()
    before = refusal("cards_due", now)
    yesterday.review(Rating.GOOD, 0, now)
    Card.objects.update(due_on=now.date() - 9 * DAY)  # there is more to do, but she was there

    day = (now - 3 * DAY).strftime("%-d %B")
    assert (content.subject, content.link) == ("1 review card is due", "/cards/")
    assert (
        content.why
        == f"You get this because a card has been due since {day} and you have reviewed none today."
    )
    assert (before, refusal("cards_due", now)) == (None, Reason.DONE)


def test_cards_that_rest_or_are_put_aside_are_not_due():
    now = learners.cards_due(ines())
    planned("cards_due", now)
    Card.objects.get().suspend(now)

    assert refusal("cards_due", now) == Reason.DONE


def test_it_counts_the_cards_that_the_deck_shows_and_does_not_come_where_it_shows_none():
    now = card_day(ines())
    learners.cards(ines(), 12, due_on=now.date() - 3 * DAY)
    ActiveDay.objects.record(ines(), now)
    planned("cards_due", now)
    shown, subject = Deck.read(ines(), now.date()).due, said("cards_due", now).subject
    CardSettings.objects.change(ines(), new_a_day=11)
    more = refusal("cards_due", now), said("cards_due", now).subject
    Card.objects.update(due_on=now.date())
    many = refusal("cards_due", now)
    CardSettings.objects.change(ines(), new_a_day=10)
    few = refusal("cards_due", now)
    Card.objects.update(due_on=now.date() - 3 * DAY)
    CardSettings.objects.change(ines(), new_a_day=0)

    assert (shown, subject, more) == (10, "10 review cards are due", (None, "11 review cards are due"))
    assert (many, few) == (None, Reason.DONE)
    assert (Deck.read(ines(), now.date()).due, refusal("cards_due", now)) == (0, Reason.DONE)


# Back from a pause


def test_the_first_morning_after_a_pause_says_by_how_much_the_plan_moved_and_where_to_go_on():
    learners.back(ines())

    assert planned("back", BACK_ON - DAY) == ["back-2026-11-15"]
    assert letter("back").due_at == datetime(2026, 11, 15, 7, tzinfo=UTC)  # 08:00 in Paris
    content = said("back", BACK_ON)
    assert content.subject == "Test Trail: here is where you go on"
    assert content.lead == (
        "Hello Ines, welcome back. Your plan has moved by 10 days with your pause."
        " The next day in it is 20 November."
    )
    assert (content.kicker, content.step) == ("Continue stage 1, Base", "R-Rocks")
    assert content.why == "You get this because your pause was over on 15 November."


def test_being_active_since_the_pause_holds_it_back_and_it_is_not_planned_then():
    learners.back(ines())
    planned("back", BACK_ON)
    before = refusal("back", BACK_ON)
    ActiveDay.objects.record(ines(), BACK_ON)
    after = refusal("back", BACK_ON)
    Letter.objects.all().delete()

    assert (before, after) == (None, Reason.CAME_BACK)
    assert planned("back", BACK_ON) == []


def test_a_pause_that_another_follows_or_that_is_made_longer_is_not_over():
    learners.back(ines())
    planned("back", BACK_ON - DAY)
    Pause.objects.declare(ines(), date(2026, 11, 15), date(2026, 11, 18))

    assert refusal("back", BACK_ON) == Reason.DATE_CHANGED
    assert planned("back", datetime(2026, 11, 18, 9, tzinfo=UTC)) == ["back-2026-11-15", "back-2026-11-18"]
    assert "moved by 13 days" in said("back", datetime(2026, 11, 18, 9, tzinfo=UTC)).lead


def test_who_enrolled_when_her_pause_was_over_does_not_come_back_to_that_road():
    Pause.objects.declare(ines(), date(2026, 11, 5), BACK_ON.date())
    midnight = datetime(2026, 11, 14, 23, tzinfo=UTC)  # in Paris
    enrolled(ines(), now=midnight)
    afterwards = planned("back", BACK_ON)
    Enrollment.objects.update(enrolled_at=midnight - DAY)
    on_road = planned("back", BACK_ON), refusal("back", BACK_ON)
    enrolled(ines(), road_two(), now=BACK_ON)
    content = said("back", BACK_ON)
    Enrollment.objects.update(enrolled_at=midnight)

    assert (afterwards, on_road) == ([], (["back-2026-11-15"], None))
    assert (content.subject, content.also) == ("Test Trail: here is where you go on", ())
    assert refusal("back", BACK_ON) == Reason.NOTHING_TO_SAY
    Enrollment.objects.update(left_at=BACK_ON)
    assert refusal("back", BACK_ON) == Reason.NO_ROAD


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York"])
def test_a_pause_over_a_change_of_clocks_ends_on_the_day_of_her_calendar(zone):
    walker = person("Wanda Zone", "learner", time_zone=zone)
    enrolled(walker, now=datetime(2026, 10, 1, tzinfo=UTC))
    ends_on = date(2026, 10, 25) if zone == "Europe/Paris" else date(2026, 11, 1)
    Pause.objects.declare(walker, date(2026, 10, 20), ends_on)

    assert through("back", datetime(2026, 10, 22, tzinfo=UTC), 12) == [f"back-{ends_on}"]
    due_at = letter("back").due_at.astimezone(walker.zone)
    assert (due_at.date(), due_at.hour) == (ends_on, 8)


# Editions


def test_a_new_edition_that_asks_for_more_brings_a_letter_after_an_hour():
    enrolled(ines())
    edition = publish(asking_more("base"))

    assert planned("edition_changed", NOW + HOUR / 2) == []
    assert planned("edition_changed", NOW + HOUR) == [f"edition-{edition.pk}"]
    content = said("edition_changed", NOW + HOUR)
    assert content.subject == "Test Trail: what is asked has changed"
    assert content.lead == (
        "Hello Ines, edition 2 of Test Trail came out on 24 November."
        " Stage 1, Base, asks for 2 core resources more."
    )
    assert content.link == "/roads/trail-test/changes/"


def test_an_edition_that_asks_for_nothing_more_or_only_in_what_she_passed_brings_none():
    pass_stage(enrolled(ines()), "base", NOW - DAY)
    publish(three_stage_document().model_copy(update={"summary": "A road."}))
    reworded = planned("edition_changed", NOW + HOUR)
    publish(asking_more("base"), NOW + 2 * HOUR)
    planned("edition_changed", NOW + 3 * HOUR)

    assert reworded == []
    assert refusal("edition_changed", NOW + 3 * HOUR) == Reason.NOTHING_TO_SAY


def test_several_editions_in_a_row_bring_one_letter_about_the_newest_that_says_it_all():
    enrolled(ines())
    publish(asking_more("base"))
    planned("edition_changed", NOW + HOUR)
    newest = publish(asking_more("base", "ridge"), NOW + HOUR)
    superseded = refusal("edition_changed", NOW + HOUR)
    planned("edition_changed", NOW + 2 * HOUR)

    lead = said("edition_changed", NOW + 2 * HOUR).lead
    assert superseded == Reason.SUPERSEDED
    assert letter("edition_changed").occurrence == f"edition-{newest.pk}"
    assert "Stage 1, Base, asks for 2" in lead
    assert "Stage 2, Ridge, asks for 1 core resource more." in lead


def test_its_page_shows_all_that_it_says_and_whoever_read_it_gets_no_letter(client):
    enrolled(ines())
    publish(asking_more("base"))
    publish(asking_more("base").model_copy(update={"summary": "Reworded."}), NOW + HOUR / 2)
    planned("edition_changed", NOW + 2 * HOUR)
    content = said("edition_changed", NOW + 2 * HOUR)
    client.force_login(ines())

    page = client.get(content.link).content.decode()

    assert "Stage 1, Base, asks for 2 core resources more." in content.lead
    assert "r-rocks-more" in page.lower()
    assert refusal("edition_changed", NOW + 2 * HOUR) == Reason.DONE


def test_of_new_core_resources_only_those_that_she_has_not_ticked_are_asked_of_her():
    enrollment = enrolled(ines())
    enrollment.tick("r-rocks-more", NOW - DAY)
    publish(asking_more("base"))
    planned("edition_changed", NOW + HOUR)
    lead = said("edition_changed", NOW + HOUR).lead
    enrollment.tick("r-knots-more", NOW)

    assert "Stage 1, Base, asks for 1 core resource more." in lead
    assert refusal("edition_changed", NOW + HOUR) == Reason.NOTHING_TO_SAY


def test_a_quiz_that_she_passed_and_evidence_that_she_handed_in_are_not_asked_of_her():
    enrollment = enrolled(ines())
    publish(_asking_little_of_ridge(), NOW - 20 * DAY)
    submission = hand_in(enrolled(ines()), now=NOW - 10 * DAY).submission
    take_quiz(enrollment, "ridge-quiz", points=10, now=NOW - 10 * DAY)
    publish(three_stage_document())
    planned("edition_changed", NOW + HOUR)
    waits = refusal("edition_changed", NOW + HOUR)
    submission.ask_for_changes(tomas(), NOW)
    lead = said("edition_changed", NOW + HOUR).lead
    submission.accept(tomas(), NOW)

    assert lead.endswith("came out on 24 November. Stage 2, Ridge, asks for evidence: Ridge-Report.")
    assert waits == refusal("edition_changed", NOW + HOUR) == Reason.NOTHING_TO_SAY


def _asking_little_of_ridge() -> RoadDocument:
    """The road, where ridge has no quiz and its evidence is free."""
    was = three_stage_document()
    free = tuple(task.model_copy(update={"required": False}) for task in was.stages[1].evidence)
    ridge = was.stages[1].model_copy(update={"quiz": None, "evidence": free})
    return was.model_copy(update={"stages": (was.stages[0], ridge, was.stages[2])})


def test_what_a_letter_told_is_not_told_again_and_what_she_read_neither():
    enrolled(ines())
    publish(asking_more("base"))
    planned("edition_changed", NOW + HOUR)
    Letter.objects.update(state=LetterState.SENT)
    publish(asking_more("base", "ridge"), NOW + DAY)
    planned("edition_changed", NOW + DAY + HOUR)
    lead = said("edition_changed", NOW + DAY + HOUR).lead
    Enrollment.objects.get().see_edition()

    assert "Base" not in lead
    assert refusal("edition_changed", NOW + DAY + HOUR) == Reason.DONE


def test_who_begins_with_the_new_edition_or_hears_of_it_a_week_later_gets_none():
    enrolled(ines())
    publish(asking_more("base"))
    enrolled(person("Nora New", "learner"), now=NOW + HOUR / 2)

    assert planned("edition_changed", NOW + 8 * DAY) == []
    planned("edition_changed", NOW + HOUR)
    assert [x.recipient for x in Letter.objects.all()] == [ines()]
