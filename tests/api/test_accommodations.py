"""A learner reads what she is given beyond everybody."""

import pytest

from accounts import clock
from quizzes.models import Accommodation, Quiz
from tests import cast
from tests.cast import ines, stranger, tomas

pytestmark = pytest.mark.django_db
PATH = "/api/v1/me/accommodations/"


def give(**what: object) -> Accommodation:
    row = Accommodation(person=ines(), **what)
    return Accommodation.objects.give(row, by=tomas(), now=clock.now()).row


def test_q18_she_reads_what_holds_and_nobody_elses(client):
    cast.road()
    give(quiz=Quiz.objects.get(key="base-quiz"), time_factor="1.5", note="Certificate seen.")
    give(extra_minutes=5).end(by=tomas(), now=clock.now())
    client.force_login(ines())

    page = client.get(PATH).json()

    assert page["count"] == 1
    [line] = page["results"]
    assert (line["road"], line["quiz"], line["time_factor"]) == ("trail-test", "base-quiz", 1.5)
    assert (line["extra_attempts"], line["note"]) == (0, "Certificate seen.")

    client.force_login(stranger())
    assert client.get(PATH).json()["results"] == []
