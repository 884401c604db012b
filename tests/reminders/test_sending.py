"""From the ledger to a real mail server: once, at the right time, and not when it is no longer true."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, time, timedelta
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest
import uuid6
from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F

from accounts import clock
from accounts.models import ActiveDay, Pause, User
from progress.models import Enrollment
from reminders.emails import Tally, drawing, send_reminders, sending, watch
from reminders.emails import round as round_
from reminders.emails.planning import plan, plan_in_turn
from reminders.emails.post import Answer, Outcome, Post
from reminders.kinds import KINDS, Asked
from reminders.models import KindState, Letter, LetterWishes, Suppression
from reminders.models.letter import LetterState, Reason
from reminders.models.reader import Reader, readers
from reminders.patience import LEASE, MOST_TRIES
from tests.cast import NOW, enrolled, hand_in, ines, pass_stage, person, road, stranger, tomas
from tests.reminders.moments import LAST, WEEK_LATER, at, quiet, wish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_kinds")]
MORNING = WEEK_LATER  # 10:00 in Paris, when letters are due


@pytest.fixture
def sink(mail_goes_to_sink):
    return mail_goes_to_sink


def the_letter() -> Letter:
    return Letter.objects.get()


def test_a_quiet_person_gets_one_letter_and_it_says_so_in_the_ledger(sink):
    quiet(ines())
    at(MORNING)

    send_reminders()
    send_reminders()

    (letter,) = sink.letters
    assert letter["To"] == "ines@example.org"
    assert the_letter().state == LetterState.SENT
    assert the_letter().sent_at is not None


def test_the_command_does_the_same(sink, capsys):
    quiet(ines())
    at(MORNING)

    call_command("send_reminders")

    assert len(sink.letters) == 1
    assert "1 sent, 0 held back" in capsys.readouterr().out


def test_nothing_leaves_before_her_hour(sink):
    quiet(ines())
    at(MORNING.replace(hour=5))

    send_reminders()

    assert sink.letters == []
    assert the_letter().state == LetterState.PLANNED


def test_an_hour_chosen_since_puts_it_off(sink):
    quiet(ines())
    plan(MORNING)
    wish(ines(), quiet_from=time(22), quiet_until=time(18))
    at(MORNING)

    send_reminders()

    assert sink.letters == []
    assert the_letter().due_at == MORNING.replace(hour=17)
    assert (the_letter().reason, the_letter().tries) == (Reason.OUT_OF_HOURS, 0)


def came_back() -> None:
    ActiveDay.objects.record(ines(), MORNING)


def finished() -> None:
    Enrollment.objects.update(finished_at=MORNING)


def left() -> None:
    Enrollment.objects.update(left_at=MORNING)


def suspended() -> None:
    User.objects.get_queryset().filter(pk=ines().pk).update(is_active=False)


def unconfirmed() -> None:
    EmailAddress.objects.filter(user=ines()).update(verified=False)


def paused() -> None:
    Pause.objects.declare(ines(), date(2026, 11, 17), date(2026, 11, 30))


def stopped() -> None:
    wish(ines(), stopped_kinds=["quiet"])


def wants_other_days() -> None:
    wish(ines(), quiet_days=10)


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (came_back, Reason.CAME_BACK),
        (finished, Reason.NO_ROAD),
        (left, Reason.NO_ROAD),
        (suspended, Reason.SUSPENDED),
        (unconfirmed, Reason.UNCONFIRMED),
        (paused, Reason.ON_PAUSE),
        (stopped, Reason.STOPPED),
        (wants_other_days, Reason.WISHES_CHANGED),
    ],
)
def test_what_changed_since_it_was_planned_holds_it_back(sink, meanwhile, reason):
    quiet(ines())
    plan(MORNING)
    meanwhile()
    at(MORNING)

    send_reminders()

    assert sink.letters == []
    assert (the_letter().state, the_letter().reason) == (LetterState.HELD_BACK, reason)


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (came_back, Reason.CAME_BACK),
        (stopped, Reason.STOPPED),
        (lambda: KindState.objects.of("quiet").switch_off(tomas(), "Wrong words.", MORNING), Reason.KIND_OFF),
        (lambda: Letter.objects.update(expires_at=MORNING), Reason.TOO_LATE),
        (lambda: wish(ines(), quiet_until=time(18)), Reason.OUT_OF_HOURS),
    ],
)
def test_whoever_has_no_working_address_reads_here_only_what_would_have_been_sent(sink, meanwhile, reason):
    quiet(ines())
    plan(MORNING)
    unconfirmed()
    meanwhile()
    at(MORNING)

    send_reminders()

    assert the_letter().reason == reason
    assert not Letter.objects.in_inbox(ines()).exists()


def test_who_can_only_wait_for_her_mentor_is_not_told_to_go_on(sink):
    enrollment = quiet(ines())
    for stage in ("base", "ridge"):
        pass_stage(enrollment, stage, LAST)
    version = hand_in(enrollment, now=LAST)
    at(MORNING)
    send_reminders()
    waiting = Letter.objects.of_kinds(["quiet"]).get().reason
    version.submission.ask_for_changes(tomas(), MORNING)
    Letter.objects.of_kinds(["quiet"]).requeue(MORNING)

    send_reminders()

    assert waiting == Reason.NOTHING_TO_SAY
    assert Letter.objects.of_kinds(["quiet"]).get().state == LetterState.SENT


def test_a_letter_that_comes_too_late_is_held_back(sink):
    quiet(ines())
    plan(MORNING)
    at(MORNING + timedelta(days=100))

    send_reminders()

    assert sink.letters == []
    assert (the_letter().state, the_letter().reason) == (LetterState.HELD_BACK, Reason.TOO_LATE)


def test_after_an_outage_the_newest_says_it_all(sink):
    quiet(ines())
    plan(MORNING)
    Letter.objects.update(expires_at=MORNING + timedelta(days=60))
    at(MORNING + timedelta(days=5))

    send_reminders()

    assert len(sink.letters) == 1
    assert dict(Letter.objects.values_list("occurrence", "state")) == {
        "quiet-since-2026-11-10/7d": LetterState.HELD_BACK,
        "quiet-since-2026-11-10/11d": LetterState.SENT,
    }


def test_after_an_outage_a_worker_sends_nothing_old_while_another_still_plans_the_newest(sink, monkeypatch):
    quiet(ines())
    plan_in_turn(MORNING)
    Letter.objects.update(expires_at=MORNING + timedelta(days=60))
    at(MORNING + timedelta(days=5))
    looked, kind = [], KINDS["quiet"]
    plan_quiet = kind.plan

    def slowly(asked: Asked) -> Iterator[list[Letter]]:
        """Another worker comes back while this one has found what is to be planned, and not written it yet."""
        for letters in plan_quiet(asked):
            looked.append(send_reminders())
            yield letters

    monkeypatch.setattr(kind, "plan", slowly)
    send_reminders()
    send_reminders()

    assert looked == [Tally(awaits_plan=True)]
    assert len(sink.letters) == 1
    assert dict(Letter.objects.values_list("occurrence", "state")) == {
        "quiet-since-2026-11-10/7d": LetterState.HELD_BACK,
        "quiet-since-2026-11-10/11d": LetterState.SENT,
    }


def test_planning_that_takes_all_the_time_leaves_some_for_letters(sink, monkeypatch):
    monkeypatch.setattr(watch, "MOST_PEOPLE", 1)
    quiet(ines())
    quiet(person("Rosa Lind", "learner"))
    at(MORNING)

    rounds = [send_reminders(0.0) for _round in range(3)]

    assert rounds == [Tally(sent=1, is_cut_short=True)] * 2 + [Tally()]
    assert len(sink.letters) == 2


def test_a_round_ends_in_the_middle_of_a_chunk_and_gives_the_rest_back(sink, monkeypatch):
    for name in ("Ada Moor", "Rosa Lind", "Mia Berg"):
        quiet(person(name, "learner"))
    at(MORNING)
    monkeypatch.setattr(round_, "SHORTEST_CHUNK", 0.2)
    handed_over = Post.send

    def slow(post: Post, message: EmailMultiAlternatives, before_end: Callable[[], bool]) -> Answer:
        sleep(0.3)
        return handed_over(post, message, before_end)

    monkeypatch.setattr(Post, "send", slow)

    first = send_reminders(0.0)

    assert first == Tally(sent=1, is_cut_short=True)
    assert list(Letter.objects.planned().values_list("tries", "lease_token")) == [(0, None)] * 2
    assert send_reminders(0.0).sent == 1


def test_the_command_says_when_some_are_left(sink, monkeypatch, capsys):
    monkeypatch.setattr(watch, "MOST_PEOPLE", 1)
    quiet(ines())
    quiet(person("Rosa Lind", "learner"))
    at(MORNING)

    call_command("send_reminders", seconds=0.0)
    call_command("send_reminders")

    assert capsys.readouterr().out.count("Run it again") == 1
    assert len(sink.letters) == 2


def test_a_planner_that_fails_or_dies_after_an_outage_does_not_stop_the_post(sink, monkeypatch):
    quiet(ines())
    plan_in_turn(MORNING - timedelta(days=1))
    at(MORNING)
    KindState.objects.claim_planning("quiet", KINDS["quiet"].every, MORNING)  # and dies
    monkeypatch.setattr(KINDS["feedback"], "plan", lambda _asked: 1 / 0)
    left = []

    for minutes in (0, 4, 6):
        at(MORNING + timedelta(minutes=minutes))
        send_reminders()
        left.append(len(sink.letters))

    assert left == [0, 0, 1]
    assert KindState.objects.get(catching_up_since__isnull=False).kind == "quiet"


def test_who_comes_late_by_less_than_an_hour_and_a_fresh_house_catch_up_with_nothing():
    every, late = KINDS["quiet"].every, timedelta(minutes=59)

    for moment in (MORNING, MORNING + every + late):
        assert KindState.objects.claim_planning("quiet", every, moment)

        assert not KindState.objects.catching_up(moment).exists()


def test_a_newer_letter_that_is_no_longer_true_does_not_keep_the_older(sink):
    enrollment = enrolled(ines())
    first = hand_in(enrollment)
    first.submission.ask_for_changes(tomas(), NOW)
    plan(NOW)
    second = Letter.objects.get()
    second.pk, second.occurrence = (
        Letter.objects.get().pk.__class__(int=second.pk.int + 1),
        "submission-1/version-9",
    )
    second.facts = {"submission": first.submission_id, "version": 9}
    Letter.objects.write([second])
    at(NOW + timedelta(hours=1))

    send_reminders()

    assert dict(Letter.objects.values_list("facts__version", "reason")) == {1: "", 9: Reason.OVERTAKEN}
    assert len(sink.letters) == 1


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (lambda submission, _enrollment: submission.see_feedback(NOW), Reason.OPENED),
        (lambda _submission, enrollment: hand_in(enrollment, now=NOW), Reason.OVERTAKEN),
        (lambda _submission, enrollment: enrollment.leave(NOW), Reason.LEFT_ROAD),
    ],
)
def test_feedback_that_no_longer_waits_is_held_back(sink, meanwhile, reason):
    enrollment = enrolled(ines())
    submission = hand_in(enrollment).submission
    submission.ask_for_changes(tomas(), NOW)
    plan(NOW)
    meanwhile(submission, enrollment)
    at(NOW + timedelta(hours=1))

    send_reminders()

    assert sink.letters == []
    assert Letter.objects.of_kinds(["feedback"]).get().reason == reason


def test_feedback_waits_until_a_pause_is_over(sink):
    submission = hand_in(enrolled(ines())).submission
    submission.accept(tomas(), NOW)
    plan(NOW)
    Pause.objects.declare(ines(), date(2026, 11, 24), date(2026, 12, 1))
    at(NOW + timedelta(hours=1))
    send_reminders()
    during = len(sink.letters)
    at(NOW + timedelta(days=7, hours=1))

    send_reminders()

    assert (during, len(sink.letters)) == (0, 1)


@pytest.mark.parametrize("by", ["the page of snoozes", "the settings"])
def test_what_was_planned_in_a_snooze_leaves_when_that_is_ended_sooner(sink, by):
    quiet(ines())
    wishes = wish(ines(), snoozed_until=(MORNING + timedelta(days=2)).date())
    plan(MORNING)
    planned = the_letter().due_at
    at(MORNING)
    send_reminders()

    if by == "the settings":
        wishes.choose(stopped=[], snoozed_until=None)
    else:
        wishes.snooze(None)
    send_reminders()

    assert planned.date() == wishes.person.today(MORNING) + timedelta(days=2)
    assert the_letter().state == LetterState.SENT


def test_what_was_planned_in_a_pause_leaves_when_that_is_ended_sooner(sink):
    Pause.objects.declare(ines(), date(2026, 11, 20), date(2026, 12, 4))
    submission = hand_in(enrolled(ines())).submission
    submission.accept(tomas(), NOW)
    at(NOW + timedelta(hours=1))
    send_reminders()
    planned = Letter.objects.of_kinds(["feedback"]).get().due_at
    Pause.objects.get().end(NOW.date())

    at(NOW + timedelta(hours=1, minutes=11))
    send_reminders()

    assert planned.date() == date(2026, 12, 4)
    assert Letter.objects.of_kinds(["feedback"]).get().state == LetterState.SENT


@pytest.mark.parametrize(("tries", "minutes"), [(0, 1), (1, 5), (4, 240)])
def test_a_server_that_says_not_now_is_asked_again_later(sink, tries, minutes):
    quiet(ines())
    plan(MORNING)
    Letter.objects.update(tries=tries)
    sink.refuse_with = "451 Come back later"
    now = at(MORNING)

    send_reminders()

    letter = the_letter()
    assert (letter.state, letter.reason) == (LetterState.PLANNED, "451 Come back later")
    assert abs(letter.due_at - now - timedelta(minutes=minutes)) < timedelta(seconds=20)


def test_it_arrives_once_when_the_server_takes_it_again(sink):
    quiet(ines())
    at(MORNING)
    sink.refuse_with = "451 Come back later"
    send_reminders()
    sink.refuse_with = ""

    send_reminders()
    too_early = len(sink.letters)
    at(MORNING + timedelta(minutes=2))
    send_reminders()

    assert (too_early, len(sink.letters)) == (0, 1)


def test_after_eight_tries_it_has_failed(sink):
    quiet(ines())
    plan(MORNING)
    Letter.objects.update(tries=7)
    sink.refuse_with = "451 Come back later"
    at(MORNING)

    send_reminders()

    assert the_letter().state == LetterState.FAILED
    assert Letter.objects.in_inbox(ines()).get().said["subject"]


def test_a_server_that_says_never_is_believed_and_the_letter_is_read_here(sink, client):
    quiet(ines())
    sink.refuse_with = "550 No such person"
    at(MORNING)

    send_reminders()

    assert (the_letter().state, the_letter().reason) == (LetterState.FAILED, "550 No such person")
    client.force_login(ines())
    page = client.get(f"/letters/{the_letter().pk}/").content.decode()
    assert the_letter().said["subject"] in page
    assert "Not sent by e-mail: 550 No such person" in page


def test_a_server_that_is_away_costs_nobody_a_try(sink, settings):
    quiet(ines())
    settings.EMAIL_PORT = 1
    at(MORNING)

    send_reminders()

    letter = the_letter()
    assert (letter.state, letter.reason, letter.tries) == (LetterState.PLANNED, Reason.UNREACHABLE, 0)


def test_one_letter_that_cannot_be_written_does_not_keep_the_others(sink, monkeypatch):
    quiet(ines())
    quiet(person("Rosa Lind", "learner"))
    written = drawing.mail

    def not_about_ines(matter, content, connection):
        if matter.reader.person == ines():
            raise ValueError
        return written(matter, content, connection)

    monkeypatch.setattr(sending, "mail", not_about_ines)
    at(MORNING)

    send_reminders()

    assert [letter["To"] for letter in sink.letters] == ["rosa@example.org"]
    assert Letter.objects.of(ines()).get().reason == Reason.UNREADABLE


@pytest.mark.parametrize("meanwhile", ["claimed", "refused"])
def test_who_is_erased_while_letters_are_sent_holds_up_nobody(sink, monkeypatch, meanwhile):
    gone, rosa = ines(), person("Rosa Lind", "learner")
    quiet(gone)
    quiet(rosa)
    plan(MORNING)
    at(MORNING)
    saw = watch.Watch.saw

    def erase() -> None:
        if User.objects.get_queryset().filter(pk=gone.pk).exists():
            ines().erase()

    def read(people: Iterable[int]) -> dict[int, Reader]:
        erase()
        return readers(people)

    def see(*seen: Any) -> None:
        erase()
        saw(*seen)

    if meanwhile == "claimed":
        monkeypatch.setattr(round_, "readers", read)
    else:
        sink.refuse_with = "550 5.1.1 no such mailbox"
        monkeypatch.setattr(watch.Watch, "saw", see)

    send_reminders()

    assert the_letter().recipient == rosa
    assert the_letter().state == (LetterState.SENT if meanwhile == "claimed" else LetterState.FAILED)
    assert list(Suppression.objects.values_list("address", flat=True)) == (
        [] if meanwhile == "claimed" else [rosa.email]
    )


def test_an_address_that_no_mail_can_carry_has_failed_and_keeps_nobody(sink):
    quiet(ines())
    quiet(person("Rosa Lind", "learner"))
    bad = "ines@example.org\nBcc: all@example.org"
    EmailAddress.objects.filter(user=ines()).update(email=bad)
    failing = ines()
    User.objects.get_queryset().filter(pk=failing.pk).update(email=bad)
    at(MORNING)

    send_reminders()

    assert [letter["To"] for letter in sink.letters] == ["rosa@example.org"]
    assert Letter.objects.of(failing).get().state == LetterState.FAILED


def test_killed_between_the_servers_yes_and_the_commit_means_one_more_copy_at_most(sink, monkeypatch):
    quiet(ines())
    at(MORNING)

    class Killed(BaseException):
        pass

    def killed(*_args):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Letter, "mark_sent", killed)
        with pytest.raises(Killed):
            send_reminders()
    send_reminders()
    within_lease = len(sink.letters)
    at(MORNING + timedelta(minutes=3))
    send_reminders()
    send_reminders()

    assert (within_lease, len(sink.letters)) == (1, 2)
    assert len({letter["Message-ID"] for letter in sink.letters}) == 1


def test_what_was_claimed_and_not_tried_is_swept_and_sent(sink):
    quiet(ines())
    plan(MORNING)
    Letter.objects.claim(MORNING)
    at(MORNING + timedelta(minutes=3))

    send_reminders()

    assert len(sink.letters) == 1


def test_a_letter_that_ends_whoever_sends_it_takes_others_along_once_and_is_given_up_after_eight_tries():
    first, second, third = (quiet(person(f"Walker{n} Some", "learner")).person for n in range(3))
    plan(MORNING)
    claimed = []
    for minutes in range(0, 33, 3):
        letters = Letter.objects.claim(MORNING + timedelta(minutes=minutes))
        claimed.append([letter.recipient_id for letter in letters])
        for letter in letters:
            if letter.recipient_id != first.pk and letters[0].recipient_id != first.pk:
                letter.mark_sent(MORNING, {})
        Letter.objects.sweep(MORNING + timedelta(minutes=minutes + 3))

    assert claimed == [[first.pk, second.pk, third.pk], *[[first.pk]] * 7, [second.pk, third.pk], [], []]
    letter = Letter.objects.of(first).get()
    assert (letter.state, letter.reason) == (LetterState.FAILED, Reason.LEASE_OVER)
    assert Letter.objects.of(second).get().state == LetterState.SENT


def test_one_that_nobody_tried_is_swept_as_often_as_it_takes():
    quiet(ines())
    quiet(stranger())
    plan(MORNING)
    first, behind = Letter.objects.order_by("due_at", "id")
    for minutes in range(0, 60, 3):
        Letter.objects.filter(pk=first.pk).update(state=LetterState.PLANNED, tries=0, reason="")
        Letter.objects.claim(MORNING + timedelta(minutes=minutes))
        Letter.objects.sweep(MORNING + timedelta(minutes=minutes + 3))

    behind.refresh_from_db()
    assert (behind.state, behind.tries) == (LetterState.PLANNED, 0)


def test_who_is_killed_while_handing_over_leaves_the_others_untried():
    quiet(ines())
    quiet(stranger())
    plan(MORNING)
    handed, behind = Letter.objects.claim(MORNING)
    handed.mark_handed(MORNING, {})

    Letter.objects.sweep(MORNING + timedelta(minutes=3))

    behind.refresh_from_db()
    assert (behind.state, behind.tries) == (LetterState.PLANNED, 0)


class HowEndsAreNoted:
    """Which letters were handed on their own at the last moment, and which with the outcome of the one before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.alone: list[UUID] = []
        self.with_another: list[UUID] = []
        handed, marked_sent = Letter.mark_handed, Letter.mark_sent

        def mark_handed(letter: Letter, *args: Any) -> bool:
            self.alone.append(letter.pk)
            return handed(letter, *args)

        def mark_sent(letter: Letter, now: Any, said: Any, carried: Any, following: Any) -> Any:
            self.with_another += [each.pk for each in following]
            return marked_sent(letter, now, said, carried, following)

        monkeypatch.setattr(Letter, "mark_handed", mark_handed)
        monkeypatch.setattr(Letter, "mark_sent", mark_sent)


def three_planned() -> list[UUID]:
    for name in ("Ada Moor", "Rosa Lind", "Mia Berg"):
        quiet(person(name, "learner"))
    plan(MORNING)
    at(MORNING)
    return list(Letter.objects.order_by("due_at", "id").values_list("pk", flat=True))


def test_while_letters_go_swiftly_the_next_is_handed_in_the_commit_of_the_one_before(sink, monkeypatch):
    first, *others = three_planned()
    monkeypatch.setattr(sending, "SWIFT", 60.0)
    ends = HowEndsAreNoted(monkeypatch)

    assert send_reminders().sent == len(sink.letters) == 3
    assert (ends.alone, ends.with_another) == ([first], others)
    assert not Letter.objects.exclude(handed_at=None, lease_token=None, carrier=None, state="sent").exists()


def test_with_a_slow_server_each_is_handed_at_the_last_moment_so_that_it_can_be_stopped(sink, monkeypatch):
    letters = three_planned()
    monkeypatch.setattr(sending, "SWIFT", 0.0)
    ends = HowEndsAreNoted(monkeypatch)

    assert send_reminders().sent == 3
    assert (ends.alone, ends.with_another) == (letters, [])


def test_one_that_may_have_arrived_is_handed_at_the_last_moment(sink, monkeypatch):
    first, second, third = three_planned()
    Letter.objects.filter(pk=second).update(is_in_doubt=True)
    monkeypatch.setattr(sending, "SWIFT", 60.0)
    ends = HowEndsAreNoted(monkeypatch)

    assert send_reminders().sent == 3
    assert (ends.alone, ends.with_another) == ([first, second], [third])


def test_one_handed_early_whose_sender_is_killed_before_its_end_arrives_once(sink, monkeypatch):
    letters = three_planned()
    monkeypatch.setattr(sending, "SWIFT", 60.0)
    drawn = drawing.mail

    class Killed(BaseException):
        pass

    def killed(matter: Any, *args: Any) -> Any:
        if matter.letter.pk == letters[1]:
            assert Letter.objects.get(pk=letters[1]).handed_at
            raise Killed
        return drawn(matter, *args)

    with monkeypatch.context() as patch:
        patch.setattr(sending, "mail", killed)
        with pytest.raises(Killed):
            send_reminders()
    at(MORNING + timedelta(minutes=3))
    send_reminders()

    assert sorted(letter["Message-ID"] for letter in sink.letters) == sorted(
        f"<{pk}@localhost>" for pk in letters
    )
    assert Letter.objects.filter(state=LetterState.SENT, is_in_doubt=False).count() == 3


def slow_after_the_first(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """The mail server takes the first letter swiftly and lets the second one wait for long before its end."""
    handed_over, seen = Post.send, []
    monkeypatch.setattr(sending, "SWIFT", 60.0)

    def slow(post: Post, message: EmailMultiAlternatives, before_end: Callable[[], bool]) -> Answer:
        def end() -> bool:
            seen.append(message)
            if len(seen) == 2:
                assert Letter.objects.exclude(handed_at=None).exists(), "handed with the first"
                meanwhile()
                monkeypatch.setattr(sending, "SWIFT", 0.0)
            return before_end()

        return handed_over(post, message, end)

    monkeypatch.setattr(Post, "send", slow)


def test_one_whose_end_comes_late_after_all_is_asked_anew_and_sent(sink, monkeypatch):
    three_planned()
    slow_after_the_first(monkeypatch, lambda: None)

    assert send_reminders().sent == len(sink.letters) == 3


def test_one_whose_end_comes_late_after_all_and_was_stopped_meanwhile_is_not_sent(sink, monkeypatch):
    _first, second, _third = three_planned()
    person = Letter.objects.get(pk=second).recipient
    slow_after_the_first(monkeypatch, lambda: LetterWishes.objects.of(person).stop("quiet"))

    assert send_reminders().sent == len(sink.letters) == 2
    letter = Letter.objects.get(pk=second)
    assert (letter.state, letter.reason, letter.handed_at) == (LetterState.HELD_BACK, Reason.STOPPED, None)


def test_one_whose_end_comes_late_after_all_and_whose_address_went_bad_meanwhile_is_not_sent(
    sink, monkeypatch
):
    _first, second, _third = three_planned()
    person = Letter.objects.get(pk=second).recipient
    gone = "550 5.1.1 no such mailbox"
    slow_after_the_first(
        monkeypatch, lambda: Suppression.objects.refuse(person.email, gone, MORNING, person, is_gone=True)
    )

    assert send_reminders().sent == len(sink.letters) == 2
    assert Letter.objects.get(pk=second).reason == Reason.SUPPRESSED


def test_one_whose_end_comes_so_late_that_another_sender_has_it_is_left_to_that(sink, monkeypatch):
    _first, second, _third = three_planned()
    stuck = Letter.objects.filter(pk=second)
    slow_after_the_first(monkeypatch, lambda: stuck.update(lease_token=uuid4()))

    assert send_reminders().sent == len(sink.letters) == 2
    assert stuck.get().state == LetterState.SENDING


def test_one_whose_reader_is_erased_before_its_end_comes_late_is_not_sent(sink, monkeypatch):
    _first, second, _third = three_planned()
    person = Letter.objects.get(pk=second).recipient
    slow_after_the_first(monkeypatch, person.erase)

    assert send_reminders().sent == len(sink.letters) == 2


def test_what_has_nothing_to_say_after_all_went_out_with_nothing():
    _first, second, third = three_planned()
    one, following, more = Letter.objects.claim(MORNING)
    one.mark_sent(MORNING, {}, [], [following, more])

    more.refuse(Reason.NOTHING_TO_SAY)
    Letter.objects.filter(pk=second).let_go(reason="", due_at=MORNING)

    assert Letter.objects.get(pk=third).carrier is None
    assert Letter.objects.get(pk=second).handed_at is None


@pytest.mark.django_db(transaction=True)
def test_what_was_sent_is_written_although_somebody_else_holds_the_next_one():
    first, second, _third = three_planned()
    one, following, _more = Letter.objects.claim(MORNING)
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        Letter.objects.select_for_update().get(pk=second)
        marking = with_a_connection_of_its_own(lambda: one.mark_sent(MORNING, {}, [], [following]))

        other.submit(marking).result(5)
    assert Letter.objects.get(pk=first).state == LetterState.SENT
    assert Letter.objects.get(pk=second).handed_at is None


@pytest.mark.parametrize("what", ["lead", "carried"])
def test_one_stopped_before_it_could_be_handed_with_another_is_not_sent(sink, monkeypatch, what):
    _first, second, third = three_planned()
    Letter.objects.filter(pk=third).update(recipient=Letter.objects.get(pk=second).recipient, kind="back")
    one, following, more = Letter.objects.claim(MORNING)
    stopped = {"lead": following, "carried": more}[what]
    stopped.refuse(Reason.STOPPED)

    assert one.mark_sent(MORNING, {}, [], [following, more]) == (True, False)
    assert not following.mark_handed(MORNING, {}, [more])


def test_who_lost_the_lease_marks_neither_this_letter_nor_the_next():
    first, second, _third = three_planned()
    one, following, _more = Letter.objects.claim(MORNING)
    Letter.objects.sweep(MORNING + timedelta(minutes=3))

    assert one.mark_sent(MORNING, {}, [], [following]) == (False, False)
    assert {x.state for x in Letter.objects.filter(pk__in=[first, second])} == {LetterState.PLANNED}


def test_those_that_travel_in_the_next_point_at_it_and_at_no_other(sink):
    first, second, third = three_planned()
    one, following, more = Letter.objects.claim(MORNING)

    assert one.mark_sent(MORNING, {"subject": "Go on"}, [], [following, more]) == (True, True)

    rows = Letter.objects.in_bulk()
    assert (rows[first].carrier_id, rows[second].carrier_id, rows[third].carrier_id) == (None, None, second)
    assert [rows[pk].handed_at for pk in (first, second, third)] == [None, MORNING, MORNING]
    assert (rows[first].said, rows[second].said, rows[second].state) == ({"subject": "Go on"}, {}, "sending")
    assert rows[second].lease_until == following.lease_until


def test_one_that_twice_may_have_arrived_is_not_sent_a_third_time():
    quiet(ines())
    plan(MORNING)
    states = []
    for minutes in (0, 3):
        (letter,) = Letter.objects.claim(MORNING + timedelta(minutes=minutes))
        letter.mark_handed(MORNING + timedelta(minutes=minutes), {"subject": "Go on"})
        Letter.objects.sweep(MORNING + timedelta(minutes=minutes + 3))
        states.append((the_letter().state, the_letter().reason, the_letter().is_in_doubt))

    assert states == [(LetterState.PLANNED, Reason.LOST, True), (LetterState.FAILED, Reason.LOST, True)]
    assert Letter.objects.in_inbox(ines()).get().said == {"subject": "Go on"}


def test_one_that_may_have_arrived_at_its_last_try_cannot_be_put_in_again():
    quiet(ines())
    plan(MORNING)
    Letter.objects.update(tries=MOST_TRIES - 1)
    (letter,) = Letter.objects.claim(MORNING)

    letter.lose(MORNING, {})

    assert (the_letter().state, the_letter().reason) == (LetterState.FAILED, Reason.LOST)
    assert Letter.objects.requeue(MORNING) == 0


@pytest.mark.parametrize(("gone", "is_long"), [(LEASE / 3, False), (LEASE * 2 / 3, True)])
def test_a_lease_that_is_half_over_begins_anew_with_the_end_since_a_server_may_take_its_time(
    sink, monkeypatch, gone, is_long
):
    quiet(ines())
    at(MORNING)
    seen: list[Any] = []

    def slow(_post: Post, _message: EmailMultiAlternatives, before_end: Callable[[], bool]) -> Answer:
        Letter.objects.update(lease_until=F("lease_until") - gone)
        seen.append(the_letter().lease_until)
        sleep(0.2)
        assert before_end()
        seen.append(the_letter())
        return Answer(Outcome.TAKEN)

    monkeypatch.setattr(Post, "send", slow)
    send_reminders()

    before, handed = seen
    assert handed.lease_until == (handed.handed_at + LEASE if is_long else before)
    assert handed.handed_at - (before + gone - LEASE) >= timedelta(seconds=0.2), "it is the time of the end"


def test_who_lost_the_lease_changes_nothing():
    quiet(ines())
    plan(MORNING)
    (letter,) = Letter.objects.claim(MORNING)
    Letter.objects.sweep(MORNING + timedelta(minutes=3))

    assert letter.mark_sent(MORNING, {}) == (False, False)
    assert the_letter().state == LetterState.PLANNED


def test_a_connection_that_breaks_while_sending_is_tried_once_more_and_never_again():
    quiet(ines())
    plan(MORNING)
    (letter,) = Letter.objects.claim(MORNING)
    letter.lose(MORNING, {})
    first = the_letter().state
    (letter,) = Letter.objects.claim(MORNING + timedelta(minutes=2))

    letter.lose(MORNING, {})

    assert (first, the_letter().state) == (LetterState.PLANNED, LetterState.FAILED)


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_several_letters_takes_them_in_one_order_so_that_nobody_waits_in_a_circle():
    walker, token = ines(), uuid4()
    first, last = sorted((uuid6.uuid7(), uuid6.uuid7()))
    for minutes, pk in enumerate((last, first)):  # as they lie in the table, and in the indexes
        Letter.objects.create(
            id=pk,
            recipient=walker,
            kind="quiet",
            occurrence=f"{pk}",
            planned_at=MORNING,
            due_at=MORNING - timedelta(minutes=minutes),
            expires_at=MORNING + timedelta(days=3),
            state=LetterState.SENDING,
            lease_token=token,
            lease_until=MORNING + timedelta(minutes=minutes),
        )
    rows = Letter.objects.in_bulk()
    wishes = LetterWishes.objects.of(walker)

    for write in (
        lambda: rows[last].mark_handed(MORNING, {}, [rows[first]]),
        lambda: rows[last].mark_sent(MORNING, {}, [rows[first]]),
        lambda: wishes.stop("quiet"),
        Letter.objects.all().take_back,
    ):
        Letter.objects.update(state=LetterState.SENDING, lease_token=token, handed_at=None, tries=1)
        with in_the_way_of(write, first):
            assert Letter.objects.select_for_update(nowait=True).filter(pk=last).exists()


@contextmanager
def in_the_way_of(write: Callable[[], object], letter: UUID) -> Iterator[None]:
    """While this writes, it finds one letter locked, and waits for that."""
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            Letter.objects.select_for_update().get(pk=letter)
            writing = other.submit(with_a_connection_of_its_own(write))
            while not writing.done() and not somebody_waits():
                sleep(0.01)
            yield
        writing.result(timeout=10)


def with_a_connection_of_its_own(write: Callable[[], object]) -> Callable[[], None]:
    def written() -> None:
        try:
            write()
        finally:
            connection.close()

    return written


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid() LIMIT 1")
        return cursor.fetchone() is not None


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_letter_once(sink):
    one_road = road()
    for number in range(60):
        enrolled(person(f"Walker{number} Some", "learner"), one_road, now=LAST)
    at(MORNING)
    plan(clock.database_now())
    start = threading.Barrier(3)

    def work() -> None:
        try:
            start.wait()
            send_reminders()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    people = [letter["To"] for letter in sink.letters]
    assert len(people) == 60
    assert len(set(people)) == 60
    assert set(Letter.objects.values_list("state", flat=True)) == {LetterState.SENT}


def test_stopping_holds_back_what_is_planned(sink):
    quiet(ines())
    plan(MORNING)

    LetterWishes.objects.of(ines()).stop("quiet")

    assert (the_letter().state, the_letter().reason) == (LetterState.HELD_BACK, Reason.STOPPED)
