from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.checked import Checked, check
from authoring.faults import ROAD, Fault, FilePlace
from authoring.folder import MAX_FAULTS
from authoring.models.draft_rows import DraftRows
from authoring.models.road_import import RoadImport, RoadImportRefusedError
from authoring.packing import Unpacked
from authoring.roadmapsh import layouts, names, reading, shaping
from authoring.roadmapsh.reading import SourceRoad
from authoring.shapes import ResourceShape, RoadFolder
from roadmap.models import Resource, Roadmap


class Guess(NamedTuple):
    """A new topic that stands in its stage for a reason that may be wrong."""

    topic: str
    file: str
    stage: str
    because: Sentence


class RoadmapshImport(RoadImport):
    """A road of a roadmap.sh checkout on its way into a draft: private, with its source and licence.

    Topics are found by their id there. Where the road was imported before, what its authors made of it since stays;
    titles, texts and links come from there, and topics that are gone there are archived.
    """

    def __init__(self, source: SourceRoad) -> None:
        self.source = source
        self.renamed: list[tuple[str, str]] = []
        self.guesses: list[Guess] = []
        notes = [note.fault() for note in source.notes[:MAX_FAULTS]]
        if not source.topics:
            raise RoadImportRefusedError([_nothing_in(source.slug), *notes])
        front = shaping.front(source)  # the rest is fitted into the draft, once that is locked
        super().__init__(Checked(RoadFolder(front, (), (), ()), notes))

    @classmethod
    def of_files(cls, unpacked: Unpacked) -> RoadmapshImport | None:
        """The road of a zip, None when it is no checkout. Raises RoadImportRefusedError for one of several roads."""
        if unpacked.faults or any(name.rpartition("/")[2] == "road.yaml" for name in unpacked.files):
            return None
        checkout = layouts.Memory(unpacked.files)
        found = layouts.roads(checkout)
        if not found:
            return None
        if len(found) > 1:
            what = _("The zip holds %(count)s roads.", count=len(found))
            remedy = _("Pack the folder of one of them, or import all with road_import_roadmapsh.")
            raise RoadImportRefusedError([FilePlace(_("zip"), "zip").fault((), what, remedy)])
        return cls(reading.read(checkout, found[0]))

    def _fit(self, road: Roadmap, is_new: bool) -> None:
        if (road.source, road.source_ref) != (names.SOURCE, self.folder.road.source_ref):
            what = _("The road “%(key)s” here did not come from there.", key=road.key)
            place = FilePlace(ROAD, self.source.slug)
            raise RoadImportRefusedError([place.fault((), what, _("Give that one another key first."))])
        new = shaping.folder(self.source, self._library())
        known: set[str] = set()
        if is_new:
            self.folder = new
        else:
            draft = check(DraftRows(road).raw(), as_whole=False)
            if draft.road is None:
                raise RoadImportRefusedError(draft.stops)
            known = {topic.key for topic in draft.road.topics()}
            self.renamed = shaping.renamed(new, draft.road)
            self.folder, self.places = shaping.updated(new, draft.road), draft.places
        self.guesses = list(self._guesses(known))

    def _guesses(self, known: set[str]) -> Iterator[Guess]:
        for plan in self.source.stages:
            for placed in plan.topics:
                if not placed.is_certain and names.part_key(placed.id) not in known:
                    topic = self.source.topics[placed.id]
                    yield Guess(topic.title, topic.file, plan.title, placed.because())

    def _library(self) -> dict[str, ResourceShape | None]:
        """What the library has under the addresses of the road: it stays as it is, whatever it is called there."""
        links = [link for topic in self.source.topics.values() for link in topic.parsed.links]
        addresses = {address: link.url for link in links if (address := names.normal(link.url))}
        keys = {names.resource_key(address): address for address in addresses}
        by_url = {url: address for address, url in addresses.items()} | {
            address: address for address in addresses
        }
        found: dict[str, ResourceShape | None] = {}
        for row in Resource.objects.filter(url__in=by_url).order_by("-pk"):
            found[by_url[row.url]] = _shape(row)
        for row in Resource.objects.filter(key__in=keys):
            found[keys[row.key]] = _shape(row)
        return found


def _shape(row: Resource) -> ResourceShape | None:
    """The row as a file would say it, as it is; None when it is archived."""
    if row.archived_at:
        return None
    low, high = row.minutes_low, row.minutes_high
    minutes = None if low is None or high is None else (low, high)
    same = ("key", "title", "author", "url", "type", "cost", "language", "level", "year", "why")
    return ResourceShape.model_construct(minutes=minutes, **{name: getattr(row, name) for name in same})


def _nothing_in(slug: str) -> Fault:
    what = _("The road “%(slug)s” has no topics that could be read.", slug=slug)
    return FilePlace(ROAD, slug).fault((), what, _("Topics are files such as content/name@id.md."))
