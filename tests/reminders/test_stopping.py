"""Stopping letters from the letter itself: looking changes nothing, a POST stops at once."""

from datetime import timedelta

import pytest
import uuid6
from django.test import Client

from accounts.models import Pause
from reminders.emails import drawing, send_reminders, sending
from reminders.emails.planning import plan
from reminders.kinds import KINDS
from reminders.kinds.cards_due import CardsDue, CardsMatter, Pile
from reminders.models import Letter, LetterWishes
from reminders.models.letter import LetterState
from tests.cast import ines, stranger
from tests.reminders.moments import LAST, WEEK_LATER, at, quiet, wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_kinds")]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def client():
    """As a mail program: no cookies, and CSRF is really checked."""
    return Client(enforce_csrf_checks=True)


def link(kind: str = "quiet") -> str:
    return f"/letters/stop/{LetterWishes.objects.of(ines()).token(kind)}/"


def stopped() -> list[str]:
    return LetterWishes.objects.of(ines()).stopped_kinds


def test_looking_changes_nothing(client):
    for ask in (client.get, client.head):
        assert ask(link()).status_code == 200

    assert "Stop these letters?" in client.get(link()).content.decode()
    assert stopped() == []


def test_the_link_in_the_letters_header_stops_with_one_post(client, mail_goes_to_sink):
    quiet(ines())
    at(WEEK_LATER)
    send_reminders()
    address = mail_goes_to_sink.letters[0]["List-Unsubscribe"].strip(" <>")

    answer = client.post(address.partition("/letters/")[1] + address.partition("/letters/")[2], ONE_CLICK)
    at(WEEK_LATER.replace(day=24))
    send_reminders()

    assert answer.status_code == 200
    assert "These letters are stopped" in answer.content.decode()
    assert len(mail_goes_to_sink.letters) == 1


def test_it_stops_that_kind_and_that_person_only(client):
    client.post(link("quiet"), ONE_CLICK)

    assert stopped() == ["quiet"]
    assert LetterWishes.objects.of(stranger()).stopped_kinds == []


def test_what_is_planned_is_held_back_at_once(client):
    quiet(ines())
    quiet(stranger())
    plan(WEEK_LATER)

    client.post(link(), ONE_CLICK)

    assert Letter.objects.of(ines()).get().state == LetterState.HELD_BACK
    assert Letter.objects.of(stranger()).get().state == LetterState.PLANNED


def test_what_a_sender_has_taken_is_stopped_too_and_what_carried_it_goes_without(
    client, mail_goes_to_sink, monkeypatch
):
    quiet(ines())
    at(WEEK_LATER)
    plan(WEEK_LATER)
    first = Letter.objects.get()
    other = Letter.objects.create(
        id=uuid6.uuid7(),
        recipient=ines(),
        kind="cards_due",
        occurrence="1",
        planned_at=WEEK_LATER,
        due_at=WEEK_LATER,
        expires_at=first.expires_at,
    )
    card_letters_are_always_true(monkeypatch)
    drawn = drawing.mail

    def as_she_stops_it(*args):
        """Her POST comes when the letter is drawn already."""
        monkeypatch.setattr(sending, "mail", drawn)
        client.post(link("cards_due"), ONE_CLICK)
        return drawn(*args)

    monkeypatch.setattr(sending, "mail", as_she_stops_it)
    send_reminders()

    (arrived,) = mail_goes_to_sink.letters
    assert arrived["Message-ID"] == f"<{first.pk}@localhost>"
    assert "cards" not in arrived.get_body(("plain",)).get_content()
    other.refresh_from_db()
    assert (other.state, other.reason, other.carrier) == (LetterState.HELD_BACK, "stopped", None)


def test_stopping_what_a_sender_has_taken_leaves_nothing_to_send(client, mail_goes_to_sink, monkeypatch):
    quiet(ines())
    at(WEEK_LATER)
    plan(WEEK_LATER)
    (claimed,) = Letter.objects.claim(WEEK_LATER)

    client.post(link(), ONE_CLICK)

    assert not claimed.mark_handed(WEEK_LATER, {})
    assert (Letter.objects.get().state, Letter.objects.get().reason) == (LetterState.HELD_BACK, "stopped")


def test_a_letter_that_is_being_handed_over_is_not_called_stopped(client):
    quiet(ines())
    plan(WEEK_LATER)
    (claimed,) = Letter.objects.claim(WEEK_LATER)
    claimed.mark_handed(WEEK_LATER, {})

    client.post(link(), ONE_CLICK)

    assert claimed.mark_sent(WEEK_LATER, {}) == (True, False)
    assert Letter.objects.get().state == LetterState.SENT


def card_letters_are_always_true(monkeypatch) -> None:
    kind = CardsDue()
    pile = Pile(ines().pk, WEEK_LATER.date(), 12, WEEK_LATER.date(), is_reviewed=False, is_on_road=True)
    monkeypatch.setattr(kind, "refusals", lambda *_: {})
    monkeypatch.setattr(
        kind,
        "matters",
        lambda letters, known, _now: {x.pk: CardsMatter(known[x.recipient_id], x, pile) for x in letters},
    )
    monkeypatch.setitem(KINDS, "cards_due", kind)


def test_doing_it_again_is_the_same(client):
    client.post(link(), ONE_CLICK)

    answer = client.post(link(), ONE_CLICK)

    assert answer.status_code == 200
    assert stopped() == ["quiet"]


def test_a_post_without_a_body_stops_this_kind(client):
    assert client.post(link()).status_code == 200
    assert stopped() == ["quiet"]


def test_all_letters_are_stopped_from_the_page(client):
    page = client.post(link(), {"do": "all"}).content.decode()

    assert "You get no more letters" in page
    assert LetterWishes.objects.of(ines()).is_stopped("feedback")


def test_her_plan_is_paused_by_nobody_who_only_has_the_link(client):
    page = client.get(link()).content.decode()

    assert client.post(link(), {"do": "pause"}).status_code == 422
    assert Pause.objects.count() == 0
    assert 'href="/settings/#pauses"' in page
    assert client.get("/settings/").status_code == 302


def test_the_link_lets_no_letters_come_earlier(client):
    at(LAST)
    until = LAST.date() + timedelta(days=40)
    wish(ines(), snoozed_until=until)

    page = client.post(link(), {"do": "snooze"}).content.decode()

    assert "No letter before 20 December" in page
    assert LetterWishes.objects.of(ines()).snoozed_until == until


def test_two_weeks_without_letters_from_the_page(client):
    at(LAST)
    page = client.post(link(), {"do": "snooze"}).content.decode()

    assert "No letter before 24 November" in page
    assert LetterWishes.objects.of(ines()).snoozed_until == LAST.date() + timedelta(days=14)
    assert (stopped(), Pause.objects.count()) == ([], 0)


def test_an_unknown_wish_is_refused(client):
    assert client.post(link(), {"do": "everything"}).status_code == 422
    assert stopped() == []


@pytest.mark.parametrize("broken", ["nothing", "a.b.c", "quiet.secret.signature"])
def test_a_broken_link_explains_and_offers_the_settings(client, broken):
    for ask in (client.get, client.post):
        answer = ask(f"/letters/stop/{broken}/")

        assert answer.status_code == 404
        assert "This link does not say whose letters" in answer.content.decode()
        assert 'href="/settings/letters/"' in answer.content.decode()


def test_the_link_of_one_kind_cannot_be_turned_into_another(client):
    assert client.post(link("quiet").replace("quiet", "feedback")).status_code == 404
    assert stopped() == []


def test_she_makes_links_of_older_letters_invalid_for_whoever_has_them(client):
    old, signed_in = link(), Client()
    signed_in.force_login(ines())
    page = signed_in.post("/settings/letters/links/renewal/", follow=True).content.decode()

    answer = client.post(old, ONE_CLICK)

    assert "Links of letters sent before now stop nothing any more." in page
    assert answer.status_code == 404
    assert "made links of older letters invalid" in answer.content.decode()
    assert stopped() == []
    assert client.post(link(), ONE_CLICK).status_code == 200


def test_the_link_of_somebody_who_is_erased_explains(client):
    old = link()
    ines().erase()

    assert client.post(old).status_code == 404


def test_the_link_signs_nobody_in(client):
    client.get(link())
    client.post(link(), ONE_CLICK)

    assert client.get("/settings/letters/").status_code == 302
