"""Links are asked in turn, each host at its own pace, and what came of it is written down."""

from datetime import timedelta
from io import StringIO
from typing import get_args

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from roadmap import tasks, verdicts
from roadmap.fetching import Answer, Fetcher, Hop
from roadmap.models import LinkCheck, LinkHost, LinkState, Resource, check_links, link_round
from roadmap.models.link_host import LEASE, PAUSE
from tests.cast import NOW
from tests.roadmap.servers import answer, redirect, running

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def resource(number: int, host: str = "one.waymark.dev", **fields) -> Resource:
    return Resource.objects.create(
        **{
            "key": f"r-{number}",
            "title": f"R {number}",
            "type": "docs",
            "url": f"https://{host}/{number}",
            **fields,
        }
    )


def begun(*resources: Resource, now=NOW) -> list[LinkCheck]:
    LinkCheck.objects.catch_up(now)
    LinkHost.objects.update(next_at=now)
    return [LinkCheck.objects.get(resource=row) for row in resources]


def test_every_resource_in_use_gets_a_check_and_one_only():
    row, away = resource(1), resource(2)
    away.archive(NOW)

    assert [LinkCheck.objects.catch_up(NOW), LinkCheck.objects.catch_up(NOW)] == [1, 0]

    check = LinkCheck.objects.get()
    assert (check.resource, check.url, check.state, check.host.name) == (
        row,
        row.url,
        "unchecked",
        "one.waymark.dev",
    )


def test_a_new_address_begins_anew():
    row = resource(1)
    (check,) = begun(row)
    check.settle(Answer(row.url, 404), NOW)
    row.move_to("https://two.waymark.dev/1")

    assert LinkCheck.objects.catch_up(NOW + DAY) == 1

    check.refresh_from_db()
    assert (check.state, check.failures, check.history, check.host.name) == (
        "unchecked",
        0,
        [],
        "two.waymark.dev",
    )


def test_an_address_that_can_never_be_asked_has_a_check_too():
    (check,) = begun(resource(1, url="http://10.0.0.1/"))

    assert check.host.name == ""


def test_one_link_of_each_host_is_claimed_the_longest_due_first():
    rows = [resource(1), resource(2), resource(3, "two.waymark.dev")]
    begun(*rows)
    LinkCheck.objects.filter(resource=rows[1]).update(next_check_at=NOW - DAY)

    claimed = LinkCheck.objects.claim(NOW, 8)

    assert {check.resource_id for check in claimed} == {rows[1].pk, rows[2].pk}
    assert not LinkCheck.objects.claim(NOW, 8)


def test_a_host_rests_between_two_questions():
    rows = [resource(1), resource(2)]
    begun(*rows)
    (first,) = LinkCheck.objects.claim(NOW, 8)

    first.settle(Answer(first.url, 200), NOW)

    assert not LinkCheck.objects.claim(NOW + PAUSE - timedelta(seconds=1), 8)
    (second,) = LinkCheck.objects.claim(NOW + PAUSE, 8)
    assert second.resource_id != first.resource_id


def test_a_host_that_asks_for_patience_gets_it():
    begun(resource(1), resource(2))
    (first,) = LinkCheck.objects.claim(NOW, 8)

    first.settle(Answer(first.url, 429, retry_after="7200"), NOW)

    assert not LinkCheck.objects.claim(NOW + timedelta(hours=1, minutes=59), 8)
    assert LinkCheck.objects.claim(NOW + timedelta(hours=2), 8)


def test_what_somebody_claimed_and_never_settled_is_free_again_after_the_lease():
    begun(resource(1))

    assert LinkCheck.objects.claim(NOW, 8)
    assert not LinkCheck.objects.claim(NOW + LEASE - timedelta(seconds=1), 8)
    assert LinkCheck.objects.claim(NOW + LEASE, 8)


def test_a_new_link_does_not_break_a_lease():
    begun(resource(1))
    assert LinkCheck.objects.claim(NOW, 8)
    resource(2)
    LinkCheck.objects.catch_up(NOW + timedelta(seconds=1))

    assert not LinkCheck.objects.claim(NOW + timedelta(seconds=2), 8)


def test_a_host_without_links_is_never_asked():
    row = resource(1)
    (check,) = begun(row)
    row.move_to("https://two.waymark.dev/1")
    LinkCheck.objects.catch_up(NOW)
    old = LinkHost.objects.get(name="one.waymark.dev")
    LinkHost.objects.filter(pk=old.pk).update(next_at=NOW)

    LinkCheck.objects.claim(NOW + LEASE, 8)

    old.refresh_from_db()
    assert old.next_at is None
    check.refresh_from_db()
    assert check.host.name == "two.waymark.dev"


def test_results_are_kept_and_not_without_end():
    row = resource(1)
    (check,) = begun(row)
    for day in range(15):
        check.settle(Answer(row.url, 404), NOW + day * DAY)
        check.refresh_from_db()

    assert (check.state, check.failures, check.failing_since) == ("quarantined", 15, NOW)
    assert len(check.history) == 12
    assert check.history[0] == {
        "at": (NOW + 14 * DAY).isoformat(),
        "state": "quarantined",
        "status": 404,
        "trouble": "",
    }


def test_an_answer_about_an_old_address_is_left_alone():
    row = resource(1)
    (check,) = begun(row)
    row.move_to("https://two.waymark.dev/1")
    LinkCheck.objects.catch_up(NOW)

    check.settle(Answer(check.url, 404), NOW)

    assert LinkCheck.objects.get().state == "unchecked"


def test_the_new_address_is_taken_into_the_draft():
    row = resource(1)
    (check,) = begun(row)
    new = "https://one.waymark.dev/new"
    check.settle(Answer(new, 200, hops=(Hop(301, new),)), NOW)
    check.refresh_from_db()

    assert (check.state, check.moved_to) == ("moved", new)
    assert check.take_new_address(NOW)
    row.refresh_from_db()
    assert (row.url, check.url, check.state) == (new, new, "unchecked")
    assert not check.take_new_address(NOW)


def test_a_new_address_is_not_taken_over_the_work_of_somebody_else():
    row = resource(1)
    (check,) = begun(row)
    new = "https://one.waymark.dev/new"
    check.settle(Answer(new, 200, hops=(Hop(301, new),)), NOW)
    check.refresh_from_db()
    row.move_to("https://one.waymark.dev/hers")

    assert not check.take_new_address(NOW)
    assert not check.replace("https://one.waymark.dev/mine", NOW)
    row.refresh_from_db()
    assert row.url == "https://one.waymark.dev/hers"


def test_what_an_author_holds_to_be_fine_is_left_alone_until_then():
    row = resource(1)
    (check,) = begun(row)
    check.settle(Answer(row.url, 404), NOW)

    check.hold_fine(NOW + 90 * DAY)

    assert not LinkCheck.objects.unanswered().exists()
    assert not LinkCheck.objects.claim(NOW + 89 * DAY, 8)
    check.check_again(NOW + DAY)
    LinkHost.objects.update(next_at=NOW + DAY)
    assert LinkCheck.objects.claim(NOW + DAY, 8)


def test_one_bad_night_is_not_told_to_readers():
    row = resource(1)
    (check,) = begun(row)
    check.settle(Answer(row.url, trouble="timeout"), NOW)
    assert not LinkCheck.objects.unanswered_among([row.key])

    check.refresh_from_db()
    check.settle(Answer(row.url, trouble="timeout"), NOW + DAY)

    assert list(LinkCheck.objects.unanswered_among([row.key, "other"])) == [row.key]


def test_what_is_in_the_archive_is_not_asked(settings):
    settings.CHECK_LINKS = True
    row = resource(1)
    begun(row)
    row.archive(NOW)
    asked = []

    def refuse(host: str, _port: int) -> list[str]:
        asked.append(host)
        return []

    assert check_links(1, Fetcher("test", resolve=refuse)).checked == 0
    assert not asked


def test_a_round_asks_what_is_due_and_writes_what_it_found(settings):
    with running() as server:
        server.says |= {"/gone": answer(404), "/old": redirect("/new", 301)}
        for number, path in enumerate(["fine", "gone", "old"]):
            resource(number, url=f"http://{number}.waymark.dev:{server.port}/{path}")
        resource(9, url="http://localhost/")
        asks = Fetcher(
            "test",
            frozenset({server.port}),
            resolve=lambda *_: [server.host],
            may_connect=lambda ip, _port: ip == server.host,
        )

        tally = check_links(5, asks)

    assert tally.states == {"ok": 1, "broken": 2, "moved": 1}
    assert dict(LinkCheck.objects.values_list("resource__key", "state")) == {
        "r-0": "ok",
        "r-1": "broken",
        "r-2": "moved",
        "r-9": "broken",
    }
    assert LinkCheck.objects.get(resource__key="r-9").trouble == "refused"
    assert not LinkCheck.objects.filter(checked_at=None).exists()


def test_nothing_is_asked_unless_the_house_says_so(settings, monkeypatch):
    rounds = []
    monkeypatch.setattr(link_round, "check_links", lambda *a: rounds.append(a))
    settings.CHECK_LINKS = False

    tasks.check_links()
    with pytest.raises(CommandError, match="WAYMARK_CHECK_LINKS"):
        call_command("check_links")
    assert not rounds

    settings.CHECK_LINKS = True
    tasks.check_links()
    assert len(rounds) == 1


def test_the_command_says_what_it_found(settings):
    settings.CHECK_LINKS = True
    said = StringIO()

    call_command("check_links", "--seconds", "1", stdout=said)

    assert "0 links checked (none was due), 0 new or changed" in said.getvalue()


@pytest.mark.long
def test_a_hundred_thousand_links_are_claimed_by_index():
    Resource.objects.bulk_create(
        (
            Resource(key=f"k-{n}", title="T", type="docs", url=f"https://h{n % 2000}.waymark.dev/{n}")
            for n in range(100_000)
        ),
        batch_size=5000,
    )
    assert LinkCheck.objects.catch_up(NOW, 100_000) == 100_000
    LinkHost.objects.update(next_at=NOW + DAY)
    LinkHost.objects.filter(name__in=["h1.waymark.dev", "h2.waymark.dev"]).update(next_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    plans = (
        LinkHost.objects.due(NOW)[:8].explain() + LinkCheck.objects.unanswered().of_keys(["k-1"]).explain()
    )

    assert len(LinkCheck.objects.claim(NOW, 8)) == 2
    assert "Seq Scan" not in plans
    assert "hosts_by_their_next_question" in plans


def test_states_of_verdicts_are_those_of_rows():
    assert set(LinkState.values) == set(get_args(verdicts.State))
