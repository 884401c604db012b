"""Filters for the templates of question types: Markdown of authors, and sentences of plain modules."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from accounts.sentences import Sentence
from accounts.words import said
from roadmap import rendering

register = template.Library()
register.filter("said", said)


@register.filter
def phrases(text: Sentence | str) -> SafeString:
    """One line of Markdown."""
    return _safe(rendering.inline(said(text)))


@register.filter
def written(text: str) -> SafeString:
    """What a person wrote: Markdown as blocks."""
    return _safe(rendering.html(text))


@register.filter
def coloured(source: str, language: str) -> SafeString:
    """Code, in the colours of its language."""
    return _safe(rendering.code(source, language))


@register.filter
def as_html(piece: str) -> SafeString:
    """HTML that roadmap.rendering made, in pieces."""
    return _safe(piece)


def _safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308  # rendered by roadmap.rendering
