"""The pieces of a paragraph and how Markdown writes them, so that every sign is read back as what it was."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from authoring.exchange.formulas import formulas


@dataclass(frozen=True, slots=True)
class Raw:
    """Text as read, in which formulas may stand."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """Markdown already."""

    text: str


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Pieces between two marks of emphasis."""

    mark: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    address: str
    pieces: tuple[Piece, ...]


Piece: TypeAlias = "Raw | Done | Wrapped | Linked"

# Private signs, which no text keeps: a break of a line, a formula on lines of its own, signs of code that hold still.
_BREAK, _DISPLAY, _BLANK = "\ue010", "\ue011", "\ue012"
UNMARKED = dict.fromkeys(map(ord, (_BREAK, _DISPLAY, _BLANK)))
BREAK = Done(_BREAK)

_PLAIN = re.compile(r"[\w ,;()?'\"%/“”‘’–—…°€£§éèàüöäß]*(?:[.:!]?[\w ,;()?'\"%/“”‘’–—…]+)*[.:!?]?")
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0]+")
# A blank to be filled stays as it is typed: such a run can open emphasis, and nothing can close it.
_ESCAPED = re.compile(
    r"(?P<blank>(?<!\S)_{3,}(?=[\s.,;:!?]|\Z))|[\\`*$]|(?<![^\W_])_|_(?![^\W_])|\[(?=\^)|\^(?=\[)|\](?=[(:\[])"
    r"|<(?=[A-Za-z/!?])|&(?=#?\w+;)|~(?=~)|(?<=~)~|!(?=\[)"
)
_LINE_START = re.compile(
    r"(?:>|[-+](?=\s|$)|#{1,6}(?=\s|$)|=+\s*$|-[-\s]*$|_[_\s]*$|[-:|][-:|\s]*$|~{3})|(?P<number>\d{1,9})(?P<dot>[.)])(?=\s|$)"
)
_MOST_BRACKETS = 50
_CLOSING = re.compile(r"(?<=\w)([.:,;!?]{1,3})(\*\*|\*|~~)$")
_FENCED = re.compile(r"`+")
_RAISED = str.maketrans(
    "0123456789+-−=()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
)
_LOWERED = str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")


def is_plain(text: str) -> bool:
    """Whether a text has no sign that means anything in HTML or Markdown."""
    return len(text) < 500 and not _MEANS.search(text) and not _LINE_START.match(text.strip())


_MEANS = re.compile(r"[<>&\\`*_$\[\]~|\x00-\x08\x0b-\x1f\ue010-\ue012]|!$")


def paragraphs(pieces: Sequence[Piece]) -> Iterator[str]:
    """One paragraph, or several where a formula stands on lines of its own."""
    for place, part in enumerate(_written(pieces).split(_DISPLAY)):
        if place % 2:
            yield f"$$\n{part}\n$$"
        elif text := _lines(part):
            yield text


def paragraph(pieces: Sequence[Piece]) -> str:
    """All in one paragraph; formulas stand in the line."""
    return _lines(_written(pieces, is_one=True))


def one_line(text: str) -> str:
    """A paragraph without breaks of the line."""
    return text.replace("\\\n", " ")


def cell(text: str) -> str:
    """A paragraph as the cell of a table."""
    return re.sub(r"\\(?=[>+=-])|(?<=\d)\\(?=[.)])", "", one_line(text)).replace("|", "\\|").strip()


def closed(words: str) -> str:
    """A heading whose last sign is no mark of a heading."""
    return re.sub(r"(#+)$", r"\\\1", words)


def indented(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join([first + lines[0], *(others + line if line else others.rstrip() for line in lines[1:])])


def told_apart(block: str, before: str) -> str:
    """A list right below another of its kind with other marks, for they would be one."""
    found = re.match(r"-(?= )|\d+\.(?= )", before)
    mark = found[0] if found else ""
    if mark == "-" and block.startswith("- "):
        return re.sub(r"(?m)^- ", "+ ", block)
    if mark.endswith(".") and re.match(r"\d+\. ", block):
        return re.sub(r"(?m)^(\d+)\. ", r"\1) ", block)
    return block


def may_follow(block: str, before: str) -> bool:
    """Whether a list may stand right below a paragraph, which is all there is before it."""
    is_paragraph = (
        bool(before) and "\n\n" not in before and not re.match(r"[-+>] |\d+[.)] |```|\||\$\$|#", before)
    )
    return is_paragraph and bool(re.match(r"[-+] |1[.)] ", block))


def code(text: str) -> list[Piece]:
    """Code in the line; where it has several lines, one below the other."""
    lines = [" ".join(line.split()) for line in text.replace("\u00a0", " ").split("\n")]
    pieces: list[Piece] = []
    for line in filter(None, lines):
        pieces += [BREAK, Done(_code(line))] if pieces else [Done(_code(line))]
    return pieces


def fence(text: str) -> str:
    longest = max((len(found) for found in _FENCED.findall(text)), default=0)
    return "`" * max(3, longest + 1)


def shifted(text: str, *, is_raised: bool) -> str | None:
    """A text in raised or lowered letters; None where one of them has no such letter."""
    table = _RAISED if is_raised else _LOWERED
    return text.translate(table) if all(ord(sign) in table for sign in text) else None


def _code(text: str) -> str:
    runs = {len(found) for found in _FENCED.findall(text)}
    mark = "`" * next(count for count in range(1, len(runs) + 2) if count not in runs)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{mark}{edge}{text}{edge}{mark}"


def _written(pieces: Sequence[Piece], *, is_one: bool = False, inside: str = "") -> str:
    text = ""
    for piece in _merged(pieces):
        match piece:
            case Raw():
                written = _raw(piece.text, is_one=is_one or bool(inside))
            case Done():
                written = piece.text
            case Wrapped():
                written = _emphasis(piece, is_one=is_one, inside=inside)
            case Linked():
                written = _link(piece, inside)
                text = f"{text[:-1]}\\!" if text.endswith("!") and written.startswith("[") else text
        text = _beside(text, written)
    return text


def _merged(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Neighbouring texts as one, so that a formula is found where it was cut."""
    raw = ""
    for piece in pieces:
        if isinstance(piece, Raw):
            raw += piece.text
            continue
        if raw:
            yield Raw(raw)
        yield piece
        raw = ""
    if raw:
        yield Raw(raw)


def _beside(text: str, written: str) -> str:
    """A formula ends beside no digit, or its sign would be money; emphasis ends with a letter before a letter."""
    if written[:1].isalnum() and (found := _CLOSING.search(text[-8:])):
        return f"{text[: len(text) - len(found[0])]}{found[2]}{found[1]}{written}"
    if text[-1:] == "$" and text[-2:-1] != "\\" and written[:1].isdigit():
        return f"{text} {written}"
    return text + written


def _raw(text: str, *, is_one: bool) -> str:
    out, at = "", 0
    for formula in formulas(text):
        out = _beside(out, escaped(text[at : formula.start]))
        at = formula.end
        tex = " ".join(formula.tex.split())
        if re.search(r"(?<!\\)\$", tex) or tex.endswith("\\"):
            out += escaped(text[formula.start : formula.end])
        elif formula.sign == "\\(" or is_one:
            out += f"{' ' if out[-1:].isdigit() or out[-1:] == '$' else ''}${tex}$"
        else:
            out += f"{_DISPLAY}{tex}{_DISPLAY}"
    return _beside(out, escaped(text[at:]))


def escaped(text: str) -> str:
    """Signs that mean something in Markdown, made plain."""
    plain = _ESCAPED.sub(_plain, _SPACES.sub(" ", text))
    # A parser looks from each bracket for its other half: many that have none cost the square of their number.
    return plain if plain.count("[") <= _MOST_BRACKETS else re.sub(r"(?<!\\)\[", r"\\[", plain)


def _plain(found: re.Match[str]) -> str:
    return found[0] if found["blank"] else f"\\{found[0]}"


def _emphasis(piece: Wrapped, *, is_one: bool, inside: str) -> str:
    mark = piece.mark
    if mark in inside.split():
        return _written(piece.pieces, is_one=is_one, inside=inside)
    words = _written(piece.pieces, is_one=True, inside=f"{inside} {mark}")
    bare = words.strip(f" {_BREAK}")
    if not bare:
        return words
    start = words.index(bare)
    return f"{words[:start]}{mark}{bare}{mark}{words[start + len(bare) :]}"


def _link(piece: Linked, inside: str) -> str:
    words = _written(piece.pieces, is_one=True, inside=f"{inside} link")
    if "link" in inside.split():
        return words
    label = _lines(words).replace("\\\n", " ") or piece.address
    return f"[{_balanced(label)}]({piece.address})"


def _balanced(label: str) -> str:
    return re.sub(r"(?<!\\)([\[\]])", r"\\\1", label) if "`" not in label else label


def _lines(text: str) -> str:
    """A paragraph: its breaks, no blanks at ends of lines, no line that begins like something else."""
    lines = (_SPACES.sub(" ", line).strip() for line in text.split(_BREAK))
    return "\\\n".join(_started(line) for line in lines if line)


def _started(line: str) -> str:
    found = _LINE_START.match(line)
    if not found:
        return line
    if found["number"]:
        return f"{found['number']}\\{line[found.start('dot') :]}"
    return f"\\{line}"
