"""Turns a plan's dates into the strip that roadmap.drawings draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext

from progress import words
from progress.plan import Span, StageDates
from roadmap.document import RoadDocument
from roadmap.drawings.plan import Plan, PlanRow


def strip(
    document: RoadDocument,
    dates: Sequence[StageDates],
    *,
    states: Mapping[str, str] | None = None,
    pauses: Sequence[Span] = (),
    today: date | None = None,
) -> Plan | None:
    """The drawing's values for these stages; None when there is nothing to draw."""
    if not dates:
        return None
    first, last = dates[0].starts_on, max(stage.due_on for stage in dates)
    return Plan(
        rows=[
            PlanRow(
                f"{document.number_of(stage.key)} {document.stage_by_key[stage.key].title}",
                stage.starts_on,
                stage.due_on,
                (states or {}).get(stage.key, "open"),
                words.day(stage.due_on),
            )
            for stage in dates
        ],
        starts_on=first,
        ends_on=last,
        ticks=_ticks(first, last),
        sentence=_sentence(document, dates),
        today=today,
        breaks=[(pause.starts_on, pause.ends_on) for pause in pauses],
    )


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """The first of a month, at most about six of them between two days."""
    months = max((last.year - first.year) * 12 + last.month - first.month, 1)
    step = -(-months // 6)
    ticks = []
    for ahead in range(step, months + 1, step):
        year, month = divmod(first.year * 12 + first.month - 1 + ahead, 12)
        day = date(year, month + 1, 1)
        if first < day < last:
            ticks.append((day, date_format(day, "M y")))
    return ticks


def _sentence(document: RoadDocument, dates: Sequence[StageDates]) -> str:
    ends = ", ".join(f"{document.stage_by_key[d.key].title} {words.day(d.due_on)}" for d in dates)
    return gettext("Planned end of each stage: %(ends)s.") % {"ends": ends}
