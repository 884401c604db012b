"""A mentor reads evidence, fills in the rubric and decides; once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.models import ActiveDay
from mentoring.forms import ReviewForm
from mentoring.models import Mentorship, Review
from mentoring.models.review import (
    AlreadyReviewedError,
    OvertakenError,
    OwnWorkError,
    ReviewRefusedError,
    RubricError,
)
from progress.models import Cohort, Submission, SubmissionVersion
from roadmap.models import Edition
from tests.cast import (
    NOW,
    ada,
    enrolled,
    hand_in,
    ines,
    mentored,
    noor,
    opened,
    person,
    road,
    stranger,
    tomas,
)
from tests.documents import task

pytestmark = pytest.mark.django_db


def olga():
    return person("Olga Other", "mentor")


@pytest.fixture
def version() -> SubmissionVersion:
    mentored(ines(), tomas())
    return hand_in(enrolled(ines()))


@pytest.fixture
def mentor(client, version):
    client.force_login(tomas())
    return client


def path(version: SubmissionVersion) -> str:
    return f"/mentor/reviews/{version.submission_id}/"


def filled(decision: str = "ask_for_changes", **more: object) -> dict[str, object]:
    return {"number": 1, "level-clear": "meets", "feedback": "Say why.", "decision": decision, **more}


def decide(
    version: SubmissionVersion, by=None, decision: str = "accept", levels=None, feedback: str = ""
) -> Review:
    return Review.objects.decide(
        version,
        by=by or tomas(),
        decision=decision,
        levels={"clear": "meets"} if levels is None else levels,
        feedback=feedback,
        now=NOW,
    )


def text(answer) -> str:
    return str(answer.content.decode())


# Who may


@pytest.mark.parametrize("who", [stranger, ines, noor, olga])
def test_nobody_else_finds_the_page(client, version, who):
    client.force_login(who())

    assert client.get(path(version)).status_code == 404
    assert client.post(path(version), filled()).status_code == 404
    assert not Review.objects.exists()


def test_a_mentor_of_the_cohort_and_an_admin_find_it(client, version):
    cohort = Cohort.objects.create(roadmap=road(), title="Autumn", starts_on=NOW.date())
    Mentorship.objects.create(mentor=olga(), cohort=cohort, began_at=NOW)
    client.force_login(olga())
    assert client.get(path(version)).status_code == 404

    ines().enrollments.update(cohort=cohort)
    assert client.get(path(version)).status_code == 200
    client.force_login(ada())
    assert client.get(path(version)).status_code == 200


def test_an_ended_mentorship_shows_nothing(mentor, version):
    assert mentor.get(path(version)).status_code == 200

    Mentorship.objects.get().end(NOW)

    assert mentor.get(path(version)).status_code == 404


@pytest.mark.parametrize("who", [tomas, ada])
def test_nobody_reviews_her_own_work(client, who):
    me = who()
    cohort = Cohort.objects.create(roadmap=road(), title="Autumn", starts_on=NOW.date())
    enrollment = enrolled(me)
    me.enrollments.update(cohort=cohort)
    Mentorship.objects.create(mentor=me, cohort=cohort, began_at=NOW)
    own = hand_in(enrollment)
    client.force_login(me)

    assert client.get(path(own)).status_code == 404
    with pytest.raises(OwnWorkError):
        decide(own, by=me)


# The page


def test_the_page_shows_the_work_and_the_rubric(mentor, version):
    page = text(mentor.get(path(version)))

    assert 'href="https://example.org/report" rel="noopener noreferrer nofollow"' in page
    assert 'name="level-clear" value="exceeds"' in page
    assert "More than that." in page
    assert "Nothing is sent until you decide." in page


def test_earlier_versions_stand_there_with_their_reviews(mentor, version):
    decide(version, decision="ask_for_changes", feedback="Say *why*.")
    hand_in(enrolled(ines()), link="https://example.org/second")

    page = text(mentor.get(path(version)))

    assert page.index("https://example.org/second") < page.index("https://example.org/report")
    assert "Say <em>why</em>." in page


def test_evidence_is_never_markup_for_the_mentor(mentor):
    enrollment = enrolled(ines())
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))"
    version = Submission.objects.hand_in(
        enrollment, opened(enrollment), kind="text", text=evil, note=evil, now=NOW
    )

    page = text(mentor.get(path(version)))

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page


# Deciding


def test_asking_for_changes_sends_the_ball_back(mentor, version):
    answer = mentor.post(path(version), filled())

    submission = Submission.objects.get()
    review = Review.objects.get()
    assert answer["Location"] == "/mentor/"
    assert (submission.state, submission.answer_by) == ("changes_requested", None)
    assert (review.reviewer, review.levels, review.feedback) == (tomas(), {"clear": "meets"}, "Say why.")
    assert ActiveDay.objects.of(tomas()).exists()


def test_accepting_needs_no_words(mentor, version):
    mentor.post(path(version), filled("accept", feedback=""))

    assert Submission.objects.get().state == "accepted"


def test_after_deciding_comes_the_next_in_the_queue(mentor, version):
    mentored(stranger(), tomas())
    following = hand_in(enrolled(stranger()), now=NOW + timedelta(days=1))

    answer = mentor.post(path(version), filled("accept"), follow=True)

    assert answer.redirect_chain == [(path(following), 302)]
    assert "Accepted: “Ridge-Report” by Ines Moreau." in text(answer)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"level-clear": ""}, "“Clear” needs a level."),
        ({"level-clear": "wonderful"}, "Select a valid choice"),
        ({"decision": "accept", "level-clear": "developing"}, "“Clear” must be met"),
        ({"decision": ""}, "Decide: accept it, or ask for changes."),
        ({"decision": "burn"}, "Decide: accept it, or ask for changes."),
        ({"feedback": "x" * 20_001}, "at most 20000 characters"),
    ],
)
def test_a_decision_that_is_not_whole_says_why_and_keeps_the_words(mentor, version, data, said):
    answer = mentor.post(path(version), {**filled(feedback="Precious words."), **data})

    assert answer.status_code == 422
    assert said in text(answer)
    assert "Precious words." in text(answer) or "xxx" in text(answer)
    assert not Review.objects.exists()
    assert Submission.objects.get().state == "waiting"


@pytest.fixture
def three_rows() -> SubmissionVersion:
    """Handed in for an edition whose rubric has rows besides the one that must be met."""
    first = Edition.objects.document(road().studied_edition_id)
    clear = task("ridge-report").rubric[0]
    others = [
        clear.model_copy(update={"key": k, "title": k.title(), "must_meet": False}) for k in ("fair", "short")
    ]
    ridge = first.stages[1]
    judged = ridge.evidence[0].model_copy(update={"rubric": (clear, *others)})
    stages = (first.stages[0], ridge.model_copy(update={"evidence": (judged,)}), first.stages[2])
    Edition.objects.publish(
        road(), first.model_copy(update={"stages": stages}), by=None, changelog="", now=NOW
    )
    mentored(ines(), tomas())
    return hand_in(enrolled(ines()))


@pytest.mark.parametrize(
    ("fair", "short", "said"),
    [
        ("not_yet", "meets", ["“Fair” stands at Not yet"]),
        ("developing", "developing", ["“Fair” stands at Developing", "“Short” stands at Developing"]),
        ("not_yet", "developing", ["“Fair” stands at Not yet"]),
    ],
)
def test_every_row_that_stands_in_the_way_of_accepting_is_named(client, three_rows, fair, short, said):
    client.force_login(tomas())

    answer = client.post(path(three_rows), {**filled("accept"), "level-fair": fair, "level-short": short})

    assert answer.status_code == 422
    assert [sentence for sentence in said if sentence not in text(answer)] == []
    assert text(answer).count("stands at ") == 2 * len(said)  # above the form and at the row
    assert not Review.objects.exists()


def test_one_row_at_developing_is_accepted(client, three_rows):
    client.force_login(tomas())

    client.post(path(three_rows), {**filled("accept"), "level-fair": "developing", "level-short": "meets"})

    assert Submission.objects.get().state == "accepted"


@pytest.mark.parametrize(
    "levels", [{"fair": "not_yet", "short": "meets"}, {"fair": "developing", "short": "developing"}]
)
def test_the_verb_holds_every_row_against_the_rule(three_rows, levels):
    with pytest.raises(RubricError):
        decide(three_rows, levels={"clear": "exceeds", **levels})

    assert not Review.objects.exists()


def test_asking_for_changes_without_words_keeps_the_levels(mentor, version):
    answer = mentor.post(path(version), filled(feedback="  "))

    assert answer.status_code == 422
    assert "asking for changes needs words" in text(answer)
    assert 'value="meets" aria-describedby="level-clear-note" data-note="Yes." checked' in text(answer)
    assert not Review.objects.exists()


def test_a_newer_version_is_shown_and_the_words_are_kept(mentor, version):
    hand_in(enrolled(ines()), link="https://example.org/second")

    answer = mentor.post(path(version), filled(feedback="About the first."))

    assert answer.status_code == 409
    page = text(answer)
    assert "A newer version came" in page
    assert "https://example.org/second" in page
    assert "About the first." in page
    assert 'name="number" value="2"' in page
    assert not Review.objects.exists()
    assert mentor.post(path(version), filled(number=2)).status_code == 302


def test_somebody_else_decided_first_and_the_words_are_kept(mentor, version):
    decide(version, by=ada(), decision="accept")

    answer = mentor.post(path(version), filled(feedback="My own words."))

    assert answer.status_code == 409
    assert "Ada Okafor decided on this version before you." in text(answer)
    assert "My own words." in text(answer)
    assert Review.objects.count() == 1


def test_somebody_decides_between_the_look_and_the_act(mentor, version, monkeypatch):
    checked = ReviewForm.is_valid

    def decided_meanwhile(form):
        decide(version, by=ada(), decision="accept")
        return checked(form)

    monkeypatch.setattr(ReviewForm, "is_valid", decided_meanwhile)

    answer = mentor.post(path(version), filled(feedback="My own words."))

    assert answer.status_code == 409
    assert "Ada Okafor decided on this version before you." in text(answer)
    assert Submission.objects.get().state == "accepted"


def test_a_version_comes_between_the_look_and_the_act(mentor, version, monkeypatch):
    checked = ReviewForm.is_valid

    def handed_in_meanwhile(form):
        hand_in(enrolled(ines()), link="https://example.org/second")
        return checked(form)

    monkeypatch.setattr(ReviewForm, "is_valid", handed_in_meanwhile)

    answer = mentor.post(path(version), filled(feedback="About the first."))

    assert answer.status_code == 409
    assert "https://example.org/second" in text(answer)
    assert "About the first." in text(answer)
    assert not Review.objects.exists()


def test_decided_evidence_has_no_form(mentor, version):
    decide(version)

    page = text(mentor.get(path(version)))

    assert "level-clear" not in page
    assert "Accepted" in page


def test_a_former_member_stays_as_such(mentor, version):
    decide(version, by=ada(), decision="ask_for_changes", feedback="More.")
    ada().erase()

    assert "A former member" in text(mentor.get(path(version)))


# The verb


@pytest.mark.parametrize(
    ("decision", "levels", "feedback"),
    [
        ("accept", {}, ""),
        ("accept", {"clear": "developing"}, ""),
        ("accept", {"clear": "wonderful"}, ""),
        ("accept", {"clear": "meets", "other": "meets"}, ""),
        ("ask_for_changes", {"clear": "meets"}, " "),
        ("burn", {"clear": "meets"}, "Words."),
    ],
)
def test_the_verb_refuses_what_the_rubric_does_not_allow(version, decision, levels, feedback):
    with pytest.raises(RubricError):
        decide(version, decision=decision, levels=levels, feedback=feedback)

    assert not Review.objects.exists()
    assert Submission.objects.get().state == "waiting"


def test_a_version_is_reviewed_once(version):
    first = decide(version, by=ada())

    with pytest.raises(AlreadyReviewedError) as refused:
        decide(version, by=tomas())

    assert refused.value.review == first


def test_an_overtaken_version_is_not_reviewed(version):
    hand_in(enrolled(ines()))

    with pytest.raises(OvertakenError):
        decide(version)


def test_a_version_is_held_against_the_rubric_of_its_own_edition(version):
    old = Edition.objects.document(version.edition_id)
    other = task("ridge-report").rubric[0].model_copy(update={"key": "brief", "title": "Brief"})
    ridge = old.stages[1]
    changed = ridge.evidence[0].model_copy(update={"rubric": (other,)})
    stages = (old.stages[0], ridge.model_copy(update={"evidence": (changed,)}), old.stages[2])
    Edition.objects.publish(
        version.edition.roadmap, old.model_copy(update={"stages": stages}), by=None, changelog="", now=NOW
    )

    with pytest.raises(RubricError):
        decide(version, levels={"brief": "meets"})
    assert decide(version, levels={"clear": "meets"}).is_accepting


@pytest.mark.django_db(transaction=True)
def test_two_mentors_deciding_at_once_write_one_review():
    mentored(ines(), tomas())
    version = hand_in(enrolled(ines()))
    people = {"accept": tomas(), "ask_for_changes": ada()}
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def run(decision: str) -> None:
        ready.wait()
        try:
            decide(version, by=people[decision], decision=decision, feedback="Words.")
            outcomes.append(decision)
        except ReviewRefusedError as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[decision]) for decision in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    review = Review.objects.get()
    assert "AlreadyReviewedError" in outcomes
    assert review.decision in outcomes
    said = {"accept": "accepted", "ask_for_changes": "changes_requested"}
    assert Submission.objects.get().state == said[review.decision]


@pytest.mark.django_db(transaction=True)
def test_handing_in_while_a_mentor_decides_loses_neither():
    mentored(ines(), tomas())
    enrollment = enrolled(ines())
    version = hand_in(enrollment)
    reviewer, ready, outcomes = tomas(), threading.Barrier(2), []

    def review() -> None:
        ready.wait()
        try:
            decide(version, by=reviewer, decision="ask_for_changes", feedback="Words.")
            outcomes.append("reviewed")
        except OvertakenError:
            outcomes.append("overtaken")
        finally:
            connections.close_all()

    def another() -> None:
        ready.wait()
        try:
            hand_in(enrollment, link="https://example.org/second")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act) for act in (review, another)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    submission = Submission.objects.get()
    assert submission.versions.count() == 2
    assert submission.state == "waiting"
    assert Review.objects.count() == outcomes.count("reviewed")


def test_the_review_page_asks_as_much_for_ten_times_the_versions(mentor, version):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            mentor.get(path(version))
        return len(asked)

    enrollment = enrolled(ines())
    decide(version, decision="ask_for_changes", feedback="More.")
    hand_in(enrollment)
    few = questions()
    for _ in range(20):
        newest = Submission.objects.get().versions.order_by("-number")[0]
        decide(newest, decision="ask_for_changes", feedback="More.")
        hand_in(enrollment)

    assert questions() == few
    assert few <= 9
    assert "Page 2 of" in text(mentor.get(f"{path(version)}?page=2"))
