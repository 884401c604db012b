from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Pause, User
from quizzes.models import Attempt
from quizzes.models.attempts import AttemptQuerySet
from quizzes.paper import Overtime
from reminders.kinds.kind import Asked, Kind, Matter, in_chunks, moment, on_road
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.models.wishes import every_day
from reminders.windows import DAY
from reminders.words import LISTED, Also, Content, hello, more

SHORT = timedelta(hours=2)
LONG = timedelta(days=2)
AN_HOUR = timedelta(hours=1)
GRACE = timedelta(days=1)  # closing comes after the deadline, never by so much


@dataclass(frozen=True, slots=True)
class EndingMatter(Matter):
    """Her long attempts under way, the first to end first: what any letter of this kind is to say, each says."""

    attempts: Sequence[Attempt]


class AttemptEnding(Kind):
    """The time of an open attempt is nearly over: a day before for one that lasts for days, else an hour.

    Where nothing is open from then on, it is said in the last open hour before: the evening before a night, as a rule.
    Attempts of two hours and less get none: whoever sits one has its clock before her, a letter would only take her
    away from it, and no mail server promises to be that quick.
    """

    key = "attempt_ending"
    name = _("Attempts that end soon")
    hint = _(
        "Before the time of a quiz you have begun is over: a day before, or an hour for shorter ones;"
        " earlier when that falls into hours in which you want no letters."
    )
    priority = 1
    is_critical = True
    every = timedelta(minutes=5)

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        for found in in_chunks(_unplanned(asked)):
            known = readers(row.person_id for row in found)
            letters = (self._letter(known[row.person_id], row, asked) for row in found)
            yield [letter for letter in letters if letter]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        rows = Attempt.objects.filter(
            on_road("quiz__roadmap"), pk__in={x.facts["attempt"] for x in letters}
        ).defer("paper")
        known = {row.pk: row for row in rows}
        found = ((x.pk, _refusal(x, known.get(x.facts["attempt"]))) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        running = _running({letter.recipient_id for letter in letters})
        found: dict[UUID, Matter] = {}
        for letter in letters:
            at = moment(letter, now)
            mine = [x for x in running.get(letter.recipient_id, ()) if _deadline(x) > at]
            if mine:
                found[letter.pk] = EndingMatter(readers[letter.recipient_id], letter, mine)
        return found

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, EndingMatter)  # noqa: S101  # matters() makes no other
        person, first, rest = matter.reader.person, matter.attempts[0], matter.attempts[1:]
        names = {"quiz": _title(first), "moment": _moment(first, person), "hello": hello(person)}
        listed = tuple(
            Also(_title(x), _page(x), gettext("until %(moment)s") % {"moment": _moment(x, person)})
            for x in rest[:LISTED]
        )
        return Content(
            subject=gettext("%(quiz)s: your attempt is open until %(moment)s") % names,
            preheader=_what_happens(first),
            lead=gettext("%(hello)s the time of your attempt is over on %(moment)s.") % names
            + " "
            + _what_happens(first),
            kicker=gettext("Go on with your attempt"),
            step=_title(first),
            link=_page(first),
            why=gettext(
                "You get this because you have begun this quiz, have not handed it in, and its time ends on %(moment)s."
            )
            % names,
            also=listed,
            more=more(len(rest) - len(listed)),
        )

    def _letter(self, reader: Reader, row: Attempt, asked: Asked) -> Letter | None:
        deadline = _deadline(row)
        letter = self.letter(
            reader,
            occurrence=f"attempt-{row.pk}/ends-{_stamp(deadline)}",
            facts={"attempt": row.pk, "ends": _stamp(deadline)},
            not_before=deadline - _lead(deadline - row.started_at),
            expires_at=deadline,
            now=asked.now,
            or_since=row.started_at + AN_HOUR,  # whoever has just begun has read until when
        )
        return letter if letter and letter.due_at < asked.until else None


def _lead(length: timedelta) -> timedelta:
    """How long before its end an attempt of this length is spoken of."""
    return DAY if length >= LONG else AN_HOUR


def _deadline(row: Attempt) -> datetime:
    assert row.deadline_at is not None  # noqa: S101  # those without were left out
    return row.deadline_at


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _refusal(letter: Letter, row: Attempt | None) -> Reason | None:
    if row is None:
        return Reason.LEFT_ROAD
    if row.is_finished:
        return Reason.DONE
    has_moved = row.deadline_at is None or _stamp(row.deadline_at) != letter.facts["ends"]
    return Reason.DATE_CHANGED if has_moved else None


def _unplanned(asked: Asked) -> AttemptQuerySet:
    """Open attempts, long enough, whose letter falls due before that moment and is not there yet."""
    stopped = Q(person__letter_wishes__stopped_kinds__has_any_keys=asked.stops(AttemptEnding.key))
    planned_before = Letter.objects.of_kinds([AttemptEnding.key]).filter(
        recipient=OuterRef("person"),
        occurrence__startswith=Concat(
            Value("attempt-"), Cast(OuterRef("pk"), CharField()), Value("/"), output_field=CharField()
        ),
        expires_at=OuterRef("deadline_at"),
    )
    is_soon = Q(closes_at__lte=asked.until + 2 * DAY + GRACE)  # a day before, or in the evening before that
    rows = _long().filter(is_soon | _has_days_without(asked.now), closes_at__gt=asked.now)
    if asked.person:
        rows = rows.filter(person=asked.person)
    return (
        rows.filter(
            on_road("quiz__roadmap"),
            ~Exists(planned_before),
            deadline_at__gt=asked.now,
            person__is_active=True,
        )
        .exclude(stopped)
        .defer("paper")
    )


def _has_days_without(now: datetime) -> Q:
    """Whether letters don't come every day to this person, so that the last open hour may lie far before the end."""
    is_daily = Q(person__letter_wishes=None) | Q(person__letter_wishes__weekdays=every_day())
    pauses = Pause.objects.filter(person=OuterRef("person"), ends_on__gt=now.date() - DAY)
    return ~is_daily | Q(Exists(pauses))


def _long() -> AttemptQuerySet:
    return Attempt.objects.open().filter(deadline_at__gt=F("started_at") + SHORT)


def _running(people: set[int]) -> dict[int, list[Attempt]]:
    """The long attempts under way of each of these people, the first to end first."""
    rows = (
        _long()
        .filter(on_road("quiz__roadmap"), person__in=people)
        .annotate(title=F("quiz_version__paper__title"))
    )
    found: dict[int, list[Attempt]] = {}
    for row in rows.select_related("quiz__roadmap").defer("paper").order_by("deadline_at", "pk"):
        found.setdefault(row.person_id, []).append(row)
    return found


def _title(row: Attempt) -> str:
    """As the version is called that she sits."""
    title: str = row.title  # type: ignore[attr-defined]  # _running()
    return title


def _page(row: Attempt) -> str:
    """The page before the questions: opening those takes the attempt over, which a link in a letter must not."""
    return reverse("progress:quiz_start", args=[row.quiz.roadmap.key, row.quiz.key])


def _moment(row: Attempt, person: User) -> str:
    return date_format(_deadline(row).astimezone(person.zone), gettext("j F, H:i"))


def _what_happens(row: Attempt) -> str:
    """What becomes of an attempt that is not handed in."""
    if row.overtime == Overtime.HAND_IN:
        return gettext("What is saved by then is handed in by itself.")
    return gettext("It counts when you hand it in by then; your answers so far are saved.")
