"""When the mail server is unwell letters wait, lose no try, and go on with one letter first; domains have a pace."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from lms.places import mail
from reminders.answers import Answer, Outcome
from reminders.emails import send_reminders
from reminders.emails.watch import minutes_for
from reminders.kinds import KINDS
from reminders.models import Breaker, DomainPace, Letter, Suppression
from reminders.models.breaker import Room, is_failing
from reminders.models.letter import LetterQuerySet, LetterState, Reason
from tests.cast import NOW, enrolled, ines, person, road
from tests.fixtures.mail import free_port
from tests.reminders.moments import LAST, WEEK_LATER, at
from tests.reminders.rogue import smtp_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_kinds")]
MORNING = WEEK_LATER


@pytest.fixture(autouse=True)
def impatient(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.LETTERS_CONNECT_TIMEOUT, settings.LETTERS_READ_TIMEOUT = 0.5, 0.3


@pytest.fixture
def server(settings):
    with smtp_server() as rogue:
        settings.LETTERS_EMAIL = mail(rogue.url)
        yield rogue


def quiet_people(count: int) -> None:
    one_road = road()
    for number in range(count):
        enrolled(person(f"Walker{number} Some", "learner"), one_road, now=LAST)


def breaker() -> Breaker:
    return Breaker.objects.of()


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Letter.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def test_it_stays_open_twice_as_long_each_time_up_to_a_quarter_of_an_hour():
    minutes, now = [], NOW
    for _opening in range(6):
        breaker().open("away", now)
        until = breaker().open_until or now
        minutes.append((until - now).total_seconds() / 60)
        now = until

    assert minutes == [1, 2, 4, 8, 15, 15]


def test_senders_that_see_the_same_trouble_at_once_open_it_once():
    opened = [breaker().open("away", NOW) for _sender in range(5)]

    assert opened == [True, False, False, False, False]
    assert breaker().open_until == NOW + timedelta(minutes=1)


def test_once_its_time_is_over_one_sender_tries_and_the_others_wait():
    breaker().open("away", NOW)
    later = NOW + timedelta(minutes=1)

    assert breaker().admit(NOW + timedelta(seconds=59)) == Room.NONE
    assert [breaker().admit(later) for _sender in range(3)] == [Room.ONE, Room.NONE, Room.NONE]
    assert breaker().admit(later + timedelta(minutes=2)) == Room.ONE  # who was trying has died


def test_a_clock_set_back_keeps_it_open_no_longer_than_it_ever_is():
    ahead = NOW + timedelta(days=1)
    breaker().open("away", ahead)
    breaker().admit(ahead + timedelta(minutes=1))

    assert breaker().admit(NOW) == Room.ONE
    assert breaker().admit(NOW) == Room.NONE  # the one that tries is at it
    assert breaker().open("away still", NOW)
    assert breaker().open_until == NOW + timedelta(minutes=2)
    assert breaker().admit(NOW + timedelta(minutes=1)) == Room.NONE


def test_a_letter_that_is_taken_closes_it_and_what_was_before_is_forgotten():
    breaker().open("away", NOW)
    breaker().close()

    assert breaker().admit(NOW) == Room.ALL
    assert breaker().said == "Letters go out."
    breaker().open("away", NOW)
    assert breaker().open_until == NOW + timedelta(minutes=1)


def test_it_opens_when_more_than_half_of_the_last_twenty_failed():
    assert not is_failing("-" * 10)
    assert is_failing("-" * 11)
    assert not is_failing("-" * 30 + "+" * 10)
    breaker().note("-" * 10, "451 later", NOW)
    assert breaker().is_closed
    breaker().note("+" * 5 + "-" * 6, "451 later", NOW)

    assert breaker().said == "Letters wait until 09:01 UTC, then one is tried: 451 later"


@pytest.mark.django_db(transaction=True)
def test_of_many_senders_at_once_exactly_one_tries():
    breaker().open("away", NOW)

    def ask(_number: int) -> Room:
        try:
            return breaker().admit(NOW + timedelta(minutes=1))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as senders:
        found = list(senders.map(ask, range(8)))

    assert sorted(found) == [Room.NONE] * 7 + [Room.ONE]


def test_while_the_server_is_away_letters_wait_without_a_try_and_go_when_it_is_back(server, settings):
    quiet_people(2)
    settings.LETTERS_EMAIL = mail(f"smtp://127.0.0.1:{free_port()}")
    at(MORNING)
    send_reminders()
    at(MORNING + timedelta(seconds=30))
    settings.LETTERS_EMAIL = mail(server.url)
    send_reminders()
    meanwhile = len(server.contents)
    at(MORNING + timedelta(seconds=90))
    send_reminders()

    assert (meanwhile, len(server.contents)) == (0, 2)
    assert set(Letter.objects.values_list("tries", "state")) == {(1, LetterState.SENT)}
    assert breaker().is_closed


def test_the_first_letter_that_fails_again_opens_it_for_longer(server, settings):
    quiet_people(3)
    server.says["MAIL"] = "550 not you"
    at(MORNING)
    send_reminders()
    began, asked = breaker().open_until, len(server.commands)
    now = at(MORNING + timedelta(seconds=90))
    send_reminders()

    assert began
    assert abs(breaker().open_until - now - timedelta(minutes=2)) < timedelta(seconds=20)
    tried = [command for command in server.commands[asked:] if command.startswith("mail")]
    assert len(tried) == 1
    assert states() == {LetterState.PLANNED: 3}


@pytest.mark.parametrize("says", ["550 5.7.1 you may not", "530 5.7.0 sign in first"])
def test_what_is_about_us_is_blamed_on_nobody(server, says):
    quiet_people(2)
    server.says["RCPT"] = says
    at(MORNING)

    send_reminders()

    assert not breaker().is_closed
    assert says in breaker().said
    assert Suppression.objects.count() == 0
    assert states() == {LetterState.PLANNED: 2}
    assert sorted(Letter.objects.values_list("tries", flat=True)) == [0, 1]


def test_one_letter_that_is_refused_again_and_again_does_not_keep_the_others(server):
    quiet_people(2)
    server.says["RCPT"] = "550 5.7.1 not to her"
    at(MORNING)
    send_reminders()
    Letter.objects.filter(tries=1).update(due_at=MORNING + timedelta(minutes=30))
    server.says.clear()
    at(MORNING + timedelta(minutes=2))
    send_reminders()
    between = (breaker().is_closed, len(server.contents))
    server.says["RCPT"] = "550 5.7.1 not to her"
    at(MORNING + timedelta(minutes=31))
    send_reminders()

    assert between == (True, 1)
    assert sorted(Letter.objects.values_list("tries", "state")) == [(1, "sent"), (2, "planned")]
    assert breaker().is_closed


def test_most_of_twenty_that_fail_stop_the_rest_of_the_chunk(server):
    quiet_people(12)
    server.says["END"] = "451 later"
    at(MORNING)

    send_reminders()

    assert len(server.contents) == 11
    assert not breaker().is_closed
    assert sorted(Letter.objects.values_list("tries", flat=True)) == [0] + [1] * 11


def test_what_is_the_recipients_own_says_nothing_of_the_server(server):
    quiet_people(11)
    server.says["RCPT"] = "550 5.1.1 no such mailbox"
    at(MORNING)

    send_reminders()

    assert breaker().is_closed
    assert states() == {LetterState.FAILED: 11}
    assert Suppression.objects.standing().count() == 11


def test_three_letters_refused_for_the_recipients_sake_suppress_the_address():
    walker = ines()

    def refuse() -> bool:
        return Suppression.objects.refuse(walker.email, "552 5.2.2 full", NOW, walker, is_gone=False)

    assert [refuse(), refuse(), refuse()] == [False, False, True]
    row = Suppression.objects.get()
    assert (row.address, row.why, row.said, row.since) == (walker.email, "bounced", "552 5.2.2 full", NOW)


# --- Pace


def test_a_domain_gets_so_many_letters_a_minute_over_all_askers(settings):
    settings.LETTERS_PER_DOMAIN_PER_MINUTE = 10

    def book(seconds: int, **wanted: int) -> dict[str, list[int]]:
        """In how many minutes from NOW each of the letters wanted may go."""
        found = DomainPace.objects.book(wanted, NOW + timedelta(seconds=seconds))
        return {name: [(minute - NOW) // timedelta(minutes=1) for minute in found[name]] for name in wanted}

    assert book(0, a=4, b=32) == {"a": [0] * 4, "b": [0] * 10 + [1] * 10 + [2] * 10 + [3] * 2}
    assert book(59, a=7, b=1) == {"a": [0] * 6 + [1], "b": [3]}
    assert book(60, a=9, b=8) == {"a": [1] * 9, "b": [3] * 7 + [4]}
    assert book(60, a=1) == {"a": [2]}
    assert book(0, a=1) == {"a": [2]}  # a clock that lags behind gets nothing on top
    assert book(600, a=12) == {"a": [10] * 10 + [11] * 2}  # what nobody used is past


def test_a_clock_set_back_leaves_nothing_booked_in_what_is_ahead_again(settings):
    settings.LETTERS_PER_DOMAIN_PER_MINUTE = 1
    DomainPace.objects.book({"a": 2}, NOW + timedelta(days=1))

    assert DomainPace.objects.book({"a": 5}, NOW)["a"][0] == NOW
    assert DomainPace.objects.book({"a": 1}, NOW)["a"] == [
        NOW + timedelta(minutes=5)
    ]  # ahead, and booked now
    DomainPace.objects.update(booked_at=None)  # booked before that was kept
    assert DomainPace.objects.book({"a": 1}, NOW)["a"] == [NOW + timedelta(minutes=6)]


def test_without_a_limit_nothing_is_counted(settings):
    settings.LETTERS_PER_DOMAIN_PER_MINUTE = 0

    assert DomainPace.objects.book({"a": 1000}, NOW) == {"a": [NOW] * 1000}
    assert DomainPace.objects.count() == 0


def test_letters_beyond_the_pace_wait_for_the_next_minute_and_lose_no_try(server, settings):
    settings.LETTERS_PER_DOMAIN_PER_MINUTE = 2
    quiet_people(3)
    at(MORNING)

    send_reminders()

    waiting = Letter.objects.planned().get()
    assert len(server.contents) == 2
    assert (waiting.reason, waiting.tries) == (Reason.PACED, 0)
    assert waiting.due_at == MORNING + timedelta(minutes=1)
    at(MORNING + timedelta(minutes=1))
    send_reminders()
    assert len(server.contents) == 3


def test_letters_to_a_slow_domain_are_taken_up_twice_at_most_and_looked_into_once(
    server, settings, monkeypatch
):
    settings.LETTERS_PER_DOMAIN_PER_MINUTE = 1
    quiet_people(4)
    taken, looked = [], []
    claim, matters = LetterQuerySet.claim, KINDS["quiet"].matters

    def counted(letters, *asked) -> list[Letter]:
        taken.append(claim(letters, *asked))
        return taken[-1]

    def counted_matters(letters, *asked):
        looked.extend(letters)
        return matters(letters, *asked)

    monkeypatch.setattr(LetterQuerySet, "claim", counted)
    monkeypatch.setattr(KINDS["quiet"], "matters", counted_matters)
    for minute in range(4):
        at(MORNING + timedelta(minutes=minute))
        send_reminders()

    assert [len(some) for some in taken if some] == [4, 1, 1, 1]
    assert len(looked) == len(server.contents) == 4


def test_letters_that_missed_their_minute_by_far_book_another_one(server, settings):
    settings.LETTERS_PER_DOMAIN_PER_MINUTE = 1
    quiet_people(3)
    at(MORNING)
    send_reminders()
    at(MORNING + timedelta(minutes=30))
    send_reminders()
    both = len(server.contents)
    at(MORNING + timedelta(minutes=31))
    send_reminders()

    assert (both, len(server.contents)) == (2, 3)


def test_what_cannot_wait_does_not_stand_behind_what_can(settings):
    settings.LETTERS_PER_DOMAIN_PER_MINUTE = 1
    walker = ines()

    minutes = minutes_for([(walker, False), (walker, False), (walker, True), (walker, True)], NOW)

    assert [(minute - NOW) // timedelta(minutes=1) for minute in minutes] == [0, 1, 0, 1]


def test_a_chunk_asks_for_its_pace_with_one_question(django_assert_num_queries):
    with django_assert_num_queries(1):
        DomainPace.objects.book({f"{number}.example.org": 1 for number in range(50)}, NOW)


def test_an_answer_speaks_for_the_server_when_it_took_or_refused_for_her_sake():
    assert Answer(Outcome.TAKEN).speaks_for_the_server
    assert Answer(Outcome.NEVER, is_recipients=True).speaks_for_the_server
    assert not Answer(Outcome.LOST).speaks_for_the_server
