"""What the houses that write QTI 1.2 call their kinds of question, and which of them cannot come here."""

from __future__ import annotations

import re
from collections.abc import Mapping

from accounts.sentences import Sentence
from accounts.sentences import sentence as _

# Of Canvas, Blackboard, Common Cartridge and the older tools, in lower case with one blank between words.
_NAMES = {
    "single": ("multiple choice", "multichoice", "either/or", "cc.multiple choice.v0p1"),
    "multiple": ("multiple answers", "multiple answer", "multiple response", "cc.multiple response.v0p1"),
    "true_false": ("true false", "true/false", "cc.true false.v0p1"),
    "short_text": ("short answer", "fill in the blank", "fill in blank", "fib", "fib string", "cc.fib.v0p1"),
    "cloze": ("fill in multiple blanks", "fill in the blank plus", "multiple dropdowns", "jumbled sentence"),
    "matching": ("matching",),
    "ordering": ("ordering", "ordered", "order objects"),
    "numeric": ("numerical", "numeric"),
    "long_text": ("essay", "short response", "long answer", "cc.essay.v0p1"),
    "formula": ("calculated", "calculated formula", "formula"),
    "upload": ("file upload",),
    "nothing": ("text only", "text no question"),
    "picture": ("hot spot", "hotspot"),
    "opinion": ("opinion scale", "likert scale", "survey"),
    "pattern": ("cc.pattern match.v0p1",),
    "categories": ("categorization",),
}
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names}
_FIELDS = ("question_type", "bbmd_questiontype", "cc_profile", "qmd_itemtype", "wct_questioncategory")

REFUSED: Mapping[str, Sentence] = {
    "formula": _("Its numbers are drawn anew for each learner, which no type here does."),
    "upload": _("It asks for a file; that is evidence here, not a question."),
    "nothing": _("It is a text and asks nothing."),
    "picture": _("It asks to point at a place in a picture, which no type here does."),
    "opinion": _("It asks for an opinion, so no answer is right."),
    "pattern": _("It asks only that a word is somewhere in the answer, which no type here does."),
    "categories": _("It asks to sort things into groups, which no type here does."),
}


def kind(says: Mapping[str, str]) -> str:
    """The kind of a question by its metadata; empty when that says nothing known."""
    for label in _FIELDS:
        said = re.sub(r"[\s_]+", " ", says.get(label, "")).strip().casefold()
        if found := _KINDS.get(said) or _KINDS.get(said.removesuffix(" question")):
            return found
    return ""


def points(says: Mapping[str, str]) -> str:
    """What it weighs, as text; empty when nothing says so."""
    labels = ("points_possible", "cc_weighting", "qmd_weighting", "qmd_absolutescore_max")
    return next((says[label] for label in labels if says.get(label)), "")
