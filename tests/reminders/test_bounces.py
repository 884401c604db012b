"""What comes back after a letter was taken: reports of servers, complaints, events of providers; and what is forged."""

import base64
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from reminders.answers import Answer, Outcome
from reminders.bounces import Fate, Notice, letter_named, read
from reminders.emails.watch import Watch
from reminders.models import Letter, LetterWishes, Suppression
from reminders.models.letter import LetterState, Reason
from reminders.models.reader import readers
from reminders.models.suppression import Taken, Why
from reminders.views.events import VIEWS, noticed
from tests.cast import NOW, ines, person
from tests.reminders.reports import bounce, complaint

HOST = "learn.example.org"
SECRET = "hook:a-password-of-twenty-letters"  # of this test
ID = f"<01940000-0000-7000-8000-000000000001@{HOST}>"


# --- Reading, without a database


@pytest.mark.parametrize("copy", ["rfc822-headers", "rfc822", "global"])
def test_a_delivery_report_is_read_whatever_it_gives_back(copy):
    (notice,) = read(bounce(ID, copy=copy))

    assert (notice.fate, notice.message_id) == (Fate.FAILED, ID)
    assert notice.recipients == ("ines@example.org",)
    assert notice.said == "5.1.1 550 5.1.1 no such mailbox"
    assert notice.letter(HOST)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_has_not_failed_is_no_failure(action):
    assert read(bounce(ID, action=action)) == ()


def test_a_report_that_gives_nothing_back_names_no_letter():
    assert read(bounce(ID, copy="")) == ()


def test_a_forwarded_letter_is_known_by_the_address_it_was_written_to():
    (notice,) = read(bounce(ID, final="someone@else.example"))

    assert notice.recipients == ("someone@else.example", "ines@example.org")


def test_complaints_are_read_and_praise_is_none():
    (notice,) = read(complaint(ID))

    assert (notice.fate, notice.message_id, notice.recipients) == (Fate.COMPLAINED, ID, ("ines@example.org",))
    assert read(complaint(ID, hidden=True))[0].recipients == ("ines@example.org",)
    assert read(complaint(ID, kind="not-spam")) == ()


def test_an_ordinary_letter_is_no_report():
    assert read(b"From: ines@example.org\r\nSubject: Hello\r\n\r\nHow are you?\r\n") == ()
    assert read(b"") == ()


@pytest.mark.parametrize(
    "other",
    ["<x@learn.example.org>", "<01940000-0000-7000-8000-000000000002@evil.example>", "", f"{ID} {ID}"],
)
def test_only_a_message_id_of_this_house_names_a_letter(other):
    assert letter_named(ID, HOST.upper())
    assert letter_named(other, HOST) is None


@given(st.binary(max_size=400), st.integers(0, 1200), st.integers(0, 300))
def test_a_broken_report_never_raises(noise, where, gone):
    for whole in (bounce(ID), complaint(ID)):
        for notice in read(whole[:where] + noise + whole[where + gone :]):
            assert len(notice.said) <= 300
            assert all(notice.recipients)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_a_content_type_that_takes_long_to_read_is_not_read(end):
    whole = bounce(ID)
    assert read(whole)
    kind = b"Content-Type: multipart/report;"
    for padding in (b'";' * 600, (b"a=b;" + end + b" ") * 200):
        assert whole.count(kind) == 1
        assert read(whole.replace(kind, kind + b' x="' + padding + b'";')) == ()


# --- Believing


@pytest.fixture
def letter(settings, db) -> Letter:
    """One that was sent to Ines an hour ago."""
    settings.SITE_URL, settings.SITE_HOST = f"https://{HOST}", HOST
    return written_to(ines(), LetterState.SENT)


def written_to(reader: User, state: LetterState) -> Letter:
    return Letter.objects.create(
        id=uuid4(),
        recipient=reader,
        kind="quiet",
        occurrence="quiet-since-2026-11-10/7d",
        planned_at=NOW,
        due_at=NOW,
        sent_at=NOW if state == LetterState.SENT else None,
        expires_at=NOW + timedelta(days=9),
        state=state,
    )


def take(raw: bytes, monkeypatch, capsys) -> str:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("take_bounces")
    return capsys.readouterr().out


def test_no_such_mailbox_suppresses_the_address_at_once_and_the_letter_says_so(letter, monkeypatch, capsys):
    said = take(bounce(letter.message_id(HOST)), monkeypatch, capsys)

    letter.refresh_from_db()
    row = Suppression.objects.get()
    assert "no more letters to this address" in said
    assert letter.bounced_at is not None
    assert (row.address, row.why, row.person) == ("ines@example.org", "bounced", ines())
    assert "no such mailbox" in row.said
    assert readers([ines().pk])[ines().pk].no_address == Reason.SUPPRESSED


def test_the_same_report_twice_counts_once(letter, monkeypatch, capsys):
    full = bounce(letter.message_id(HOST), status="5.2.2", said="552 5.2.2 mailbox full")
    for _time in range(5):
        take(full, monkeypatch, capsys)

    assert Suppression.objects.get().refusals == 1
    assert Suppression.objects.standing().count() == 0


def sent_on(day: int) -> Letter:
    """A letter to Ines that a relay took, as relays take all, so many days from now."""
    moment = NOW + timedelta(days=day)
    letter = Letter.objects.create(
        id=uuid4(),
        recipient=ines(),
        kind="quiet",
        occurrence=f"day-{day}",
        planned_at=moment,
        due_at=moment,
        sent_at=moment,
        expires_at=moment + timedelta(days=9),
        state=LetterState.SENT,
    )
    watch = Watch.begin(moment)
    watch.saw(Answer(Outcome.TAKEN), letter, ines(), moment)
    watch.end(moment)
    return letter


def told_full(letter: Letter, said: str = "552 5.2.2 mailbox full") -> Taken:
    (notice,) = read(bounce(letter.message_id(HOST), status=said.split()[1], said=said))
    return Suppression.objects.take(notice, letter.due_at + timedelta(hours=5))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_three_letters_in_a_row_that_a_relay_took_and_that_came_back_suppress_the_address(letter, order):
    letters = [sent_on(day) for day in (1, 2, 3)]

    found = [told_full(letters[number]) for number in order]

    assert found == [Taken.NOTED, Taken.NOTED, Taken.SUPPRESSED]


def test_a_letter_that_did_not_come_back_ends_the_row_and_one_refused_for_our_sake_does_not(letter):
    came_back = [sent_on(1), sent_on(2)]
    sent_on(3)  # and arrived
    again, ours, last, more = (sent_on(day) for day in (4, 5, 6, 7))

    found = [told_full(one) for one in (*came_back, again)]
    told_full(ours, "550 5.7.1 your network is listed")

    assert found == [Taken.NOTED] * 3
    assert Suppression.objects.get().refusals == 1
    assert [told_full(last), told_full(more)] == [Taken.NOTED, Taken.SUPPRESSED]


def test_what_a_receiver_has_against_us_is_not_blamed_on_her(letter, monkeypatch, capsys):
    said = take(bounce(letter.message_id(HOST), status="5.7.1", said="550 5.7.1 spam"), monkeypatch, capsys)

    letter.refresh_from_db()
    assert "noted" in said
    assert letter.bounced_at is not None
    assert Suppression.objects.count() == 0


def test_a_complaint_stops_all_her_letters(letter, monkeypatch, capsys):
    take(complaint(letter.message_id(HOST)), monkeypatch, capsys)

    assert LetterWishes.objects.of(ines()).stopped_kinds == ["*"]
    assert Suppression.objects.get().why == "complained"
    letter.refresh_from_db()
    assert letter.bounced_at is None


def test_a_complaint_that_is_read_again_does_not_undo_what_she_chose_since(letter):
    (notice,) = read(complaint(letter.message_id(HOST)))
    first = Suppression.objects.take(notice, NOW)
    Suppression.objects.get().lift("she asked", NOW)
    LetterWishes.objects.of(ines()).choose(stopped=["week"])

    again = Suppression.objects.take(notice, NOW + timedelta(days=30))
    stopped = LetterWishes.objects.of(ines()).stopped_kinds
    (about_another,) = read(complaint(sent_on(31).message_id(HOST)))

    assert (first, again, stopped) == (Taken.SUPPRESSED, Taken.NOTED, ["week"])
    assert Suppression.objects.take(about_another, NOW + timedelta(days=32)) == Taken.SUPPRESSED


def test_a_report_of_before_the_address_was_vouched_for_says_nothing_new(letter):
    gone = Notice(
        Fate.FAILED, letter.message_id(HOST), ("ines@example.org",), "no such mailbox", is_gone=True
    )
    later = replace(gone, message_id=sent_on(2).message_id(HOST))
    first = Suppression.objects.take(gone, NOW)
    Suppression.objects.get().lift("", NOW + timedelta(days=1))

    again = Suppression.objects.take(gone, NOW + timedelta(days=3))

    assert (first, again) == (Taken.SUPPRESSED, Taken.NOTED)
    assert Suppression.objects.take(later, NOW + timedelta(days=3)) == Taken.SUPPRESSED


def test_what_is_forged_changes_nothing(letter, monkeypatch, capsys):
    rosa = person("Rosa Lind", "learner")
    EmailAddress.objects.create(user=ines(), email=rosa.email, verified=False)  # so Ines says
    planned = written_to(rosa, LetterState.PLANNED)
    forged = [
        bounce(f"<{uuid4()}@{HOST}>"),
        bounce("<made-up@example.org>"),
        bounce(letter.message_id("evil.example")),
        bounce(letter.message_id(HOST), to=rosa.email),
        bounce(planned.message_id(HOST), to=rosa.email),
        complaint(letter.message_id(HOST), to=rosa.email),
        complaint(f"<{uuid4()}@{HOST}>"),
        bounce(""),
    ]
    for raw in forged:
        assert "no more letters" not in take(raw, monkeypatch, capsys)

    assert Suppression.objects.count() == 0
    assert LetterWishes.objects.of(ines()).stopped_kinds == []
    assert Letter.objects.filter(bounced_at__isnull=False).count() == 0


def test_a_maildir_is_read_and_what_was_taken_may_go(letter, tmp_path, capsys):
    for folder in ("new", "cur", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "1").write_bytes(bounce(letter.message_id(HOST)))
    (tmp_path / "cur" / "2:2,S").write_bytes(b"Subject: Hello\r\n\r\nNo report.\r\n")
    (tmp_path / "tmp" / "3").write_bytes(b"half of a")

    call_command("take_bounces", str(tmp_path), "--delete")

    assert {path.name for path in tmp_path.glob("*/*")} == {"2:2,S", "3"}
    assert Suppression.objects.standing().count() == 1
    assert "not a report" in capsys.readouterr().out


def test_a_report_with_a_character_that_no_table_takes_is_taken(letter, monkeypatch, capsys):
    take(bounce(letter.message_id(HOST), said="550 5.1.1 no\0such mailbox"), monkeypatch, capsys)

    assert Suppression.objects.standing().get().said == "5.1.1 550 5.1.1 no such mailbox"


def test_a_report_that_cannot_be_taken_is_named_stays_and_keeps_no_others(letter, monkeypatch, tmp_path):
    files = [tmp_path / "1", tmp_path / "2"]
    for file, raw in zip(
        files, [complaint(letter.message_id(HOST)), bounce(letter.message_id(HOST))], strict=True
    ):
        file.write_bytes(raw)
    monkeypatch.setattr(LetterWishes, "stop", lambda *_: 1 / 0)

    with pytest.raises(CommandError, match=f"Could not be taken, the log says why: {files[0]}$"):
        call_command("take_bounces", str(tmp_path), "--delete")

    assert [file.exists() for file in files] == [True, False]
    assert Suppression.objects.standing().get().why == Why.BOUNCED


def test_a_place_that_is_not_there_is_named(db):
    with pytest.raises(CommandError, match="no file or folder /nowhere"):
        call_command("take_bounces", "/nowhere")


def test_lifting_lets_letters_go_there_again(letter, monkeypatch, capsys):
    take(bounce(letter.message_id(HOST)), monkeypatch, capsys)
    row = Suppression.objects.get()
    row.lift("She has a new mailbox of that name.", NOW)

    assert not readers([ines().pk])[ines().pk].is_suppressed
    row.refresh_from_db()
    assert (row.refusals, row.lifted_because) == (0, "She has a new mailbox of that name.")


# --- Events of providers


@pytest.fixture
def told(settings):
    settings.WEBHOOK_SECRET = SECRET
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


def tell(client, event: object, *, provider: str = "postmark", secret: str = SECRET):
    proof = base64.b64encode(secret.encode()).decode()
    return client.post(
        f"/letters/events/{provider}/",
        json.dumps(event),
        content_type="application/json",
        headers={"Authorization": f"Basic {proof}"},
    )


def postmark(
    letter: Letter, kind: str = "HardBounce", record: str = "Bounce", **fields: object
) -> dict[str, object]:
    return {
        "RecordType": record,
        "Type": kind,
        "ID": 1,
        "MessageID": "a-name-of-its-own",
        "Metadata": {"letter": str(letter.pk)},
        "Email": "ines@example.org",
        "Description": "The server was unable to deliver your message.",
        "Details": "smtp;550 5.1.1 no such mailbox",
        "BouncedAt": "2026-11-17T09:00:00Z",
        **fields,
    }


def test_an_event_of_the_provider_does_what_a_report_does(client, letter, told):
    answer = tell(client, postmark(letter))

    letter.refresh_from_db()
    assert answer.status_code == 200
    assert letter.bounced_at is not None
    assert Suppression.objects.get().why == "bounced"


def test_a_complaint_or_an_unsubscription_at_the_provider_stops_her_letters(client, letter, told):
    tell(client, postmark(letter, "SpamComplaint", "SpamComplaint"))

    assert Suppression.objects.get().why == "complained"
    assert LetterWishes.objects.of(ines()).stopped_kinds == ["*"]


def test_leaving_at_the_provider_stops_letters_and_suppresses_nothing(client, letter, told):
    tell(
        client,
        {
            "RecordType": "SubscriptionChange",
            "SuppressSending": True,
            "SuppressionReason": "ManualSuppression",
            "Recipient": "ines@example.org",
            "Metadata": {"letter": str(letter.pk)},
            "ChangedAt": "2026-11-17T09:00:00Z",
        },
    )

    assert Suppression.objects.count() == 0
    assert LetterWishes.objects.of(ines()).stopped_kinds == ["*"]


@pytest.mark.parametrize("kind", ["Delivery", "Open", "Click"])
def test_what_goes_well_changes_nothing(client, letter, told, kind):
    assert tell(client, postmark(letter, record=kind)).status_code == 200
    assert Suppression.objects.count() == 0


@pytest.mark.parametrize(
    ("provider", "event"),
    [
        (
            "mailtrap",
            {
                "events": [
                    {
                        "event": "bounce",
                        "email": "ines@example.org",
                        "message_id": "1",
                        "timestamp": 1763370000,
                        "response": "550 5.1.1 no",
                        "custom_variables": {"letter": "?"},
                    }
                ]
            },
        ),
        (
            "sendgrid",
            [
                {
                    "event": "bounce",
                    "type": "bounce",
                    "email": "ines@example.org",
                    "letter": "?",
                    "reason": "550 5.1.1 no",
                }
            ],
        ),
        (
            "sparkpost",
            [
                {
                    "msys": {
                        "message_event": {
                            "type": "bounce",
                            "bounce_class": "10",
                            "raw_rcpt_to": "ines@example.org",
                            "rcpt_meta": {"letter": "?"},
                            "raw_reason": "550 5.1.1 no such mailbox",
                        }
                    }
                }
            ],
        ),
    ],
)
@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")
def test_other_providers_are_understood_as_well(client, letter, told, provider, event):
    raw = json.loads(json.dumps(event).replace('"?"', json.dumps(str(letter.pk))))
    answer = tell(client, raw, provider=provider)

    letter.refresh_from_db()
    assert answer.status_code == 200
    assert letter.bounced_at is not None
    assert Suppression.objects.standing().count() == 1


SPAM, BLOCKED, INVALID = RejectReason.SPAM, RejectReason.BLOCKED, RejectReason.INVALID


@pytest.mark.parametrize(
    ("kind", "reason", "fate", "is_gone", "is_about_us"),
    [
        (EventType.COMPLAINED, None, Fate.COMPLAINED, False, False),
        (EventType.REJECTED, SPAM, Fate.COMPLAINED, False, False),  # by the provider: she complained before
        (EventType.BOUNCED, SPAM, Fate.FAILED, False, True),  # by the receiver: a filter does not like us
        (EventType.BOUNCED, BLOCKED, Fate.FAILED, False, True),
        (EventType.REJECTED, BLOCKED, Fate.FAILED, False, True),
        (EventType.REJECTED, RejectReason.BOUNCED, Fate.FAILED, True, False),
        (EventType.BOUNCED, INVALID, Fate.FAILED, True, False),
        (EventType.BOUNCED, RejectReason.BOUNCED, Fate.FAILED, False, False),
    ],
)
def test_only_a_person_complains_and_a_filter_speaks_of_us(kind, reason, fate, is_gone, is_about_us):
    event = AnymailTrackingEvent(event_type=kind, reject_reason=reason, recipient="Ines@example.org")

    notice = noticed(event)

    assert (notice.fate, notice.is_gone, notice.is_about_us) == (fate, is_gone, is_about_us)
    assert notice.recipients == ("ines@example.org",)


@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")
def test_a_spam_filter_that_refuses_a_letter_stops_nothing(client, letter, told):
    refused = {
        "type": "bounce",
        "bounce_class": "51",
        "raw_rcpt_to": "ines@example.org",
        "rcpt_meta": {"letter": str(letter.pk)},
        "raw_reason": "550 we take no such mail from your network",
    }
    tell(client, [{"msys": {"message_event": refused}}], provider="sparkpost")

    letter.refresh_from_db()
    assert letter.bounced_at is not None
    assert LetterWishes.objects.of(ines()).stopped_kinds == []
    assert Suppression.objects.count() == 0


def test_without_the_secret_the_door_is_shut(client, letter, told, settings):
    wrong = tell(client, postmark(letter), secret="hook:guessed")  # of this test
    none = client.post("/letters/events/postmark/", "{}", content_type="application/json")
    unknown = tell(client, postmark(letter), provider="nobody")
    settings.WEBHOOK_SECRET = ""
    unset = tell(client, postmark(letter))
    empty = tell(client, postmark(letter), secret="")

    assert [x.status_code for x in (wrong, none, unknown, unset, empty)] == [400, 400, 404, 404, 404]
    assert Suppression.objects.count() == 0


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support")
def test_providers_whose_key_is_not_named_have_no_door(client, told):
    answers = {name: client.post(f"/letters/events/{name}/").status_code for name in VIEWS}

    assert set(answers.values()) == {400, 401, 404}
    assert (answers["mandrill"], answers["postmark"]) == (404, 400)


def test_looking_at_the_door_changes_nothing(client, letter, told):
    assert client.get("/letters/events/postmark/").status_code == 405
    assert client.head("/letters/events/postmark/").status_code == 200


# --- An address that works again


@pytest.fixture
def suppressed(letter, mailoutbox, settings) -> Suppression:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Suppression.objects.refuse("ines@example.org", "550 5.1.1 no", NOW, ines(), is_gone=True)
    return Suppression.objects.get()


def link_in(mailoutbox) -> str:
    return re.search(rf"https://{HOST}(/letters/address/\S+)", mailoutbox[-1].body)[1]


def test_the_person_confirms_her_address_anew_by_a_letter_sent_to_it(client, suppressed, mailoutbox):
    client.force_login(ines())
    page = client.get("/settings/letters/address/").content.decode()
    client.post("/settings/letters/address/")
    link = link_in(mailoutbox)
    looked = Client().get(link)
    before = Suppression.objects.standing().count()
    done = Client().post(link)

    assert "Letters go there again" in done.content.decode()
    assert "550 5.1.1 no" in page
    assert mailoutbox[-1].to == ["ines@example.org"]
    assert (looked.status_code, before, done.status_code) == (200, 1, 200)
    assert not readers([ines().pk])[ines().pk].is_suppressed
    assert Client().post(link).status_code == 404


def test_who_confirms_after_a_complaint_is_told_that_all_letters_are_off_and_where_to_choose(letter, client):
    (notice,) = read(complaint(letter.message_id(HOST)))
    Suppression.objects.take(notice, NOW)
    link = f"/letters/address/{Suppression.objects.get().token()}/"

    looked = client.get(link).content.decode()
    page = client.post(link).content.decode()

    assert "was reported as unwanted" in looked
    assert "Letters go there again" not in page
    assert "all letters are off" in page
    assert 'href="/settings/letters/"' in page


@pytest.mark.parametrize("is_lifted_between", [True, False])
def test_a_link_lifts_nothing_that_came_after_it(client, suppressed, is_lifted_between):
    link = f"/letters/address/{suppressed.token()}/"
    if is_lifted_between:
        suppressed.lift("", NOW)
    Suppression.objects.suppress("ines@example.org", Why.COMPLAINED, "abuse", NOW + timedelta(hours=1))

    assert client.post(link).status_code == 404
    assert Suppression.objects.standing().get().why == Why.COMPLAINED


def test_such_a_letter_is_not_sent_twice_in_ten_minutes(client, suppressed, mailoutbox):
    client.force_login(ines())
    for _time in range(3):
        client.post("/settings/letters/address/")

    assert len(mailoutbox) == 1


def test_nobody_asks_about_the_address_of_another(client, suppressed, mailoutbox):
    client.force_login(person("Rosa Lind", "learner"))
    page = client.post("/settings/letters/address/", follow=True).content.decode()

    assert "Nothing is wrong with rosa@example.org" in page
    assert mailoutbox == []
    assert Client().post("/letters/address/ines@example.org.x.y/").status_code == 404


def test_the_link_of_an_address_that_is_nobodys_by_now_says_so(client, suppressed):
    link = f"/letters/address/{suppressed.token()}/"
    User.objects.get_queryset().filter(pk=ines().pk).update(email="ines.moreau@example.org")

    answer = Client().post(link)

    assert answer.status_code == 404
    assert "you have another address now" in answer.content.decode()
    assert Suppression.objects.standing().count() == 1


def test_an_address_with_any_character_has_a_link_that_does_not_hold_it(client, suppressed, mailoutbox):
    client.force_login(ines())
    User.objects.get_queryset().filter(pk=ines().pk).update(email="moreau/ines@example.org")
    Suppression.objects.all().update(address="moreau/ines@example.org")
    client.post("/settings/letters/address/")

    link = link_in(mailoutbox)

    assert "ines" not in link
    assert Client().post(link).status_code == 200
    assert not Suppression.objects.standing().exists()
