"""A learner's evidence page: what is asked, handing in, and what comes back."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import clock
from mentoring.models import Review
from progress.models import Enrollment, Submission, SubmissionVersion
from progress.models.submission import AlreadyAcceptedError, StageLockedError
from roadmap.models import Edition
from tests.cast import (
    EARLIER,
    NOW,
    enrolled,
    hand_in,
    ines,
    mentored,
    opened,
    pass_stage,
    road,
    stranger,
    tomas,
)

pytestmark = pytest.mark.django_db

PAGE = "/roads/trail-test/evidence/ridge-report/"
LIST = "/evidence/"


@pytest.fixture
def on_the_road():
    enrollment = enrolled(ines())
    mentored(ines(), tomas())
    opened(enrollment)
    return enrollment


@pytest.fixture
def signed_in(client, on_the_road):
    client.force_login(ines())
    return client


def review(
    version: SubmissionVersion, decision: str = "ask_for_changes", feedback: str = "Say *why*."
) -> Review:
    return Review.objects.decide(
        version, by=tomas(), decision=decision, levels={"clear": "meets"}, feedback=feedback, now=NOW
    )


def text(answer) -> str:
    return str(answer.content.decode())


def test_somebody_not_signed_in_is_sent_to_sign_in(client):
    road()

    assert "/accounts/login/" in client.get(PAGE)["Location"]


def test_a_stranger_gets_404(client):
    road()
    client.force_login(stranger())

    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, {"kind": "text", "text": "Mine."}).status_code == 404


@pytest.mark.parametrize(
    "path", ["/roads/trail-test/evidence/nothing/", "/roads/none/evidence/ridge-report/"]
)
def test_a_task_that_is_not_there_is_404(signed_in, path):
    assert signed_in.get(path).status_code == 404


def test_the_page_says_what_is_asked_how_it_is_judged_and_who_answers(signed_in):
    page = text(signed_in.get(PAGE))

    assert "Write it down." in page
    assert "must be met" in page
    assert "More than that." in page
    assert "Tomas Berg" in page
    assert "Not handed in yet" in page


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"kind": "link", "link": "https://example.org/report"}, "https://example.org/report"),
        ({"kind": "text", "text": "I **stood** there."}, "I **stood** there."),
    ],
)
def test_a_link_or_a_text_is_handed_in(signed_in, data, kept):
    answer = signed_in.post(PAGE, {**data, "note": "On a Tuesday."})

    version = SubmissionVersion.objects.get()
    assert answer["Location"] == PAGE
    assert kept in {version.link, version.text}
    assert version.note == "On a Tuesday."
    page = text(signed_in.get(PAGE))
    assert "It is your mentor’s turn." in page
    assert "You have an answer by" in page


def test_a_file_is_handed_in(signed_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    signed_in.post(PAGE, {"kind": "file", "file": SimpleUploadedFile("report.txt", b"I stood there.")})

    version = SubmissionVersion.objects.get()
    assert (version.kind, version.file_name) == ("file", "report.txt")
    assert "report.txt" in text(signed_in.get(PAGE))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "text", "text": ""}, "This is missing"),
        ({"kind": "link", "link": ""}, "This is missing"),
        ({"kind": "link", "link": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"kind": "link", "link": "ftp://example.org/report"}, "Enter a valid URL."),
        ({"kind": "picture", "text": "x"}, "Select a valid choice"),
        ({}, "This field is required."),
        ({"kind": "text", "text": "x" * 200_001}, "at most 200000 characters"),
        ({"kind": "file"}, "This is missing"),
    ],
)
def test_what_cannot_be_taken_says_why_and_keeps_the_words(signed_in, data, said):
    answer = signed_in.post(PAGE, {**data, "note": "On a Tuesday."})

    assert answer.status_code == 422
    assert said in text(answer)
    assert "On a Tuesday." in text(answer)
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("page.html", b"<script>alert(1)</script>"),
        ("page.png", b"<html><script>alert(1)</script></html>"),
        ("tool.txt", b"MZ\x90\x00\x03\x00\x00\x00"),
        ("archive.pdf", b"PK\x03\x04" + b"\x00" * 40),
        ("noending", b"words"),
        ("evil.txt.exe", b"words"),
        ("picture.jpg", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40),
        ("empty.txt", b""),
    ],
)
def test_a_hostile_file_is_refused_and_nothing_is_written(signed_in, settings, tmp_path, name, content):
    settings.MEDIA_ROOT = tmp_path

    answer = signed_in.post(
        PAGE, {"kind": "file", "file": SimpleUploadedFile(name, content), "note": "On a Tuesday."}
    )

    assert answer.status_code == 422
    assert "On a Tuesday." in text(answer)
    assert not Submission.objects.exists()
    assert list(tmp_path.rglob("*")) == []


def test_a_file_that_is_too_large_is_refused(signed_in, settings):
    settings.EVIDENCE_MAX_BYTES = 10

    answer = signed_in.post(PAGE, {"kind": "file", "file": SimpleUploadedFile("long.txt", b"x" * 11)})

    assert answer.status_code == 422
    assert "at most" in text(answer)
    assert not Submission.objects.exists()


def test_a_locked_stage_may_be_read_but_handing_in_says_what_is_missing(client):
    enrolled(ines())
    client.force_login(ines())

    page = text(client.get(PAGE))
    answer = client.post(PAGE, {"kind": "text", "text": "I stood there."})

    assert "Write it down." in page
    assert 'name="kind"' not in page
    assert answer.status_code == 409
    assert "Base passed" in text(answer)
    assert "I stood there." in text(answer)
    assert not Submission.objects.exists()


def test_the_verb_refuses_a_locked_stage_too():
    enrollment = enrolled(ines())

    with pytest.raises(StageLockedError):
        Submission.objects.hand_in(
            enrollment, enrollment.document.task_by_key["ridge-report"], kind="text", text="Mine.", now=NOW
        )

    assert not Submission.objects.exists()


def test_an_opened_stage_takes_evidence(client):
    pass_stage(enrolled(ines()), "base")
    client.force_login(ines())

    assert client.post(PAGE, {"kind": "text", "text": "I stood there."}).status_code == 302


def test_feedback_is_shown_with_levels_and_is_seen_once_the_page_is_opened(signed_in, on_the_road):
    review(hand_in(on_the_road))
    assert Submission.objects.get().feedback_seen_at is None

    page = text(signed_in.get(PAGE))

    assert "Tomas Berg asks for changes." in page
    assert "Say <em>why</em>." in page
    assert "Meets" in page
    assert Submission.objects.get().feedback_seen_at is not None
    assert "Hand in version 2" in page


def test_looking_ahead_of_a_page_does_not_count_as_seeing(signed_in, on_the_road):
    review(hand_in(on_the_road))

    signed_in.head(PAGE)

    assert Submission.objects.get().feedback_seen_at is None


def test_a_new_version_overtakes_the_one_that_waits_and_keeps_its_place(signed_in, on_the_road):
    hand_in(on_the_road, now=NOW - timedelta(days=2))
    before = Submission.objects.get()

    signed_in.post(PAGE, {"kind": "text", "text": "Better."})

    after = Submission.objects.get()
    assert (after.state_since, after.answer_by) == (before.state_since, before.answer_by)
    assert [version.number for version in after.versions.all()] == [2, 1]
    assert "Overtaken by a newer version" in text(signed_in.get(PAGE))


def test_accepted_evidence_has_no_form_and_takes_no_more(signed_in, on_the_road):
    review(hand_in(on_the_road), "accept")

    page = text(signed_in.get(PAGE))
    answer = signed_in.post(PAGE, {"kind": "text", "text": "One more."})

    assert 'name="kind"' not in page
    assert answer.status_code == 409
    assert "One more." in text(answer)
    assert SubmissionVersion.objects.count() == 1


def test_after_starting_over_accepted_evidence_may_be_handed_in_again(on_the_road):
    review(hand_in(on_the_road), "accept")
    task = on_the_road.document.task_by_key["ridge-report"]
    with pytest.raises(AlreadyAcceptedError):
        Submission.objects.hand_in(on_the_road, task, kind="text", text="Again.", now=NOW)

    on_the_road.start_over(NOW + timedelta(days=1))
    Submission.objects.hand_in(on_the_road, task, kind="text", text="Again.", now=NOW + timedelta(days=2))

    assert Submission.objects.get().state == "waiting"


def test_accepting_settles_the_learner_at_once(on_the_road):
    review(hand_in(on_the_road), "accept")

    row = Enrollment.objects.select_related("standing_row").get().standing_row
    assert row.evidence_accepted == 1
    assert row.settled_at == NOW
    assert not Enrollment.objects.stale().exists()


def test_a_version_is_shown_with_the_rubric_it_was_reviewed_by(signed_in, on_the_road):
    review(hand_in(on_the_road))
    old = on_the_road.document
    criterion = old.task_by_key["ridge-report"].rubric[0]
    changed = criterion.model_copy(
        update={"title": "Crisp", "levels": criterion.levels.model_copy(update={"meets": "New words."})}
    )
    ridge = old.stages[1]
    task = ridge.evidence[0].model_copy(update={"rubric": (changed,)})
    stages = (old.stages[0], ridge.model_copy(update={"evidence": (task,)}), old.stages[2])
    Edition.objects.publish(
        on_the_road.roadmap, old.model_copy(update={"stages": stages}), by=None, changelog="", now=NOW
    )

    page = text(signed_in.get(PAGE))

    judged = page.partition('class="facts facts--stack judged"')[2].partition("</dl>")[0]
    assert "Clear" in judged
    assert "Yes." in judged
    assert "Crisp" not in judged
    assert "New words." in page


def test_a_task_the_road_no_longer_has_stays_readable(signed_in, on_the_road):
    hand_in(on_the_road)
    old = on_the_road.document
    stages = (old.stages[0], old.stages[1].model_copy(update={"evidence": ()}), old.stages[2])
    Edition.objects.publish(
        on_the_road.roadmap, old.model_copy(update={"stages": stages}), by=None, changelog="", now=NOW
    )

    page = text(signed_in.get(PAGE))

    assert "no longer part of the road" in page
    assert "https://example.org/report" in page
    assert signed_in.post(PAGE, {"kind": "text", "text": "More."}).status_code == 409
    assert "Ridge-Report" in text(signed_in.get(LIST))


def test_who_left_the_road_reads_but_hands_in_nothing(signed_in, on_the_road):
    hand_in(on_the_road)
    on_the_road.leave(NOW)

    assert "You left this road." in text(signed_in.get(PAGE))
    assert signed_in.post(PAGE, {"kind": "text", "text": "More."}).status_code == 409
    assert "Ridge-Report" in text(signed_in.get(LIST))


def test_nothing_that_was_typed_runs_as_markup(signed_in, on_the_road):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))"
    version = Submission.objects.hand_in(
        on_the_road, opened(on_the_road), kind="text", text=evil, note=evil, now=NOW
    )
    review(version, feedback=evil)

    page = text(signed_in.get(PAGE))

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    assert "&lt;script&gt;" in page


def test_a_very_long_text_is_shown_plain_and_escaped(signed_in, on_the_road):
    long = "<b>" + "http://a." * 20_000
    Submission.objects.hand_in(on_the_road, opened(on_the_road), kind="text", text=long, now=NOW)
    began = clock.now()

    page = text(signed_in.get(PAGE))

    assert "&lt;b&gt;http://a." in page
    assert clock.now() - began < timedelta(seconds=10)


def test_late_answers_are_named_as_late(signed_in, on_the_road):
    hand_in(on_the_road, now=clock.now() - timedelta(days=5))

    assert "marked as late" in text(signed_in.get(PAGE))


def test_the_list_says_how_each_piece_stands(signed_in, on_the_road):
    assert "Not handed in yet" in text(signed_in.get(LIST))
    review(hand_in(on_the_road))

    page = text(signed_in.get(LIST))

    assert "Changes requested" in page
    assert "new feedback" in page
    assert "1 piece is your turn" in page


def test_the_list_of_somebody_without_a_road_says_where_evidence_comes_from(client):
    client.force_login(stranger())

    assert "No evidence yet" in text(client.get(LIST))


def test_the_evidence_pages_ask_as_much_for_ten_times_the_versions(signed_in, on_the_road):
    def questions(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            signed_in.get(path)
        return len(asked)

    for number in range(2):
        review(hand_in(on_the_road, now=EARLIER + timedelta(days=number)))
    signed_in.get(PAGE)
    few = questions(PAGE), questions(LIST)
    for number in range(2, 22):
        review(hand_in(on_the_road, now=EARLIER + timedelta(days=number)))
    signed_in.get(PAGE)

    assert (questions(PAGE), questions(LIST)) == few
    assert few[0] <= 11
    assert few[1] <= 6
    assert "Page 2 of" in text(signed_in.get(f"{PAGE}?page=2"))
