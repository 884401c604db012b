from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mentoring import words
from mentoring.models.to_mark import TO_MARK, MarkingWork, marking_for
from reminders.kinds import mentors
from reminders.kinds.kind import Matter, moment
from reminders.kinds.new_work import NewWork
from reminders.models.letter import Letter
from reminders.models.reader import Reader
from reminders.words import LISTED, Content, hello, more


@dataclass(frozen=True, slots=True)
class MarkingWaitsMatter(Matter):
    """What this mentor is to mark and to answer, the longest waiting first, as it is at `now`."""

    work: MarkingWork
    now: datetime

    @property
    def named(self) -> Iterable[int]:
        return mentors.learners_of(self.work)


class MarkingWaits(NewWork):
    """Answers in quizzes of a mentor's learners wait for her marks, or appeals for her answer."""

    key = "marking_waits"
    name = _("Answers to mark and appeals")
    hint = _("Once a day at most, when answers in quizzes have come to you to be marked, or appeals.")
    waiting = TO_MARK

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        latest = max(moment(letter, now) for letter in letters)
        people = {letter.recipient_id for letter in letters}
        found = marking_for(people, latest - words.MARKS_PROMISED, most=LISTED + 1)
        return {
            letter.pk: MarkingWaitsMatter(
                readers[letter.recipient_id], letter, work=work, now=moment(letter, now)
            )
            for letter in letters
            if (work := found.get(letter.recipient_id))
        }

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, MarkingWaitsMatter)  # noqa: S101  # matters() makes no other
        work, mentor = matter.work, matter.reader.person
        oldest, *rest = (mentors.waiting(row, mentor, matter.now) for row in work.first)
        lead = gettext("%(hello)s something new has come to you to be marked or answered.")
        return Content(
            subject=_subject(work),
            preheader=gettext("The longest waiting: %(what)s.") % {"what": oldest.name},
            lead=" ".join(filter(None, [lead % {"hello": hello(mentor)}, mentors.late_words(work)])),
            kicker=oldest.asked,
            step=oldest.title,
            link=oldest.link,
            why=gettext(
                "You get this as a mentor, because answers or appeals of your learners came to you since the last"
                " such letter."
            ),
            also=tuple(thing.as_also() for thing in rest),
            more=more(work.count - len(work.first)),
        )


def _subject(work: MarkingWork) -> str:
    if not work.appeals:
        return ngettext(
            "%(n)d quiz waits for your marks", "%(n)d quizzes wait for your marks", work.attempts
        ) % {"n": work.attempts}
    if not work.attempts:
        return ngettext(
            "%(n)d appeal waits for your answer", "%(n)d appeals wait for your answer", work.appeals
        ) % {"n": work.appeals}
    quizzes = ngettext("%(n)d quiz", "%(n)d quizzes", work.attempts) % {"n": work.attempts}
    appeals = ngettext("%(n)d appeal", "%(n)d appeals", work.appeals) % {"n": work.appeals}
    return gettext("%(quizzes)s and %(appeals)s wait for you") % {"quizzes": quizzes, "appeals": appeals}
