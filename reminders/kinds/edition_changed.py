from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from progress.asking import asked_more
from progress.models import Enrollment
from progress.models.enrollment import Position
from progress.models.enrollments import EnrollmentQuerySet
from progress.standing import Facts, Standing
from quizzes.models import QuizVersion
from reminders.kinds.kind import Asked, Kind, Matter, in_chunks
from reminders.models.letter import Letter, LetterState, Reason
from reminders.models.reader import Reader, readers
from reminders.words import LISTED, Also, Content, hello, more
from roadmap.document import RoadDocument
from roadmap.models import Edition

SETTLES = timedelta(hours=1)  # an author who publishes has often seen the next thing to mend
USEFUL = timedelta(days=7)
SAID = 2


class Published(NamedTuple):
    """An edition without its document."""

    pk: int
    road: int
    number: int
    published_at: datetime


class Ask(NamedTuple):
    """One thing that a stage asks for and did not, with the keys of what is to be done for it."""

    stage: str
    what: str  # stage, resources, quiz, mark, evidence
    keys: frozenset[str] = frozenset()
    mark: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What the newest edition of a road asks of one person that those she knew did not, and that is not done yet."""

    position: Position
    edition: Published
    asks: Sequence[Ask]

    @property
    def page(self) -> str:
        """All of it, also where editions came out one after the other; an edition's own page shows its own part."""
        return reverse("progress:since", args=[self.position.document.key])


@dataclass(frozen=True, slots=True)
class EditionMatter(Matter):
    """The roads of which more is asked than before, the newest edition first."""

    news: Sequence[News]


class EditionChanged(Kind):
    """A new edition of an unfinished road asks for more than those the person knew, in a stage she has not passed.

    It counts from what she has read, what a letter told her and what was studied a week ago. An hour passes first, so
    that several editions in a row bring one letter, about the newest. An edition that asks for nothing more brings
    none: the road's own page says that there is one.
    """

    key = "edition_changed"
    name = _("New editions")
    hint = _("When a new edition of your road asks for something that was not asked before.")
    priority = 7
    every = timedelta(minutes=15)

    def plan(self, asked: Asked) -> Iterator[list[Letter]]:
        fresh = Edition.objects.filter(
            pk=F("roadmap__current_edition"),
            number__gt=1,
            published_at__gt=asked.now - USEFUL,
            published_at__lte=asked.now - SETTLES,
        )
        roads = set(fresh.values_list("roadmap", flat=True))
        for editions in _recent(roads, asked.now).values():
            newest = editions[-1]
            if any(asks_of(older, newest) for older in editions[:-1]):
                yield from self._of_road(editions, asked)

    def refusals(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Reason]:
        wanted = Enrollment.objects.unfinished().filter(pk__in={x.facts["enrollment"] for x in letters})
        known = {news.position.enrollment.pk: news for news in _news(wanted, now)}
        found = ((x.pk, _refusal(x, known.get(x.facts["enrollment"]))) for x in letters)
        return {pk: reason for pk, reason in found if reason}

    def matters(
        self, letters: Sequence[Letter], readers: Mapping[int, Reader], now: datetime
    ) -> Mapping[UUID, Matter]:
        people = {letter.recipient_id for letter in letters}
        waiting: dict[int, list[News]] = {}
        for news in _news(Enrollment.objects.unfinished().filter(person__in=people), now):
            if news.asks:
                waiting.setdefault(news.position.enrollment.person_id, []).append(news)
        return {
            letter.pk: EditionMatter(
                readers[letter.recipient_id], letter, sorted(mine, key=lambda news: -news.edition.pk)
            )
            for letter in letters
            if (mine := waiting.get(letter.recipient_id))
        }

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, EditionMatter)  # noqa: S101  # matters() makes no other
        first, rest = matter.news[0], matter.news[1:]
        day = date_format(matter.reader.today(first.edition.published_at), "j F")
        names = {"road": first.position.document.title, "number": first.edition.number, "day": day}
        sentences = [_sentence(first.position.document, ask) for ask in first.asks[:SAID]]
        listed = tuple(
            Also(x.position.document.title, x.page, _sentence(x.position.document, x.asks[0]))
            for x in rest[:LISTED]
        )
        return Content(
            subject=gettext("%(road)s: what is asked has changed") % names,
            preheader=sentences[0],
            lead=" ".join(
                [
                    hello(matter.reader.person),
                    gettext("edition %(number)d of %(road)s came out on %(day)s.") % names,
                    *sentences,
                    more(len(first.asks) - SAID),
                ]
            ).rstrip(),
            kicker=gettext("Read what changed"),
            step=gettext("Edition %(number)d of %(road)s") % names,
            link=first.page,
            why=gettext(
                "You get this because you are on this road and its edition %(number)d asks for what was not asked"
                " before."
            )
            % names,
            also=listed,
            more=more(len(rest) - len(listed)),
            note=gettext("What you did stays yours."),
        )

    def _of_road(self, editions: Sequence[Published], asked: Asked) -> Iterator[list[Letter]]:
        newest = editions[-1]
        for found in in_chunks(_unplanned(newest, asked)):
            touched = [row for row in found if asks_of(_known(row, editions), newest)]
            known = readers(row.person_id for row in touched)
            letters = (self._letter(known[row.person_id], row, newest, asked.now) for row in touched)
            yield [letter for letter in letters if letter]

    def _letter(self, reader: Reader, row: Enrollment, newest: Published, now: datetime) -> Letter | None:
        return self.letter(
            reader,
            occurrence=f"edition-{newest.pk}",
            facts={"enrollment": row.pk, "edition": newest.pk},
            not_before=newest.published_at + SETTLES,
            expires_at=newest.published_at + USEFUL,
            now=now,
        )


@lru_cache(maxsize=256)
def asks_of(old: Published, new: Published) -> tuple[Ask, ...]:
    """What the newer of two editions asks for that the older does not; editions never change, so it is kept."""
    if old.pk == new.pk:
        return ()
    was, now = (Edition.objects.document(edition.pk) for edition in (old, new))
    return tuple(_asks(was, now, _marks(old, was), _marks(new, now)))


def _asks(
    was: RoadDocument, now: RoadDocument, old_marks: Mapping[str, int], new_marks: Mapping[str, int]
) -> Iterator[Ask]:
    yield from (Ask(stage.key, "stage") for stage in now.stages if stage.key not in was.stage_by_key)
    for asked in asked_more(was, now, old_marks, new_marks):
        if asked.resources:
            yield Ask(asked.stage, "resources", asked.resources)
        quiz = frozenset(filter(None, [asked.quiz]))
        if asked.is_quiz_new:
            yield Ask(asked.stage, "quiz", quiz)
        if asked.is_mark_raised:
            yield Ask(asked.stage, "mark", quiz, asked.mark or 0)
    before = {task.key for task in was.task_by_key.values() if task.required}
    for stage in now.stages:
        come = (task for task in stage.evidence if task.required and task.key not in before)
        if stage.key in was.stage_by_key:
            yield from (Ask(stage.key, "evidence", frozenset([task.key]), title=task.title) for task in come)


def _marks(edition: Published, document: RoadDocument) -> dict[str, int]:
    """The pass marks of an edition's quizzes as they were when it was published."""
    versions = QuizVersion.objects.filter(
        quiz__roadmap=edition.road,
        quiz__key__in=document.quiz_keys(),
        published_at__lte=edition.published_at,
    )
    newest = versions.order_by("quiz_id", "-number").distinct("quiz_id")
    return dict(newest.values_list("quiz__key", "paper__pass_percent"))


def _sentence(document: RoadDocument, ask: Ask) -> str:
    names = {
        "number": document.number_of(ask.stage),
        "stage": document.stage_by_key[ask.stage].title,
        "count": len(ask.keys),
        "mark": ask.mark,
        "task": ask.title,
    }
    return _words(ask) % names


def _words(ask: Ask) -> str:
    match ask.what:
        case "stage":
            return gettext("Stage %(number)d, %(stage)s, is new.")
        case "resources":
            return ngettext(
                "Stage %(number)d, %(stage)s, asks for %(count)d core resource more.",
                "Stage %(number)d, %(stage)s, asks for %(count)d core resources more.",
                len(ask.keys),
            )
        case "quiz":
            return gettext("Stage %(number)d, %(stage)s, has another quiz.")
        case "mark":
            return gettext("The quiz of stage %(number)d, %(stage)s, is passed from %(mark)d %% on.")
        case _:
            return gettext("Stage %(number)d, %(stage)s, asks for evidence: %(task)s.")


def _recent(roads: set[int], now: datetime) -> dict[int, list[Published]]:
    """Of each road the editions of the last days in order, after the one that was studied before them."""
    rows = Edition.objects.filter(roadmap__in=roads).order_by("roadmap", "number")
    found: dict[int, list[Published]] = {}
    for edition in (Published(*row) for row in rows.values_list("pk", "roadmap", "number", "published_at")):
        if edition.published_at <= now - USEFUL:
            found[edition.road] = [edition]
        else:
            found.setdefault(edition.road, []).append(edition)
    return found


def _known(row: Enrollment, editions: Sequence[Published]) -> Published:
    """The edition up to which this person knows what is asked of her: one that she read, was told of, or began with."""
    told: int = getattr(row, "told", None) or 0
    last = max(row.seen_edition_id or row.started_edition_id, told)
    return next((edition for edition in reversed(editions) if edition.pk <= last), editions[0])


def _told() -> Subquery:
    """The newest edition of which a letter told her on this road."""
    sent = Letter.objects.of_kinds([EditionChanged.key]).filter(
        recipient=OuterRef("person"), state=LetterState.SENT
    )
    here = sent.annotate(on=Cast(KT("facts__enrollment"), BigIntegerField())).filter(on=OuterRef("pk"))
    newest = here.order_by().values("on").annotate(newest=Max(Cast(KT("facts__edition"), BigIntegerField())))
    return Subquery(newest.values("newest"))


def _unplanned(newest: Published, asked: Asked) -> EnrollmentQuerySet:
    """Who is on the road since before this edition, has not read what changed and has no letter about it."""
    planned_before = Letter.objects.of_kinds([EditionChanged.key]).filter(
        recipient=OuterRef("person"), occurrence=f"edition-{newest.pk}"
    )
    stopped = Q(person__letter_wishes__stopped_kinds__has_any_keys=asked.stops(EditionChanged.key))
    rows = Enrollment.objects.unfinished().filter(
        roadmap=newest.road, started_edition__lt=newest.pk, person__is_active=True
    )
    if asked.person:
        rows = rows.filter(person=asked.person)
    unread = Q(seen_edition=None) | Q(seen_edition__lt=newest.pk)
    return rows.filter(unread, ~Exists(planned_before)).exclude(stopped).annotate(told=_told())


def _news(rows: EnrollmentQuerySet, now: datetime) -> Iterator[News]:
    """What is asked on each of these roads that was not before: nothing, where nothing is."""
    positions = rows.annotate(told=_told()).positions(now)
    editions = _recent({position.enrollment.roadmap_id for position in positions}, now)
    for position in positions:
        mine = editions[position.enrollment.roadmap_id]
        asks = asks_of(_known(position.enrollment, mine), mine[-1])
        yield News(position, mine[-1], [left for ask in asks for left in _left(position.standing, ask)])


def _left(standing: Standing, ask: Ask) -> Iterator[Ask]:
    """What of it she still has to do, if anything; only evidence is asked of who passed the stage."""
    place = standing.by_key.get(ask.stage)
    if place is not None and (ask.what == "evidence" or not place.is_passed):
        left = ask._replace(keys=ask.keys - _done(ask.what, standing.facts))
        if left.keys or ask.what == "stage":
            yield left


def _done(what: str, facts: Facts) -> Set[str]:
    """Keys of what she did before it was asked for; evidence that a mentor looks at is handed in."""
    match what:
        case "resources":
            return facts.ticked
        case "evidence":
            return {key for key, fact in facts.evidence.items() if fact.state != "changes_requested"}
        case _:
            return {key for key, fact in facts.quizzes.items() if fact.passed_at}


def _refusal(letter: Letter, news: News | None) -> Reason | None:
    if news is None:
        return Reason.LEFT_ROAD
    if news.edition.pk != letter.facts["edition"]:
        return Reason.SUPERSEDED
    if news.position.enrollment.seen_edition_id == news.edition.pk:
        return Reason.DONE
    return None if news.asks else Reason.NOTHING_TO_SAY
