"""Signs with a backslash before them: put away under signs of inner use while a block is taken apart, and back."""

from __future__ import annotations

import re

from authoring.exchange.formulas import formulas

_SIGNS = "\\:#={}~\n"
_MASKS = {sign: chr(0xFDD0 + number) for number, sign in enumerate(_SIGNS)}  # decoding lets none of these in
_ESCAPED = re.compile(r"\\([\\:#={}~n])")
_OF_FORMULAS = str.maketrans({sign: _MASKS[sign] for sign in ":#={}~"})
_PLAIN = str.maketrans({mask: sign for sign, mask in _MASKS.items()})
# In a formula \ne is no line break: the commands of TeX that begin with n.
_COMMANDS = re.compile(
    f"{_MASKS[chr(10)]}(?=(?:e|eq|eg|u|abla|ot|otin|mid|exists|i|leq|geq|less|gtr|sim|cong|parallel|atural|earrow|"
    r"warrow|subseteq|supseteq|olimits|onumber|ewline|ewcommand)(?![a-zA-Z]))"
)


def masked(text: str) -> str:
    """The text with what is escaped put away, so that a sign that is left means something."""
    return _ESCAPED.sub(lambda found: _MASKS["\n" if found[1] == "n" else found[1]], text)


def without_formulas(text: str) -> str:
    """A masked text in which the signs of formulas mean nothing either: \\(x = 2\\) is no answer."""
    view = text.replace(_MASKS["\\"], "\\")  # as long as the text
    pieces, at = [], 0
    for formula in formulas(view):
        inside = _COMMANDS.sub(_MASKS["\\"] + "n", text[formula.start : formula.end])
        pieces += [text[at : formula.start], inside.translate(_OF_FORMULAS)]
        at = formula.end
    return "".join([*pieces, text[at:]])


def plain(text: str) -> str:
    """A masked text as it reads."""
    return text.translate(_PLAIN)


def escaped(text: str) -> str:
    """The text as it is written: no sign of it means anything, on one line."""
    for sign in _SIGNS:
        text = text.replace(sign, "\\n" if sign == "\n" else f"\\{sign}")
    return text
