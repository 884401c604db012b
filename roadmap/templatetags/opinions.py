"""What readers said of a resource, and the forms to say it with."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.formats import number_format

from accounts.models import User
from roadmap.forms.opinion import RatingForm, ReportForm
from roadmap.models import LinkReport, Resource, ResourceRating
from roadmap.models.opinion import Average

register = template.Library()


@register.simple_tag(takes_context=True)
def opinion_of(context: template.Context, resource_key: str) -> dict[str, Any]:
    """The average, what this reader said before, and her forms; a form that was refused stands in the context."""
    pk = Resource.objects.values_list("pk", flat=True).get(key=resource_key)
    said: dict[str, Any] = {"average": ResourceRating.objects.averages([pk]).get(pk)}
    reader = context["request"].user
    if not isinstance(reader, User):
        return said
    rating = ResourceRating.objects.of(reader).filter(resource=pk).first()
    report = LinkReport.objects.of(reader).filter(resource=pk).open().first()
    return {
        **said,
        "rating": rating,
        "report": report,
        "rating_form": context.get("rating_form") or RatingForm(initial=_initial(rating, "stars", "note")),
        "report_form": context.get("report_form") or ReportForm(initial=_initial(report, "reason", "note")),
    }


@register.filter
def stars_words(average: Average) -> str:
    """4.3 out of 5, as the reader's language writes numbers."""
    return number_format(average.stars, 1)


def _initial(row: object, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names} if row else {}
