"""Two people on one stage's page: what each of them changed, laid together field by field, list by list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext

from accounts.admin.merge import CHOSEN, Choice
from accounts.admin.sheets import ROOT, Sheet, digest, weigh
from roadmap.forms import StagePage, TopicRow

ORDER = "order"
WORDS = ("title", "key", "summary", "why")


class Side(NamedTuple):
    """What stands in one place of the page for one of the two: its value, and how it is said."""

    value: object
    words: str


class Spot(NamedTuple):
    """One place of the page; `was` is the digest of what stood there when she opened it."""

    name: str
    label: str
    was: str | None
    theirs: Side
    mine: Side


@dataclass
class Laid:
    """What came of laying the typed page over the drafts as they are: on a conflict nothing is to be saved."""

    data: QueryDict
    choices: list[Choice] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def is_conflict(self) -> bool:
        return bool(self.choices or self.taken or self.gone)

    def takes_theirs(self, spot: Spot) -> bool:
        """True when the other's value is to stand: only the other changed it, or she chose it."""
        verdict = weigh(spot.was, digest(spot.theirs.value), digest(spot.mine.value))
        if verdict == "mine":  # only she changed it; or she was asked before, and this is her answer
            return self.data.get(CHOSEN + spot.name) == "theirs"
        if verdict == "theirs":
            self.taken.append(spot.label)
        elif verdict == "both":
            self.choices.append(Choice(spot.name, spot.label, spot.theirs.words, spot.mine.words))
        return verdict == "theirs"


def sheet(page: StagePage) -> Sheet:
    """The digests of everything on the page, as it is drawn from the drafts."""
    root = {name: digest(getattr(page.stage, name)) for name in WORDS}
    root[ORDER] = digest([row.ref for row in page.rows])
    return {ROOT: root} | {f"topic:{row.ref}": _digests(row) for row in page.rows}


def lay_words(laid: Laid, opened: Sheet, now: StagePage) -> None:
    """Take into what was typed what the other changed of the stage's own words, or note that both did."""
    data, was = laid.data, opened.get(ROOT, {})
    for name in WORDS:
        if name not in data:
            continue  # the key of a published stage
        theirs, mine = getattr(now.stage, name), str(data[name])
        label = str(now.words.fields[name].label).capitalize()
        spot = Spot(name, label, was.get(name), Side(theirs, theirs), Side(mine, mine))
        if laid.takes_theirs(spot):
            data[name] = theirs


def lay_rows(laid: Laid, opened: Sheet, now: StagePage, typed: StagePage) -> None:
    """The same for topics: what only the other changed is taken into `typed`, what both changed is a choice."""
    living = {row.ref: row for row in now.rows}
    sent = laid.data.getlist("topics")
    for row in typed.rows:
        if row.ref in living and row.ref in sent:
            _lay_row(laid, opened.get(f"topic:{row.ref}", {}), living[row.ref], row)
    new = [ref for ref in living if f"topic:{ref}" not in opened]
    laid.taken += [gettext("new: %(row)s") % {"row": living[ref].name} for ref in new if ref not in sent]
    away = [ref for ref in sent if ref not in living and f"topic:{ref}" in opened]
    laid.gone += [_gone(laid.data, ref) for ref in away]
    _lay_order(laid, opened, now, typed)


def _gone(data: QueryDict, ref: str) -> str:
    """A topic that stands here no longer, with what was typed of it: the form has no place for that any more."""
    hours = [str(value) for name, value in data.items() if name.startswith(f"topic-{ref}-hours-") and value]
    typed = ", ".join([str(data.get(f"topic-{ref}-title", ref)), *hours])
    return gettext("“%(typed)s” was moved to another stage or archived.") % {"typed": typed}


def _lay_row(laid: Laid, was: dict[str, str], now: TopicRow, row: TopicRow) -> None:
    mine = {name: side for name, _, side in _parts(row)}
    for name, label, theirs in _parts(now):
        spot = Spot(f"topic-{row.ref}-{name}", f"{now.name}: {label}", was.get(name), theirs, mine[name])
        if laid.takes_theirs(spot):
            _take(row, now, name)


def _take(row: TopicRow, now: TopicRow, name: str) -> None:
    if name.startswith("hours-"):
        cells = {f"hours-{cell.background.key}": cell for cell in now.hours}
        row.hours = [cells[name] if f"hours-{cell.background.key}" == name else cell for cell in row.hours]
    elif name == "stage":
        row.stage_id = now.stage_id
    elif name == "resources":
        row.resources = now.resources
    else:
        row.title = now.title


def _lay_order(laid: Laid, opened: Sheet, now: StagePage, typed: StagePage) -> None:
    """The order is one thing, weighed over the topics that both have."""
    sent, living = laid.data.getlist("topics"), [row.ref for row in now.rows]
    mine, theirs = [ref for ref in sent if ref in living], [ref for ref in living if ref in sent]
    if mine == theirs:
        return
    names = {row.ref: row.name for row in typed.rows}
    known = [ref for ref in sent if f"topic:{ref}" in opened]
    was, label = opened.get(ROOT, {}).get(ORDER), gettext("order of the topics")
    sides = (
        Side(whole, "\n".join(names[ref] for ref in shown))
        for whole, shown in ((living, theirs), (known, mine))
    )
    if laid.takes_theirs(Spot(ORDER, label, was, *sides)):
        places = {ref: place for place, ref in enumerate(living)}
        typed.rows.sort(key=lambda row: places.get(row.ref, len(places)))


def _parts(row: TopicRow) -> Iterator[tuple[str, str, Side]]:
    """(name, label, what stands there) of everything that can be typed of a topic."""
    yield "title", gettext("title"), Side(row.title, row.title)
    for cell in row.hours:
        text = cell.text.strip().replace("-", "–")
        yield f"hours-{cell.background.key}", f"{gettext('hours')}, {cell.background.title}", Side(text, text)
    yield "stage", gettext("stage"), Side(row.stage_id, gettext("another stage"))
    placed = [(str(entry.resource.pk), str(entry.role)) for entry in row.resources]
    said = "\n".join(f"{entry.resource} ({entry.role})" for entry in row.resources)
    yield "resources", gettext("resources"), Side(placed, said)


def _digests(row: TopicRow) -> dict[str, str]:
    return {name: digest(side.value) for name, _, side in _parts(row)}
