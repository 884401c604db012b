"""The road as a trail on a map: a smooth line through its stages, climbing to the upper right."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from roadmap.drawings.svg import Point, Size, diamond, dot, drawing, text

WIDE = (1226.0, 760.0)
MINI = (360.0, 190.0)
_BEND = 0.042  # how far the line swings between two stages, as a part of the height
_CONVEX = 2.1  # how late the line climbs; less, and it runs through the facts below the title
_TENSION = 0.52 / 3
Curve = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class Waypoint:
    """One stage on the map. `gate` is the sentence at the gate before it, or empty."""

    name: str
    sub: str
    state: str
    gate: str = ""


def trail(stages: Sequence[Waypoint]) -> str:
    """The map's drawing for wide pages, with names, second lines and gates; 1 to about 12 stages."""
    points = _points(len(stages), WIDE, (0.20, 0.86), sway=1)
    way = _with_bends(points, WIDE[1])
    marks = _path(stages, way)
    for place, (stage, point) in enumerate(zip(stages, points, strict=True)):
        if stage.gate and place:
            marks.append(_gate(stage.gate, way[2 * place - 1]))
        marks += [*_waypoint(stage.state, place + 1, point), *_names(stage, place, len(stages), point)]
    return drawing("map__trail", WIDE, marks)


def mini_trail(stages: Sequence[Waypoint]) -> str:
    """The same line without words, for phones and small places; the list beside it says the names."""
    points = _points(len(stages), MINI, (0.20, 0.84), sway=0.4)
    marks = _path(stages, _with_bends(points, MINI[1]))
    for place, (stage, point) in enumerate(zip(stages, points, strict=True)):
        marks += _waypoint(stage.state, place + 1, point)
    return drawing("map__mini", MINI, marks)


def way(
    count: int, size: Size, between: tuple[float, float], sway: float = 1
) -> tuple[list[Point], list[Curve]]:
    """Where the stages stand in a picture of this size, and the line through them from its left edge on."""
    points = _points(count, size, between, sway)
    whole = _with_bends(points, size[1])
    return points, _spline([(-10.0, whole[0][1] + 26), *whole])


def _points(count: int, size: Size, between: tuple[float, float], sway: float) -> list[Point]:
    """Where the stages stand: convex, so that the upper left stays free; `between` are parts of the height."""
    (width, height), (top, bottom) = size, between
    points = []
    for place in range(count):
        along = place / (count - 1) if count > 1 else 0.5
        climb = height * (bottom - (bottom - top) * along**_CONVEX)
        points.append((width * (0.085 + 0.79 * along), climb + (14 if place % 2 else -6) * sway))
    return points


def _with_bends(points: list[Point], height: float) -> list[Point]:
    """The stages with one bend between each two of them: [stage, bend, stage, bend, ..., stage]."""
    way = points[:1]
    for place, (here, there) in enumerate(pairwise(points)):
        swing = height * _BEND * (-1 if place % 2 == 0 else 1)
        way.append((here[0] * 0.52 + there[0] * 0.48, (here[1] + there[1]) / 2 + swing))
        way.append(there)
    return way


def _path(stages: Sequence[Waypoint], way: list[Point]) -> list[str]:
    curves = _spline([(-10.0, way[0][1] + 26), *way])
    whole = _outline(curves)
    marks = [f'<path class="trail-halo" d="{whole}"/>', f'<path class="trail-ahead" d="{whole}"/>']
    reached = [place for place, stage in enumerate(stages) if stage.state in ("passed", "underway")]
    if reached:
        marks.append(f'<path class="trail-walked" d="{_outline(curves[: 1 + 2 * reached[-1]])}"/>')
    return marks


def _spline(points: list[Point]) -> list[Curve]:
    """Catmull-Rom through the points, as cubic Bezier curves."""
    padded = [points[0], *points, points[-1]]
    return [_curve(*padded[i : i + 4]) for i in range(len(padded) - 3)]


def _curve(before: Point, start: Point, end: Point, after: Point) -> Curve:
    first = (start[0] + (end[0] - before[0]) * _TENSION, start[1] + (end[1] - before[1]) * _TENSION)
    second = (end[0] - (after[0] - start[0]) * _TENSION, end[1] - (after[1] - start[1]) * _TENSION)
    return start, first, second, end


def _outline(curves: list[Curve]) -> str:
    start = curves[0][0]
    steps = "".join(
        "C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in (first, second, end))
        for _, first, second, end in curves
    )
    return f"M{start[0]:.1f} {start[1]:.1f}{steps}"


def _waypoint(state: str, number: int, at: Point) -> list[str]:
    mark = diamond("wp-underway", at, 15) if state == "underway" else dot(f"wp-{state}", at, 17)
    shade = {"underway": " map-num--here", "passed": " map-num--passed"}.get(state, "")
    return [mark, text(f"map-num{shade}", (at[0], at[1] + 1), str(number), "middle")]


def _names(stage: Waypoint, place: int, count: int, at: Point) -> list[str]:
    """Name and second line: the first below its stage, the last above it, the others to the lower right."""
    x, y = at
    if place == count - 1:
        anchor, x, y = "end", x + 34, y - 52
    elif place == 0:
        anchor, x, y = "start", x - 17, y + 44
    else:
        anchor, x, y = "start", x + 26, y + 30
    return [text("map-label", (x, y), stage.name, anchor), text("map-sub", (x, y + 20), stage.sub, anchor)]


def _gate(sentence: str, at: Point) -> str:
    x, y = at
    posts = f"M{x - 7:.0f} {y + 13:.0f}v-26h14v26M{x - 7:.0f} {y:.0f}h14"
    label = text("map-gatelbl", (x - 14, y - 16), sentence, "end")
    return f'<g><path class="map-gate" d="{posts}"/>{label}</g>'
