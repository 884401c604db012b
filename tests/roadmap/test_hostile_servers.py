"""What a server elsewhere may say to harm the house that asks it: a round of links survives it, in little time."""

import time

import pytest

from roadmap import addresses, verdicts
from roadmap.fetching import Answer, Fetcher
from roadmap.models import LinkCheck, Resource, check_links
from tests.cast import NOW
from tests.roadmap.servers import answer, redirect, running


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("says", "state"),
    [
        (redirect("http://two.waymark.dev/a\x00b", 301), "broken"),
        (redirect("http://a\x00b.waymark.dev/", 301), "broken"),
        (answer(429, Retry_After="Mon, 01 Jan 2024 00:00:00 +99999999999999999"), "unchecked"),
        (answer(503, Retry_After="9" * 90), "unchecked"),
    ],
    ids=["a NUL in a path", "a NUL in a name", "a time zone of ages", "patience without end"],
)
def test_one_bad_answer_does_not_end_the_round_for_the_others(says, state):
    with running() as server:
        server.says |= {"/bad": says}
        for host, path in (("one", "bad"), ("three", "fine")):
            url = f"http://{host}.waymark.dev:{server.port}/{path}"
            Resource.objects.create(key=host, title=host, type="docs", url=url)

        tally = check_links(
            5,
            Fetcher(
                "test",
                frozenset({server.port}),
                resolve=lambda *_: [server.host],
                may_connect=lambda ip, _port: ip == server.host,
            ),
        )

    assert tally.checked == 2
    assert dict(LinkCheck.objects.values_list("resource__key", "state")) == {"one": state, "three": "ok"}


@pytest.mark.parametrize("piece", ["<h1>", "<title>", "<h1 ", "<h1>not ", "</h1", "<h1>&#"])
def test_a_page_that_is_made_to_be_read_slowly_is_read_in_little_time(piece):
    began = time.process_time()

    assert not verdicts.looks_missing(piece * (65_536 // len(piece)))
    assert not verdicts.looks_missing(f"<h1>{'<' * 65_000}</h1>")

    assert time.process_time() - began < 2


def test_headings_behind_one_that_never_ends_are_read():
    assert verdicts.looks_missing("<title>Site<h1 class='x'>Page <b>not</b> found</h1>")
    assert not verdicts.looks_missing("<title>Site<h1>Found</H1 ><p>Page not found")


def test_a_date_that_no_calendar_has_asks_for_the_least_patience():
    told = Answer("https://a.waymark.dev/", 429, retry_after="Mon, 01 Jan 2024 00:00:00 +99999999999999999")

    verdict = verdicts.judge(told.url, told, verdicts.Past(), NOW)

    assert verdict.next_check_at == NOW + verdicts.PATIENCE_AT_LEAST


def test_hosts_of_thousands_of_addresses_are_told_in_no_time():
    began = time.process_time()

    hosts = {addresses.host_of(f"https://h{number}.waymark.dev:8443/{number}") for number in range(3000)}

    assert len(hosts) == 3000
    assert time.process_time() - began < 2
