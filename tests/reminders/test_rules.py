"""The rules of reminders, R1 to R13, each by a test named after it, from the ledger to a real mail server."""

import re
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from uuid6 import uuid7

from accounts import clock
from accounts.models import Pause
from progress.models import Enrollment
from reminders.emails import send_reminders
from reminders.emails.foreseen import foreseen
from reminders.emails.planning import plan, plan_in_turn
from reminders.kinds import KINDS
from reminders.models import KindState, Letter, LetterWishes
from reminders.models.letter import LetterState, Reason
from tests.cast import hand_in, ines, mentored, pass_stage, tomas
from tests.reminders import learners
from tests.reminders.moments import LAST, WEEK_LATER, at, quiet, wish
from tests.reminders.samples import quiz_marked

pytestmark = pytest.mark.django_db
TESTS = Path(__file__).resolve().parent
DAY = timedelta(days=1)
BASE_DUE = learners.BASE_DUE  # a Tuesday; letters leave at 10:00 of her clocks in these tests


@pytest.fixture
def sink(mail_goes_to_sink):
    return mail_goes_to_sink


@pytest.fixture
def only(monkeypatch):
    """Call it with the keys of the kinds that there are to be."""

    def only_these(*keys: str) -> None:
        for key in KINDS.keys() - set(keys):
            monkeypatch.delitem(KINDS, key)

    return only_these


def by_kind(**fields: object) -> dict[str, str]:
    return dict(Letter.objects.filter(**fields).values_list("kind", "state"))


def two_due(now=BASE_DUE + 2 * DAY):
    """A stage that is overdue and a time of quiet, both due: nothing of it can't wait."""
    learners.stage_due(ines())
    wish(ines(), quiet_days=9, weekdays=[now.isoweekday()])
    return at(now)


def test_r01_one_letter_for_an_occurrence_and_a_moved_date_is_another(only):
    only("stage_due")
    learners.stage_due(ines())
    plan(BASE_DUE - 7 * DAY)
    plan(BASE_DUE - 7 * DAY)
    letter = Letter.objects.get()
    again = Letter(
        id=uuid7(),
        recipient=ines(),
        kind=letter.kind,
        occurrence=letter.occurrence,
        planned_at=letter.planned_at,
        due_at=letter.due_at,
        expires_at=letter.expires_at,
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)
    Enrollment.objects.get().replan(
        hours_per_week=Decimal(10), starts_on=(learners.START + DAY).date(), now=BASE_DUE - 7 * DAY
    )
    plan(BASE_DUE - 6 * DAY)

    days = [
        occurrence.partition("/")[2] for occurrence in Letter.objects.values_list("occurrence", flat=True)
    ]
    assert sorted(days) == ["due-2026-11-10/7d", "due-2026-11-11/7d"]


def test_r02_what_may_have_arrived_goes_once_more_as_it_was_and_takes_nobody_in(sink, only):
    only("stage_overdue", "quiet", "cards_due")
    now = two_due()
    plan(now)
    claimed = Letter.objects.claim(clock.database_now())
    lead = next(letter for letter in claimed if letter.kind == "stage_overdue")
    lead.mark_handed(now, {}, [letter for letter in claimed if letter != lead])
    plan(now)  # something new comes up meanwhile
    newcomer = Letter.objects.get(kind="quiet")
    newcomer.pk, newcomer.kind, newcomer.occurrence = uuid7(), "cards_due", "cards-now"
    newcomer.state, newcomer.lease_token, newcomer.handed_at, newcomer.carrier = "planned", None, None, None
    newcomer.save(force_insert=True)

    at(now + timedelta(minutes=3))
    send_reminders()

    (letter,) = sink.letters
    assert letter["Message-ID"] == f"<{lead.pk}@localhost>"
    assert by_kind() == {"stage_overdue": "sent", "quiet": "sent", "cards_due": by_kind()["cards_due"]}
    assert by_kind()["cards_due"] != "sent"


@pytest.mark.parametrize("meanwhile", ["passed", "switched off", "paused"])
def test_r03_what_is_no_longer_true_is_not_sent(sink, only, meanwhile):
    only("stage_due")
    learners.stage_due(ines())
    now = BASE_DUE - 7 * DAY
    plan(now)
    if meanwhile == "passed":
        pass_stage(Enrollment.objects.get(), "base", now)
    elif meanwhile == "switched off":
        KindState.objects.of("stage_due").switch_off(tomas(), "A wrong date.", now)
    else:
        Pause.objects.declare(ines(), now.date(), now.date() + 20 * DAY)
    at(now)

    send_reminders()

    wanted = {"passed": Reason.DONE, "switched off": Reason.KIND_OFF, "paused": Reason.DATE_CHANGED}
    assert sink.letters == []
    assert Letter.objects.get().reason == wanted[meanwhile]


def quiet_for_a_week(learner):
    quiet(learner)
    return WEEK_LATER


@pytest.mark.parametrize(
    ("arranged", "kind", "reason"),
    [
        (quiet_for_a_week, "quiet", Reason.ON_PAUSE),
        (learners.stage_due, "stage_due", Reason.DATE_CHANGED),
        (learners.attempt_ending, "attempt_ending", Reason.TOO_LATE),
    ],
)
def test_r03_what_was_held_back_for_a_pause_leaves_when_that_is_taken_back_and_not_before(
    sink, only, arranged, kind, reason
):
    only(kind)
    now = arranged(ines())
    plan(now)
    pause = Pause.objects.declare(ines(), now.date(), now.date() + timedelta(days=20))
    reasons = []
    for minutes in (0, 11):
        at(now + timedelta(minutes=minutes))
        send_reminders()
        reasons.append(Letter.objects.get().reason)

    pause.end(now.date())
    at(now + timedelta(minutes=22))
    send_reminders()

    assert reasons == [reason, reason]
    assert Letter.objects.get().state == LetterState.SENT


def test_r03_without_an_address_that_works_it_is_read_here(sink, only, client):
    only("stage_due")
    learners.stage_due(ines())
    plan(BASE_DUE - 7 * DAY)
    EmailAddress.objects.filter(user=ines()).update(verified=False)
    at(BASE_DUE - 7 * DAY)

    send_reminders()

    assert sink.letters == []
    (shown,) = Letter.objects.in_inbox(ines())
    assert (shown.state, shown.reason) == (LetterState.HELD_BACK, Reason.UNCONFIRMED)
    assert shown.said["subject"] == "Test Trail: Base is planned until 10 November"


def test_r04_who_did_it_hears_nothing_of_it(only):
    only("stage_due", "stage_overdue")
    learners.stage_due(ines())
    pass_stage(Enrollment.objects.get(), "base", learners.START)

    for days in range(20):
        plan(learners.START + days * DAY)

    occurrences = Letter.objects.values_list("occurrence", flat=True)
    assert not [x for x in occurrences if "due-2026-11-10" in x]


def test_r05_a_window_that_was_missed_means_the_next_one_and_not_the_night(sink, only):
    only("quiet")
    quiet(ines())
    plan(WEEK_LATER)
    at(WEEK_LATER.replace(hour=22))  # nobody sent anything all day
    send_reminders()
    at_night = len(sink.letters)
    at((WEEK_LATER + DAY).replace(hour=8))

    send_reminders()

    assert (at_night, len(sink.letters)) == (0, 1)


def test_r06_what_is_due_together_is_one_letter(sink, only):
    only("stage_overdue", "quiet")
    two_due()

    send_reminders()

    (letter,) = sink.letters
    carried = Letter.objects.get(kind="quiet")
    assert letter["Subject"] == Letter.objects.get(kind="stage_overdue").said["subject"]
    assert carried.state == LetterState.SENT
    assert carried.carrier == Letter.objects.get(kind="stage_overdue")
    assert Letter.objects.in_inbox(ines()).count() == 1


def test_r06_one_a_day_so_many_a_week_and_answers_at_once(sink, only):
    only("quiet", "feedback")
    quiet(ines())
    wish(ines(), most_per_week=1)
    submission = hand_in(Enrollment.objects.get(), now=LAST).submission
    now = at(WEEK_LATER)
    send_reminders()
    first = len(sink.letters)
    submission.ask_for_changes(tomas(), now)
    more = Letter.objects.get(kind="quiet")
    more.pk, more.occurrence, more.state = uuid7(), "quiet-since-2026-11-10/7d-more", "planned"
    more.sent_at, more.shown_at, more.expires_at = None, None, WEEK_LATER + 30 * DAY
    more.save(force_insert=True)
    at(now + timedelta(hours=1))

    send_reminders()

    assert (first, len(sink.letters)) == (1, 2)
    assert Letter.objects.get(kind="feedback").state == LetterState.SENT
    more.refresh_from_db()
    assert (more.state, more.reason) == (LetterState.PLANNED, Reason.CAPPED)
    assert more.due_at.date() == (WEEK_LATER + 6 * DAY).date()  # Monday


def test_r07_after_the_last_one_she_is_let_be_and_her_mentor_is_told_once(only):
    only("quiet", "mentee_quiet")
    quiet(ines())
    mentored(ines(), tomas())
    for days in range(100):
        plan(LAST + days * DAY)
        Letter.objects.due(LAST + days * DAY).update(state="sent", sent_at=LAST + days * DAY)

    assert Letter.objects.of(ines()).count() == 4
    assert Letter.objects.of(tomas()).of_kinds(["mentee_quiet"]).count() == 1


def test_r08_one_post_without_signing_in_stops_what_is_queued_and_looking_does_not(client, only, sink):
    only("quiet")
    quiet(ines())
    plan(WEEK_LATER)
    link = f"/letters/stop/{LetterWishes.objects.of(ines()).token('quiet')}/"

    client.get(link)
    after_looking = Letter.objects.get().state
    client.post(link, {"List-Unsubscribe": "One-Click"})

    assert after_looking == LetterState.PLANNED
    assert (Letter.objects.get().state, Letter.objects.get().reason) == (
        LetterState.HELD_BACK,
        Reason.STOPPED,
    )


def test_r09_an_address_that_refuses_for_good_is_not_written_to_again(sink, only):
    only("quiet")
    quiet(ines())
    sink.refuse_with = "550 5.1.1 No such mailbox"
    at(WEEK_LATER)
    send_reminders()
    sink.refuse_with = ""
    at(WEEK_LATER + 5 * DAY)

    send_reminders()

    assert sink.letters == []
    assert Letter.objects.order_by("id").last().reason == Reason.SUPPRESSED


def test_r10_after_an_outage_one_letter_and_no_burst(sink, only):
    only("quiet", "stage_due", "stage_overdue")
    learners.stage_due(ines())
    wish(ines(), quiet_days=5)
    for days in range(14):
        plan(learners.START + days * DAY)  # all the time no mail leaves
    at(learners.START + 14 * DAY)

    for _ in range(3):
        send_reminders()

    assert len(sink.letters) == 1
    assert Letter.objects.filter(state=LetterState.PLANNED, due_at__lte=clock.now()).count() == 0


def test_r11_what_is_foreseen_is_what_is_sent(sink, only):
    only("quiet", "stage_due", "stage_overdue")
    learners.stage_due(ines())
    wish(ines(), quiet_days=4, quiet_from=time(21), quiet_until=time(7, 30))
    start = at(learners.START)
    before = Letter.objects.count()
    told = foreseen(ines(), start).letters
    assert Letter.objects.count() == before

    for hours in range(14 * 24):
        if hours % 12 == 0:
            plan(start + timedelta(hours=hours))
        if Letter.objects.due(start + timedelta(hours=hours)).exists():
            at(start + timedelta(hours=hours))
            send_reminders()

    sent = Letter.objects.filter(state=LetterState.SENT, carrier=None)
    leads = sorted((x.kind.key, x.at.date()) for x in told if x.is_sent and not x.carried_in)
    assert leads == sorted((x.kind, x.sent_at.date()) for x in sent)
    assert leads


def test_r12_text_and_html_in_her_language_and_no_grade_in_the_subject(sink, only):
    only("quiz_marked")
    person, now = quiz_marked.sample()
    now += timedelta(hours=1)
    plan(now)
    at(now)

    send_reminders()

    (letter,) = sink.letters
    assert [part.get_content_type() for part in letter.walk()][1:] == ["text/plain", "text/html"]
    assert f'<html lang="{person.language}"' in letter.get_body(("html",)).get_content()
    assert not re.search(r"\d+ of \d+|%|points", letter["Subject"])


def test_r13_of_any_number_of_clocks_one_plans_and_all_of_them_add_nothing(only):
    only("quiet")
    quiet(ines())
    every = KINDS["quiet"].every
    turns = [KindState.objects.claim_planning("quiet", every, WEEK_LATER) for _ in range(5)]

    for _ in range(5):
        plan_in_turn(WEEK_LATER + every)
        plan(WEEK_LATER + every)

    assert turns == [True, False, False, False, False]
    assert Letter.objects.count() == 1


def test_every_rule_of_reminders_has_a_test_named_after_it():
    named = {
        int(number)
        for path in TESTS.glob("test_*.py")
        for number in re.findall(r"^\s*def test_r(\d\d)_", path.read_text(), re.MULTILINE)
    }

    assert named == set(range(1, 14))
