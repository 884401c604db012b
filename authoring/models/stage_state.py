from __future__ import annotations

from dataclasses import dataclass

from authoring import frozen
from authoring.faults import Fault, stopping
from authoring.models.draft import Draft
from quizzes.models import Quiz
from roadmap.difference import changes
from roadmap.document import RoadDocument
from roadmap.models import Edition, Stage

_OF_THE_ROAD = {"road", "background", "faq", "related"}


@dataclass(frozen=True, slots=True)
class StageState:
    """How one stage of a draft stands. `changes` is None while faults keep the draft from being compared."""

    changes: int | None
    stops: int
    warns: int
    here: list[Fault]

    @classmethod
    def of(cls, stage: Stage) -> StageState:
        """Checks the whole road, in a fixed number of queries."""
        checked = Draft(stage.roadmap).checked()
        stops = len(stopping(checked.faults))
        found = None if checked.road is None else _changes(stage, frozen.document(checked.road))
        topics = set(stage.topics.values_list("pk", flat=True))
        here = [
            fault
            for fault in sorted(checked.faults, key=lambda fault: not fault.stops)
            if (fault.model == "roadmap.stage" and fault.pk == stage.pk)
            or (fault.model == "roadmap.topic" and fault.pk in topics)
        ]
        return cls(found, stops, len(checked.faults) - stops, here)


def _changes(stage: Stage, new: RoadDocument) -> int:
    current = stage.roadmap.current_edition_id
    old = Edition.objects.document(current) if current else None
    before = _only(old, stage.key) if old else None
    found = [change for change in changes(before, _only(new, stage.key)) if change.noun not in _OF_THE_ROAD]
    quiz = Quiz.objects.unarchived().filter(stage=stage).select_related("current_version").first()
    return len(found) + (1 if quiz and quiz.is_changed() else 0)


def _only(document: RoadDocument, key: str) -> RoadDocument:
    """The document as if it had this stage alone, with the resources that stand in it."""
    stages = tuple(stage for stage in document.stages if stage.key == key)
    used = {placed.resource for stage in stages for topic in stage.topics for placed in topic.resources}
    resources = {key: entry for key, entry in document.resources.items() if key in used}
    return document.model_copy(update={"stages": stages, "resources": resources})
