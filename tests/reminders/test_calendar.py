"""The calendar feed: what stands in it for whom, in every zone; its secret address; who gets nothing."""

import json
import logging
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.conf import settings as house_settings
from django.test import Client

from accounts.models import Pause, User
from lms.logs import logging_config
from progress.models import Enrollment, Submission
from quizzes.models import Attempt, Quiz
from reminders.models import CalendarFeed
from reminders.models.agenda import Agenda
from tests.cast import (
    EARLIER,
    NOW,
    ada,
    base_quiz,
    enrolled,
    hand_in,
    ines,
    mentored,
    pass_stage,
    published,
    stranger,
    take_quiz,
    tomas,
)
from tests.documents import wide_document
from tests.populated import a_card, suspend
from tests.reminders.calendar_rules import faults
from tests.reminders.moments import at
from tests.reminders.test_calendar_file import ZONES, by_icalendar, by_vobject

pytestmark = pytest.mark.django_db
PAGE = "/settings/calendar/"
CLOSES = datetime(2026, 12, 5, 22, 30, tzinfo=UTC)
DAYS = (NOW.date() - date(2020, 1, 1)).days


@pytest.fixture(autouse=True)
def now() -> datetime:
    return at(NOW)


def address(person: User) -> str:
    return f"/calendar/{CalendarFeed.objects.make(person, NOW).secret}.ics"


def read(person: User) -> bytes:
    answer = Client().get(address(person))
    assert answer.status_code == 200
    return answer.content


def entries(person: User) -> dict[str, tuple[Any, str, str]]:
    """What stands in the person's file by names without the house; both libraries agree on it, and our rules hold."""
    data = read(person)
    assert not faults(data)
    found = by_icalendar(data)
    assert found == by_vobject(data)
    return {uid.removesuffix(f"@{house_settings.SITE_HOST}"): said for uid, said in found.items()}


def revisions(person: User) -> set[tuple[int, str]]:
    """SEQUENCE and DTSTAMP of all entries."""
    events = icalendar.Calendar.from_ical(read(person)).walk("VEVENT")
    return {(int(event["sequence"].to_ical()), event["dtstamp"].to_ical().decode()) for event in events}


def titles(person: User) -> set[str]:
    return {title for _, title, _ in entries(person).values()}


def with_everything() -> Enrollment:
    """Ines has a plan, an attempt whose time runs, and a card; Tomas has promised her an answer."""
    enrollment = enrolled(ines())
    take_quiz(enrollment, "base-quiz", points=4)
    a_card(ines())
    quiz = Quiz.objects.get(key="ridge-quiz")
    quiz.time_limit_minutes = 45
    quiz.save()
    quiz.publish(None, EARLIER)
    Attempt.objects.start(ines(), quiz, NOW).give_minutes(10, by=tomas(), reason="", now=NOW)
    mentored(ines(), tomas())
    hand_in(enrollment)
    return enrollment


def promise() -> datetime:
    """By when an answer to the one submission was promised."""
    answer_by = Submission.objects.get().answer_by
    assert answer_by
    return answer_by


def test_what_stands_in_a_learners_calendar():
    pk = with_everything().pk

    found = entries(ines())

    assert {name: said[:2] for name, said in found.items() if name.startswith("stage-")} == {
        f"stage-begins-{pk}-ridge": (date(2026, 11, 2), "Ridge begins"),
        f"stage-due-{pk}-ridge": (date(2026, 11, 8), "Ridge is due"),
        f"stage-begins-{pk}-summit": (date(2026, 11, 8), "Summit begins"),
        f"stage-due-{pk}-summit": (date(2026, 11, 12), "Summit is due"),
    }
    assert {said[1]: said[0] for name, said in found.items() if not name.startswith("stage-")} == {
        "Ridge quiz: time ends": NOW + timedelta(minutes=55),
        "1 review card": NOW.date(),
    }
    assert f"{house_settings.SITE_URL}/roads/trail-test/stages/ridge/" in found[f"stage-due-{pk}-ridge"][2]


def test_an_attempt_leads_to_the_page_before_its_questions_since_opening_those_takes_it_over():
    with_everything()

    [text] = [said[2] for said in entries(ines()).values() if said[1] == "Ridge quiz: time ends"]

    assert f"{house_settings.SITE_URL}/roads/trail-test/quizzes/ridge-quiz/" in text.split()


def test_what_stands_in_a_mentors_calendar():
    with_everything()
    submission, promised = Submission.objects.get(), promise()

    [(name, (day, title, text))] = entries(tomas()).items()

    assert name == f"review-{submission.pk}"
    assert (day, title) == (tomas().today(promised), "Review: Ridge-Report")
    assert f"/reviews/{submission.pk}/" in text
    assert "Ines" not in read(tomas()).decode()


def test_an_admin_and_a_stranger_find_nothing_of_other_peoples():
    with_everything()

    assert entries(ada()) == entries(stranger()) == {}


def test_a_quiz_that_closes_stands_there_until_it_or_its_stage_is_passed():
    enrollment = enrolled(ines())
    base_quiz(available_until=CLOSES)
    Quiz.objects.filter(key="base-quiz").update(available_until=CLOSES + timedelta(days=9), title="A draft")
    assert (CLOSES, "Base quiz closes") in {said[:2] for said in entries(ines()).values()}

    take_quiz(enrollment, "base-quiz", points=10)

    assert "Base quiz closes" not in titles(ines())


def test_passed_stages_are_left_out():
    enrollment = enrolled(ines())
    assert {"Base begins", "Base is due"} <= titles(ines())

    pass_stage(enrollment, "base")

    assert not {"Base begins", "Base is due"} & titles(ines())


def test_a_pause_moves_what_is_planned_and_hides_what_is_asked_that_day():
    enrollment = with_everything()
    before = entries(ines())
    begins, back = date(2026, 11, 5), date(2026, 11, 26)
    Pause.objects.declare(ines(), begins, back)

    found = entries(ines())

    name = f"stage-due-{enrollment.pk}-summit"
    assert found[name][0] == before[name][0] + (back - begins)
    name = f"stage-begins-{enrollment.pk}-ridge"
    assert found[name][0] == before[name][0]  # it lay before the pause
    assert "1 review card" not in titles(ines())
    assert "Ridge quiz: time ends" in titles(ines())  # its time runs all the same


def test_what_a_mentor_promised_for_a_day_of_her_pause_is_not_shown():
    with_everything()
    promised = tomas().today(promise())
    Pause.objects.declare(tomas(), promised, promised + timedelta(days=1))

    assert entries(tomas()) == {}


def test_a_road_that_she_left_is_over():
    with_everything().leave(NOW)

    assert entries(ines()) == {}


def test_a_new_plan_keeps_the_names_and_counts_the_change():
    enrollment = enrolled(ines())
    before = entries(ines())
    assert revisions(ines()) == {(DAYS * 1000, f"{NOW:%Y%m%d}T000000Z")}

    enrollment.replan(hours_per_week=enrollment.plans.get().hours_per_week * 2, starts_on=NOW.date(), now=NOW)

    after = entries(ines())
    assert after.keys() == before.keys()
    assert after != before
    assert revisions(ines()) == {(DAYS * 1000 + 1, f"{NOW:%Y%m%dT%H%M%SZ}")}


def test_days_that_a_pause_moves_are_a_later_revision_by_the_next_day_also_when_it_is_taken_back():
    enrollment = enrolled(ines())
    name = f"stage-due-{enrollment.pk}-summit"
    seen = [(entries(ines())[name][0], revisions(ines()))]
    pause = Pause.objects.declare(ines(), date(2026, 11, 5), date(2026, 11, 19))
    at(NOW + timedelta(days=1))
    seen.append((entries(ines())[name][0], revisions(ines())))
    pause.end(pause.starts_on)
    at(NOW + timedelta(days=2))
    seen.append((entries(ines())[name][0], revisions(ines())))

    assert [seen[0][0], seen[0][0] + timedelta(days=14), seen[0][0]] == [day for day, _ in seen]
    assert [told for _, told in seen] == [
        {((DAYS + n) * 1000, f"{NOW + timedelta(days=n):%Y%m%d}T000000Z")} for n in range(3)
    ]
    assert b"LAST-MODIFIED" not in read(ines())  # ICSx5 passes over entries whose did not move


def test_the_same_facts_give_the_same_bytes_all_day():
    with_everything()
    first = read(ines())

    at(NOW + timedelta(hours=3))

    assert read(ines()) == first


def test_days_and_instants_are_those_of_her_zone():
    enrollment = enrolled(ines())
    take_quiz(enrollment, "base-quiz", points=4)
    a_card(ines())
    base_quiz(available_until=CLOSES)
    mentored(ines(), tomas())
    hand_in(enrolled(stranger()))
    mentored(stranger(), tomas())
    promised = promise()
    for zone, hour in product(ZONES, (0, 11)):
        User.objects.get_queryset().update(time_zone=zone)
        now = at(NOW.replace(hour=hour))
        found = entries(ines())
        assert f"cards-{ines().pk}-{now.astimezone(ZoneInfo(zone)).date()}" in found
        assert (CLOSES, "Base quiz closes") in {said[:2] for said in found.values()}
        [(day, *_)] = entries(tomas()).values()
        assert day == promised.astimezone(ZoneInfo(zone)).date()
        assert f"X-WR-TIMEZONE:{zone}\r\n".encode() in read(tomas())


def test_it_is_a_calendar_for_one_reader_that_nobody_indexes_or_signs_in_for(client):
    with_everything()

    answer = client.get(address(ines()))

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Content-Language"] == "en"
    assert not answer.cookies


def test_who_has_it_is_told_so(client):
    with_everything()
    etag = client.get(address(ines()))["ETag"]

    again = client.get(address(ines()), headers={"If-None-Match": etag})
    other = client.get(address(tomas()), headers={"If-None-Match": etag})

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


def test_asking_for_the_head_only_changes_nothing(client):
    answer = client.head(address(ines()))

    assert (answer.status_code, answer.content) == (200, b"")
    assert CalendarFeed.objects.get().last_read_at is None


def test_it_remembers_once_a_day_that_it_was_read():
    asked = []
    for hours in (0, 5, 23, 25, 26):
        at(NOW + timedelta(hours=hours))
        read(ines())
        asked.append(CalendarFeed.objects.get().last_read_at)

    assert [moment.day for moment in asked] == [24, 24, 24, 25, 25]
    assert asked[0] == asked[1] == asked[2] < asked[3] == asked[4]


def test_unknown_revoked_and_suspended_are_one_answer(client):
    was = address(ines())
    hers, unknown = address(stranger()), "/calendar/" + "x" * 43 + ".ics"
    CalendarFeed.objects.revoke(ines())
    suspend(stranger())

    answers = [client.get(path) for path in (was, hers, unknown)]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert [client.post(path).status_code for path in (was, hers, unknown)] == [405] * 3


def test_no_line_of_the_log_holds_the_secret(client, caplog, monkeypatch):
    client.raise_request_exception = False
    path = address(ines())
    with caplog.at_level(logging.DEBUG):
        client.get(path)
        client.get(f"{path}/further/")
        client.get(path, headers={"host": "elsewhere.example"})
        monkeypatch.setattr(Agenda, "of", None)
        assert client.get(path).status_code == 500

    config = logging_config(as_json=True, level="DEBUG")
    names, line = config["filters"]["discreet"], config["formatters"]["line"]
    sieve, formatter = names.pop("()")(), line.pop("()")(**line)
    said = [formatter.format(record) for record in caplog.records if sieve.filter(record)]
    assert len([text for text in said if json.loads(text)["event"] == "request"]) == 4
    assert any("Internal Server Error: /calendar/\\u2026.ics" in text for text in said)
    assert path.split("/")[2].removesuffix(".ics") not in "".join(said)


def test_it_is_read_with_few_questions_however_much_there_is(client, django_assert_num_queries):
    with_everything()
    hers, his = address(ines()), address(tomas())
    for path in (hers, his):
        client.get(path)
    with django_assert_num_queries(10):
        client.get(hers)
    with django_assert_num_queries(6):
        client.get(his)

    enrolled(ines(), published(wide_document(stages=10, topics=2)))
    client.get(hers)
    with django_assert_num_queries(10):
        assert client.get(hers).content.count(b"BEGIN:VEVENT") > 20


def test_making_it_twice_is_making_it_once(client):
    client.force_login(ines())
    assert "Make the address" in client.get(PAGE).content.decode()

    first = client.post(PAGE)
    secret = CalendarFeed.objects.get().secret
    client.post(PAGE)

    assert first["Location"] == PAGE
    assert CalendarFeed.objects.get().secret == secret
    page = client.get(PAGE).content.decode()
    assert f'value="{house_settings.SITE_URL}/calendar/{secret}.ics"' in page
    assert f'href="webcal://{house_settings.SITE_URL.partition("://")[2]}/calendar/{secret}.ics"' in page
    assert "Not yet" in page


def test_a_new_address_ends_the_one_before(client):
    client.force_login(ines())
    was = address(ines())
    read(ines())

    client.post(f"{PAGE}renewal/")

    assert client.get(was).status_code == 404
    assert address(ines()) != was
    assert CalendarFeed.objects.get().last_read_at is None
    assert entries(ines()) == {}


def test_revoking_ends_it_and_touches_nobody_else(client):
    client.force_login(ines())
    was, other = address(ines()), address(stranger())

    client.post(f"{PAGE}revocation/")
    client.post(f"{PAGE}revocation/")

    assert client.get(was).status_code == 404
    assert client.get(other).status_code == 200
    assert "Make the address" in client.get(PAGE).content.decode()


def test_looking_at_the_page_makes_nothing_and_no_cache_keeps_it(client):
    client.force_login(ines())

    assert client.get(PAGE)["Cache-Control"] == "no-store"
    assert not CalendarFeed.objects.exists()


def test_the_page_asks_few_questions(client, django_assert_max_num_queries):
    client.force_login(ines())
    client.post(PAGE)
    client.get(PAGE)

    with django_assert_max_num_queries(8):
        client.get(PAGE)
