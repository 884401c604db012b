"""What answers say about a link, without a network."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.fetching import Answer, Hop
from roadmap.verdicts import BACK_OFF, Past, judge, leads_to_front, looks_missing, moved_to
from tests.cast import NOW

URL = "https://example.org/guide/trees"
DAY = timedelta(days=1)


def title(text: str, heading: str = "") -> str:
    return f"<html><head><TITLE lang=en>{text}</TITLE></head><body><h1 class=x>{heading}</h1>"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer(URL, 200), "ok"),
        (Answer(URL, 204), "ok"),
        (Answer(URL, 200, page=title("Trees", "Decision trees")), "ok"),
        (Answer(URL, 200, page=title("Page not found")), "soft_404"),
        (Answer("https://example.org/", 200, hops=(Hop(302, "https://example.org/"),)), "soft_404"),
        (Answer("https://example.org/login?next=x", 200, hops=(Hop(302, "x"),)), "guarded"),
        (Answer("https://example.org/trees", 200, hops=(Hop(301, "https://example.org/trees"),)), "moved"),
        (Answer("https://example.org/trees", 200, hops=(Hop(302, "https://example.org/trees"),)), "ok"),
        (Answer(URL, 401), "guarded"),
        (Answer(URL, 403), "guarded"),
        (Answer(URL, 404), "broken"),
        (Answer(URL, 410), "broken"),
        (Answer(URL, 500), "failing"),
        (Answer(URL, 503), "failing"),
        (Answer(URL, trouble="refused"), "broken"),
        (Answer(URL, trouble="tls"), "broken"),
        (Answer(URL, trouble="redirects"), "broken"),
        (Answer(URL, trouble="name"), "failing"),
        (Answer(URL, trouble="timeout"), "failing"),
        (Answer(URL, trouble="connection"), "failing"),
    ],
)
def test_an_answer_gives_a_state(answer, state):
    assert judge(URL, answer, Past(), NOW).state == state


def test_three_failures_over_three_days_are_a_quarantine():
    past, now, seen = Past(), NOW, []
    for _ in range(6):
        verdict = judge(URL, Answer(URL, 404), past, now)
        seen.append(verdict.state)
        past, now = Past(verdict.state, verdict.failures, verdict.failing_since), verdict.next_check_at

    assert seen == ["broken", "broken", "broken", "quarantined", "quarantined", "quarantined"]
    assert past.failing_since == NOW


def test_many_failures_in_an_hour_are_none():
    past = Past("failing", 20, NOW - timedelta(hours=1))

    assert judge(URL, Answer(URL, 500), past, NOW).state == "failing"


def test_one_good_answer_ends_it():
    verdict = judge(URL, Answer(URL, 200), Past("quarantined", 9, NOW - 30 * DAY), NOW)

    assert (verdict.state, verdict.failures, verdict.failing_since) == ("ok", 0, None)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("", timedelta(hours=1)),
        ("5", timedelta(hours=1)),
        ("7200", timedelta(hours=2)),
        ("99999999999999999999", 7 * DAY),
        ("Wed, 25 Nov 2026 09:00:00 GMT", DAY),
        ("Mon, 01 Jan 2001 00:00:00 GMT", timedelta(hours=1)),
        ("soon", timedelta(hours=1)),
        ("²", timedelta(hours=1)),
    ],
)
def test_a_server_that_asks_for_patience_is_no_failure(said, wait):
    past = Past("broken", 2, NOW - DAY)

    verdict = judge(URL, Answer(URL, 429, retry_after=said), past, NOW)

    assert (verdict.state, verdict.failures, verdict.failing_since) == ("broken", 2, NOW - DAY)
    assert verdict.next_check_at == NOW + wait


def test_only_what_is_for_good_is_an_address_to_take():
    hops = (
        Hop(301, "https://example.org/a"),
        Hop(308, "https://example.org/b"),
        Hop(302, "https://example.org/c"),
    )

    assert moved_to(URL, Answer("https://example.org/c", 200, hops=hops)) == "https://example.org/b"
    assert moved_to(URL, Answer("https://example.org/c", 200, hops=hops[2:])) == ""
    assert moved_to(URL, Answer("http://example.org/b", 200, hops=(Hop(301, "http://example.org/b"),))) == ""
    assert moved_to(f"{URL}#x", Answer(URL, 200, hops=(Hop(301, URL),))) == ""


@pytest.mark.parametrize(
    "text",
    [
        "404",
        "404 Not Found",
        "Error 404 (Not Found)!!1",
        "Page not found · GitHub",
        "Not found",
        "This page could not be found",
        "Video unavailable",
        "Sorry, this page doesn't exist",
        "The course is no longer available",
        "example.com: this domain is for sale",
        "Seite nicht gefunden",
        "Page introuvable",
        "Can&#39;t find that page",
    ],
)
def test_titles_that_say_there_is_nothing(text):
    assert looks_missing(title(text))
    assert looks_missing(title("Site", f"<span>{text}</span>"))


@pytest.mark.parametrize(
    "text",
    [
        "Trees and forests",
        "How to make a 404 that helps",
        "Room 4040",
        "What is found in data",
        "HTTP status codes",
        "Missing data and where it is not available",
    ],
)
def test_titles_that_say_something_else(text):
    assert not looks_missing(title(text))


@pytest.mark.parametrize(
    ("url", "final", "front"),
    [
        (URL, "https://example.org/", True),
        (URL, "https://example.org", True),
        (URL, "https://www.example.org/en/", True),
        (URL, "https://example.org/index.html", True),
        (URL, "https://example.org/?page=trees", False),
        (URL, "https://example.org/trees", False),
        ("https://example.org/", "https://www.example.org/", False),
        ("https://example.org/en", "https://www.example.org/", False),
    ],
)
def test_a_page_that_became_the_front_page(url, final, front):
    assert leads_to_front(url, Answer(final, 200, hops=(Hop(302, final),))) is front


@given(
    status=st.none() | st.integers(100, 999),
    bad=st.tuples(st.integers(0, 50), st.integers(0, 400)),
    retry=st.text(max_size=30),
    page=st.text(max_size=200),
    spread=st.floats(0, 1),
)
def test_the_next_question_is_never_soon_and_never_far(status, bad, retry, page, spread):
    failures, days = bad
    past = Past("failing", failures, NOW - days * DAY if failures else None)

    verdict = judge(URL, Answer(URL, status, retry_after=retry, page=page), past, NOW, spread=spread)

    assert timedelta(hours=1) <= verdict.next_check_at - NOW <= 16 * DAY
    assert (verdict.failing_since is None) == (verdict.failures == 0)


def test_waits_grow():
    assert list(BACK_OFF) == sorted(BACK_OFF)
