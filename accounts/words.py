"""Says in the reader's language what plain modules keep as sentences."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from accounts.sentences import Sentence


def said(sentence: Sentence | str) -> str:
    """The sentence in the language of the page; a plain text, such as a title, as it is."""
    return sentence.said(gettext, ngettext) if isinstance(sentence, Sentence) else sentence
