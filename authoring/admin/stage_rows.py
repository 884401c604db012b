"""The rows of resources on a stage's page: drawn once for each role, then filled, for a stage may have hundreds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext

from roadmap.forms import TopicRow
from roadmap.forms.stage_page import ResourceRow
from roadmap.models.resource import ResourceType, Role

GAPS = {name: f"__{name}__" for name in ("ref", "pk", "title", "type", "also")}
_GAP = re.compile(r"__(ref|pk|title|type|also)__")


class Rows:
    """Draws the resources of one page's topics after another."""

    def __init__(self) -> None:
        self.drawn: dict[str, list[str]] = {}
        self.types = {value: str(label) for value, label in ResourceType.choices}

    def draw(self, topics: Iterable[TopicRow]) -> None:
        for topic in topics:
            html = "".join(self._row(topic.ref, entry) for entry in topic.resources)
            topic.drawn = mark_safe(html)  # noqa: S308  # our own template, filled with what is escaped here

    def _row(self, ref: str, entry: ResourceRow) -> str:
        resource = entry.resource
        values = {
            "ref": escape(ref),
            "pk": str(resource.pk),
            "title": escape(resource.title),
            "type": escape(self.types.get(resource.type, "")),
            "also": escape(_also(entry)),
        }
        parts = self._parts(entry.role)
        return "".join(values[part] if place % 2 else part for place, part in enumerate(parts))

    def _parts(self, role: str) -> list[str]:
        if role not in self.drawn:
            context = {**GAPS, "roles": Role.choices, "role": role}
            self.drawn[role] = _GAP.split(render_to_string("authoring/_stage_resource.html", context))
        return self.drawn[role]


def _also(entry: ResourceRow) -> str:
    """Where else it stands: also in A, B and 3 others."""
    if not entry.also_count:
        return ""
    names = ", ".join(entry.also_names)
    if not entry.also_more:
        return gettext("Also in %(names)s") % {"names": names}
    said = ngettext(
        "Also in %(names)s and %(count)d other", "Also in %(names)s and %(count)d others", entry.also_more
    )
    return said % {"names": names, "count": entry.also_more}
