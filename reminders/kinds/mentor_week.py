from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from mentoring import words
from mentoring.models.charges import (
    Answered,
    CohortNumbers,
    Needs,
    WaitingWork,
    answered_since,
    cohorts_of,
    needs_of,
    still_mentors,
    waiting_for,
)
from mentoring.models.to_mark import MarkingWork, marking_for
from progress.models import Enrollment
from reminders.kinds.digest import WEEK, Digest, day_of, heading, weekday_name
from reminders.kinds.kind import Audience, Matter, moment
from reminders.kinds.mentors import Waiting, late_words, learners_of, waiting
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader
from reminders.words import LISTED, Also, Content, Table, hello, more


@dataclass(frozen=True, slots=True)
class MentorWeekMatter(Matter):
    """A mentor's week from `on`, as it is at `now`: what waits, who may need a word, what she answered last week."""

    on: date
    now: datetime
    work: WaitingWork | None
    marking: MarkingWork | None
    needs: Needs | None
    answered: Answered | None
    cohorts: Sequence[CohortNumbers]

    @property
    def named(self) -> Iterable[int]:
        needing = self.needs.first if self.needs else ()
        return [*learners_of(self.work, self.marking), *(enrollment.person_id for enrollment in needing)]


class MentorWeek(Digest):
    """What waits for a mentor and which of her learners may need a word, on the weekday she chose."""

    key = "mentor_week"
    name = _("Your learners’ week")
    hint = _("Once a week: what waits for you, and who may need a word.")
    audience = Audience.MENTOR
    who = """
EXISTS (SELECT FROM mentoring_mentorship own WHERE own.mentor_id = walker.id AND own.ended_at IS NULL)
AND EXISTS (SELECT FROM accounts_user_groups member JOIN auth_group role ON role.id = member.group_id
             WHERE member.user_id = walker.id AND role.name = 'mentor')
"""

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        mentors = still_mentors({letter.recipient_id for letter in letters})
        without = {x.pk: Reason.NOT_MENTOR for x in letters if x.recipient_id not in mentors}
        return {**super().refusals(letters, readers, now), **without}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        days = {x.recipient_id: readers[x.recipient_id].today(moment(x, now)) for x in letters}
        works, needs = waiting_for(days, now, most=LISTED), needs_of(days, most=LISTED)
        markings = marking_for(days, now - words.MARKS_PROMISED, most=LISTED)
        answered = answered_since(days, now - WEEK)
        cohorts = cohorts_of(days, min(days.values()) - WEEK)
        found = {}
        for letter in letters:
            mentor = letter.recipient_id
            about = MentorWeekMatter(
                readers[mentor],
                letter,
                on=day_of(letter),
                now=moment(letter, now),
                work=works.get(mentor),
                marking=markings.get(mentor),
                needs=needs.get(mentor),
                answered=answered.get(mentor),
                cohorts=cohorts.get(mentor, ()),
            )
            if about.work or about.marking or about.needs or about.answered:
                found[letter.pk] = about
        return found

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, MentorWeekMatter)  # noqa: S101  # matters() makes no other
        counts = " ".join(_counts(matter)) or gettext("Nothing waits for you.")
        things = _waiting(matter)
        kicker, step, link = _step(matter, things)
        return Content(
            subject=gettext("Your learners’ week, %(days)s") % {"days": heading(matter.on)},
            preheader=counts,
            lead=f"{hello(matter.reader.person)} {counts}",
            kicker=kicker,
            step=step,
            link=link,
            why=gettext("You get this every %(weekday)s because you mentor learners here.")
            % {"weekday": weekday_name(matter.on)},
            tables=tuple(_tables(matter)),
            also=(*(thing.as_also() for thing in things[1:]), *_people(matter, len(things))),
            more=_more(matter, len(things)),
            note=gettext("A signal is a reason to write, not a grade.") if matter.needs else "",
        )


def _counts(matter: MentorWeekMatter) -> Iterator[str]:
    if work := matter.work:
        yield ngettext(
            "%(n)d piece of evidence waits for your review.",
            "%(n)d pieces of evidence wait for your review.",
            work.count,
        ) % {"n": work.count}
    if (marking := matter.marking) and marking.attempts:
        yield ngettext(
            "%(n)d quiz waits for your marks.", "%(n)d quizzes wait for your marks.", marking.attempts
        ) % {"n": marking.attempts}
    if marking and marking.appeals:
        yield ngettext(
            "%(n)d appeal waits for your answer.", "%(n)d appeals wait for your answer.", marking.appeals
        ) % {"n": marking.appeals}
    if late := late_words(matter.work, marking):
        yield late
    if matter.needs and (count := matter.needs.quiet + matter.needs.behind):
        yield ngettext(
            "%(n)d of your learners may need a word.", "%(n)d of your learners may need a word.", count
        ) % {"n": count}
    if answered := matter.answered:
        yield ngettext(
            "Last week you answered %(n)d, %(kept)d of them by the promised day.",
            "Last week you answered %(n)d, %(kept)d of them by the promised day.",
            answered.count,
        ) % {"n": answered.count, "kept": answered.kept}


def _waiting(matter: MentorWeekMatter) -> list[Waiting]:
    """The first few of all that waits for her, the longest waiting first."""
    evidence = matter.work.first if matter.work else ()
    in_quizzes = matter.marking.first if matter.marking else ()
    things = (waiting(row, matter.reader.person, matter.now) for row in (*evidence, *in_quizzes))
    return sorted(things, key=lambda thing: thing.since)[:LISTED]


def _step(matter: MentorWeekMatter, things: Sequence[Waiting]) -> tuple[str, str, str]:
    """The one thing to go on with: the longest waiting, else who may need a word, else the page of her learners."""
    if things:
        return things[0].asked, things[0].title, things[0].link
    if matter.needs:
        first_one = matter.needs.first[0]
        return gettext("Who may need a word first"), str(first_one.person), _page_of(first_one)
    return gettext("Look at your learners"), gettext("Your learners"), reverse("mentoring:home")


def _people(matter: MentorWeekMatter, things: int) -> Iterator[Also]:
    """Learners who may need a word, with what says so; the one of the step is not said twice."""
    if matter.needs is None:
        return
    on = matter.reader.today(matter.now)
    for enrollment in matter.needs.first if things else matter.needs.first[1:]:
        said = {"signal": words.signal(enrollment, on).text, "road": enrollment.document.title}
        yield Also(str(enrollment.person), _page_of(enrollment), gettext("%(signal)s, %(road)s.") % said)


def _page_of(enrollment: Enrollment) -> str:
    return words.learner_url(enrollment.person_id, enrollment.document.key)


def _more(matter: MentorWeekMatter, things: int) -> str:
    needs = matter.needs
    left = sum(work.count for work in (matter.work, matter.marking) if work) - things
    return more(left + (needs.quiet + needs.behind - len(needs.first) if needs else 0))


def _tables(matter: MentorWeekMatter) -> Iterator[Table]:
    rows = tuple(
        (cohort.title, str(cohort.learners), str(cohort.active), str(cohort.finished))
        for cohort in matter.cohorts[:LISTED]
    )
    if rows:
        head = (gettext("Cohort"), gettext("Learners"), gettext("Here last week"), gettext("Finished"))
        yield Table(gettext("Your cohorts"), rows, head=head)
