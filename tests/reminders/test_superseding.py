"""A newer letter says what an older one would have said, or the older one is sent: nothing is lost between the two."""

from datetime import timedelta

import pytest
from uuid6 import uuid7

from quizzes.models import Attempt, Quiz
from reminders.emails import send_reminders
from reminders.emails.deciding import _superseded
from reminders.emails.planning import plan
from reminders.kinds import KINDS
from reminders.models import Letter
from reminders.models.letter import LetterState, Reason
from tests.cast import EARLIER, NOW, base_quiz, enrolled, hand_in, ines, person, stranger, tomas
from tests.reminders import asking, learners
from tests.reminders.moments import at
from tests.reminders.test_kind_mentee_quiet import NEXT, stays_away

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_letter_of_any_kind_is_said_by_one_that_left_when_there_was_something_to_say(kind):
    older, newer = (Letter(id=uuid7(), recipient_id=1, kind=kind, not_before=NOW) for _ in range(2))
    newer.state = LetterState.SENT

    newer.sent_at = NOW - HOUR
    before = _superseded([older], [newer], {})
    newer.sent_at = NOW
    after = _superseded([older], [newer], {})

    assert (before, after) == ({}, {older.pk: Reason.SUPERSEDED})


@pytest.mark.django_db
def test_an_attempt_that_ends_tomorrow_is_told_of_though_another_was_an_hour_ago(
    monkeypatch, mail_goes_to_sink
):
    for key in KINDS.keys() - {"attempt_ending"}:
        monkeypatch.delitem(KINDS, key)
    enrollment = enrolled(ines())
    start = NOW + 5 * HOUR  # 15:00 in Paris
    long = enrollment.start_quiz(base_quiz(time_limit_minutes=4 * 24 * 60), start)
    asking.plan("attempt_ending", start + 2 * DAY + 2 * HOUR)
    begins = start + 3 * DAY - 2 * HOUR - timedelta(minutes=5)
    quiz = Quiz.objects.get(key="ridge-quiz")
    quiz.time_limit_minutes = 150
    quiz.save()
    quiz.publish(None, EARLIER)
    short = Attempt.objects.start(ines(), quiz, begins)

    for now in (begins + timedelta(minutes=95), begins + timedelta(minutes=130)):
        asking.plan("attempt_ending", at(now))
        send_reminders()

    sent = Letter.objects.filter(state=LetterState.SENT).order_by("sent_at")
    assert [letter.facts["attempt"] for letter in sent] == [short.pk, long.pk]
    assert [also["title"] for also in sent[0].said["also"]] == ["Base quiz"]


@pytest.mark.django_db
def test_of_two_stages_of_two_days_the_later_one_is_told_of_on_its_own_day(mail_goes_to_sink, monkeypatch):
    for key in KINDS.keys() - {"stage_due"}:
        monkeypatch.delitem(KINDS, key)
    learners.stage_due(ines())
    now = at(learners.BASE_DUE - 7 * DAY)
    asking.plan("stage_due", now - 2 * HOUR)
    of_another_road = Letter.objects.get()
    of_another_road.pk, of_another_road.occurrence = uuid7(), "stage-999/due-2026-11-10/7d"
    of_another_road.state, of_another_road.sent_at = LetterState.SENT, now - DAY
    of_another_road.save(force_insert=True)

    send_reminders()

    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}


@pytest.mark.django_db
def test_a_learner_who_stays_away_is_named_though_a_newer_letter_left_before_her_day():
    for learner in (ines(), stranger(), person("Rosa Lind", "learner")):
        stays_away(learner)
    first, second, third = asking.plan("mentee_quiet", NEXT)
    Letter.objects.filter(pk__in=[first.pk, third.pk]).update(not_before=NEXT + DAY, due_at=NEXT + DAY)

    early = asking.said(second, NEXT)
    asking.sent(second, NEXT)
    late = asking.said(third, NEXT + DAY)

    assert (early.step, early.also) == (str(stranger()), ())
    assert late.subject == "2 of your learners stay away"
    assert {late.step, *(also.title for also in late.also)} == {str(ines()), "Rosa Lind"}


@pytest.mark.django_db
def test_what_a_newer_letter_was_to_say_is_said_after_all_when_that_one_is_not_sent(
    mail_goes_to_sink, three_kinds
):
    submission = hand_in(enrolled(ines())).submission
    submission.ask_for_changes(tomas(), NOW)
    plan(NOW)
    older = Letter.objects.get()
    newer = Letter.objects.get()
    newer.pk, newer.occurrence = uuid7(), f"submission-{submission.pk}/version-9"
    newer.facts = {"submission": submission.pk, "version": 9}  # it was overtaken meanwhile
    newer.save(force_insert=True)
    Letter.objects.filter(pk=older.pk).hold_back(Reason.SUPERSEDED)
    at(NOW + HOUR)

    send_reminders()

    assert dict(Letter.objects.values_list("facts__version", "reason")) == {1: "", 9: Reason.OVERTAKEN}
    assert len(mail_goes_to_sink.letters) == 1
