"""What a letter says, and the phrases that several kinds share. Callers have switched to the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from accounts.models import User
from progress.models import StandingRow
from progress.words import stage_url
from roadmap.document import RoadDocument

QUOTED_CHARACTERS = 280
LISTED = 5


@dataclass(frozen=True, slots=True)
class Also:
    """One further thing that waits: its name, where on this site it leads, a sentence about it, what is noted of it."""

    title: str
    link: str = ""
    text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A small table of plain text, as a week's tasks are: a heading and rows as long as the names of its columns."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """One letter in words: heading, sentence, the one next step, what stands below it, why it came.

    Links are paths on this site. `why` names the rule and the fact. `names` are the other people in it, by their ids:
    when one of them is erased, what is kept of it goes (reminders/migrations/0013).
    """

    subject: str
    preheader: str
    lead: str
    kicker: str
    step: str
    link: str
    why: str
    quote: str = ""
    quoted: str = ""  # whose words the quote is
    tables: tuple[Table, ...] = ()
    standing: str = ""
    percent: int = 0
    also: tuple[Also, ...] = ()
    more: str = ""
    note: str = ""
    names: tuple[int, ...] = ()

    def naming(self, people: Iterable[int]) -> Content:
        """The same letter, knowing whom it names besides its reader."""
        names = tuple(sorted(set(people)))
        return replace(self, names=names) if names else self

    def carrying(self, others: Sequence[Content]) -> Content:
        """This letter with the others in it, each as one thing more that waits and one reason more.

        A note goes with the letter whose it is, since it may say of its kind that no further one follows; one that
        several have is said once.
        """
        if not others:
            return self
        first = {content.note: content for content in reversed([self, *others])}
        also = tuple(x.as_also(x.note if first[x.note] is x else "") for x in others)
        why = " ".join([self.why, *(x.why for x in others)])
        names = tuple(sorted({*self.names, *(name for x in others for name in x.names)}))
        return replace(self, also=(*also, *self.also), why=why, names=names)

    def as_also(self, note: str) -> Also:
        """This letter as a thing in another one; its own further things stand on the page that it leads to."""
        return Also(self.subject, self.link, self.preheader, note)

    def kept(self) -> dict[str, Any]:
        """Its words as JSON, without what is empty: what the inbox shows later."""
        return {name: value for name, value in asdict(self).items() if value}


def absolute(path: str) -> str:
    """The address of a page for somebody outside: from the configured site, never from a request."""
    return f"{settings.SITE_URL}{path}"


def hello(person: User) -> str:
    name = person.name.strip().split(" ")[0]
    return gettext("Hello %(name)s,") % {"name": name} if name else gettext("Hello,")


def stage_of(road: RoadDocument, standing: StandingRow | None) -> tuple[str, str]:
    """Where to go on: the page and title of the stage the person is in, or of the road."""
    row = standing.current_stage if standing else None
    stage = road.stage_by_key.get(row.key) if row else None
    if stage is None:
        return reverse("progress:road", args=[road.key]), road.title
    return stage_url(road.key, stage.key), stage.title


def standing_of(row: StandingRow | None) -> str:
    if row is None:
        return ""
    stages = ngettext(
        "%(passed)d of %(count)d stage passed,", "%(passed)d of %(count)d stages passed,", row.stages_total
    ) % {"passed": row.stages_passed, "count": row.stages_total}
    ticked = gettext("%(ticked)d of %(count)d core resources done.") % {
        "ticked": row.core_ticked,
        "count": row.core_total,
    }
    return f"{stages} {ticked}"


def percent_of(row: StandingRow | None) -> int:
    return round(100 * row.core_ticked / row.core_total) if row and row.core_total else 0


def beginning(text: str) -> str:
    return str(Truncator(" ".join(text.split())).chars(QUOTED_CHARACTERS))


def more(count: int) -> str:
    if count <= 0:
        return ""
    return ngettext("And %(count)d more.", "And %(count)d more.", count) % {"count": count}
