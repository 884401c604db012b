"""What other houses write as plain text or HTML, as the Markdown of this one.

markdown.from_plain("2*3 < x_1")         # shows as it reads
markdown.from_html("<p>a <b>b</b></p>")  # Converted(text, lost): `lost` says what Markdown here can't show
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from accounts.sentences import Sentence
from authoring.exchange.formulas import Formula, formulas
from authoring.exchange.hypertext import Hypertext

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
# Signs that Markdown takes for its own: before punctuation a backslash, emphasis, code, entities, struck text.
_SIGNS = re.compile(
    r"(?<=\w)_+(?=\w)|_+|\\(?=[!-/:-@\[-`{-~\ue000]|$)|`|~~|&(?=#?\w{1,32};)|(?<!\s)\*|\*(?!\s)|\[(?=\^)|\^(?=\[)"
)
_LINE_STARTS = re.compile(
    r"^[ \t]*(?:([#>]|[-+*=]+(?=[ \t]|$)|-{2,}|={2,})|(\d{1,9})([.)])(?=[ \t]|$))", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Converted:
    """Markdown, and what of the original it can't show."""

    text: str
    lost: tuple[Sentence, ...] = ()


def from_plain(text: str) -> str:
    """Plain text as Markdown that shows it line by line; formulas are those of the house."""
    paragraphs = (_paragraph(part) for part in _PARAGRAPHS.split(text.strip()))
    return "\n\n".join(part for part in paragraphs if part)


def from_html(text: str) -> Converted:
    """HTML as Markdown. Nothing in it is obeyed or fetched."""
    hypertext = Hypertext(escaped)
    return Converted(hypertext.markdown(text), tuple(hypertext.lost))


def escaped(text: str) -> str:
    """The signs of Markdown in a text made plain, formulas left alone."""
    pieces, at = [], 0
    for formula in formulas(text, single=True):
        pieces += [_escaped(text[at : formula.start]), _formula(formula)]
        at = formula.end
    return "".join([*pieces, _escaped(text[at:])])


def _paragraph(text: str) -> str:
    lines = (" ".join(line.split()) for line in escaped(text).split("\n"))
    return "\\\n".join(_LINE_STARTS.sub(_start, line) for line in lines if line)


def _escaped(text: str) -> str:
    if "](" in text or "][" in text:
        text = text.replace("[", "\ue000")  # a private sign, that _SIGNS leaves alone
        return _SIGNS.sub(_sign, text).replace("\ue000", "\\[")
    return _SIGNS.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    sign = found[0]
    if not sign.startswith("_"):
        return f"\\{sign}"
    before, after = (
        found.string[found.start() - 1 : found.start()],
        found.string[found.end() : found.end() + 1],
    )
    is_inside, is_blank = before.isalnum() and after.isalnum(), len(sign) > 2
    touches = before.isalnum() or after.isalnum()
    return sign if is_inside or (is_blank and not touches) else "\\_" * len(sign)


def _start(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


def _formula(formula: Formula) -> str:
    """In the signs of the house that are drawn everywhere: $$…$$ is not in legends, options and lines of text."""
    return f"${' '.join(formula.tex.split())}$"
