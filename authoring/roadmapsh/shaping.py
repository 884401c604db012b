"""A road of theirs as a folder of ours; and, where it was imported before, as an update of its draft.

Theirs are titles, texts and links of topics. All else that authors made of the road since is left as it is: order,
stages, gates, quizzes, evidence, hours, roles of links, topics and links of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from authoring.roadmapsh import names
from authoring.roadmapsh.links import Link
from authoring.roadmapsh.placing import StagePlan
from authoring.roadmapsh.reading import SourceRoad, SourceTopic
from authoring.shapes import (
    BackgroundShape,
    GateShape,
    PlacedShape,
    QuizPart,
    RelatedShape,
    ResourceShape,
    RoadFolder,
    RoadShape,
    StagePart,
    StageShape,
    TopicShape,
)

LICENCE = "All rights reserved by its author; for personal use only."
NOTICE = "This content is licensed for your personal use; do not publish it."
_BEHIND = 1_000  # place in the list of roads: behind those that were written here
_FEED = "A feed of news on this subject. It has no end: look in when you like."

# What the library has under an address: None for what its authors archived.
Library = Mapping[str, ResourceShape | None]


def folder(road: SourceRoad, library: Library) -> RoadFolder:
    """The road as if it had never been here. Resources that the library has are used as they are."""
    shaper = _Shaper(road, library)
    stages = tuple(shaper.stage(plan) for plan in road.stages)
    return RoadFolder(front(road), (), shaper.used(), stages)


def front(road: SourceRoad) -> RoadShape:
    """What its road.yaml would say; a road without topics has none."""
    related = tuple(
        RelatedShape(
            key=names.road_key(other.slug),
            title=_cut(names.words(other.slug) or other.slug, 120),
            choose_when=f"You want to go deeper into “{_cut(topic.title, 160)}”.",
        )
        for other, topic in road.roads()
    )
    return RoadShape(
        format=1,
        key=names.road_key(road.slug),
        title=_cut(road.title, 120) or "Untitled",
        level="beginner",
        summary=_clean(road.summary) or f"Imported from {names.SOURCE}.",
        position=_BEHIND,
        public=False,
        source=names.SOURCE,
        source_ref=_cut(road.slug, 200),
        licence=LICENCE,
        notice=NOTICE,
        backgrounds=(BackgroundShape(key="any", title="Anybody", months=(0, 0)),),
        related=_first_of_each(related),
        stages=tuple(plan.key for plan in road.stages),
    )


def updated(new: RoadFolder, old: RoadFolder) -> RoadFolder:
    """The draft `old` with what `new` brings: nothing of the draft goes but what came from there and is gone there."""
    stages = tuple(_Update(new, old).stages())
    topics = {topic.key for part in stages for topic in part.topics}
    sound = tuple(_without_loose_ends(part, topics, {part.stage.key for part in stages}) for part in stages)
    road = old.road.model_copy(
        update={
            **new.road.model_dump(include={"source", "source_ref", "licence", "notice"}),
            "related": _first_of_each((*old.road.related, *new.road.related)),
            "stages": tuple(part.stage.key for part in sound),
        }
    )
    merged = replace(old, road=road, stages=sound)
    known = {entry.key: entry for entry in (*old.resources, *new.resources)}
    used = merged.used_resources()
    return replace(merged, resources=tuple(known[key] for key in sorted(used) if key in known))


def renamed(new: RoadFolder, old: RoadFolder) -> list[tuple[str, str]]:
    """Titles of topics, before and after, that have another one there now."""
    before = {topic.key: topic.title for topic in old.topics()}
    pairs = [(before.get(topic.key, topic.title), topic.title) for topic in new.topics()]
    return [(one, other) for one, other in pairs if one != other]


class _Shaper:
    def __init__(self, road: SourceRoad, library: Library) -> None:
        self.road = road
        self.library = library
        self.resources: dict[str, ResourceShape | None] = {}

    def used(self) -> tuple[ResourceShape, ...]:
        by_key = {entry.key: entry for entry in self.resources.values() if entry}
        return tuple(by_key[key] for key in sorted(by_key))

    def stage(self, plan: StagePlan) -> StagePart:
        topics = tuple(self._topic(self.road.topics[placed.id]) for placed in plan.topics)
        title = _cut(plan.title, 120) or "Untitled"
        shape = StageShape(key=plan.key, title=title, topics=tuple(topic.key for topic in topics))
        return StagePart(shape, topics, (), None)

    def _topic(self, topic: SourceTopic) -> TopicShape:
        return TopicShape(
            key=names.part_key(topic.id),
            title=_cut(topic.title, 160) or "Untitled",
            resources=tuple(self._placed(topic)),
            body=topic.parsed.body,
        )

    def _placed(self, topic: SourceTopic) -> Iterator[PlacedShape]:
        seen = set()
        for link in topic.parsed.links:
            entry = self._resource(link)
            if entry and entry.key not in seen:
                seen.add(entry.key)
                yield PlacedShape(resource=entry.key, role="reference" if link.is_feed else topic.role)

    def _resource(self, link: Link) -> ResourceShape | None:
        address = names.normal(link.url)
        if address is None:
            return None
        if address not in self.resources:
            self.resources[address] = (
                self.library[address] if address in self.library else _entry(link, address)
            )
        return self.resources[address]


def _entry(link: Link, address: str) -> ResourceShape:
    title = _cut(link.title, 200) or _cut(address, 200)
    why = _FEED if link.is_feed else ""
    return ResourceShape(key=names.resource_key(address), title=title, url=link.url, type=link.type, why=why)


class _Update:
    """The stages of a draft with what came from there brought up to date."""

    def __init__(self, new: RoadFolder, old: RoadFolder) -> None:
        self.new, self.old = new, old
        self.topics = {topic.key: topic for topic in new.topics()}
        self.homes = {topic.key: part.stage.key for part in new.stages for topic in part.topics}

    def stages(self) -> Iterator[StagePart]:
        """Those of the draft in their order, then those that are new; the unsorted ones last, empty ones not at all."""
        staying = {part.stage.key: self._kept(part) for part in self.old.stages}
        placed = {topic.key for topics in staying.values() for topic in topics}
        parts = {part.stage.key: part for part in self.old.stages}
        for part in self.new.stages:
            arriving = [topic for topic in part.topics if topic.key not in placed]
            if arriving:
                parts.setdefault(part.stage.key, part)
                staying[part.stage.key] = [*staying.get(part.stage.key, []), *map(self._brought, arriving)]
        for key in sorted(parts, key=lambda key: key == names.UNSORTED):
            part, topics = parts[key], tuple(staying[key])
            if topics or part.tasks or part.quiz or not names.is_imported(key):
                stage = part.stage.model_copy(update={"topics": tuple(topic.key for topic in topics)})
                yield replace(part, stage=stage, topics=topics)

    def _kept(self, part: StagePart) -> list[TopicShape]:
        """Topics that stay in a stage of the draft; the unsorted ones leave for a stage as soon as one is known."""
        staying = [topic for topic in part.topics if self._stays(topic.key, part.stage.key)]
        return [self._fresh(topic) for topic in staying]

    def _stays(self, topic: str, stage: str) -> bool:
        if not names.is_imported(topic):
            return True
        is_sorted_now = self.homes.get(topic, stage) != names.UNSORTED
        return topic in self.topics and not (stage == names.UNSORTED and is_sorted_now)

    def _brought(self, topic: TopicShape) -> TopicShape:
        before = next((old for old in self.old.topics() if old.key == topic.key), None)
        return self._fresh(before) if before else topic

    def _fresh(self, old: TopicShape) -> TopicShape:
        """Title, text and links as they are there now; roles, and links of the authors, as they are here."""
        new = self.topics.get(old.key)
        if new is None:
            return old
        wanted = {placed.resource for placed in new.resources}
        kept = [p for p in old.resources if p.resource in wanted or not names.is_imported(p.resource)]
        known = {placed.resource for placed in kept}
        added = [placed for placed in new.resources if placed.resource not in known]
        given = {"title": new.title, "body": new.body, "resources": (*kept, *added)}
        return old.model_copy(update=given)


def _without_loose_ends(part: StagePart, topics: set[str], stages: set[str]) -> StagePart:
    """The stage without what pointed at topics and stages that are gone."""
    gates = [_gate(gate, stages) for gate in part.stage.gates]
    stage = part.stage.model_copy(update={"gates": tuple(gate for gate in gates if gate)})
    kept = tuple(
        topic.model_copy(update={"prerequisites": tuple(key for key in topic.prerequisites if key in topics)})
        for topic in part.topics
    )
    return replace(part, stage=stage, topics=kept, quiz=_quiz(part.quiz, topics) if part.quiz else None)


def _gate(gate: GateShape, stages: set[str]) -> GateShape | None:
    if gate.kind != "stage_passed":
        return gate
    left = tuple(key for key in gate.stages if key in stages)
    return gate.model_copy(update={"stages": left}) if left else None


def _quiz(part: QuizPart, topics: set[str]) -> QuizPart:
    questions = tuple(
        question if question.topic in topics else question.model_copy(update={"topic": None})
        for question in part.questions
    )
    return replace(part, questions=questions)


def _first_of_each(related: Iterable[RelatedShape]) -> tuple[RelatedShape, ...]:
    by_key: dict[str, RelatedShape] = {}
    for entry in related:
        by_key.setdefault(entry.key, entry)
    return tuple(by_key.values())


def _clean(text: str) -> str:
    """Without characters that our files refuse."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def _cut(text: str, most: int) -> str:
    clean = _clean(text)
    return clean if len(clean) <= most else f"{clean[: most - 1].rstrip()}…"
