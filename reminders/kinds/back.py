from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import CharField, Exists, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay, Pause
from progress.models import Enrollment
from progress.models.enrollment import Position
from progress.models.enrollments import EnrollmentQuerySet
from progress.plan import Span, merged
from progress.words import next_sign
from reminders.kinds.kind import Asked, Kind, Matter, in_chunks
from reminders.models.letter import Letter, Reason
from reminders.models.reader import Reader, readers
from reminders.windows import DAY, MIDNIGHT, instant
from reminders.words import LISTED, Also, Content, hello, more

USEFUL_DAYS = 4


@dataclass(frozen=True, slots=True)
class BackMatter(Matter):
    """The pause that is over, and where the reader stands on each road of before, first on the one she began last."""

    pause: Span
    positions: Sequence[Position]

    @property
    def moved_days(self) -> int:
        planned = self.positions[0].known.plan
        begins = max(self.pause.starts_on, planned.starts_on) if planned else self.pause.ends_on
        return max(0, (self.pause.ends_on - begins).days)


class Back(Kind):
    """A pause is over, on the morning of the first day after it; nothing when she has been active since.

    It is about the roads that she was on before that day: to none of the others does she come back.
    """

    key = "back"
    name = _("Back from a pause")
    hint = _("On the first day after a pause: what moved, and where to go on.")
    priority = 4
    every = timedelta(minutes=30)

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        for found in in_chunks(_unplanned(asked)):
            known, first = (
                readers(row.person_id for row in found),
                _first_roads(row.person_id for row in found),
            )
            comes = [x for x in found if _was_on_road(known[x.person_id], first.get(x.person_id), x.ends_on)]
            letters = (self._letter(known[row.person_id], row, asked) for row in comes)
            yield [letter for letter in letters if letter]

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        first, active = _first_roads(letter.recipient_id for letter in letters), _active(letters)
        found = ((x.pk, _refusal(x, readers[x.recipient_id], first, active)) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        roads: dict[int, list[Position]] = {}
        people = {letter.recipient_id for letter in letters}
        for position in _roads(people).order_by("-enrolled_at", "-id").positions(now):
            roads.setdefault(position.enrollment.person_id, []).append(position)
        found: dict[UUID, Matter] = {}
        for letter in letters:
            reader = readers[letter.recipient_id]
            pause, on = _ended(reader, _on(letter)), roads.get(letter.recipient_id, ())
            mine = [x for x in on if _was_on_road(reader, x.enrollment.enrolled_at, _on(letter))]
            if pause and mine:
                found[letter.pk] = BackMatter(reader, letter, pause, mine)
        return found

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, BackMatter)  # noqa: S101  # matters() makes no other
        first, rest = matter.positions[0], matter.positions[1:]
        sign, day = next_sign(first), date_format(matter.pause.ends_on, "j F")
        listed = tuple(Also(x.document.title, next_sign(x).href, next_sign(x).title) for x in rest[:LISTED])
        return Content(
            subject=gettext("%(road)s: here is where you go on") % {"road": first.document.title},
            preheader=sign.title,
            lead=gettext("%(hello)s welcome back.") % {"hello": hello(matter.reader.person)}
            + " "
            + _moved(matter, first),
            kicker=sign.kicker,
            step=sign.title,
            link=sign.href,
            why=gettext("You get this because your pause was over on %(day)s.") % {"day": day},
            also=listed,
            more=more(len(rest) - len(listed)),
        )

    def _letter(self, reader: Reader, row: Pause, asked: Asked) -> Letter | None:
        on, zone = row.ends_on, reader.person.zone
        not_before = instant(on, MIDNIGHT, zone)
        if not_before >= asked.until or _ended(reader, on) is None:
            return None
        return self.letter(
            reader,
            occurrence=f"back-{on}",
            facts={"on": on.isoformat()},
            not_before=not_before,
            expires_at=instant(on + USEFUL_DAYS * DAY, MIDNIGHT, zone),
            now=asked.now,
        )


def _on(letter: Letter) -> date:
    return date.fromisoformat(letter.facts["on"])


def _refusal(
    letter: Letter, reader: Reader, first_roads: Mapping[int, datetime], active: Mapping[int, date]
) -> Reason | None:
    first = first_roads.get(letter.recipient_id)
    if first is None:
        return Reason.NO_ROAD
    if not _was_on_road(reader, first, _on(letter)):
        return Reason.NOTHING_TO_SAY
    if _ended(reader, _on(letter)) is None:
        return Reason.DATE_CHANGED
    last = active.get(letter.recipient_id)
    return Reason.CAME_BACK if last and last >= _on(letter) else None


def _was_on_road(reader: Reader, enrolled_at: datetime | None, on: date) -> bool:
    """Whether she was on a road before this day of her calendar, having enrolled then."""
    return enrolled_at is not None and reader.today(enrolled_at) < on


def _ended(reader: Reader, on: date) -> Span | None:
    """The whole pause after which she is back on this day; None while another follows on its heels."""
    return next((pause for pause in merged(reader.pauses) if pause.ends_on == on), None)


def _moved(matter: BackMatter, position: Position) -> str:
    """What became of the plan."""
    days, due = matter.moved_days, position.next_due
    if not days:
        return gettext("Everything is where you left it.")
    moved = ngettext(
        "Your plan has moved by %(count)d day with your pause.",
        "Your plan has moved by %(count)d days with your pause.",
        days,
    ) % {"count": days}
    if due is None or due.due_on < matter.pause.ends_on:
        return moved
    following = gettext("The next day in it is %(day)s.") % {"day": date_format(due.due_on, "j F")}
    return f"{moved} {following}"


def _unplanned(asked: Asked) -> QuerySet[Pause]:
    """Pauses that are over, or will be by that moment, of people on a road; those of days ago are let be."""
    planned_before = Letter.objects.of_kinds([Back.key]).filter(
        recipient=OuterRef("person"),
        occurrence=Concat(Value("back-"), Cast(OuterRef("ends_on"), CharField()), output_field=CharField()),
    )
    first = asked.now.date() - (USEFUL_DAYS + 1) * DAY
    rows = Pause.objects.filter(ends_on__range=(first, asked.until.date() + DAY), person__is_active=True)
    if asked.person:
        rows = rows.filter(person=asked.person)
    on_road = Enrollment.objects.unfinished().filter(person=OuterRef("person"))
    active = ActiveDay.objects.filter(person=OuterRef("person"), on__gte=OuterRef("ends_on"))
    stopped = Q(person__letter_wishes__stopped_kinds__has_any_keys=asked.stops(Back.key))
    unplanned: QuerySet[Pause] = rows.filter(
        Exists(on_road), ~Exists(active), ~Exists(planned_before)
    ).exclude(stopped)
    return unplanned


def _roads(people: set[int]) -> EnrollmentQuerySet:
    return Enrollment.objects.unfinished().filter(person__in=people)


def _first_roads(people: Iterable[int]) -> dict[int, datetime]:
    """When these people enrolled on the first of the roads they are on."""
    rows = _roads(set(people)).order_by().values("person").annotate(first=Min("enrolled_at"))
    return dict(rows.values_list("person", "first"))


def _active(letters: Sequence[Letter]) -> dict[int, date]:
    """The last active day of each recipient from the earliest of these days on."""
    rows = ActiveDay.objects.filter(
        person__in={letter.recipient_id for letter in letters}, on__gte=min(map(_on, letters))
    )
    return dict(rows.order_by("on").values_list("person", "on"))
