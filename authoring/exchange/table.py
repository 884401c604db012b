"""Questions as a table (CSV): a row each, below a header that names the columns; docs/authoring.md says which.

Cells of several values part them with |, and \\| is a bar that parts nothing. Texts are Markdown.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from accounts.sentences import sentence as _
from authoring.exchange.decoding import decode
from authoring.exchange.questions import Carried, Left, Reading, UnreadableError, shortened
from authoring.exchange.table_rows import CellError, question
from authoring.exchange.table_writing import WORKED_OUT, write

__all__ = ["read", "write"]

MOST_ROWS = 5000
_MOST_COLUMNS = 80
_KNOWN = {
    **{
        name: name
        for name in ("key", "type", "stem", "right", "explanation", "feedback", "topic", "tags", "points")
    },
    "difficulty": "difficulty",
    "question": "stem",
    "answer": "right",
    "correct": "right",
    "category": "topic",
    "title": "key",
    "name": "key",
}
_OPTION = re.compile(r"(?:option|choice|item)[ _-]?(\d{1,2}|[a-z])|([a-t])")
_PLACED = re.compile(r"option ([1-9]\d?)")
_QUOTED = re.compile(f"^'(?=[{re.escape(WORKED_OUT)}])")  # written before what a spreadsheet would work out


def read(data: bytes) -> Reading:
    """The questions of a table; a row with a wrong cell is left, the cell named by row and column."""
    decoded = decode(data)
    rows = _rows(decoded.text)
    header = next(rows, None)
    if header is None or "stem" not in header[1]:
        what = _(
            "The first row names the columns, and there is none “stem”. It begins with: key, type, stem …"
        )
        raise UnreadableError(what, "row 1")
    names = header[1]
    questions: list[Carried] = []
    left = [*decoded.left(), *_unknown(names)]
    for number, cells in rows:
        if number > MOST_ROWS:
            raise UnreadableError(_("The table has more than %(most)s rows. Split it.", most=MOST_ROWS))
        if any(cells):
            _take(number, names, cells, questions, left)
    if not questions and not any(one.is_whole for one in left):
        raise UnreadableError(_("There is no question below the header."))
    return Reading(tuple(questions), tuple(left))


def _take(
    number: int, names: list[str], cells: list[str], questions: list[Carried], left: list[Left]
) -> None:
    row = _named(names, cells)
    options = _options(names, cells)
    name = row.get("key") or shortened(row.get("stem", ""))
    try:
        questions.append(question(f"row {number}", name, row, options))
    except CellError as wrong:
        left.append(Left(f"row {number}, column {wrong.column}", name, wrong.what))
    if any(cells[len(names) :]):
        what = _("The row has more cells than the header has columns; the last are not read.")
        left.append(Left(f"row {number}", name, what, is_whole=False))


def _options(names: Sequence[str], cells: Sequence[str]) -> list[str]:
    """The options by their places, whatever the order of the columns; empty where there is none."""
    found = {place: cell for name, cell in zip(names, cells, strict=False) if (place := _place(name))}
    return [found.get(place, "") for place in range(1, max(found, default=0) + 1)]


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows as a spreadsheet counts them; the first one as the names of its columns."""
    text, delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            plain = [_QUOTED.sub("", cell.strip()) for cell in cells]
            yield number, [_column(cell) for cell in plain[:_MOST_COLUMNS]] if number == 1 else plain
    except csv.Error as error:
        what = _("A quote is not closed, or a cell is far too long (%(reason)s).", reason=str(error))
        raise UnreadableError(what, f"line {reader.line_num}") from error


def _delimiter(text: str) -> tuple[str, str]:
    """What parts the cells: what a spreadsheet says in a first line `sep=;`, or what names most columns."""
    first, _line, rest = text.partition("\n")
    if found := re.fullmatch(r"sep=([;,\t|])\s*", first, re.IGNORECASE):
        return rest, found[1]
    known = {sign: sum(_is_known(_column(name)) for name in first[:20_000].split(sign)) for sign in ",;\t"}
    return text, max(known, key=lambda sign: known[sign])


def _column(cell: str) -> str:
    """The name of a column as it is known here: `Option B` is `option 2`."""
    name = " ".join(cell.strip().strip('"').lower().replace("_", " ").split())
    if name in _KNOWN:
        return _KNOWN[name]
    if found := _OPTION.fullmatch(name):
        place = found[1] or found[2]
        return f"option {place if place.isdigit() else ord(place) - ord('a') + 1}"
    return name


def _is_known(name: str) -> bool:
    return name in _KNOWN.values() or _place(name) > 0


def _place(name: str) -> int:
    """Which option a column is, from 1; 0 when it is none."""
    found = _PLACED.fullmatch(name)
    return int(found[1]) if found else 0


def _named(names: Sequence[str], cells: Sequence[str]) -> Mapping[str, str]:
    return {name: cell for name, cell in zip(names, cells, strict=False) if not _place(name)}


def _unknown(names: Sequence[str]) -> list[Left]:
    return [
        Left(
            "row 1",
            "",
            _("The column “%(name)s” is not known, so it is not read.", name=name[:60]),
            is_whole=False,
        )
        for name in names
        if name and not _is_known(name)
    ]
