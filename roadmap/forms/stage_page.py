"""The page of a stage as one form: its words, its topics in order, and in each its resources in order.

The order of the fields is the order of the rows: a row that is moved on the page is sent in its new place. Topics and
resources are plain rows instead of a form each, for a stage may have hundreds of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext

from roadmap import keys
from roadmap.forms.drafts import StageForm
from roadmap.forms.markdown import MarkdownWidget
from roadmap.models import ArrangedTopic, Arrangement, Background, Resource, Stage, Topic
from roadmap.models.arrangement import PLACES_NAMED
from roadmap.models.resource import Role

SUGGESTED = 10
_HOURS = re.compile(r"\s*(\d{1,5})\s*(?:[-–—]\s*(\d{1,5})\s*)?h?\s*")
_TITLE = Topic._meta.get_field("title")  # noqa: SLF001  # Django documents it


class StageWordsForm(StageForm):
    """The stage's own words on its page; the rest is on its form with all fields."""

    step_tags = None  # type: ignore[assignment]  # Django's way to leave out what a parent has

    class Meta:
        model = Stage
        fields = ("title", "key", "summary", "why")
        widgets = {"why": MarkdownWidget}


class HoursCell(NamedTuple):
    """Hours of one topic for one background as they are typed, "9–14"; `error` is empty when they are understood."""

    background: Background
    text: str
    error: str


@dataclass(slots=True)
class ResourceRow:
    """One resource in a topic; `also_count` topics of other stages have it, a few of them by name."""

    resource: Resource
    role: str = Role.CORE
    also_count: int = 0
    also_names: list[str] = field(default_factory=list)

    @property
    def also_more(self) -> int:
        return self.also_count - len(self.also_names)


@dataclass(slots=True)
class TopicRow:
    """One topic as it is typed. `ref` is its id, or new-1 and so on; errors are by field."""

    ref: str
    topic: Topic
    title: str = ""
    key: str = ""
    stage_id: int = 0
    hours: list[HoursCell] = field(default_factory=list)
    resources: list[ResourceRow] = field(default_factory=list)
    is_archived: bool = False
    wanted: str = ""
    found: list[Resource] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    drawn: str = ""  # the rows of its resources

    @property
    def is_new(self) -> bool:
        return self.topic.pk is None

    @property
    def name(self) -> str:
        return self.title or gettext("New topic")

    @property
    def is_open(self) -> bool:
        """True when what is folded away needs somebody."""
        return bool(self.found or self.errors or self.is_new)

    @property
    def is_left_out(self) -> bool:
        """True of a topic that was begun and given up."""
        return self.is_new and self.is_archived

    def put(self, resource: Resource) -> None:
        """Place it last, unless it is here already: a resource stands once in a topic."""
        if all(row.resource.pk != resource.pk for row in self.resources):
            self.resources.append(ResourceRow(resource))
        self.wanted, self.found = "", []

    def ordered(self) -> list[tuple[Resource, str]]:
        return [(row.resource, row.role) for row in self.resources]


class Trouble(NamedTuple):
    """One thing that keeps the page from being saved, and the id of the field to mend."""

    href: str
    name: str
    sentence: str


class StagePage:
    """What somebody sees or typed on a stage's page."""

    def __init__(self, stage: Stage, data: QueryDict | None = None, *, saving: bool = False) -> None:
        """From the drafts, or from what was typed; only what is to be saved is judged."""
        self.stage = stage
        self.arrangement = Arrangement(stage)
        self.backgrounds = list(stage.roadmap.backgrounds.all())
        self.stages = list(Stage.objects.filter(roadmap=stage.roadmap).unarchived())
        self.words = _words(stage, data, saving=saving)
        topics = self.arrangement.topics()
        self.rows = [self._kept(topic) for topic in topics] if data is None else self._typed(topics, data)

    # Acts of buttons, for pages without JavaScript: nothing is saved, the page is drawn anew

    def perform(self, act: str) -> str:
        """Do what a button says and answer with what is to be announced; nonsense does nothing."""
        match act.split():
            case [("up" | "down") as way, "topic", ref]:
                return _moved(self.rows, self._at(ref), way)
            case [("up" | "down") as way, "resource", ref, pk] if row := self._row(ref):
                return _moved(row.resources, _place(pk, (r.resource.pk for r in row.resources)), way)
            case ["out", ref, pk] if row := self._row(ref):
                row.resources = [r for r in row.resources if str(r.resource.pk) != pk]
            case ["put", ref, pk] if row := self._row(ref):
                return _put(row, Resource.objects.unarchived().filter(pk=_id(pk)).first())
            case ["find", ref] if row := self._row(ref):
                self._find(row)
            case ["add-topic"]:
                self.rows.append(self.new_row(f"new-{sum(row.is_new for row in self.rows) + 1}"))
        return ""

    def new_row(self, ref: str) -> TopicRow:
        topic = Topic(roadmap=self.stage.roadmap, stage=self.stage)
        cells = [HoursCell(background, "", "") for background in self.backgrounds]
        return TopicRow(ref, topic, stage_id=self.stage.pk, hours=cells)

    def unjudged(self, data: QueryDict) -> StagePage:
        """The same rows, with the words as they are typed and not judged yet."""
        self.words = _words(self.stage, data, saving=False)
        return self

    # Saving

    def is_valid(self) -> bool:
        """Judge all of it, so that every trouble is told at once."""
        self.rows = [row for row in self.rows if not row.is_left_out]
        for row in self.rows:
            self._judge(row)
        self._judge_keys()
        return self.words.is_valid() and not any(row.errors for row in self.rows)

    def save(self, now: datetime) -> None:
        """Only after `is_valid`: the stage, its topics and their resources in one transaction."""
        self.arrangement.write([_arranged(row) for row in self.rows], now)

    def troubles(self) -> list[Trouble]:
        """Every fault of the page with its place, for the list above it."""
        words = [
            Trouble(f"#id_{name}", str(self.words[name].label).capitalize(), str(error))
            for name, errors in self.words.errors.items()
            for error in errors
        ]
        return [*words, *(trouble for row in self.rows for trouble in _troubles(row))]

    # What the page shows

    def fill_other_places(self) -> None:
        """Say of each resource where else it stands, on this page first: one query for all of it."""
        here: dict[int, list[str]] = defaultdict(list)
        for topic in self.rows:
            for row in topic.resources:
                here[row.resource.pk].append(topic.name)
        found = self.arrangement.other_places([r.resource for topic in self.rows for r in topic.resources])
        for topic in self.rows:
            for row in topic.resources:
                count, names = found.get(row.resource.pk, (0, []))
                beside = [name for name in here[row.resource.pk] if name != topic.name]
                row.also_count, row.also_names = count + len(beside), [*beside, *names][:PLACES_NAMED]

    @cached_property
    def resource_count(self) -> int:
        return len({row.resource.pk for topic in self.rows for row in topic.resources})

    # Reading

    def _kept(self, topic: Topic) -> TopicRow:
        return TopicRow(
            str(topic.pk),
            topic,
            topic.title,
            topic.key,
            topic.stage_id,
            [HoursCell(b, _span_words(topic.hours.get(b.key)), "") for b in self.backgrounds],
            [ResourceRow(placed.resource, placed.role) for placed in topic.placements.all()],
        )

    def _typed(self, topics: list[Topic], data: QueryDict) -> list[TopicRow]:
        """The rows in the order they were sent; topics that the page did not have yet stay behind them as they are."""
        living = {str(topic.pk): topic for topic in topics}
        library = _library(topics, data)
        refs = [ref for ref in dict.fromkeys(data.getlist("topics")) if ref in living or _is_new(ref)]
        typed = [self._typed_row(ref, living.get(ref), library, data) for ref in refs]
        return [*typed, *(self._kept(topic) for ref, topic in living.items() if ref not in refs)]

    def _typed_row(
        self, ref: str, topic: Topic | None, library: Mapping[str, Resource], data: QueryDict
    ) -> TopicRow:
        row, name = self.new_row(ref), f"topic-{ref}"
        row.topic = topic or row.topic
        row.title = data.get(f"{name}-title", "").strip()
        row.key = topic.key if topic else data.get(f"{name}-key", "").strip()
        row.stage_id = _id(data.get(f"{name}-stage", "")) or self.stage.pk
        row.hours = [HoursCell(b, data.get(f"{name}-hours-{b.key}", ""), "") for b in self.backgrounds]
        row.is_archived = f"{name}-archived" in data
        row.wanted = data.get(f"{name}-wanted", "").strip()
        row.resources = [
            ResourceRow(library[pk], data.get(f"{name}-role-{pk}", Role.CORE))
            for pk in dict.fromkeys(data.getlist(f"{name}-resources"))
            if pk in library
        ]
        return row

    def _row(self, ref: str) -> TopicRow | None:
        return next((row for row in self.rows if row.ref == ref), None)

    def _at(self, ref: str) -> int:
        return _place(ref, (row.ref for row in self.rows))

    # Judging

    def _judge(self, row: TopicRow) -> None:
        if not row.title:
            row.errors["title"] = gettext("A topic needs a title.")
        elif len(row.title) > (_TITLE.max_length or 0):
            row.errors["title"] = gettext("At most %(count)d characters.") % {"count": _TITLE.max_length}
        if row.stage_id not in {stage.pk for stage in self.stages}:
            row.errors["stage"] = gettext("Choose a stage of this road.")
        if bad := next((r for r in row.resources if r.role not in Role.values), None):
            row.errors["resources"] = gettext("“%(title)s” needs a role.") % {"title": bad.resource}
        row.hours = [cell._replace(error=_said_of(cell)) for cell in row.hours]
        for cell in row.hours:
            if cell.error:
                row.errors[f"hours-{cell.background.key}"] = cell.error
        if row.wanted:
            self._find(row, only_exact=True)

    def _judge_keys(self) -> None:
        """A new topic has a key of its own on its road: the one that was typed, or one made of its title."""
        new = [row for row in self.rows if row.is_new]
        for row in new:
            row.key = row.key or slugify(row.title)[: keys.MAX_LENGTH].strip("-")
        road = Topic.objects.filter(roadmap=self.stage.roadmap)
        taken = set(road.filter(key__in=[r.key for r in new]).values_list("key", flat=True)) if new else set()
        for row in new:
            if not re.fullmatch(keys.PATTERN, row.key) or len(row.key) > keys.MAX_LENGTH:
                row.errors["key"] = gettext(
                    "Use lower-case letters, digits and single hyphens, as in “math-basics”."
                )
            elif row.key in taken:
                row.errors["key"] = gettext("Something else on this road has this key.")
            taken.add(row.key)

    def _find(self, row: TopicRow, *, only_exact: bool = False) -> None:
        """Place what is meant by the typed words, or offer what they may mean."""
        if len(row.wanted) < 2:
            row.errors["wanted"] = gettext("Type the beginning of words of its title, its author or its key.")
            return
        exact = Resource.objects.unarchived().filter(key=row.wanted).first()
        found = [exact] if exact else list(Resource.objects.unarchived().suggested(row.wanted)[:SUGGESTED])
        if exact or (len(found) == 1 and not only_exact):
            row.put(found[0])
        elif found:
            row.found = found
            row.errors["wanted"] = gettext("Choose which one you mean, or empty the field.")
        else:
            row.errors["wanted"] = gettext("The library has nothing like “%(words)s”.") % {
                "words": row.wanted
            }


def _words(stage: Stage, data: QueryDict | None, *, saving: bool) -> StageWordsForm:
    if data is None or saving:
        return StageWordsForm(data, instance=stage)
    typed = {name: data[name] for name in StageWordsForm.base_fields if name in data}
    return StageWordsForm(instance=stage, initial=typed)


def _library(topics: Iterable[Topic], data: QueryDict) -> dict[str, Resource]:
    """The resources that the page names, by id as text: those that stand here already, and others of the library."""
    here = {placed.resource.pk: placed.resource for topic in topics for placed in topic.placements.all()}
    named = {_id(pk) for name in data if name.endswith("-resources") for pk in data.getlist(name)} - {0}
    here |= Resource.objects.unarchived().in_bulk(named - here.keys())
    return {str(pk): resource for pk, resource in here.items()}


def _is_new(ref: str) -> bool:
    return re.fullmatch(r"new-\d{1,4}", ref) is not None


def _id(text: str) -> int:
    """The id that was sent, 0 when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _place(wanted: str, values: Iterable[object]) -> int:
    """Where a value stands among these, said as text; -1 when it is not there."""
    return next((place for place, value in enumerate(values) if str(value) == wanted), -1)


def _moved(rows: list[Any], at: int, way: str) -> str:
    """Change places with the neighbour, and say where it is now."""
    to = at + (1 if way == "down" else -1)
    if at < 0 or not 0 <= to < len(rows):
        return ""
    rows[at], rows[to] = rows[to], rows[at]
    moved = rows[to]
    name = moved.name if isinstance(moved, TopicRow) else str(moved.resource)
    said = gettext("“%(name)s” is now %(place)d of %(count)d.")
    return said % {"name": name, "place": to + 1, "count": len(rows)}


def _put(row: TopicRow, resource: Resource | None) -> str:
    if resource is None:
        return ""
    row.put(resource)
    return gettext("“%(resource)s” is in “%(topic)s” now.") % {"resource": resource, "topic": row.name}


def _span_words(span: Any) -> str:
    """Hours as they are typed: 9–14, or 9 when both are the same."""
    if not span:
        return ""
    low, high = span
    return str(low) if low == high else f"{low}–{high}"


def _span(text: str) -> list[int] | None:
    """[low, high] of "9–14", "9-14 h" or "9"; None when it is nothing of the kind."""
    typed = _HOURS.fullmatch(text)
    if typed is None:
        return None
    low, high = int(typed[1]), int(typed[2] or typed[1])
    return [low, high] if low <= high else None


def _said_of(cell: HoursCell) -> str:
    if not cell.text.strip() or _span(cell.text):
        return ""
    said = gettext("“%(text)s” is no span of hours. Write 9–14 or 9; leave it empty when it is not known.")
    return said % {"text": cell.text}


def _arranged(row: TopicRow) -> ArrangedTopic:
    topic = row.topic
    topic.title, topic.key, topic.stage_id = row.title, row.key, row.stage_id
    asked = {cell.background.key for cell in row.hours}
    kept = {key: span for key, span in topic.hours.items() if key not in asked}
    topic.hours = kept | {cell.background.key: span for cell in row.hours if (span := _span(cell.text))}
    return ArrangedTopic(topic, row.ordered(), row.is_archived)


def _troubles(row: TopicRow) -> Iterator[Trouble]:
    for name, sentence in row.errors.items():
        yield Trouble(f"#id_topic-{row.ref}-{name}", row.name, sentence)
