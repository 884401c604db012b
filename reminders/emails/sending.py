"""Sends what is decided, one letter after the other over one connection, and writes down what became of each."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import translation

from reminders.emails.deciding import Group, refusals
from reminders.emails.drawing import mail
from reminders.emails.post import Answer, Outcome, Post, UnreachableError
from reminders.emails.watch import Watch
from reminders.kinds import KINDS, Matter
from reminders.models import Letter
from reminders.models.letter import Reason, unreachable
from reminders.models.reader import readers
from reminders.words import Content

log = logging.getLogger(__name__)

SWIFT = 0.5  # seconds in which a letter must have gone for the next one to be handed with it


@dataclass
class Tally:
    """What became of the letters of one round, and why it ended with some left: for want of time or of a plan."""

    sent: int = 0
    held_back: int = 0
    put_off: int = 0
    failed: int = 0
    is_cut_short: bool = False
    awaits_plan: bool = False

    def __str__(self) -> str:
        return f"{self.sent} sent, {self.held_back} held back, {self.put_off} put off, {self.failed} failed"


@dataclass(frozen=True, slots=True)
class Written:
    """A letter with those it carries, the words for all of them together, and those of each by itself."""

    lead: Letter
    carried: tuple[Letter, ...]
    content: Content
    matter: Matter
    words: Mapping[Letter, Content]


class Sending:
    """One chunk on its way, until `ends` by the monotonic clock: its matters, the connection, who watches how it fares.

    A letter is *handed* before its end goes to the mail server. As long as letters go swiftly that is written with what
    became of the one before: a stop said within that half second comes too late, and each letter costs one commit.
    Where it takes longer after all, it is asked anew whether it may leave. One that may have arrived before is handed
    at the last moment: it has no further try.
    """

    def __init__(
        self,
        post: Post,
        matters: Mapping[UUID, Matter],
        *,
        now: datetime,
        ends: float,
        watch: Watch,
        tally: Tally,
    ) -> None:
        self._post, self._matters, self._watch, self._tally = post, matters, watch, tally
        self._now, self._began, self._ends = now, time.monotonic(), ends
        self._handed: Group | None = None
        self._handed_at = 0.0

    @property
    def goes_on(self) -> bool:
        """Whether the next letter may leave."""
        return self._watch.lets_go and time.monotonic() < self._ends

    def send(self, group: Group, following: Group | None) -> None:
        """Write and send one letter with what it carries; `following` is what is sent after it, if there is time."""
        is_handed, self._handed, began = self._handed is group, None, time.monotonic()
        written = self._written(group)
        if written is None:
            return
        lead, carried, kept = written.lead, written.carried, written.content.kept()
        try:
            message = mail(written.matter, written.content, self._post.connection)
        except Exception:  # one letter that cannot be written must not keep the others
            log.exception("letter could not be written", extra={"letter": str(lead.pk)})
            now, words = self._moment(), written.words.items()
            self._tally.failed += sum(x.give_up(Reason.UNREADABLE, now, said.kept()) for x, said in words)
            return

        is_whole = is_handed and len(written.words) == 1 + len(group.carried)

        def hand() -> bool:
            if is_whole and time.monotonic() < self._handed_at + SWIFT:
                return True
            if is_handed and not self._may_still_leave(written):
                return False
            return lead.mark_handed(self._moment(), kept, carried)

        answer = self._post.send(message, before_end=hand)
        now = self._moment()
        self._watch.saw(answer, lead, written.matter.reader.person, now)
        if answer.outcome == Outcome.TAKEN:
            self._sent(written, kept, now, following if time.monotonic() < began + SWIFT else None)
        else:
            log.warning("letter not taken", extra={"letter": str(lead.pk), "answer": answer.said})
            self._not_taken(written, answer, now)

    def _sent(
        self, written: Written, kept: Mapping[str, object], now: datetime, following: Group | None
    ) -> None:
        after = letters_of([following]) if following and self.goes_on else []
        if any(letter.is_in_doubt for letter in after):
            after = []
        self._handed_at = time.monotonic()
        is_sent, is_handed = written.lead.mark_sent(now, kept, written.carried, after)
        self._tally.sent += is_sent
        self._handed = following if is_handed else None

    def _may_still_leave(self, written: Written) -> bool:
        """Whether nothing was said against it since it was handed: stops pass by what is being handed over."""
        now, person = self._moment(), written.lead.recipient_id
        known = readers([person])
        if person not in known or known[person].no_address:
            return False
        return not refusals([*written.words], known, now)

    def _not_taken(self, written: Written, answer: Answer, now: datetime) -> None:
        """Write what the answer means for each of these letters; one that is given up stands by itself in the inbox."""
        if answer.outcome == Outcome.NOT_OURS:  # one was stopped, say: the others are asked anew
            self._tally.put_off += Letter.objects.claimed_as(written.words).let_go(reason="", due_at=now)
            return
        for letter, content in written.words.items():
            said = content.kept()
            if answer.outcome == Outcome.NEVER:
                self._tally.failed += letter.give_up(answer.said, now, said)
            elif answer.outcome == Outcome.LOST:
                self._tally.put_off += letter.lose(now, said)
            else:
                self._tally.put_off += letter.try_later(answer.said, now, said)

    def _written(self, group: Group) -> Written | None:
        """The words of a letter and of those it carries; what has nothing to say any more is held back."""
        letters = letters_of([group])
        said = {x: content for x in letters if (content := content_of(self._matters.get(x.pk)))}
        if silent := [letter for letter in letters if letter not in said]:
            self._tally.held_back += sum(letter.refuse(Reason.NOTHING_TO_SAY) for letter in silent)
            Letter.objects.speak_again(silent, self._moment())
        if not said:
            return None
        lead, *carried = said
        content = said[lead].carrying([said[letter] for letter in carried])
        return Written(lead, tuple(carried), content, self._matters[lead.pk], said)

    def _moment(self) -> datetime:
        """What `now` has become since the sending began."""
        return self._now + timedelta(seconds=time.monotonic() - self._began)


def send_all(
    groups: Sequence[Group],
    matters: Mapping[UUID, Matter],
    now: datetime,
    ends: float,
    *,
    watch: Watch,
    tally: Tally,
) -> None:
    """Send over one connection until `ends` by the monotonic clock; what nobody tried to send is given back."""
    left = list(groups)
    try:
        with Post() as post:
            sending = Sending(post, matters, now=now, ends=ends, watch=watch, tally=tally)
            while left and sending.goes_on:
                sending.send(left[0], left[1] if len(left) > 1 else None)
                left.pop(0)
    except UnreachableError as trouble:
        watch.open(str(trouble), now)
        tally.put_off += unreachable(letters_of(left), now)
        raise
    Letter.objects.claimed_as(letters_of(left)).let_go(reason="", due_at=now)


def letters_of(groups: Iterable[Group]) -> list[Letter]:
    return [letter for group in groups for letter in (group.lead, *group.carried)]


def content_of(matter: Matter | None) -> Content | None:
    """The letter in the reader's language; None when it has nothing to say or cannot be written."""
    if matter is None:
        return None
    try:
        with translation.override(matter.reader.person.language):
            return KINDS[matter.letter.kind].says(matter).naming(matter.named)
    except Exception:  # one letter that cannot be written must not keep the others
        log.exception("letter could not be written", extra={"letter": str(matter.letter.pk)})
        return None
