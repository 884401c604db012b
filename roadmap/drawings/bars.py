"""Small bars and lines: a share, a day, some weeks, the steps of a short session."""

from collections.abc import Sequence

from roadmap.drawings.svg import box, diamond, dot, drawing, line, text


def bar(percent: float, sentence: str, tick: float | None = None, kind: str = "") -> str:
    """A share of 100 with an optional mark at `tick`; kind is empty (green), low (red), ink or link."""
    shown = min(100.0, max(0.0, percent))
    shade = f" bar-v--{kind}" if kind else ""
    marks = ['<rect class="bar-bg" width="100" height="10"/>']
    marks.append(f'<rect class="bar-v{shade}" width="{shown:g}" height="10"/>')
    if tick is not None:
        marks.append(f'<line class="bar-tick" x1="{tick:g}" x2="{tick:g}" y1="-3" y2="13"/>')
    return drawing("bar", 100, 10, marks, sentence, extra=' preserveAspectRatio="none"')


def daybar(planned: int, done: int, most: int = 180) -> str:
    """Minutes of one day: done is filled, the plan is a dashed outline; the words beside it say the same."""
    marks = [line("wk-base", (2, 50.5), (26, 50.5))]
    if done:
        marks.insert(0, _day("wk-done", done, most))
    if planned:
        marks.append(_day("wk-plan", planned, most))
    return drawing("daybar", 28, 54, marks)


def _day(css_class: str, minutes: int, most: int) -> str:
    height = min(1.0, minutes / most) * 46
    return box(css_class, (7, 50 - height), 14, height)


def spark(values: Sequence[float], plan: float, sentence: str, alert: bool = False) -> str:
    """A line of at least two values with the person's own plan dashed; `alert` only with a signal."""
    top = max(*values, plan, 0.1) * 1.1
    points = [(place / (len(values) - 1) * 120 + 2, 30 - value / top * 28) for place, value in enumerate(values)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    level = 30 - plan / top * 28
    marks = [line("c-plan", (2, level), (122, level)), f'<path class="c-act" d="M{path}"/>']
    marks.append(f'<circle cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="3"/>')
    return drawing("spark spark--alert" if alert else "spark", 128, 32, marks, sentence)


def weekbars(
    values: Sequence[float], plan: float, labels: Sequence[str], plan_word: str, sentence: str, alert_from: int = 10**6
) -> str:
    """Hours by week, wide and narrow; weeks from index `alert_from` on are red."""
    sizes = (("wide", 800.0, 190.0), ("narrow", 328.0, 170.0))
    return "".join(
        drawing(
            f"chart chart-{name}", width, height, _weeks(values, plan, labels, plan_word, alert_from, width, height), sentence
        )
        for name, width, height in sizes
    )


def _weeks(
    values: Sequence[float],
    plan: float,
    labels: Sequence[str],
    plan_word: str,
    alert_from: int,
    width: float,
    height: float,
) -> list[str]:
    left, right, floor = 34.0, width - 44, height - 28
    top = max(*values, plan, 1) * 1.12
    per_hour, step = (floor - 14) / top, (right - left) / len(values)
    marks = _grid(int(top), left, right, floor, per_hour)
    for place, (value, label) in enumerate(zip(values, labels, strict=True)):
        x, tall = left + step * (place + 0.2), max(1.0, value * per_hour)
        marks.append(box("wb wb--alert" if place >= alert_from else "wb", (x, floor - tall), step * 0.6, tall))
        if label:
            marks.append(text("", (x + step * 0.3, height - 8), label, "middle"))
    level = floor - plan * per_hour
    return [*marks, line("c-plan", (left, level), (right, level)), text("", (right + 6, level + 4), plan_word)]


def _grid(top: int, left: float, right: float, floor: float, per_hour: float) -> list[str]:
    marks = []
    for hours in range(0, top + 1, 4):
        y = floor - hours * per_hour
        marks.append(line("c-grid", (left, y), (right, y)))
        marks.append(text("", (left - 8, y + 4), str(hours) if hours else "0 h", "end"))
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
    return drawing("steps", 588, 28, marks, sentence)
