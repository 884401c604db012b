"""The few SVG pieces that all drawings share."""

from collections.abc import Iterable
from html import escape

Point = tuple[float, float]
Size = tuple[float, float]


def drawing(css_class: str, size: Size, marks: Iterable[str], sentence: str = "", extra: str = "") -> str:
    """One <svg>. With a sentence it is an image that says it; without, it is hidden from screen readers."""
    width, height = size
    opening = f'<svg class="{css_class}" viewBox="0 0 {width:g} {height:g}"{extra} {spoken(sentence)}>'
    return f"{opening}{''.join(marks)}</svg>"


def spoken(sentence: str) -> str:
    return f'role="img" aria-label="{escape(sentence)}"' if sentence else 'aria-hidden="true"'


def text(css_class: str, at: Point, words: str, anchor: str = "start") -> str:
    x, y = at
    named = f' class="{css_class}"' if css_class else ""
    return f'<text{named} text-anchor="{anchor}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def line(css_class: str, start: Point, end: Point) -> str:
    return f'<line class="{css_class}" x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"/>'


def box(css_class: str, corner: Point, width: float, height: float) -> str:
    x, y = corner
    return f'<rect class="{css_class}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def dot(css_class: str, centre: Point, radius: float) -> str:
    return f'<circle class="{css_class}" cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius:g}"/>'


def diamond(css_class: str, centre: Point, half: float) -> str:
    """The mark for "you are here": a square of side 2 * half, standing on its corner."""
    x, y = centre
    return (
        f'<rect class="{css_class}" x="{x - half:.1f}" y="{y - half:.1f}" width="{2 * half:g}" height="{2 * half:g}"'
        f' transform="rotate(45 {x:.1f} {y:.1f})"/>'
    )
