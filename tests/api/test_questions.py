"""Questions in files, for those who write questions: in with a dry run, out in any format."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from authoring.exchange import gift
from quizzes.models import PaperItem, Question
from tests.api.conftest import Caller, secret_of
from tests.cast import ines, noor, road, tomas

pytestmark = pytest.mark.django_db

IMPORTS = "questions/imports/"
SALT = b"::Salt::Does salt speed it up? {F####It slows yeast.}\n\n::Flour::Which? {=Rye ~Starch}\n\nOnly words.\n"


@pytest.fixture
def author():
    return Caller(secret_of(noor()))


def file(data=SALT, name="salt.gift"):
    return SimpleUploadedFile(name, data, "text/plain")


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(author):
    answer = author.upload(IMPORTS, {"file": file(), "dry_run": "true"})

    said = answer.json()
    assert (answer.status_code, said["format"], said["written"]) == (200, "gift", False)
    assert [(line["key"], line["faults"]) for line in said["questions"]] == [
        ("salt", []),
        ("flour", ["explanation: It is missing."]),
    ]
    assert [line["is_whole"] for line in said["left"]] == [True]
    assert not Question.objects.exists()


def test_questions_go_onto_the_paper_of_a_quiz_and_only_once(author):
    road()
    fields = {"road": "trail-test", "quiz": "base-quiz", "points": "2", "tags": "Bread"}

    first = author.upload(IMPORTS, {"file": file(), **fields})
    second = author.upload(IMPORTS, {"file": file(), **fields})

    assert (first.status_code, second.status_code) == (201, 201)
    assert [line["is_new"] for line in first.json()["questions"]] == [True, True]
    assert [line["is_new"] for line in second.json()["questions"]] == [False, False]
    items = PaperItem.objects.filter(quiz__key="base-quiz", question__key__in=["salt", "flour"])
    assert [item.points for item in items] == [2, 2]
    assert Question.objects.get(key="salt").tags == ["bread"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"file": None}, "file"),
        ({"file": (b"\x00\x01" * 9, "x.gift")}, "file"),
        ({"format": "docx"}, "format"),
        ({"quiz": "base-quiz"}, "quiz"),
        ({"road": "nowhere"}, "road"),
        ({"road": "trail-test", "topic": "nowhere"}, "topic"),
        ({"points": "0"}, "points"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_can_not_be_taken_is_named_by_its_field(author, fields, field):
    road()
    given = fields.pop("file", SALT)
    sent = {} if given is None else {"file": file(*given) if isinstance(given, tuple) else file()}

    answer = author.upload(IMPORTS, {**sent, **fields})

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]
    assert not Question.objects.filter(key="salt").exists()


def test_questions_of_a_quiz_are_written_with_what_is_left(author):
    road()
    said = author.get("questions/export/", road="trail-test", quiz="base-quiz", into="gift").json()

    assert (said["format"], said["file_name"], said["encoding"], said["count"]) == (
        "gift",
        "questions.gift",
        "text",
        10,
    )
    assert len(gift.read(said["content"].encode()).questions) == 10
    assert "where to go back to" in said["left"][0]["what"]
    assert author.get("questions/export/", road="trail-test").json()["format"] == "yaml"
    assert author.get("questions/export/", road="nowhere").status_code == 404


@pytest.mark.parametrize("who", [ines, tomas])
def test_nobody_else_finds_anything_behind_these_doors(who):
    road()
    caller = Caller(secret_of(who()))

    assert caller.upload(IMPORTS, {"file": file()}).status_code == 404
    assert caller.get("questions/export/", road="trail-test").status_code == 404


def test_a_token_that_only_reads_takes_nothing_in():
    caller = Caller(secret_of(noor(), "read"))

    assert caller.upload(IMPORTS, {"file": file(), "dry_run": "true"}).status_code == 403
