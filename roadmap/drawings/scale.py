"""How long each stage is, drawn like the scale of a map."""

from collections.abc import Sequence
from itertools import accumulate

from roadmap.drawings.svg import box, drawing, text

_WIDTH, _PAD, _TOP, _THICK = 1240.0, 8.0, 30.0, 9.0


def scalebar(hours: Sequence[int], names: Sequence[str], lengths: Sequence[str], whole: str) -> str:
    """Wide and narrow drawing of the stages' hours, in words `lengths`, as in "11 h", and `whole`, as in "520 hours".

    Hidden from screen readers: the page says the same in one sentence.
    """
    if not hours or sum(hours) <= 0:
        return ""
    return _wide(hours, names, whole) + _narrow(hours, names, lengths)


def _wide(hours: Sequence[int], names: Sequence[str], whole: str) -> str:
    total, span, below = sum(hours), _WIDTH - 2 * _PAD, _TOP + _THICK + 20
    marks = [text("scale-t", (_PAD, below), "0")]
    left = _PAD
    for place, (length, name, walked) in enumerate(zip(hours, names, accumulate(hours), strict=True)):
        width, last = length / total * span, place == len(hours) - 1
        marks.append(box(f"scale-{'ab'[place % 2]}", (left, _TOP), width, _THICK))
        marks.append(text("scale-n", (left + width / 2, _TOP - 11), name, "middle"))
        left += width
        words = whole if last else str(walked)
        marks.append(text("scale-t", (left, below), words, "end" if last else "middle"))
    marks.append(box("scale-o", (_PAD, _TOP), span, _THICK))
    return drawing("wide", (_WIDTH, 62), marks)


def _narrow(hours: Sequence[int], names: Sequence[str], lengths: Sequence[str]) -> str:
    marks, top, per_hour = [], 0.0, 300 / sum(hours)
    for place, (length, name, words) in enumerate(zip(hours, names, lengths, strict=True)):
        height = length * per_hour
        middle = top + height / 2 + 5
        marks.append(box(f"scale-{'ab'[place % 2]}", (1, top + 1), 9, height))
        marks.append(text("scale-n", (26, middle), name))
        marks.append(text("scale-t", (327, middle), words, "end"))
        top += height
    marks.append(box("scale-o", (1, 1), 9, top))
    return drawing("narrow", (328, 302), marks)
