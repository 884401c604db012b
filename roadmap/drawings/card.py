"""A road as a picture of 1200 × 630 pixels, which other sites and messengers show beside a link to it (Open Graph)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from roadmap.drawings.svg import Point
from roadmap.drawings.trail import Curve, way

SIZE = (1200, 630)
_FINER = 2  # drawn this much larger, then made smaller: smooth edges
_FONTS = Path(__file__).resolve().parent.parent.parent / "static" / "fonts"
_SANS = ("national-park-latin-wght-normal.woff2", "national-park-latin-ext-wght-normal.woff2")
_PAPER, _INK, _SECOND, _LINE = "#f2f5f1", "#14201a", "#414f48", "#7b8881"
_HERE = "#ffcd1c"
_HIGHEST, _LOWEST = (
    0.28,
    0.86,
)  # between which parts of the height the trail runs; a long title presses it down
_COLOURS = 256
_MARGIN = 72
_SIZES, _TITLE, _TITLE_LINES = (84, 68, 54), 680, 3  # of the title: sizes to try, weight, lines at most
_TITLE_WIDTH = 760 * _FINER
_EXTENDED = ("\u0100", "\u024f")


def card(title: str, facts: str, stages: int) -> bytes:
    """A PNG with the road's title, a line of facts and its trail; `stages` is how many waypoints it has."""
    picture = Image.new("RGB", (SIZE[0] * _FINER, SIZE[1] * _FINER), _PAPER)
    pen = ImageDraw.Draw(picture)
    below = _words(pen, title, facts) / picture.height
    points, curves = way(max(stages, 1), SIZE, (max(below, _HIGHEST), _LOWEST))
    _trail(pen, points, curves)
    stored = BytesIO()
    picture.resize(SIZE, Image.Resampling.LANCZOS).quantize(_COLOURS).save(stored, "PNG")
    return stored.getvalue()


def _trail(pen: ImageDraw.ImageDraw, points: Sequence[Point], curves: Sequence[Curve]) -> None:
    line = [_scaled(point) for curve in curves for point in _walked(curve)]
    pen.line(line, fill=_INK, width=5 * _FINER, joint="curve")
    for number, point in enumerate(points, 1):
        x, y = _scaled(point)
        pen.circle((x, y), 21 * _FINER, fill=_HERE if number == 1 else _PAPER, outline=_INK, width=4 * _FINER)
        pen.text((x, y), str(number), font=_font(22, 660), fill=_INK, anchor="mm")


def _walked(curve: Curve, steps: int = 24) -> list[Point]:
    """Points along a cubic Bezier curve (Bernstein form)."""
    walked = []
    for step in range(steps + 1):
        t = step / steps
        shares = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        x, y = (
            sum(share * point[axis] for share, point in zip(shares, curve, strict=True)) for axis in (0, 1)
        )
        walked.append((x, y))
    return walked


def _words(pen: ImageDraw.ImageDraw, title: str, facts: str) -> float:
    """Writes them and answers how far down the trail has to stay below them; one line leaves it room."""
    left, top = _MARGIN * _FINER, _MARGIN * _FINER
    _write(pen, (left, top), "Waymark", 30, 700)
    size, lines = _fitting(title if _is_readable(title) else "")
    top += 62 * _FINER
    for line in lines:
        _write(pen, (left, top), line, size, _TITLE)
        top += int(size * _FINER * 1.12)
    if _is_readable(facts):
        _write(pen, (left, top + 14 * _FINER), facts, 28, 420, colour=_SECOND)
    return 0 if len(lines) == 1 else top - size * _FINER


def _fitting(title: str) -> tuple[int, list[str]]:
    """The largest letters in which the title takes three lines at most; what is longer still is cut."""
    for size in _SIZES:
        lines = _lines(title, size)
        if len(lines) <= _TITLE_LINES:
            return size, lines
    return size, [*lines[: _TITLE_LINES - 1], lines[_TITLE_LINES - 1] + " …"]


def _lines(text: str, size: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, size, _TITLE) <= _TITLE_WIDTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


def _write(
    pen: ImageDraw.ImageDraw, at: Point, text: str, size: int, weight: int, *, colour: str = _INK
) -> None:
    x, y = at
    for extended, run in _runs(text):
        font = _font(size, weight, extended)
        pen.text((x, y), run, font=font, fill=colour)
        x += font.getlength(run)


def _width(text: str, size: int, weight: int) -> float:
    return sum(_font(size, weight, extended).getlength(run) for extended, run in _runs(text))


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces of one font file each: our letters come as Latin and as extended Latin."""
    for extended, signs in groupby(text, key=lambda sign: _EXTENDED[0] <= sign <= _EXTENDED[1]):
        yield extended, "".join(signs)


def _is_readable(text: str) -> bool:
    """False for a script that our letters don't have: no words are better than empty boxes."""
    return all(sign <= _EXTENDED[1] or "\u2000" <= sign <= "\u206f" for sign in text)


@cache
def _font(size: int, weight: int, extended: bool = False) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(_FONTS / _SANS[extended], size * _FINER)
    font.set_variation_by_axes([weight])
    return font


def _scaled(point: Point) -> Point:
    return point[0] * _FINER, point[1] * _FINER
