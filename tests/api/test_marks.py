"""Marks and appeals through the API."""

import pytest

from accounts import clock
from progress.models import StagePass
from quizzes.models import Appeal, Attempt
from tests.cast import ada, ask_texts, enrolled, hand_in_texts, ines, mentored, person, stranger, tomas

pytestmark = pytest.mark.django_db
APPEALS = "enrollments/trail-test/quizzes/base-quiz/attempts/1/appeals/"


@pytest.fixture
def attempt() -> Attempt:
    """Ten of ten points, and two texts of four points that wait."""
    mentored(ines(), tomas())
    ask_texts()
    return hand_in_texts(ines(), "It knows the answer.", "It saw it.", now=clock.now())


def marks(seen: int = 1, **slots: object) -> dict[str, object]:
    return {"seen": seen, "marks": {name[1:]: mark for name, mark in slots.items()}}


def test_a_mentor_lists_reads_and_marks(attempt, caller):
    mentor, door = caller(tomas()), f"marks/{attempt.pk}/"
    enrollment = enrolled(ines())
    for resource in sorted(enrollment.document.stage_by_key["base"].core_keys()):
        enrollment.tick(resource, clock.now())

    (line,) = mentor.get("marks/queue/").json()["results"]
    desk = mentor.get(door).json()
    first = mentor.post(door, marks(s11={"points": 3.5, "comment": "Well put."}))
    last = mentor.post(door, marks(seen=2, s12={"points": 4}))

    assert (line["id"], line["learner"]["name"]) == (attempt.pk, "Ines Moreau")
    assert [(a["slot"], a["guide"], a["waits"]) for a in desk["answers"]] == [
        (11, "Half for a reason.", True),
        (12, "Half for a reason.", True),
    ]
    assert (first.json()["is_passed"], first.json()["seen"], first.json()["points"]) == (None, 2, 13.5)
    assert (last.json()["is_passed"], last.json()["points"]) == (True, 17.5)
    assert StagePass.objects.filter(person=ines(), stage__key="base").exists()
    assert mentor.get("marks/queue/").json()["count"] == 0
    assert mentor.get("marks/queue/", road="other").json()["count"] == 0


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"marks": {"11": {"points": 1}}}, "seen"),
        ({"seen": 1}, "marks"),
        (marks(), "marks"),
        (marks(s1={"points": 1}), "marks"),
        (marks(s11={"comment": "Words."}), "marks"),
        (marks(s11={"points": 1, "note": "x"}), "marks"),
        (marks(s11={"points": 1, "comment": 3}), "marks"),
        (marks(s11=4), "marks"),
        (marks(s11={"points": 4.25}), "marks.11.points"),
        (marks(s11={"points": "many"}), "marks.11.points"),
        (marks(s11={"points": None}), "marks"),
        (marks(s11={"points": 1}) | {"is_passed": True}, "is_passed"),
    ],
)
def test_what_is_wrong_with_marks_is_said_where_it_was_sent(attempt, caller, said, where):
    answer = caller(tomas()).post(f"marks/{attempt.pk}/", said)

    assert (answer.status_code, where in answer.json()["errors"]) == (422, True)
    assert attempt.gradings.count() == 1


def test_what_somebody_else_marked_is_not_written_over(attempt, caller):
    caller(ada()).post(f"marks/{attempt.pk}/", marks(s11={"points": 4}))

    answer = caller(tomas()).post(f"marks/{attempt.pk}/", marks(s11={"points": 1}))
    again = caller(ada()).post(f"marks/{attempt.pk}/", marks(s11={"points": 4}))

    assert (answer.status_code, answer.json()["code"]) == (409, "marked_elsewhere")
    assert (again.status_code, attempt.gradings.count()) == (200, 2)


def test_only_mentors_within_reach_and_admins_mark(attempt, caller):
    for who in (ines(), stranger(), person("Olga Other", "mentor")):
        asks, door = caller(who), f"marks/{attempt.pk}/"
        assert [asks.get(door).status_code, asks.post(door, marks(s11={"points": 1})).status_code] == [
            404,
            404,
        ]
    assert caller(ines()).get("marks/queue/").status_code == 404
    assert caller(ada()).get(f"marks/{attempt.pk}/").status_code == 200


def test_a_learner_appeals_once_and_reads_the_answer(caller):
    attempt = hand_in_texts(ines(), right=7, now=clock.now())
    wrong = next(slot for slot, mark in attempt.gradings.get().by_slot().items() if not mark.is_full)
    mine = caller(ines())

    sent = [mine.post(APPEALS, {"slot": wrong, "text": said}) for said in ("Why?", "Again.")]
    Appeal.objects.get().decline("It says so.", by=tomas(), tells_authors=False, now=clock.now())
    (line,) = mine.get(APPEALS).json()["results"]

    assert [(answer.status_code, answer.json()["text"]) for answer in sent] == [(201, "Why?"), (201, "Why?")]
    assert (line["state"], line["answer"], line["answered_by"]) == ("declined", "It says so.", "Tomas Berg")


def test_an_appeal_that_cannot_be_is_refused(caller, monkeypatch):
    attempt = hand_in_texts(ines(), right=7, now=clock.now())
    first, second, *_rest = [
        slot for slot, mark in attempt.gradings.get().by_slot().items() if not mark.is_full
    ]
    mine = caller(ines())
    monkeypatch.setattr("quizzes.models.appeal.MOST_A_DAY", 1)

    assert mine.post(APPEALS, {"slot": 99, "text": "Why?"}).json()["code"] == "not_appealable"
    assert mine.post(APPEALS, {"slot": first, "text": " "}).status_code == 422
    assert mine.post(APPEALS, {"slot": first, "text": "Why?"}).status_code == 201
    assert mine.post(APPEALS, {"slot": second, "text": "Why?"}).json()["code"] == "too_many_appeals"
    assert caller(stranger()).post(APPEALS, {"slot": first, "text": "Why?"}).status_code == 404
