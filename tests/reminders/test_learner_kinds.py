"""What holds for every kind of letter to learners: once, to nobody else, in as many queries for many as for few."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from progress.models import Enrollment
from reminders.kinds import KINDS
from reminders.models import Letter, LetterWishes
from reminders.models.letter import Reason
from reminders.models.reader import readers
from tests.cast import ines, person, stranger
from tests.reminders.learners import ARRANGED, DAY, planned, refusal, said

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ARRANGED)
def test_it_is_planned_once_and_for_nobody_who_left_is_suspended_or_stopped_it(kind):
    people = [ines(), *(person(f"{name} Some", "learner") for name in ("Gone", "Sven", "Stina", "Silent"))]
    now = min(ARRANGED[kind](each) for each in people)
    Enrollment.objects.filter(person=people[1]).update(left_at=now)
    User.objects.get_queryset().filter(pk=people[2].pk).update(is_active=False)
    LetterWishes.objects.of(people[3]).stop(kind)
    LetterWishes.objects.of(people[4]).stop("*")
    stranger()

    for half in range(5):  # review cards have their day within three, and again three days later
        planned(kind, now + half * DAY / 2, now + (half + 1) * DAY / 2)

    assert list(Letter.objects.values_list("recipient__name", "kind")) == [("Ines Moreau", kind)]


@pytest.mark.parametrize("kind", ARRANGED)
def test_it_is_hers_alone_says_why_it_came_and_is_held_back_once_she_left_the_road(kind):
    now = max(ARRANGED[kind](each) for each in (person("Lena Other", "learner"), ines()))
    too_early = planned(kind, now - 2 * DAY, now - DAY * 3 / 2, person=ines())
    planned(kind, now, now + 2 * DAY, person=ines())  # the preview asks so
    content, before = said(kind, now), refusal(kind, now)

    Enrollment.objects.get(person=ines()).leave(now)

    assert (too_early, before) == ([], None)
    assert {x.recipient for x in Letter.objects.all()} == {ines()}
    assert content.why.startswith("You get this because ")
    assert content.link.startswith("/")
    assert all((content.kicker, content.step, content.lead.startswith("Hello Ines, ")))
    assert not any(
        word in content.subject for word in ("%", "passed", "failed", "points", "accept", "changes")
    )
    assert refusal(kind, now) in {Reason.LEFT_ROAD, Reason.NO_ROAD}


@pytest.mark.parametrize(("few", "many"), [(2, 5), pytest.param(3, 30, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", ARRANGED)
def test_many_people_take_no_more_queries_than_few(kind, few, many):
    def questions(first: int, last: int) -> tuple[int, int]:
        people = [person(f"Walker{n} Some", "learner") for n in range(first, last)]
        now = max(ARRANGED[kind](each) for each in people)
        LetterWishes.objects.of_all(User.objects.get_queryset().values_list("pk", flat=True))
        planned(kind, now)  # documents are read
        Letter.objects.all().delete()
        return _asked(kind, now)

    asked = questions(0, few)
    more = questions(few, many)

    assert more[0] == asked[0]
    assert more[1] > asked[1] or kind == "cards_due"  # each has her own day


def _asked(kind: str, now: datetime) -> tuple[int, int]:
    """How many queries it takes to plan, to decide and to say all that is due, and how many letters that is."""
    with CaptureQueriesContext(connection) as asked:
        planned(kind, now)
        letters = list(Letter.objects.all())
        known = readers(x.recipient_id for x in letters)
        refused = KINDS[kind].refusals(letters, known, now)
        matters = KINDS[kind].matters(letters, known, now)
        assert all(KINDS[kind].says(matter) for matter in matters.values())
    assert letters
    assert not refused
    assert len(matters) == len(letters)
    return len(asked), len(letters)
