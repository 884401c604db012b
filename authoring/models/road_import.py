from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.models.history import FILES, keep, signed
from accounts.sentences import sentence as _
from authoring.checked import Checked
from authoring.faults import Fault
from authoring.models.draft import Draft
from authoring.models.dry_run import DryRun, fingerprint
from authoring.models.import_quizzes import QuizImport
from authoring.models.import_stages import StageImport
from authoring.models.upsert import Changes, Upsert, key_of, one_of
from authoring.shapes import ORIGIN, ResourceShape, RoadFolder, RoadShape
from quizzes.models import PaperItem, Question
from roadmap.models import Background, Edition, Faq, Related, Resource, Roadmap


class RoadImportRefusedError(Exception):
    """The folder does not fit what this house has; `faults` says why. Nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)


class DraftChangedError(Exception):
    """Somebody changed the draft, or what it uses of the library, since it was looked at. Nothing was written."""


class RoadImport:
    """A sound folder on its way into the draft rows of its road.

    Rows are found by key, so whatever was renamed or moved keeps its row and with it the learners' facts. What is
    not in the folder any more is archived; what comes back is taken out of the archive.
    """

    def __init__(self, checked: Checked) -> None:
        if checked.road is None:
            raise RoadImportRefusedError(checked.faults)
        self.folder: RoadFolder = checked.road
        self.places = checked.places
        self.warnings = checked.faults

    # Acts

    @transaction.atomic
    def save(self, now: datetime, *, seen: str = "") -> Changes:
        """Write the whole road or nothing; raises RoadImportRefusedError.

        With `seen`, the fingerprint that a dry run gave, raises DraftChangedError when the draft is another by now.
        """
        road, is_new = self._locked_road()
        if seen and self._fingerprint(road, is_new) != seen:
            raise DraftChangedError
        with signed(why=FILES, at=now):
            return self._write(road, is_new, now)

    @transaction.atomic
    def publish(
        self, *, by: User | None, changelog: str, now: datetime, seen: str = ""
    ) -> tuple[Changes, Edition]:
        """Save and publish, both or neither; raises as `save`, or DraftHasFaultsError."""
        changes = self.save(now, seen=seen)
        return changes, Draft(self.road()).publish(by=by, changelog=changelog, now=now)

    def dry_run(self, now: datetime) -> DryRun:
        """What saving and then publishing would change; nothing stays written. Raises RoadImportRefusedError."""
        with transaction.atomic():
            road, is_new = self._locked_road()
            seen = self._fingerprint(road, is_new)
            with signed(why=FILES, at=now):
                changes = self._write(road, is_new, now)
            found = DryRun.of(self.road(), changes, is_new=is_new, seen=seen, now=now)
            transaction.set_rollback(True)
        return found

    # Questions

    def road(self) -> Roadmap:
        return Roadmap.objects.get(key=self.folder.road.key)

    # Helpers

    def _locked_road(self) -> tuple[Roadmap, bool]:
        """The road's row, locked; made when this house has none with this key."""
        shape = self.folder.road
        with signed(why=FILES):
            _, is_new = Roadmap.objects.get_or_create(key=shape.key, defaults=_road_values(shape))
        road = Roadmap.objects.select_for_update().get(key=shape.key)
        self._fit(road, is_new)
        return road, is_new

    def _fit(self, road: Roadmap, is_new: bool) -> None:
        """A folder of ours says all of a road; what says only a part of it is fitted into the locked draft here."""

    def _fingerprint(self, road: Roadmap, is_new: bool) -> str:
        return fingerprint(
            None if is_new else road,
            resources=[entry.key for entry in self.folder.resources],
            questions=[question.key for question in self.folder.questions()],
        )

    def _write(self, road: Roadmap, is_new: bool, now: datetime) -> Changes:
        changes = Changes()
        self._write_road(road, is_new, changes)
        if faults := list(self._house_faults(road)):
            raise RoadImportRefusedError(faults)
        self._front(road, changes)
        resources = self._resources(changes)
        stages = StageImport(self.folder, road, resources, changes)
        stages.save(now)
        QuizImport(self.folder, road, resources, stages, changes).save(now)
        return changes

    def _write_road(self, road: Roadmap, is_new: bool, changes: Changes) -> None:
        values = _road_values(self.folder.road)
        differs = any(getattr(road, name) != value for name, value in values.items())
        if differs:
            Roadmap.objects.filter(pk=road.pk).update(**values)
            keep(Roadmap, [road.pk], "~")
        if is_new or differs:
            changes.note("added" if is_new else "changed", "roadmap", [self.folder.road.title])

    def _house_faults(self, road: Roadmap) -> Iterator[Fault]:
        """Questions are kept per house: their type never changes, and another road's are not ours to write."""
        shapes = {question.key: question for question in self.folder.questions()}
        for key, kind in Question.objects.filter(key__in=one_of(shapes)).values_list("key", "type"):
            if kind != shapes[key].type:
                what = _("The question “%(key)s” is of type %(type)s here, and a type never changes.")
                what = what.filled(key=key, type=kind)
                yield self.places["question", key].fault(
                    ("type",), what, _("Give the new question a new key.")
                )
        elsewhere = PaperItem.objects.filter(question__key__in=one_of(shapes)).exclude(quiz__roadmap=road)
        for key, other in elsewhere.values_list("question__key", "quiz__roadmap__key").distinct():
            what = _("The question “%(key)s” belongs to the road “%(road)s”.", key=key, road=other)
            yield self.places["question", key].fault(("key",), what, _("Give it another key."))

    def _front(self, road: Roadmap, changes: Changes) -> None:
        """Backgrounds, questions and answers, related roads: lists that no fact of a learner points at."""
        shape = self.folder.road
        backgrounds = [
            Background(
                roadmap=road,
                position=position,
                months_low=entry.months[0],
                months_high=entry.months[1],
                **entry.model_dump(exclude={"months"}),
            )
            for position, entry in enumerate(shape.backgrounds, 1)
        ]
        related = [
            Related(roadmap=road, position=position, **entry.model_dump())
            for position, entry in enumerate(shape.related, 1)
        ]
        faqs = [
            Faq(roadmap=road, position=position, **entry.model_dump())
            for position, entry in enumerate(self.folder.faq, 1)
        ]
        _replace(road.backgrounds, backgrounds, ["title", "months_low", "months_high", "leads_to"], changes)
        _replace(road.related, related, ["title", "choose_when", "difference"], changes)
        _replace(road.faqs, faqs, ["question", "answer"], changes)

    def _resources(self, changes: Changes) -> dict[str, Resource]:
        """The house's library as the folder says it, by key. What the folder leaves out stays in the library."""
        wanted = [_resource(entry) for entry in self.folder.resources]
        upsert = Upsert(
            Resource.objects.filter(key__in=one_of(row.key for row in wanted)),
            by=["key"],
            name=key_of,
            fields=[*_RESOURCE_FIELDS, "minutes_low", "minutes_high", "archived_at"],
            changes=changes,
        )
        return {str(key): row for key, row in upsert.put(wanted).items()}


_ROAD_FIELDS = {
    "title", "level", "language", "summary", "audience", "choose_when", "hours_per_week", "position",
}  # fmt: skip
_RESOURCE_FIELDS = ("title", "author", "url", "type", "cost", "language", "level", "year", "why")


def _road_values(shape: RoadShape) -> dict[str, Any]:
    return {
        **shape.model_dump(include={*_ROAD_FIELDS, *ORIGIN}),
        "learn": _plain(shape.learn),
        "recommended": list(shape.recommended),
        "last_updated_on": shape.last_updated,
        "is_public": shape.public,
        "archived_at": None,
    }


def _plain(parts: Sequence[Any]) -> list[Any]:
    return [part.model_dump(mode="json") for part in parts]


def _replace(manager: Any, wanted: list[Any], fields: list[str], changes: Changes) -> None:
    upsert = Upsert(
        manager.all(), by=["roadmap", "key"], name=key_of, fields=[*fields, "position"], changes=changes
    )
    upsert.delete_others(row.key for row in wanted)
    upsert.put(wanted)


def _resource(entry: ResourceShape) -> Resource:
    low, high = entry.minutes or (None, None)
    return Resource(minutes_low=low, minutes_high=high, **entry.model_dump(exclude={"minutes"}))
