"""What the parts of a road's pages show that are the same for every reader; holes stand for a reader's own values.

The pages of learners fill the holes, and the desk's preview draws the same parts from a draft.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from accounts.words import said
from progress import plan
from progress.models.enrollment import Position
from quizzes.mastery import Estimate
from quizzes.models.topic_mastery import topic_mastery
from roadmap import rendering
from roadmap.document import EvidenceAccepted, PlacedResource, RoadDocument, StageEntry, TopicEntry
from roadmap.drawings.trail import Waypoint
from roadmap.sheet import hole


def waypoints(document: RoadDocument, position: Position | None) -> list[Waypoint]:
    background = position.enrollment.background if position else _first_background(document)
    return [
        Waypoint(
            stage.title,
            _known_line(stage, position) or _second_line(stage, background),
            position.standing.by_key[stage.key].state if position else "open",
            _gate_words(stage),
        )
        for stage in document.stages
    ]


def _known_line(stage: StageEntry, position: Position | None) -> str:
    is_known = position is not None and position.standing.by_key[stage.key].is_known_passed
    return gettext("Known by placement") if is_known else ""


def _first_background(document: RoadDocument) -> str:
    return document.backgrounds[0].key if document.backgrounds else ""


def _second_line(stage: StageEntry, background: str) -> str:
    hours = round(plan.middle(*stage.hours(background)))
    return " · ".join(
        filter(None, [gettext("%(hours)d h") % {"hours": hours} if hours else "", _asked(stage)])
    )


def _asked(stage: StageEntry) -> str:
    """What a stage asks besides reading: quiz, 2 tasks."""
    parts = [gettext("quiz")] if stage.quiz else []
    if stage.evidence:
        count = len(stage.evidence)
        parts.append(ngettext("%(count)d task", "%(count)d tasks", count) % {"count": count})
    return ", ".join(parts)


def _gate_words(stage: StageEntry) -> str:
    for gate in stage.gates:
        if isinstance(gate, EvidenceAccepted):
            return gettext("%(count)d accepted first") % {"count": gate.at_least}
    return ""


def road_sections(document: RoadDocument) -> dict[str, Any]:
    """What the shared part of a road's page shows."""
    return {
        "document": document,
        "paces": [_pace(document, place) for place in range(len(document.backgrounds))],
        "steps": [
            {
                "stage": stage,
                "glyph": _hole("glyph", stage.key),
                "asked": _asked(stage),
                "gates": [gate.because for gate in stage.gates if isinstance(gate, EvidenceAccepted)],
            }
            for stage in document.stages
        ],
        "choose_when": rendering.html(document.choose_when),
        "faq": [(entry.question, rendering.html(entry.answer)) for entry in document.faq],
        "related": [(related, _hole("related", related.key)) for related in document.related],
        "recommended": _recommended(document),
    }


def _pace(document: RoadDocument, place: int) -> dict[str, Any]:
    background = document.backgrounds[place]
    low, high = document.hours(background.key)
    stages = [round(plan.middle(*stage.hours(background.key))) for stage in document.stages]
    names = [stage.title for stage in document.stages]
    return {
        "number": place + 1,
        "background": background,
        "span": (low, high),
        "middle": round(plan.middle(low, high)),
        "stages": stages,
        "names": names,
        "sentence": ", ".join(f"{name} {hours}" for name, hours in zip(names, stages, strict=True)),
    }


def _recommended(document: RoadDocument) -> list[tuple[str, list[Any]]]:
    """Recommended resources under the stage that asks for them, else under the first that uses them."""
    home: dict[str, str] = {}
    for stage in document.stages:
        home |= {key: stage.key for key in stage.core_keys() if key not in home}
    for stage in document.stages:
        used = {placed.resource for topic in stage.topics for placed in topic.resources}
        home |= {key: stage.key for key in used if key not in home}
    groups = [
        (stage.title, [document.resources[key] for key in document.recommended if home.get(key) == stage.key])
        for stage in document.stages
    ]
    return [(title, entries) for title, entries in groups if entries]


def stage_topics(document: RoadDocument, entry: StageEntry, *, ticking: bool = True) -> dict[str, Any]:
    """What the shared part of a stage's page shows, holes for a reader's own ticks unless nobody is to tick."""
    return {
        "stage_key": entry.key,
        "why": rendering.html(entry.why) if entry.why else "",
        "csrf": _hole("csrf"),
        "topics": [
            {
                "topic": topic,
                "body": rendering.html(topic.body) if topic.body else "",
                "state": _hole("state", topic.key),
                "open": _hole("open", topic.key),
                "practice_url": practice_url(document, topic.key) if ticking else "",
                "rows": [_row(document, entry, topic, placed, ticking) for placed in topic.resources],
                "prerequisites": [
                    document.topic_by_key[key].title
                    for key in topic.prerequisites
                    if key in document.topic_by_key
                ],
            }
            for topic in entry.topics
        ],
    }


def _row(
    document: RoadDocument, entry: StageEntry, topic: TopicEntry, placed: PlacedResource, ticking: bool
) -> dict[str, Any]:
    key = placed.resource
    return {
        "id": row_id(entry, topic.key, key),
        "topic_key": topic.key,
        "resource": document.resources[key],
        "role": placed.role,
        "tick_url": reverse("progress:tick", args=[document.key, key]) if ticking else "",
        "pressed": _hole("pressed", key),
        "next": _hole("next", key),
        "here": _hole("here", place_key(topic.key, key)),
        "link_note": _hole("link", key),
    }


def practice_url(document: RoadDocument, topic: str) -> str:
    return reverse("progress:practice", args=[document.key, topic])


def resource_row(
    document: RoadDocument, entry: StageEntry, topic: TopicEntry, placed: PlacedResource
) -> dict[str, Any]:
    """What one row of a stage's page shows when it stands alone, with the same holes."""
    row = _row(document, entry, topic, placed, ticking=True)
    return {"stage_key": entry.key, "csrf": _hole("csrf"), "row": row}


def row_id(entry: StageEntry, topic_key: str, resource_key: str) -> str:
    """The id of a resource's row on its stage's page: `resource-KEY` where it stands first, so that links find it."""
    first = next(t.key for t in entry.topics if any(p.resource == resource_key for p in t.resources))
    return f"resource-{resource_key if topic_key in {'', first} else place_key(topic_key, resource_key)}"


def place_key(topic_key: str, resource_key: str) -> str:
    """Names one resource within one topic; no key holds two hyphens in a row."""
    return f"{resource_key}--{topic_key}"


def _hole(kind: str, key: str = "") -> SafeString:
    return mark_safe(hole(kind, key))  # noqa: S308  # two control characters round a key


# How well a topic is known, as far as answers tell


def mastery_of(position: Position, now: datetime, *, for_mentor: bool = False) -> dict[str, Estimate]:
    """By the key of each topic that she was asked about, in the order of the road: one query."""
    enrollment = position.enrollment
    known = topic_mastery(
        enrollment.person,
        enrollment.roadmap_id,
        now,
        since=enrollment.counts_from,
        for_mentor=for_mentor,
    )
    return {topic: known[topic] for topic in position.document.topic_by_key if topic in known}


def known_rows(
    position: Position,
    now: datetime,
    topics: Collection[str | None] | None = None,
    *,
    for_mentor: bool = False,
) -> list[dict[str, Any]]:
    """What answers tell of these topics, or of all; no figure where there are too few."""
    titles = position.document.topic_by_key
    return [
        {
            "name": titles[topic].title,
            "words": said(estimate.sentence()),
            "level": estimate.level,
            "figures": _figures(titles[topic].title, estimate) if estimate.is_enough else None,
            "practice_url": "" if for_mentor else practice_url(position.document, topic),
        }
        for topic, estimate in mastery_of(position, now, for_mentor=for_mentor).items()
        if topics is None or topic in topics
    ]


def _figures(title: str, estimate: Estimate) -> dict[str, Any]:
    """Where the share that she would get right lies, in percent, and the same as a sentence."""
    low, high = round(100 * estimate.low), round(100 * estimate.high)
    words = {"topic": title, "low": low, "high": high}
    return {
        "low": low,
        "high": high,
        "middle": round(100 * estimate.middle),
        "sentence": gettext("%(topic)s: likely between %(low)d and %(high)d percent of its questions")
        % words,
    }
