"""Finding: the search page and the palette's answers. On this floor because they know what a person has done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from progress.models import Enrollment, Tick
from roadmap.folding import fold, respelled
from roadmap.forms.search import Chip, Group, SearchForm, chips, counted, groups
from roadmap.models import Roadmap, SearchEntry, SearchWord
from roadmap.models.search import BEST, Counts, Hit, Hits, Search
from roadmap.models.search_entry import Kind
from roadmap.templatetags.resources import type_icon

HITS_ON_A_PAGE = 20
FURTHEST = 50  # pages
HITS_OF_THE_PALETTE = 7
_ICONS = {
    Kind.ROAD: "route",
    Kind.STAGE: "milestone",
    Kind.TOPIC: "book-open",
    Kind.FAQ: "circle-question-mark",
}


class Found(NamedTuple):
    """One hit as the page shows it."""

    hit: Hit
    icon: str
    href: str
    is_done: bool


class Reader(NamedTuple):
    """Whoever searches: the roads she is on by id, and where she looks."""

    person: User | AnonymousUser
    own: dict[int, tuple[str, str]]

    @classmethod
    def of(cls, person: User | AnonymousUser) -> Reader:
        if not person.is_authenticated:
            return cls(person, {})
        mine = Enrollment.objects.current().filter(person=person).order_by("-enrolled_at")
        rows = mine.values_list("roadmap_id", "roadmap__key", "roadmap__title")[:50]
        return cls(person, {pk: (key, title) for pk, key, title in rows})

    def search(self, typed: str) -> Search:
        return Search(Roadmap.objects.findable_by(self.person, self.own), typed, own=list(self.own))

    def done(self, keys: Sequence[str] | None = None) -> set[str]:
        """Keys of resources that she has done; of all, or of these."""
        if not self.person.is_authenticated or keys == []:
            return set()
        ticks = Tick.objects.filter(person_id=self.person.pk)
        if keys is not None:
            ticks = ticks.filter(resource__key__in=keys)
        return set(ticks.values_list("resource__key", flat=True))

    def href(self, entry: SearchEntry) -> str:
        """Where the item is read best: on the stage's page for whoever is on the road."""
        if entry.roadmap_id in self.own and entry.stage_key:
            anchor = "" if entry.kind == Kind.STAGE else f"#{entry.kind}-{entry.key}"
            return reverse("progress:stage", args=[entry.roadmap.key, entry.stage_key]) + anchor
        if entry.kind == Kind.RESOURCE:
            return reverse("roadmap:resource", args=[entry.key])
        anchors = {Kind.ROAD: "", Kind.FAQ: "#faq"}
        return reverse("progress:road", args=[entry.roadmap.key]) + anchors.get(Kind(entry.kind), "#follow")

    def found(self, hits: Sequence[Hit]) -> list[Found]:
        done = self.done([hit.entry.key for hit in hits if hit.entry.kind == Kind.RESOURCE])
        return [
            Found(
                hit,
                _icon(hit.entry),
                self.href(hit.entry),
                hit.entry.kind == Kind.RESOURCE and hit.entry.key in done,
            )
            for hit in hits
        ]


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What is found on the roads this reader may see: ranked, marked, narrowed by filters with their counts."""
    reader, asked = Reader.of(request.user), SearchForm(request.GET)
    said = asked.read()
    roads = Roadmap.objects.findable_by(reader.person, reader.own)
    road = roads.filter(key=said["road"]).first() if said.get("road") else None
    done = sorted(reader.done()) if said.get("hide") else []
    looking = reader.search(said.get("q", ""))
    looking = Search(
        looking.roads,
        looking.typed,
        asked.narrowing(road=road.pk if road else None, done=done),
        said.get("order") or BEST,
        looking.own,
    )
    number = _page_number(request)
    hits = looking.hits(HITS_ON_A_PAGE, (number - 1) * HITS_ON_A_PAGE)
    counts = looking.counts(hits)
    found_groups = _groups(request, roads, road, counts, hits)
    context = {
        "typed": looking.typed,
        "is_question": bool(looking.question),
        "road": road,
        "order": looking.order,
        "hides_done": bool(said.get("hide")),
        "found": reader.found(hits.hits),
        "total": hits.total,
        "total_said": counted(hits.total, hits.is_more),
        "page": Paginator(range(min(hits.total, FURTHEST * HITS_ON_A_PAGE)), HITS_ON_A_PAGE).get_page(number),
        "groups": found_groups,
        "chips": _chips(request, found_groups, said.get("hide")),
        "meant": _meant(looking) if looking.question and not hits.total else "",
        "query": _rest(request),
    }
    return render(request, "progress/search.html", context)


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """The options of the palette for what is typed: pages of the house, roads of the reader's, titles."""
    typed = request.GET.get("q", "").replace("\x00", " ").strip()
    reader = Reader.of(request.user)
    looking = Search(
        Roadmap.objects.findable_by(reader.person, reader.own),
        typed,
        own=list(reader.own),
        titles_only=True,
        shortest_beginning=2,
    )
    found = [
        Found(hit, _icon(hit.entry), reader.href(hit.entry), False)
        for hit in looking.hits(HITS_OF_THE_PALETTE).hits
    ]
    places = _places(reader, fold(typed))
    return render(request, "progress/palette.html", {"typed": typed[:80], "found": found, "places": places})


def _places(reader: Reader, folded: str) -> list[tuple[str, str, str]]:
    """(icon, words, address) of pages that this reader may open and whose words begin so."""
    person = reader.person
    places = [
        ("route", _("Roadmaps"), reverse("roadmap:roads")),
        ("library", _("Library"), reverse("roadmap:library")),
    ]
    if isinstance(person, User):
        places.insert(0, ("house", _("Today"), reverse("progress:today")))
        places += [
            ("milestone", title, reverse("progress:road", args=[key])) for key, title in reader.own.values()
        ]
        places += [
            ("notebook", _("Evidence"), reverse("mentoring:evidence_list")),
            ("settings", _("Settings"), reverse("accounts:settings")),
            ("bell", _("Letters"), reverse("reminders:settings")),
        ]
        if person.is_mentor() or person.is_admin():
            places.append(("inbox", _("Mentor"), reverse("mentoring:home")))
        if person.is_staff:
            places.append(("pencil-ruler", _("Desk"), reverse("admin:index")))
    else:
        places.append(("log-in", _("Sign in"), reverse("account_login")))
    return [place for place in places if not folded or f" {folded}" in f" {fold(place[1])}"][:12]


def _groups(
    request: HttpRequest, roads: object, road: Roadmap | None, counts: Counts, hits: Hits
) -> list[Group]:
    """The filters, with the titles of the roads and stages that were counted."""
    by_road = counts.get("road", {})
    most = sorted(by_road, key=lambda pk: (-by_road[pk], int(pk)))[:8]
    wanted = {int(pk) for pk in most} | ({road.pk} if road else set())
    titled = Roadmap.objects.filter(pk__in=wanted).values_list("key", "title", "pk") if wanted else []
    titles = sorted(titled, key=lambda row: (-by_road.get(str(row[2]), 0), row[1]))
    stages = (
        SearchEntry.objects.of(road).filter(kind=Kind.STAGE).order_by("position").values_list("key", "title")
        if road
        else []
    )
    return groups(request.GET, counts, is_more=hits.is_more, roads=titles, stages=list(stages))


def _chips(request: HttpRequest, found: list[Group], hide: str | None) -> list[Chip]:
    more = [("hide", "done", _("Without done ones"))] if hide else []
    return chips(request.GET, found, *more)


def _meant(looking: Search) -> str:
    """Other words for what was typed by which this reader does find something; empty when there are none."""
    other = SearchWord.objects.meant(looking.question.words)
    if not other:
        return ""
    typed = respelled(looking.typed, other)
    return typed if looking.respelled(typed).is_answered() else ""


def _icon(entry: SearchEntry) -> str:
    return type_icon(entry.type) if entry.kind == Kind.RESOURCE else _ICONS[Kind(entry.kind)]


def _page_number(request: HttpRequest) -> int:
    number = request.GET.get("page", "1")
    return (
        min(max(int(number), 1), FURTHEST) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    )


def _rest(request: HttpRequest) -> str:
    """The address's other parameters, before the page's number."""
    rest = request.GET.copy()
    rest.pop("page", None)
    return f"{rest.urlencode()}&" if rest else ""
