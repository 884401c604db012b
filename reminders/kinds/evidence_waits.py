from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mentoring.models.charges import WAITING, WaitingWork, waiting_for
from reminders.kinds.kind import Matter, moment
from reminders.kinds.mentors import late_words, learners_of, listed, review_url, review_words, task_title
from reminders.kinds.new_work import NewWork
from reminders.models.letter import Letter
from reminders.models.reader import Reader
from reminders.words import LISTED, Content, hello, more


@dataclass(frozen=True, slots=True)
class EvidenceWaitsMatter(Matter):
    """The evidence that waits for this mentor, the longest waiting first, as it is at `now`."""

    work: WaitingWork
    now: datetime

    @property
    def named(self) -> Iterable[int]:
        return learners_of(self.work)


class EvidenceWaits(NewWork):
    """Evidence of a mentor's learners waits for a review."""

    key = "evidence_waits"
    name = _("Evidence to review")
    hint = _("Once a day at most, when new evidence of your learners has come to you.")
    waiting = WAITING

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        waiting = waiting_for({letter.recipient_id for letter in letters}, now, most=LISTED + 1)
        return {
            letter.pk: EvidenceWaitsMatter(
                readers[letter.recipient_id], letter, work=work, now=moment(letter, now)
            )
            for letter in letters
            if (work := waiting.get(letter.recipient_id))
        }

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, EvidenceWaitsMatter)  # noqa: S101  # matters() makes no other
        work, oldest = matter.work, matter.work.first[0]
        return Content(
            subject=ngettext(
                "%(count)d piece of evidence waits for your review",
                "%(count)d pieces of evidence wait for your review",
                work.count,
            )
            % {"count": work.count},
            preheader=gettext("The longest waiting: %(task)s by %(learner)s.")
            % {"task": task_title(oldest), "learner": oldest.person},
            lead=" ".join(filter(None, [_lead(matter), late_words(work)])),
            kicker=review_words(oldest, matter.reader.person, matter.now),
            step=task_title(oldest),
            link=review_url(oldest),
            why=gettext(
                "You get this as a mentor, because evidence of your learners came to you since the last such letter."
            ),
            also=listed(work.first[1:], matter.reader, matter.now),
            more=more(work.count - len(work.first)),
        )


def _lead(matter: EvidenceWaitsMatter) -> str:
    return gettext("%(hello)s evidence of your learners has come to you.") % {
        "hello": hello(matter.reader.person)
    }
