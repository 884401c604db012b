"""An earlier edition is published again, and any two are compared."""

from datetime import timedelta

import pytest
from django.urls import reverse

from authoring.models import Draft, EarlierEdition, NothingToPublishError
from progress.models import Tick
from quizzes.models import Question, Quiz, QuizVersion
from roadmap.models import Edition, Resource, Roadmap, Stage, Topic
from tests.authoring.roads import published
from tests.cast import NOW, enrolled, ines, noor

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
AFTER = NOW + timedelta(days=2)


@pytest.fixture
def road() -> Roadmap:
    """Edition 2 renamed a stage, archived a topic, moved one, raised a mark and reworded a question."""
    road = published()
    Stage.objects.filter(key="oven").update(title="Heat")
    Question.objects.update(topic=None)
    gone = Topic.objects.get(key="percentages")
    for later in Topic.objects.filter(prerequisites=gone):
        later.prerequisites.remove(gone)
    gone.archive(NOW)
    Quiz.objects.filter(key="starter-quiz").update(pass_percent=90)
    question = Question.objects.get(key="q-bread-01")
    Question.objects.filter(pk=question.pk).update(draft={**question.draft, "stem": "Asked anew?"})
    Draft(road).publish(by=noor(), changelog="Second.", now=LATER)
    road.refresh_from_db()
    return road


def again(road: Roadmap, number: int = 1) -> Edition:
    earlier = EarlierEdition(Edition.objects.of(road).get(number=number))
    return earlier.publish_again(by=noor(), changelog="Back.", now=AFTER, against=2)


def test_it_is_the_next_edition_and_says_what_it_said(road):
    first = Edition.objects.of(road).get(number=1)

    edition = again(road)

    assert (edition.number, edition.digest, edition.changelog) == (3, first.digest, "Back.")
    road.refresh_from_db()
    assert road.current_edition == edition
    quiz = Quiz.objects.get(key="starter-quiz")
    assert quiz.studied_version().sheet.pass_percent == 80
    versions = QuizVersion.objects.filter(quiz=quiz).order_by("number")
    stems = {
        question.question: question.version
        for question in versions.last().sheet.questions
        if question.question == "q-bread-01"
    }
    version = Question.objects.get(key="q-bread-01").versions.get(pk=stems["q-bread-01"])
    assert version.body["stem"].startswith("What shows best")


def test_the_draft_goes_back_with_it_and_what_was_archived_comes_back(road):
    again(road)

    assert Stage.objects.get(key="oven").title == "The oven"
    assert not Topic.objects.get(key="percentages").is_archived
    assert not Draft(Roadmap.objects.get(pk=road.pk)).is_changed()


def test_no_fact_is_lost_and_the_library_stays_as_it_is(road):
    enrollment = enrolled(ines(), road)
    enrollment.tick("bread-starter-film", NOW)
    Resource.objects.filter(key="bread-starter-film").update(url="https://example.org/moved")

    again(road)

    assert Tick.objects.filter(person=ines()).exists()
    assert Resource.objects.get(key="bread-starter-film").url == "https://example.org/moved"
    assert Draft(Roadmap.objects.get(pk=road.pk)).is_changed()


def test_what_is_studied_already_is_not_published_again(road):
    with pytest.raises(NothingToPublishError):
        again(road, number=2)

    assert Edition.objects.of(road).count() == 2


def test_the_page_shows_difference_and_impact_first_and_then_publishes(client, road):
    enrolled(ines(), road)
    client.force_login(noor())
    page = reverse("admin:authoring_publish_again", args=[road.pk, 1])
    editions = reverse("admin:authoring_editions", args=[road.pk])

    assert f'href="{page}"' in client.get(editions).content.decode()
    words = client.get(page).content.decode()
    assert "is published again, as edition 3" in words
    assert '<ins><span class="vh">new: </span>The oven</ins>' in words
    assert '<ins><span class="vh">new: </span>80 %</ins>' in words
    assert "Who is touched" in words
    assert Edition.objects.of(road).count() == 2

    answer = client.post(page, {"against": 2, "changelog": "Back.", "choice": "keep"})
    assert answer["Location"] == editions
    assert Edition.objects.of(road).count() == 3


def test_any_two_editions_are_compared_at_the_desk(client, road):
    client.force_login(noor())
    page = reverse("admin:authoring_difference", args=[road.pk])

    words = client.get(page, {"old": 2, "new": 1}).content.decode()
    assert "Edition 1 beside edition 2" in words
    assert '<del><span class="vh">old: </span>The oven</del>' in words
    assert '<ins><span class="vh">new: </span>90 %</ins>' in words
    assert "Asked anew?" in words
    assert "Edition 1 beside edition 2" in client.get(page).content.decode()
    for strange in ({"old": ""}, {"old": "x", "new": 1}, {"old": 1, "new": 9}, {"old": 1, "new": "9" * 40}):
        assert client.get(page, strange).status_code == 404


def test_a_second_click_publishes_nothing_and_says_so(client):
    road = published()
    Stage.objects.filter(key="oven").update(title="Heat")
    client.force_login(noor())
    page, form = reverse("admin:authoring_publish", args=[road.pk]), {"against": 1, "changelog": "Once."}

    assert client.post(page, form).status_code == 302
    second = client.post(page, form)

    assert second.status_code == 422
    assert "edition 2 was published on" in second.content.decode()
    assert "Noor Haddad" in second.content.decode()
    assert Edition.objects.of(road).count() == 2


def test_learners_read_editions_and_nothing_of_questions(client, road):
    client.force_login(ines())
    enrolled(ines(), road)

    listed = client.get(reverse("progress:editions", args=[road.key])).content.decode()
    assert "Second." in listed
    words = client.get(reverse("progress:edition", args=[road.key, 2])).content.decode()
    assert "Heat" in words
    assert '<ins><span class="vh">new: </span>90 %</ins>' in words
    assert "Asked anew" not in words
    first = client.get(reverse("progress:edition", args=[road.key, 1])).content.decode()
    assert "This was the first edition." in first
    assert client.get(reverse("progress:edition", args=[road.key, 3])).status_code == 404


def test_what_changed_since_i_started_is_said_until_i_have_read_it(client):
    road = published()
    enrolled(ines(), road)
    client.force_login(ines())
    front, since = (reverse(f"progress:{name}", args=[road.key]) for name in ("road", "since"))
    assert "This road has changed." not in client.get(front).content.decode()
    assert "which is the newest" in client.get(since).content.decode()

    Stage.objects.filter(key="oven").update(title="Heat")
    Draft(road).publish(by=noor(), changelog="The oven is called Heat <b>now</b>.", now=LATER)
    seen = client.get(front).content.decode()
    assert "This road has changed." in seen
    assert "The oven is called Heat &lt;b&gt;now&lt;/b&gt;." in seen

    words = client.get(since).content.decode()
    assert "You started with edition 1; edition 2 is studied now." in words
    assert '<ins><span class="vh">new: </span>Heat</ins>' in words
    assert "This road has changed." not in client.get(front).content.decode()
    assert "Heat" in client.get(since).content.decode()


def test_editions_of_a_private_road_are_for_those_who_may_read_it(client, road):
    Roadmap.objects.filter(pk=road.pk).update(is_public=False)
    pages = [reverse("progress:editions", args=[road.key]), reverse("progress:edition", args=[road.key, 2])]

    assert {client.get(page).status_code for page in pages} == {404}
    client.force_login(ines())
    assert {client.get(page).status_code for page in pages} == {404}
    assert client.get(reverse("progress:since", args=[road.key])).status_code == 404
    enrolled(ines(), road)
    assert {client.get(page).status_code for page in pages} == {200}
