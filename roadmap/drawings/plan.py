"""A dated plan: one row per stage on an axis of dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from roadmap.drawings.svg import Point, box, diamond, drawing, line, text

Tick = tuple[date, str]


@dataclass(frozen=True)
class PlanRow:
    """One stage: passed is solid, done so far is ink, ahead is a dashed outline. `words` stand at its end.

    `name` carries the stage's number: a plan leaves out what was passed before it was made.
    """

    name: str
    starts_on: date
    ends_on: date
    state: str
    words: str


@dataclass(frozen=True)
class Plan:
    """What the strip shows. `ticks` are named days on the axis, `breaks` pauses [from, until)."""

    rows: Sequence[PlanRow]
    starts_on: date
    ends_on: date
    ticks: Sequence[Tick]
    sentence: str
    today: date | None = None
    breaks: Sequence[tuple[date, date]] = ()


@dataclass(frozen=True)
class _Sheet:
    plan: Plan
    width: float
    left: float
    right: float
    row_height: float
    top: float
    narrow: bool

    @property
    def floor(self) -> float:
        return self.top + self.row_height * len(self.plan.rows) + 4

    def x(self, day: date) -> float:
        days = max(1, (self.plan.ends_on - self.plan.starts_on).days)
        along = min(1.0, max(0.0, (day - self.plan.starts_on).days / days))
        return self.left + along * (self.width - self.left - self.right)

    def y(self, place: int) -> float:
        return self.top + self.row_height * place


def planstrip(plan: Plan, width: float = 1180) -> str:
    """Wide and narrow drawing; the page shows one by the width of its container. A table beside it holds the dates.

    A `width` below 1000 is for a column beside others, where the letters would else shrink with the drawing.
    """
    wide = _Sheet(plan, width, left=232, right=150, row_height=36, top=12, narrow=False)
    narrow = _Sheet(plan, 328, left=0, right=6, row_height=52, top=8, narrow=True)
    return _strip(wide) + _strip(narrow)


def _strip(sheet: _Sheet) -> str:
    words = [mark for place, row in enumerate(sheet.plan.rows) for mark in _words(sheet, place, row)]
    bars = [mark for place, row in enumerate(sheet.plan.rows) for mark in _bars(sheet, place, row)]
    marks = [*_breaks(sheet), *_axis(sheet), *bars, *_today_line(sheet), *words, *_today_mark(sheet)]
    css_class = f"chart planstrip chart-{'narrow' if sheet.narrow else 'wide'}"
    return drawing(css_class, (sheet.width, sheet.floor + 30), marks, sheet.plan.sentence)


def _breaks(sheet: _Sheet) -> list[str]:
    top, height = sheet.top - 4, sheet.floor - sheet.top + 4
    return [
        box("ps-break", (sheet.x(start), top), max(2, sheet.x(end) - sheet.x(start)), height)
        for start, end in sheet.plan.breaks
    ]


def _axis(sheet: _Sheet) -> list[str]:
    ticks = sheet.plan.ticks[::2] if sheet.narrow else sheet.plan.ticks
    marks = []
    for day, name in ticks:
        x = sheet.x(day)
        marks.append(line("c-grid", (x, sheet.top - 4), (x, sheet.floor)))
        marks.append(text("", (x, sheet.floor + 22), name, "start" if x < 14 else "middle"))
    return [*marks, line("c-axis", (sheet.left, sheet.floor), (sheet.width - sheet.right, sheet.floor))]


def _bars(sheet: _Sheet, place: int, row: PlanRow) -> list[str]:
    corner: Point = (sheet.x(row.starts_on), sheet.y(place) + (24 if sheet.narrow else 8))
    length = max(3.0, sheet.x(row.ends_on) - corner[0])
    if row.state == "passed":
        return [box("ps-done", corner, length, 14)]
    marks = [box("ps-plan", corner, length, 14)]
    if row.state == "underway" and sheet.plan.today:
        marks.append(box("ps-now", corner, max(0.0, sheet.x(sheet.plan.today) - corner[0]), 14))
    return marks


def _words(sheet: _Sheet, place: int, row: PlanRow) -> list[str]:
    y = sheet.y(place)
    if sheet.narrow:
        return [
            text("lbl-on halo-p", (0, y + 14), row.name),
            text("halo-p", (sheet.width, y + 14), row.words, "end"),
        ]
    return [
        text("lbl-on", (0, y + 20), row.name),
        text("halo-p", (sheet.x(row.ends_on) + 10, y + 20), row.words),
    ]


def _today_line(sheet: _Sheet) -> list[str]:
    if sheet.plan.today is None:
        return []
    x = sheet.x(sheet.plan.today)
    return [line("ps-today", (x, sheet.top - 4), (x, sheet.floor))]


def _today_mark(sheet: _Sheet) -> list[str]:
    if sheet.plan.today is None:
        return []
    here = next((place for place, row in enumerate(sheet.plan.rows) if row.state == "underway"), 0)
    return [diamond("c-here", (sheet.x(sheet.plan.today), sheet.y(here) + (31 if sheet.narrow else 15)), 7)]
