"""Learners report links and rate resources; authors see it, others only the average."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from roadmap.models import LinkCheck, LinkReport, Resource, ResourceRating
from roadmap.models.opinion import Average
from tests import cast
from tests.cast import NOW

pytestmark = pytest.mark.django_db

PAGE = "/library/r-rocks/"


@pytest.fixture
def rocks() -> Resource:
    cast.road()
    return Resource.objects.get(key="r-rocks")


@pytest.fixture
def browser(rocks) -> Client:
    browser = Client()
    browser.force_login(cast.ines())
    return browser


def test_a_learner_reports_a_link(browser, rocks):
    answer = browser.post(
        f"{PAGE}report/", {"report-reason": "dead", "report-note": "A blank page."}, follow=True
    )

    assert answer.redirect_chain == [(f"{PAGE}#opinion", 302)]
    assert "The authors see your report." in answer.text
    report = LinkReport.objects.get()
    assert (report.person, report.resource, report.reason, report.note) == (
        cast.ines(),
        rocks,
        "dead",
        "A blank page.",
    )
    assert LinkCheck.objects.get().resource == rocks


def test_a_second_report_replaces_the_first_and_opens_it_again(browser, rocks):
    browser.post(f"{PAGE}report/", {"report-reason": "dead"})
    assert LinkReport.objects.settle(NOW) == 1

    browser.post(f"{PAGE}report/", {"report-reason": "wrong"})

    assert [(row.reason, row.settled_at) for row in LinkReport.objects.all()] == [("wrong", None)]


def test_a_learner_rates_a_resource_and_changes_her_mind(browser, rocks):
    for stars in ("5", "2"):
        browser.post(f"{PAGE}rating/", {"rating-stars": stars, "rating-note": "Well."})

    rating = ResourceRating.objects.get()
    assert (rating.stars, rating.note) == (2, "Well.")
    page = browser.get(PAGE).text
    assert "Change the rating" in page
    assert "5 learners" not in page


@pytest.mark.parametrize(
    ("door", "said"),
    [
        ("rating", {}),
        ("rating", {"rating-stars": "6"}),
        ("rating", {"rating-stars": "0"}),
        ("rating", {"rating-stars": "many"}),
        ("rating", {"rating-stars": "3", "rating-note": "x" * 301}),
        ("report", {"report-reason": "bored", "report-note": "KEPT"}),
        ("report", {"report-note": "KEPT"}),
    ],
)
def test_what_makes_no_sense_is_refused_and_kept(browser, door, said):
    answer = browser.post(f"{PAGE}{door}/", said)

    assert answer.status_code == 422
    assert "KEPT" in answer.text or door == "rating"
    assert not ResourceRating.objects.exists()
    assert not LinkReport.objects.exists()


def test_nobody_says_more_in_an_hour_than_people_do(browser, rocks):
    others = Resource.objects.bulk_create(
        Resource(key=f"other-{n}", title="O", type="docs", url="https://example.org/") for n in range(60)
    )
    me = cast.ines()
    for other in others:
        ResourceRating.objects.rate(me, other, stars=1, note="", now=NOW)
    for other in others[:20]:
        LinkReport.objects.report(me, other, reason="dead", note="", now=NOW)
    ResourceRating.objects.update(rated_at=NOW + timedelta(days=3650))
    LinkReport.objects.update(reported_at=NOW + timedelta(days=3650))

    assert browser.post(f"{PAGE}rating/", {"rating-stars": "1"}).status_code == 429
    assert browser.post(f"{PAGE}report/", {"report-reason": "dead"}).status_code == 429
    assert not ResourceRating.objects.filter(resource=rocks).exists()


def test_who_is_not_signed_in_is_asked_to(rocks):
    assert "Sign in to rate it" in Client().get(PAGE).text
    assert Client().post(f"{PAGE}rating/", {"rating-stars": "1"})["Location"].startswith("/accounts/login/")
    assert (
        Client().post(f"{PAGE}report/", {"report-reason": "dead"})["Location"].startswith("/accounts/login/")
    )


def test_a_resource_that_is_nowhere_is_404(browser):
    Resource.objects.create(key="draft-only", title="D", type="docs", url="https://example.org/")

    assert browser.post("/library/draft-only/rating/", {"rating-stars": "1"}).status_code == 404
    assert browser.post("/library/nothing/report/", {"report-reason": "dead"}).status_code == 404


def test_an_average_needs_five_people(rocks, django_assert_num_queries):
    people = [cast.person(f"Rater{n} X", "learner") for n in range(5)]
    for person, stars in zip(people[:4], (5, 4, 4, 4), strict=True):
        ResourceRating.objects.rate(person, rocks, stars=stars, note="", now=NOW)
    assert ResourceRating.objects.averages([rocks.pk]) == {}
    assert "An average is shown once" in Client().get(PAGE).text

    ResourceRating.objects.rate(people[4], rocks, stars=4, note="", now=NOW)

    with django_assert_num_queries(1):
        assert ResourceRating.objects.averages([rocks.pk, 0]) == {rocks.pk: Average(4.2, 5)}
    assert "4.2 of 5, by 5 learners" in Client().get(PAGE).text


def test_the_page_warns_of_a_link_that_does_not_answer(browser, rocks):
    browser.post(f"{PAGE}report/", {"report-reason": "dead"})
    assert "has not answered" not in browser.get(PAGE).text

    LinkCheck.objects.update(state="quarantined", failures=3, failing_since=NOW, checked_at=NOW)

    page = browser.get(PAGE).text
    assert "This link has not answered since 24 November 2026." in page
    assert "https://web.archive.org/web/" in page
    assert f'href="{rocks.url}"' in page


def test_a_stage_page_warns_beside_the_resource_and_asks_once(settings, rocks):
    learner, browser = cast.ines(), Client()
    cast.enrolled(learner)
    browser.force_login(learner)
    LinkCheck.objects.begin(list(Resource.objects.all()), NOW)
    LinkCheck.objects.update(state="broken", failures=1, failing_since=NOW, checked_at=NOW)
    stage = "/roads/trail-test/stages/base/"

    settings.CHECK_LINKS = False
    assert "has not answered" not in browser.get(stage).text
    with CaptureQueriesContext(connection) as without:
        browser.get(stage)
    settings.CHECK_LINKS = True
    with CaptureQueriesContext(connection) as with_links:
        page = browser.get(stage).text

    assert page.count("This link has not answered since 24 November 2026.") == page.count("res__t")
    assert f'href="{rocks.url}"' in page
    assert f'href="{PAGE}#opinion"' in page
    assert len(with_links) == len(without) + 1
    row = browser.post(
        "/roads/trail-test/resources/r-rocks/tick/", {"done": "1"}, headers={"HX-Request": "true"}
    )
    assert "This link has not answered" in row.text
