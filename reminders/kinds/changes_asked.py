from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from progress.models import Enrollment, Submission
from progress.models.submission import SubmissionQuerySet, SubmissionState
from reminders.kinds.answered import occurrence, occurrence_of_outer, page_of, quotes, version_of
from reminders.kinds.kind import Asked, Kind, Matter, in_chunks
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.windows import MIDNIGHT, instant
from reminders.words import LISTED, Also, Content, beginning, hello, more
from roadmap.models import Edition

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

USEFUL = {4: 7, 14: 14}  # days after the answer that a letter comes, and for how many more it is of use
MARGIN = timedelta(days=2)  # what local days may differ from ours, and a day more


@dataclass(frozen=True, slots=True)
class ChangesMatter(Matter):
    """The tasks whose next version is the learner's to hand in, the longest waiting first; `quote` is of the first."""

    asked: Sequence[Submission]
    quote: str

    @property
    def named(self) -> Iterable[int]:
        mentor = self.asked[0].state_by_id
        return [mentor] if mentor else []


class ChangesAsked(Kind):
    """A mentor asked for changes four days ago, or fourteen, and no new version was handed in.

    That there is an answer is said at once by the letter about feedback; this one is for what was put off.
    """

    key = "changes_asked"
    name = _("Changes that wait for you")
    hint = _(
        "Four and fourteen days after your mentor asked for changes, unless you handed in a new version."
    )
    priority = 4
    every = timedelta(minutes=30)

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        for days in USEFUL:
            for found in in_chunks(_unplanned(asked, days)):
                known = readers(row.person_id for row in found)
                letters = (self._letter(known[row.person_id], row, days, asked) for row in found)
                yield [letter for letter in letters if letter]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        rows = Submission.objects.filter(pk__in={x.facts["submission"] for x in letters}).with_version()
        known = {row.pk: row for row in rows.filter(_on_road()).select_related("task__roadmap")}
        found = ((x.pk, _refusal(x, known.get(x.facts["submission"]))) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        waiting = _waiting({letter.recipient_id for letter in letters})
        said = quotes([rows[0] for rows in waiting.values()])
        return {
            letter.pk: ChangesMatter(
                readers[letter.recipient_id], letter, asked=rows, quote=said.get(rows[0].pk, "")
            )
            for letter in letters
            if (rows := waiting.get(letter.recipient_id))
        }

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, ChangesMatter)  # noqa: S101  # matters() makes no other
        first, rest = matter.asked[0], matter.asked[1:]
        title, link = page_of(first)
        listed = tuple(Also(*page_of(row)) for row in rest[:LISTED])
        names = {
            "task": title,
            "mentor": str(first.state_by) if first.state_by else gettext("Your mentor"),
            "day": date_format(matter.reader.today(first.state_since), "j F"),
            "hello": hello(matter.reader.person),
        }
        return Content(
            subject=gettext("%(task)s: go on with your next version") % names,
            preheader=gettext("The feedback of %(day)s says what it takes.") % names,
            lead=gettext(
                "%(hello)s on %(day)s %(mentor)s wrote what would make this answer complete."
                " Whenever it suits you, hand in the next version; the one you have is a good start."
            )
            % names,
            kicker=gettext("Hand in the next version"),
            step=title,
            link=link,
            why=gettext(
                "You get this because changes were asked for on %(day)s and no new version was handed in since."
            )
            % names,
            quote=beginning(matter.quote),
            quoted=names["mentor"],
            also=listed,
            more=more(len(rest) - len(listed)),
        )

    def _letter(self, reader: Reader, row: Submission, days: int, asked: Asked) -> Letter | None:
        on, zone = reader.today(row.state_since) + timedelta(days=days), reader.person.zone
        not_before = instant(on, MIDNIGHT, zone)
        if not_before >= asked.until:
            return None
        return self.letter(
            reader,
            occurrence=occurrence(row, f"/{days}d"),
            facts={"submission": row.pk, "version": version_of(row)},
            not_before=not_before,
            expires_at=instant(on + timedelta(days=USEFUL[days]), MIDNIGHT, zone),
            now=asked.now,
        )


def _refusal(letter: Letter, row: Submission | None) -> Reason | None:
    if row is None:
        return Reason.LEFT_ROAD
    if row.state == SubmissionState.ACCEPTED:
        return Reason.DONE
    if row.state == SubmissionState.WAITING or version_of(row) != letter.facts["version"]:
        return Reason.OVERTAKEN
    return None if _is_asked(row) else Reason.NOTHING_TO_SAY


def _is_asked(row: Submission) -> bool:
    """Whether the edition that is studied still asks for it."""
    return row.task.key in Edition.objects.document(row.task.roadmap.studied_edition_id).task_by_key


def _unplanned(asked: Asked, days: int) -> SubmissionQuerySet:
    """Sent back so many days ago, and not in the ledger for this version and step."""
    planned_before = Letter.objects.of_kinds([ChangesAsked.key]).filter(
        recipient=OuterRef("person"), occurrence=occurrence_of_outer(f"/{days}d")
    )
    stopped = Q(person__letter_wishes__stopped_kinds__has_any_keys=asked.stops(ChangesAsked.key))
    first = asked.now - timedelta(days=days + USEFUL[days]) - MARGIN
    rows = _sent_back().filter(state_since__range=(first, asked.until - timedelta(days=days) + MARGIN))
    if asked.person:
        rows = rows.filter(person=asked.person)
    return (
        rows.with_version()
        .filter(~Exists(planned_before), _on_road(), person__is_active=True)
        .exclude(stopped)
    )


def _sent_back() -> SubmissionQuerySet:
    return Submission.objects.filter(state=SubmissionState.CHANGES_REQUESTED)


def _on_road() -> Combinable:
    """Whether the person is on the road of the task, has not finished it, and did not start over since."""
    begun_before = Q(counts_from=None) | Q(counts_from__lte=OuterRef("state_since"))
    return Exists(
        Enrollment.objects.unfinished().filter(
            begun_before, person=OuterRef("person"), roadmap=OuterRef("task__roadmap")
        )
    )


def _waiting(people: set[int]) -> dict[int, list[Submission]]:
    """All that these people were asked to change, the longest waiting first."""
    rows = (
        _sent_back()
        .filter(_on_road(), person__in=people)
        .select_related("task__roadmap", "state_by")
        .order_by("state_since", "pk")
    )
    found: dict[int, list[Submission]] = {}
    for row in filter(_is_asked, rows):
        found.setdefault(row.person_id, []).append(row)
    return found
