"""What an admin does about letters at the desk: switches, putting in again, the dry run, the file of a day."""

import csv
import io
from datetime import timedelta

import pytest
import uuid6
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reminders.admin.ledger import Counted
from reminders.emails import drawing, send_reminders, sending
from reminders.emails.planning import plan
from reminders.emails.rehearsal import rehearse
from reminders.models import Breaker, KindState, Letter, Suppression
from reminders.models.letter import LetterState, Reason
from reminders.models.numbers import numbers
from reminders.models.suppression import Why
from tests.cast import ada, ines, noor, stranger
from tests.reminders.moments import LAST, WEEK_LATER, at, quiet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_kinds")]
LEDGER = "/admin/reminders/letter/"
MIDNIGHT = WEEK_LATER.replace(hour=0)


@pytest.fixture
def desk(client):
    client.force_login(ada())
    at(WEEK_LATER)
    return client


def written(state: str, *, kind="quiet", due=WEEK_LATER, **fields) -> Letter:
    """A letter of the ledger that stands so."""
    pk = uuid6.uuid7()
    return Letter.objects.create(
        id=pk,
        recipient=fields.pop("to", None) or ines(),
        kind=kind,
        occurrence=fields.pop("occurrence", f"key-{pk}"),
        planned_at=due,
        due_at=due,
        expires_at=due + timedelta(days=1),
        state=state,
        sent_at=due if state == LetterState.SENT else None,
        **fields,
    )


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_todays_numbers_by_kind(desk):
    for _ in range(2):
        written(LetterState.SENT)
    written(LetterState.SENT, carrier=Letter.objects.latest("pk"))
    written(LetterState.SENT, due=WEEK_LATER - timedelta(days=1))
    for reason in (Reason.CAME_BACK, Reason.CAME_BACK, Reason.STOPPED):
        written(LetterState.HELD_BACK, reason=reason)
    written(LetterState.HELD_BACK, kind="feedback", reason=Reason.OPENED, due=WEEK_LATER - timedelta(days=1))
    written(LetterState.FAILED, kind="feedback", reason="550 no", due=WEEK_LATER - timedelta(days=6))
    written(LetterState.FAILED, kind="feedback", reason="550 no", due=WEEK_LATER - timedelta(days=9))

    found = numbers(MIDNIGHT)

    assert (found["quiet"].sent, found["quiet"].held_back, found["quiet"].failed) == (2, 3, 0)
    assert found["quiet"].reason == "she came back meanwhile"
    assert (found["feedback"].sent, found["feedback"].held_back, found["feedback"].failed) == (0, 0, 1)
    page = said(desk.get(LEDGER))
    assert "<h1>2 sent, 3 held back today</h1>" in page
    assert "550 no" in page


def test_a_kind_is_stopped_for_a_reason_and_sent_again(desk, mail_goes_to_sink):
    quiet(ines())
    path = f"{LEDGER}kinds/quiet/switch/"
    assert "for everybody?" in said(desk.get(path))
    assert desk.post(path, {"reason": " "}).status_code == 422
    assert not KindState.objects.off_kinds()

    assert desk.post(path, {"reason": "wrong words"})["Location"] == LEDGER
    assert "Ada Okafor: “wrong words”" in said(desk.get(LEDGER))
    send_reminders()
    assert not mail_goes_to_sink.letters
    assert Letter.objects.get().reason == Reason.KIND_OFF

    assert "again?" in said(desk.get(path))
    desk.post(path)
    assert not KindState.objects.off_kinds()
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Switched off: wrong words",
        "Switched on.",
    ]

    desk.post(f"{LEDGER}{Letter.objects.get().pk}/requeue/")
    send_reminders()
    assert len(mail_goes_to_sink.letters) == 1


@pytest.mark.parametrize("kind", ["quiet", "all"])
def test_what_a_sender_has_claimed_stays_here_when_its_kind_is_switched_off(
    desk, kind, mail_goes_to_sink, monkeypatch, django_capture_on_commit_callbacks
):
    quiet(ines())
    drawn = drawing.mail

    def as_it_is_switched_off(*args):
        with django_capture_on_commit_callbacks(execute=True):
            desk.post(f"{LEDGER}kinds/{kind}/switch/", {"reason": "wrong words"})
        return drawn(*args)

    monkeypatch.setattr(sending, "mail", as_it_is_switched_off)
    send_reminders()

    assert mail_goes_to_sink.letters == []
    assert Letter.objects.get().reason == Reason.KIND_OFF


def test_switching_another_kind_off_takes_nothing_from_a_sender(desk, django_capture_on_commit_callbacks):
    quiet(ines())
    plan(WEEK_LATER)
    (claimed,) = Letter.objects.claim(WEEK_LATER)

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(f"{LEDGER}kinds/feedback/switch/", {"reason": "wrong words"})

    assert claimed.mark_handed(WEEK_LATER, {})


def test_all_letters_are_stopped_at_once(desk):
    desk.post(f"{LEDGER}kinds/all/switch/", {"reason": "moving house"})

    assert KindState.objects.off_kinds() == {"*"}
    assert "All letters are stopped since" in said(desk.get(LEDGER))
    assert desk.get(f"{LEDGER}kinds/nothing/switch/").status_code == 404


def test_the_desk_says_when_no_worker_has_planned_for_a_while(desk):
    never = said(desk.get(LEDGER))
    KindState.objects.claim_planning("quiet", timedelta(minutes=30), WEEK_LATER)
    at(WEEK_LATER + timedelta(minutes=14))
    soon = said(desk.get(LEDGER))
    at(WEEK_LATER + timedelta(minutes=75, seconds=5))
    late = said(desk.get(LEDGER))

    assert "Letters were never planned" in never
    assert "is one running?" not in soon
    assert "17 November, 09:00; no worker has planned for 75 minutes: is one running?" in late
    assert "Start the worker" in late


def test_only_an_admin_acts(client):
    letter = written(LetterState.FAILED)
    suppression = Suppression.objects.suppress("ines@example.org", Why.BOUNCED, "550", LAST, ines())
    acts = [
        f"{LEDGER}kinds/all/switch/",
        f"{LEDGER}{letter.pk}/requeue/",
        f"{LEDGER}rehearsal/",
        f"/admin/reminders/suppression/{suppression.pk}/lift/",
    ]
    for who in (noor(), stranger()):
        client.force_login(who)
        for act in acts:
            assert client.post(act, {"reason": "mischief"}).status_code in {302, 403}
        assert client.get(f"{LEDGER}download/").status_code in {302, 403}

    letter.refresh_from_db()
    assert letter.state == LetterState.FAILED
    assert not KindState.objects.off_kinds()
    assert Suppression.objects.standing().exists()


def test_what_never_left_is_put_in_again_and_nothing_else(desk):
    now = WEEK_LATER
    failed = written(LetterState.FAILED, due=now - timedelta(days=9), reason="550 no", tries=5)
    held = written(LetterState.HELD_BACK, reason=Reason.TOO_LATE, due=now - timedelta(days=3))
    kept = [
        written(LetterState.SENT),
        written(LetterState.FAILED, reason=Reason.LOST, is_in_doubt=True),
        written(LetterState.PLANNED),
    ]
    before = list(Letter.objects.filter(pk__in=[x.pk for x in kept]).order_by("pk").values())

    answer = desk.post(
        LEDGER,
        {"action": "requeue", "_selected_action": [str(x.pk) for x in (failed, held, *kept)]},
        follow=True,
    )

    assert "2 letters are decided anew in the next round." in said(answer)
    for letter in (failed, held):
        letter.refresh_from_db()
        assert (letter.state, letter.tries, letter.reason) == (LetterState.PLANNED, 0, "")
        assert letter.expires_at - letter.due_at >= timedelta(days=1)
        assert abs(letter.due_at - now) < timedelta(minutes=2)
    assert list(Letter.objects.filter(pk__in=[x.pk for x in kept]).order_by("pk").values()) == before
    assert LogEntry.objects.count() == 2
    assert "None was put in again" in said(desk.post(f"{LEDGER}{kept[0].pk}/requeue/", follow=True))
    assert desk.get(f"{LEDGER}{failed.pk}/requeue/").status_code == 405


def test_a_letters_page_says_all_that_is_known(desk):
    letter = written(
        LetterState.FAILED,
        reason="550 5.1.1 no such mailbox",
        facts={"since": "2026-11-10", "days": 7},
        said={"subject": "Hello again", "lead": "Words <b>of</b> hers."},
    )
    page = said(desk.get(f"{LEDGER}{letter.pk}/change/"))

    for words in ("550 5.1.1 no such mailbox", "2026-11-10", "Hello again", f"{letter.pk}@", "Put in again"):
        assert words in page
    assert "Words &lt;b&gt;of&lt;/b&gt; hers." in page
    assert f"/next/{ines().pk}/" in page


def test_the_next_round_is_played_and_taken_back(desk):
    quiet(ines())
    quiet(stranger(), LAST - timedelta(days=1))
    held = written(LetterState.PLANNED, kind="gone", due=WEEK_LATER - timedelta(hours=1))
    KindState.objects.filter(kind="quiet").delete()

    found = rehearse(WEEK_LATER)

    assert found.planned["quiet"] == 2
    assert found.unplanned == []
    assert {(x.letter.kind, x.outcome) for x in found.samples} == {("quiet", "sent"), ("gone", "held_back")}
    assert [letter.pk for letter in Letter.objects.all()] == [held.pk]
    held.refresh_from_db()
    assert (held.state, held.tries) == (LetterState.PLANNED, 0)
    assert not KindState.objects.exists()

    page = said(desk.post(f"{LEDGER}rehearsal/"))
    assert "would be held back" in page
    assert "a kind of letter that is no longer written" in page
    assert Letter.objects.count() == 1
    out = io.StringIO()
    call_command("send_reminders", dry_run=True, stdout=out)
    assert "2 would be planned" in out.getvalue()
    assert Letter.objects.count() == 1


def test_a_dry_run_that_takes_too_long_says_which_kinds_it_left(desk):
    quiet(ines())

    found = rehearse(WEEK_LATER, longest=0)

    assert set(found.unplanned) == {"feedback", "quiz_marked", "quiet"}
    assert Letter.objects.count() == 0


def test_the_ledger_of_a_day_is_a_file(desk):
    written(LetterState.SENT, occurrence="=cmd|calc")
    written(LetterState.SENT, due=WEEK_LATER - timedelta(days=1), occurrence="yesterday")

    answer = desk.get(f"{LEDGER}download/", {"day": "2026-11-17"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))

    assert answer["Content-Disposition"] == 'attachment; filename="letters-2026-11-17.csv"'
    assert [(row["person"], row["key"], row["outcome"]) for row in rows] == [
        ("ines@example.org", "'=cmd|calc", "sent")
    ]
    assert b"yesterday" in desk.get(f"{LEDGER}download/", {"day": "2026-11-16"}).getvalue()
    assert b"=cmd" in desk.get(f"{LEDGER}download/", {"day": "nonsense"}).getvalue()


def test_an_address_is_written_to_again_for_a_reason(desk):
    row = Suppression.objects.suppress("ines@example.org", Why.BOUNCED, "550 5.1.1 nobody", LAST, ines())
    lift = f"/admin/reminders/suppression/{row.pk}/lift/"
    assert "550 5.1.1 nobody" in said(desk.get("/admin/reminders/suppression/"))
    assert "550 5.1.1 nobody" in said(desk.get(lift))
    assert desk.post(lift, {"reason": ""}).status_code == 422

    desk.post(lift, {"reason": "she has a new provider"})

    row.refresh_from_db()
    assert (row.since, row.lifted_by, row.lifted_because) == (None, ada(), "she has a new provider")
    assert desk.get(lift).status_code == 404


def test_trouble_with_the_mail_server_stands_above_the_ledger(desk):
    Breaker.objects.of().open("421 come later", WEEK_LATER)

    assert "421 come later" in said(desk.get(LEDGER))


def test_a_persons_letters_by_her_name_and_in_as_many_questions(desk):
    written(LetterState.SENT, to=stranger())
    for _ in range(3):
        written(LetterState.HELD_BACK, reason=Reason.CAME_BACK)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(LEDGER)
        return len(asked)

    few = questions()
    for _ in range(60):
        written(LetterState.SENT)
    assert questions() == few <= 16

    hers = said(desk.get(LEDGER, {"person": ines().pk}))
    assert "Stran Ger" not in hers
    assert "Ines Moreau" in hers
    assert "Stran Ger" in said(desk.get(LEDGER, {"q": "stran@example"}))
    assert desk.get(LEDGER, {"person": "x'"}).status_code in {200, 302}


def test_pages_are_counted_so_far_only(monkeypatch):
    monkeypatch.setattr("reminders.admin.ledger.COUNTED", 3)
    for _ in range(5):
        written(LetterState.SENT)

    assert Counted(Letter.objects.order_by("-due_at", "id"), 2).count == 3


def test_planning_again_leaves_what_was_put_in_again(desk):
    quiet(ines())
    plan(WEEK_LATER)
    Letter.objects.all().hold_back(Reason.CAME_BACK)
    Letter.objects.all().requeue(WEEK_LATER)
    plan(WEEK_LATER)

    assert Letter.objects.get().state == LetterState.PLANNED
