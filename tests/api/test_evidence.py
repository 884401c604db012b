"""Evidence handed in and reviewed through the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mentoring.models import Review
from progress.models import SubmissionVersion
from tests.cast import ada, enrolled, hand_in, ines, mentored, noor, opened, stranger, tomas

pytestmark = pytest.mark.django_db

TASK = "enrollments/trail-test/submissions/ridge-report/"
ACCEPT = {"number": 1, "decision": "accept", "levels": {"clear": "meets"}}


@pytest.fixture
def enrollment(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    mentored(ines(), tomas())
    return enrolled(ines())


def test_a_file_is_handed_in_and_fetched_by_those_who_may(enrollment, caller):
    opened(enrollment)
    asks = caller(ines())

    handed = asks.upload(
        TASK, {"kind": "file", "file": SimpleUploadedFile("notes.md", b"# Notes"), "note": "See 2."}
    )
    newest = handed.json()["newest"]
    path = newest["file"].removeprefix("/api/v1/")

    assert (handed.status_code, newest["file_name"], newest["note"]) == (201, "notes.md", "See 2.")
    for who in (asks, caller(tomas()), caller(ada())):
        fetched = who.get(path)
        assert b"".join(fetched.streaming_content) == b"# Notes"
        assert fetched["Content-Disposition"] == 'attachment; filename="notes.md"'
        assert fetched["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert caller(stranger()).get(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "link"}, "link"),
        ({"kind": "link", "link": "javascript:alert(1)"}, "link"),
        ({"kind": "video", "link": "https://example.org/"}, "kind"),
        ({"kind": "text", "text": 7}, "text"),
        ({"kind": "file", "file": "notes.md"}, "file"),
        ({}, "kind"),
    ],
)
def test_what_cannot_be_handed_in_is_named_and_not_kept(enrollment, caller, body, field):
    opened(enrollment)

    answer = caller(ines()).post(TASK, body)

    assert answer.status_code == 422
    assert field in answer.json()["errors"]
    assert not SubmissionVersion.objects.exists()


def test_a_file_of_a_wrong_kind_is_refused_with_the_list_of_right_ones(enrollment, caller):
    opened(enrollment)

    answer = caller(ines()).upload(TASK, {"kind": "file", "file": SimpleUploadedFile("run.exe", b"MZ")})

    assert answer.status_code == 422
    assert ".ipynb" in answer.json()["errors"]["file"][0]


def test_evidence_of_a_locked_stage_and_of_no_task_is_refused(enrollment, caller):
    asks, link = caller(ines()), {"kind": "link", "link": "https://example.org/"}

    locked, unknown = asks.post(TASK, link), asks.post(TASK.replace("ridge-report", "no-such"), link)

    assert (locked.status_code, locked.json()["code"]) == (409, "stage_locked")
    assert unknown.status_code == 404
    assert asks.get(TASK).status_code == 404


def test_accepted_evidence_takes_no_further_version(enrollment, caller):
    handed = hand_in(enrollment)
    caller(tomas()).post(f"reviews/{handed.submission_id}/", ACCEPT)

    answer = caller(ines()).post(TASK, {"kind": "link", "link": "https://example.org/more"})

    assert (answer.status_code, answer.json()["code"]) == (409, "already_accepted")


def test_reading_a_review_counts_as_having_seen_it(enrollment, caller):
    handed = hand_in(enrollment)
    caller(tomas()).post(f"reviews/{handed.submission_id}/", ACCEPT)
    handed.submission.refresh_from_db()
    before = handed.submission.feedback_seen_at

    caller(ines()).get(TASK)

    handed.submission.refresh_from_db()
    assert before is None
    assert handed.submission.feedback_seen_at is not None


def test_versions_are_listed_newest_first_for_learner_and_mentor(enrollment, caller):
    handed = hand_in(enrollment)
    hand_in(enrollment, link="https://example.org/second")

    by_learner = caller(ines()).get(f"{TASK}versions/")
    by_mentor = caller(tomas()).get(f"reviews/{handed.submission_id}/versions/")
    for listed in (by_learner, by_mentor):
        assert [version["number"] for version in listed.json()["results"]] == [2, 1]


def test_a_mentor_reads_the_brief_and_rubric_of_the_version(enrollment, caller):
    handed = hand_in(enrollment)

    desk = caller(tomas()).get(f"reviews/{handed.submission_id}/").json()

    assert desk["learner"]["name"] == "Ines Moreau"
    assert (desk["brief"], desk["rubric"][0]["key"]) == ("Write it down.", "clear")
    assert desk["newest"]["link"] == "https://example.org/report"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"levels": {}}, "levels.clear"),
        ({"levels": {"clear": "superb"}}, "levels.clear"),
        ({"levels": {"clear": "not_yet"}}, "levels.clear"),
        ({"levels": {"clear": ["meets"]}}, "levels.clear"),
        ({"levels": {"clear": "meets", "loud": "meets"}}, "levels"),
        ({"levels": "meets"}, "levels.clear"),
        ({"decision": "ask_for_changes"}, "feedback"),
        ({"decision": "praise"}, "decision"),
        ({"number": None}, "number"),
    ],
)
def test_a_decision_that_the_rubric_does_not_bear_is_refused(enrollment, caller, wrong, field):
    handed = hand_in(enrollment)

    answer = caller(tomas()).post(f"reviews/{handed.submission_id}/", ACCEPT | wrong)

    assert answer.status_code == 422
    assert field in answer.json()["errors"]
    assert not Review.objects.exists()


def test_a_second_decision_and_one_on_an_older_version_are_refused(enrollment, caller):
    handed = hand_in(enrollment)
    hand_in(enrollment, link="https://example.org/second")
    asks, review = caller(tomas()), f"reviews/{handed.submission_id}/"

    older = asks.post(review, ACCEPT)
    first = asks.post(review, ACCEPT | {"number": 2})
    second = asks.post(review, ACCEPT | {"number": 2})

    assert (older.status_code, older.json()["code"]) == (409, "overtaken")
    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "already_reviewed")
    assert Review.objects.count() == 1


def test_only_mentors_within_reach_and_admins_review(enrollment, caller):
    handed = hand_in(enrollment)
    review = f"reviews/{handed.submission_id}/"

    for who in (stranger(), noor(), ines()):
        asks = caller(who)
        assert [asks.get(review).status_code, asks.post(review, ACCEPT).status_code] == [404, 404]
        assert asks.get("reviews/queue/").status_code == 404
    assert caller(ada()).get(review).status_code == 200
    assert not Review.objects.exists()


def test_reviews_of_my_work_are_mine_alone(enrollment, caller):
    handed = hand_in(enrollment)
    caller(tomas()).post(f"reviews/{handed.submission_id}/", ACCEPT)

    assert [line["reviewer"] for line in caller(ines()).get("reviews/").json()["results"]] == ["Tomas Berg"]
    assert caller(stranger()).get("reviews/").json()["count"] == 0
