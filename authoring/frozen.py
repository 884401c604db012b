"""A road's folder as the document that an edition freezes."""

from __future__ import annotations

from authoring.shapes import ORIGIN, GateShape, RoadFolder, StagePart, TaskShape
from roadmap.document import EvidenceAccepted, GateEntry, RoadDocument, StagesPassed


def document(folder: RoadFolder) -> RoadDocument:
    """The document; it names quizzes by key, so their questions are frozen apart, by Quiz.publish."""
    road = folder.road.model_dump(exclude={"position", "public", "stages", *ORIGIN})
    used = folder.used_resources()
    return RoadDocument.model_validate(
        {
            **road,
            "faq": [entry.model_dump() for entry in folder.faq],
            "stages": [_stage(part) for part in folder.stages],
            "placement": folder.placement.quiz.key if folder.placement else None,
            "resources": {entry.key: entry.model_dump() for entry in folder.resources if entry.key in used},
        }
    )


def _stage(part: StagePart) -> dict[str, object]:
    return {
        **part.stage.model_dump(exclude={"gates", "topics", "evidence"}),
        "gates": [_gate(gate) for gate in part.stage.gates],
        "topics": [topic.model_dump() for topic in part.topics],
        "evidence": [_task(task) for task in part.tasks],
        "quiz": part.quiz.quiz.key if part.quiz else None,
    }


def _gate(gate: GateShape) -> GateEntry:
    if gate.kind == "stage_passed":
        return StagesPassed(stages=gate.stages, because=gate.because)
    # All of them, unless it says how many.
    return EvidenceAccepted(tasks=gate.tasks, at_least=gate.at_least or len(gate.tasks), because=gate.because)


def _task(task: TaskShape) -> dict[str, object]:
    return {**task.model_dump(exclude={"body"}), "brief": task.body}
