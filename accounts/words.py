"""Says in the reader's language what plain modules keep as sentences, and what roles are called."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.models.user import ADMIN, AUTHOR, LEARNER, MENTOR
from accounts.sentences import Sentence

ROLES = {
    LEARNER: gettext_lazy("learner"),
    MENTOR: gettext_lazy("mentor"),
    AUTHOR: gettext_lazy("author"),
    ADMIN: gettext_lazy("admin"),
}


def said(sentence: Sentence | str) -> str:
    """The sentence in the language of the page; a plain text, such as a title, as it is."""
    return sentence.said(gettext, ngettext) if isinstance(sentence, Sentence) else sentence
