"""What narrows a search or the library, read from an address. What can't be read is left out: nobody is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from roadmap.models.resource import Cost, ResourceType
from roadmap.models.search import BEST, IN_ORDER, LENGTHS, MOST, SHORTEST, Counts, Narrowing
from roadmap.models.search_entry import Kind

ORDERS = [(BEST, _("Best match")), (SHORTEST, _("Shortest first")), (IN_ORDER, _("Order of the road"))]
Label = str | Promise

LENGTH_WORDS: dict[int, Label] = {
    30: _("Up to half an hour"),
    60: _("Up to an hour"),
    180: ngettext_lazy("Up to %(hours)d hour", "Up to %(hours)d hours", 3) % {"hours": 3},
}


class SearchForm(forms.Form):
    """An address of the search page."""

    q = forms.CharField(required=False, max_length=100_000, strip=True)
    kind = forms.MultipleChoiceField(required=False, choices=Kind.choices)
    type = forms.MultipleChoiceField(required=False, choices=ResourceType.choices)
    cost = forms.MultipleChoiceField(required=False, choices=Cost.choices)
    minutes = forms.TypedChoiceField(
        required=False, choices=[(n, n) for n in LENGTHS], coerce=int, empty_value=None
    )
    road = forms.SlugField(required=False)
    stage = forms.CharField(required=False)
    hide = forms.ChoiceField(required=False, choices=[("done", "done")])
    order = forms.ChoiceField(required=False, choices=ORDERS)

    def read(self) -> dict[str, Any]:
        """The values that can be read."""
        self.is_valid()
        return self.cleaned_data

    def narrowing(self, *, road: int | None, done: Sequence[str] = ()) -> Narrowing:
        """What the hits must be. `road` is the id of the road named, `done` are keys of resources to hide."""
        said = self.read()
        return Narrowing(
            kinds=tuple(said.get("kind", ())),
            types=tuple(said.get("type", ())),
            costs=tuple(said.get("cost", ())),
            minutes=said.get("minutes"),
            road=road,
            stages=tuple(key for key in self.data.getlist("stage") if "\x00" not in key)[:50] if road else (),  # type: ignore[attr-defined]  # a QueryDict
            without=tuple(done),
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """One filter of a group: its value in the address, its words, how many items it would leave, whether it holds."""

    value: str
    label: Label
    count: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Filters of one kind; `one` when only one of them may hold."""

    name: str
    label: Label
    choices: list[Choice]
    one: bool = False

    @property
    def is_used(self) -> bool:
        return any(choice.is_chosen for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the address without it."""

    label: Label
    query: str


def groups(
    asked: QueryDict,
    counts: Counts,
    *,
    is_more: bool,
    roads: Sequence[tuple[str, str, int]] = (),
    stages: Sequence[tuple[str, str]] = (),
) -> list[Group]:
    """The filters with their counts. `roads` are (key, title, id), `stages` are (key, title) of the road chosen."""
    roads_said = {str(pk): key for key, _title, pk in roads}
    by_road = {roads_said[pk]: n for pk, n in counts.get("road", {}).items() if pk in roads_said}
    kinds: list[tuple[str, Label, Sequence[tuple[Any, Label]], dict[str, int], bool]] = [
        ("road", _("Roadmap"), [(key, title) for key, title, _pk in roads], by_road, True),
        ("stage", _("Stage"), stages, counts.get("stage", {}), False),
        ("kind", _("Kind"), Kind.choices, counts.get("kind", {}), False),
        ("type", _("Type of resource"), ResourceType.choices, counts.get("type", {}), False),
        ("cost", _("Cost"), Cost.choices, counts.get("cost", {}), False),
        ("minutes", _("Time it takes"), [*LENGTH_WORDS.items()], counts.get("minutes", {}), True),
    ]
    found = [
        Group(name, label, list(_choices(asked, name, choices, counted, is_more)), one)
        for name, label, choices, counted, one in kinds
    ]
    return [group for group in found if group.choices]


def chips(asked: QueryDict, found: Sequence[Group], *more: tuple[str, str, Label]) -> list[Chip]:
    """The filters in use, each with the address that lacks it; `more` are (name, value, words) besides the groups."""
    used = [(g.name, choice.value, choice.label) for g in found for choice in g.choices if choice.is_chosen]
    return [Chip(label, without(asked, name, value)) for name, value, label in [*used, *more]]


def without(asked: QueryDict, name: str, value: str) -> str:
    """The address's query lacking one value, and the page number, which counts other hits."""
    rest = asked.copy()
    rest.setlist(name, [other for other in rest.getlist(name) if other != value])
    rest.pop("page", None)
    if name == "road":
        rest.pop("stage", None)
    return rest.urlencode()


def counted(number: int, is_more: bool) -> str:
    """A count as it is said: what is counted over the first of many only is at least that."""
    return f"{number:,}+".replace(",", "\u202f") if is_more and number else f"{min(number, 2 * MOST)}"


def _choices(
    asked: QueryDict, name: str, choices: Sequence[tuple[Any, Label]], found: dict[str, int], is_more: bool
) -> Iterator[Choice]:
    """Those that would leave something, and those that hold."""
    chosen = set(asked.getlist(name))
    for value, label in choices:
        key = str(value)
        if found.get(key) or key in chosen:
            yield Choice(key, label, counted(found.get(key, 0), is_more), key in chosen)
