from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from accounts import clock
from progress import plan, words
from progress.models.enrollment import Position
from progress.views.doors import find_enrollment
from progress.views.sheets import sheet
from roadmap import rendering
from roadmap.document import EvidenceAccepted, RoadDocument, StageEntry
from roadmap.drawings.glyph import glyph
from roadmap.drawings.trail import Waypoint
from roadmap.models import Edition, Roadmap
from roadmap.models.roadmap import Level
from roadmap.sheet import hole


@require_safe
def road(request: HttpRequest, road_key: str) -> HttpResponse:
    """A road as everybody may read it; whoever is on it sees her own standing in it."""
    roadmap = get_object_or_404(Roadmap.objects.published(), key=road_key)
    person = request.user
    enrollment = find_enrollment(person, road_key) if person.is_authenticated else None
    if enrollment is None and not roadmap.is_public and not person.is_staff:
        raise Http404
    document = Edition.objects.document(roadmap.studied_edition_id)
    position = enrollment.position(clock.now()) if enrollment else None
    body = sheet(
        "progress/road_sections.html", roadmap.studied_edition_id, "", lambda: _sections(document)
    ).fill(_own(position, document))
    context = {
        "document": document,
        "level": Level(document.level).label,
        "position": position,
        "sign": words.next_sign(position) if position else None,
        "waypoints": _waypoints(document, position),
        "tasks": sum(len(stage.evidence) for stage in document.stages),
        "sections": mark_safe(body),  # noqa: S308  # rendered by our own template
    }
    return render(request, "progress/road.html", context)


def _own(position: Position | None, document: RoadDocument) -> Callable[[str, str], str]:
    """What goes into the holes: the glyph of a stage for this reader, links to the roads that are here."""
    here = _listed_roads(document)
    titles = {related.key: related.title for related in document.related}

    def value(kind: str, key: str) -> str:
        if kind == "related":
            title = titles[key]
            url = reverse("progress:road", args=[key])
            return (
                format_html('<a class="sign sign--other" href="{}">{}</a>', url, title)
                if key in here
                else (format_html('<p class="lg">{}</p>', title))
            )
        state = position.standing.by_key[key].state if position else "open"
        return glyph(state, document.number_of(key))

    return value


def _listed_roads(document: RoadDocument) -> set[str]:
    """Keys of related roads that a reader can open here."""
    keys = [related.key for related in document.related]
    return set(Roadmap.objects.listed().filter(key__in=keys).values_list("key", flat=True)) if keys else set()


def _waypoints(document: RoadDocument, position: Position | None) -> list[Waypoint]:
    background = position.enrollment.background if position else _first_background(document)
    return [
        Waypoint(
            stage.title,
            _second_line(stage, background),
            position.standing.by_key[stage.key].state if position else "open",
            _gate_words(stage),
        )
        for stage in document.stages
    ]


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


def _sections(document: RoadDocument) -> dict[str, Any]:
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


def _hole(kind: str, key: str) -> SafeString:
    return mark_safe(hole(kind, key))  # noqa: S308  # two control characters round a key


def _recommended(document: RoadDocument) -> list[tuple[str, list[Any]]]:
    """Recommended resources under the first stage that uses them."""
    groups: list[tuple[str, list[Any]]] = []
    left = list(document.recommended)
    for stage in document.stages:
        used = {placed.resource for topic in stage.topics for placed in topic.resources}
        here = [key for key in left if key in used]
        left = [key for key in left if key not in used]
        if here:
            groups.append((stage.title, [document.resources[key] for key in here]))
    return groups
