"""The author's queue of links, and what the publish page says of them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from authoring.models import Draft
from roadmap.fetching import Answer, Hop
from roadmap.models import LinkCheck, LinkReport, Resource, ResourceRating
from tests import cast
from tests.cast import NOW

pytestmark = pytest.mark.django_db

LIST = "/admin/roadmap/linkcheck/"
NEW = "https://example.org/new"


@pytest.fixture
def links() -> dict[str, LinkCheck]:
    """One resource of each kind there is in the queue, and one that is well."""
    names = ("well", "gone", "moved", "soft", "shut", "told", "dull")
    rows = Resource.objects.bulk_create(
        Resource(key=name, title=name.title(), type="docs", url=f"https://example.org/{name}")
        for name in names
    )
    LinkCheck.objects.begin(rows, NOW)
    answers = {
        "well": Answer("", 200),
        "gone": Answer("", 404),
        "moved": Answer(NEW, 200, hops=(Hop(301, NEW),)),
        "soft": Answer("", 200, page="<title>Page not found</title>"),
        "shut": Answer("", 403),
        "told": Answer("", 200),
        "dull": Answer("", 200),
    }
    found = {check.resource.key: check for check in LinkCheck.objects.select_related("resource")}
    for name, check in found.items():
        check.settle(answers[name], NOW)
        check.refresh_from_db()
    LinkReport.objects.report(
        cast.ines(), found["told"].resource, reason="wrong", note="<b>CANARY-NOTE</b>", now=NOW
    )
    for number in range(5):
        rater = cast.person(f"Rater{number} X", "learner")
        ResourceRating.objects.rate(rater, found["dull"].resource, stars=2, note="Long.", now=NOW)
    return found


@pytest.fixture
def desk(links) -> Client:
    desk = Client()
    desk.force_login(cast.noor())
    return desk


def shown(desk: Client, part: str) -> set[str]:
    page = desk.get(f"{LIST}?queue={part}" if part else LIST)
    return {check.resource.key for check in page.context["cl"].result_list}


def test_the_queue_shows_what_wants_an_author(desk):
    assert shown(desk, "") == {"gone", "moved", "soft", "told", "dull"}
    assert {
        part: shown(desk, part) for part in ("dead", "moved", "soft_404", "reported", "low", "guarded")
    } == {
        "dead": {"gone"},
        "moved": {"moved"},
        "soft_404": {"soft"},
        "reported": {"told"},
        "low": {"dull"},
        "guarded": {"shut"},
    }
    assert len(shown(desk, "all")) == 7


def test_the_list_says_when_nobody_asks(desk, settings):
    assert "Links are not checked in this house" in desk.get(LIST).text

    settings.CHECK_LINKS = True

    assert "Links are not checked in this house" not in desk.get(LIST).text


def test_the_list_costs_the_same_for_more(desk):
    with CaptureQueriesContext(connection) as few:
        desk.get(f"{LIST}?queue=dead")
    with CaptureQueriesContext(connection) as many:
        desk.get(f"{LIST}?queue=all")

    assert len(few) == len(many)


def test_learners_have_no_queue(links):
    browser = Client()
    browser.force_login(cast.ines())

    assert browser.get(LIST).status_code == 302
    assert browser.post(f"{LIST}{links['moved'].pk}/act/", {"act": "archive"}).status_code == 302
    assert not Resource.objects.exclude(archived_at=None).exists()


def test_one_click_takes_the_new_address(desk, links):
    moved = links["moved"]
    assert f'formaction="{LIST}{moved.pk}/act/"' in desk.get(LIST).text

    answer = desk.post(f"{LIST}{moved.pk}/act/", {"act": "take_new_address"}, follow=True)

    assert "1 resource has its new address." in answer.text
    moved.resource.refresh_from_db()
    assert moved.resource.url == NEW
    assert "moved" not in shown(desk, "")
    assert LogEntry.objects.filter(change_message="Took the new address.").count() == 1


@pytest.mark.parametrize("act", ["get_queryset", "delete", "", "nothing"])
def test_only_acts_of_the_list_are_done(desk, links, act):
    assert desk.post(f"{LIST}{links['gone'].pk}/act/", {"act": act}).status_code == 302
    assert desk.get(f"{LIST}{links['gone'].pk}/act/").status_code == 405
    assert LinkCheck.objects.count() == 7


def bulk(desk: Client, act: str, *links: LinkCheck) -> str:
    said = {"action": act, "_selected_action": [link.pk for link in links]}
    return desk.post(f"{LIST}?queue=all", said, follow=True).text


def test_many_are_done_at_once(desk, links):
    gone, moved, told = links["gone"], links["moved"], links["told"]

    assert "1 resource has its new address." in bulk(desk, "take_new_address", gone, moved)
    assert "2 links are asked next." in bulk(desk, "check_again", gone, told)
    assert "1 link is left alone until" in bulk(desk, "hold_fine", gone)
    assert "1 report is dealt with." in bulk(desk, "settle_reports", told)
    assert "1 resource is in the archive." in bulk(desk, "archive", links["soft"])
    assert shown(desk, "") == {"dull"}


def test_another_address_is_written_into_the_draft(desk, links):
    gone = links["gone"]
    page = f"{LIST}{gone.pk}/change/"
    assert "seen" in desk.get(page).text

    desk.post(page, {"address": "https://example.org/better", "seen": gone.url})

    gone.resource.refresh_from_db()
    gone.refresh_from_db()
    assert gone.resource.url == gone.url == "https://example.org/better"
    assert gone.state == "unchecked"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://10.0.0.1/", "private or reserved network"),
        ("https://localhost.localdomain/", "private network"),
        ("ftp://example.org/", "https://"),
        ("https://user:word@example.org/", "user name"),
        ("nonsense", "valid URL"),
    ],
)
def test_an_address_that_nobody_can_ask_is_refused(desk, links, address, said):
    gone = links["gone"]

    answer = desk.post(f"{LIST}{gone.pk}/change/", {"address": address, "seen": gone.url})

    assert said in answer.text
    gone.resource.refresh_from_db()
    assert gone.resource.url == gone.url


def test_nobody_replaces_an_address_she_has_not_seen(desk, links):
    gone = links["gone"]
    gone.resource.move_to("https://example.org/hers")

    answer = desk.post(f"{LIST}{gone.pk}/change/", {"address": "https://example.org/mine", "seen": gone.url})

    assert "Somebody gave it another address meanwhile: https://example.org/hers" in answer.text
    gone.resource.refresh_from_db()
    assert gone.resource.url == "https://example.org/hers"


def test_the_page_of_a_link_shows_what_learners_say_and_nobody_else_does(desk, links):
    page = desk.get(f"{LIST}{links['told'].pk}/change/").text

    assert "<h1>Told</h1>" in page
    assert "<li>It shows something else. &lt;b&gt;CANARY-NOTE&lt;/b&gt;</li>" in page
    assert cast.ines().email not in page


def test_the_publish_page_warns_of_links(settings):
    road = cast.road()
    rocks = Resource.objects.get(key="r-rocks")
    LinkCheck.objects.begin([rocks], NOW)
    LinkCheck.objects.get().settle(Answer(rocks.url, 404), NOW)

    assert not [fault for fault in Draft(road).faults() if "link" in str(fault.what)]
    settings.CHECK_LINKS = True
    (fault,) = [fault for fault in Draft(road).faults() if "link" in str(fault.what)]

    assert str(fault.what) == "Its link answers 404 since 24 November 2026."
    assert (fault.model, fault.pk, fault.field, fault.severity) == (
        "roadmap.resource",
        rocks.pk,
        "url",
        "warns",
    )
