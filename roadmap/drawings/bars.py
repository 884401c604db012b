"""Small bars and lines: a share, a day, some weeks, the steps of a short session."""

from collections.abc import Sequence
from dataclasses import dataclass

from roadmap.drawings.svg import Size, box, diamond, dot, drawing, line, text


def bar(percent: float, sentence: str, tick: float | None = None, kind: str = "") -> str:
    """A share of 100 with an optional mark at `tick`; kind is empty (green), low (red), ink or link."""
    shown = min(100.0, max(0.0, percent))
    shade = f" bar-v--{kind}" if kind else ""
    marks = ['<rect class="bar-bg" width="100" height="10"/>']
    marks.append(f'<rect class="bar-v{shade}" width="{shown:g}" height="10"/>')
    if tick is not None:
        marks.append(f'<line class="bar-tick" x1="{tick:g}" x2="{tick:g}" y1="-3" y2="13"/>')
    return drawing("bar", (100, 10), marks, sentence, extra=' preserveAspectRatio="none"')


def likely(low: float, high: float, middle: float, sentence: str) -> str:
    """Where a share of 100 likely lies: a stretch from `low` to `high` with its `middle` marked."""
    marks = ['<rect class="bar-bg" width="100" height="10"/>']
    marks.append(f'<rect class="bar-v bar-v--ink" x="{low:g}" width="{max(1.0, high - low):g}" height="10"/>')
    marks.append(f'<line class="bar-tick" x1="{middle:g}" x2="{middle:g}" y1="-3" y2="13"/>')
    return drawing("bar", (100, 10), marks, sentence, extra=' preserveAspectRatio="none"')


def daybar(planned: int, done: int, most: int = 180) -> str:
    """Minutes of one day: done is filled, the plan is a dashed outline; the words beside it say the same."""
    marks = [line("wk-base", (2, 50.5), (26, 50.5))]
    if done:
        marks.insert(0, _day("wk-done", done, most))
    if planned:
        marks.append(_day("wk-plan", planned, most))
    return drawing("daybar", (28, 54), marks)


def _day(css_class: str, minutes: int, most: int) -> str:
    height = min(1.0, minutes / most) * 46
    return box(css_class, (7, 50 - height), 14, height)


def spark(values: Sequence[float], plan: float, sentence: str, alert: bool = False) -> str:
    """A line of at least two values with the person's own plan dashed; `alert` only with a signal."""
    top = max(*values, plan, 0.1) * 1.1
    points = [
        (place / (len(values) - 1) * 120 + 2, 30 - value / top * 28) for place, value in enumerate(values)
    ]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    level = 30 - plan / top * 28
    marks = [line("c-plan", (2, level), (122, level)), f'<path class="c-act" d="M{path}"/>']
    marks.append(f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="3"/>')
    return drawing("spark spark--alert" if alert else "spark", (128, 32), marks, sentence)


@dataclass(frozen=True)
class Weeks:
    """Hours by week against the person's own plan; weeks from index `alert_from` on are red.

    `no_hours` are the words at the foot of the scale, as in "0 h".
    """

    hours: Sequence[float]
    labels: Sequence[str]
    plan: float
    plan_word: str
    no_hours: str
    sentence: str
    alert_from: int | None = None


def weekbars(weeks: Weeks) -> str:
    """Wide and narrow drawing of at least one week; empty labels are left out."""
    sizes: tuple[tuple[str, Size], ...] = (("wide", (800, 190)), ("narrow", (328, 170)))
    return "".join(
        drawing(f"chart chart-{name}", size, _weeks(weeks, size), weeks.sentence) for name, size in sizes
    )


def _weeks(weeks: Weeks, size: Size) -> list[str]:
    left, right, floor = 34.0, size[0] - 44, size[1] - 28
    top = max(*weeks.hours, weeks.plan, 1) * 1.12
    per_hour, step = (floor - 14) / top, (right - left) / len(weeks.hours)
    marks = _grid(range(0, int(top) + 1, 4), (left, right), floor, per_hour, weeks.no_hours)
    for place, (value, label) in enumerate(zip(weeks.hours, weeks.labels, strict=True)):
        x, tall = left + step * (place + 0.2), max(1.0, value * per_hour)
        red = weeks.alert_from is not None and place >= weeks.alert_from
        marks.append(box("wb wb--alert" if red else "wb", (x, floor - tall), step * 0.6, tall))
        if label:
            marks.append(text("", (x + step * 0.3, size[1] - 8), label, "middle"))
    level = floor - weeks.plan * per_hour
    return [
        *marks,
        line("c-plan", (left, level), (right, level)),
        text("", (right + 6, level + 4), weeks.plan_word),
    ]


def _grid(
    levels: Sequence[int], between: tuple[float, float], floor: float, per_hour: float, no_hours: str
) -> list[str]:
    left, right = between
    marks = []
    for hours in levels:
        y = floor - hours * per_hour
        marks.append(line("c-grid", (left, y), (right, y)))
        marks.append(text("", (left - 8, y + 4), str(hours) if hours else no_hours, "end"))
    return marks


def steps(states: Sequence[str], sentence: str) -> str:
    """One mark per card of a session: ok, again, here, open; count and minutes stand beside it as text."""
    gap = 560 / (len(states) - 1) if len(states) > 1 else 0.0
    xs = [14 + place * gap for place in range(len(states))]
    here = xs[states.index("here")] if "here" in states else xs[-1]
    marks = [line("ahead", (here, 14), (xs[-1], 14)), line("walked", (14, 14), (here, 14))]
    for x, state in zip(xs, states, strict=True):
        if state == "here":
            marks.append(diamond("s-here", (x, 14), 8))
        else:
            marks.append(dot(f"s-{state}", (x, 14), 6 if state == "open" else 7))
    return drawing("steps", (588, 28), marks, sentence)
