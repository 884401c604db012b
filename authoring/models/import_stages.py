from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet

from accounts.models.history import keep
from authoring.models.upsert import CHUNK, Changes, Upsert, key_of
from authoring.shapes import GateShape, RoadFolder, TaskShape, TopicShape
from roadmap.models import EvidenceTask, Gate, Placement, Resource, Roadmap, RubricCriterion, Stage, Topic

M = TypeVar("M", bound=Model)


class StageImport:
    """The stages of a folder with topics, placements, evidence and gates, on their way into rows.

    After `save` all of them are known by key.
    """

    def __init__(
        self, folder: RoadFolder, road: Roadmap, resources: Mapping[str, Resource], changes: Changes
    ) -> None:
        self.folder = folder
        self.road = road
        self.resources = resources
        self.changes = changes
        self.stages: dict[str, Stage] = {}
        self.topics: dict[str, Topic] = {}
        self.tasks: dict[str, EvidenceTask] = {}

    def save(self, now: datetime) -> None:
        self.stages = self._save(Stage, self._stage_rows(), _STAGE_FIELDS, now)
        self.topics = self._save(Topic, self._topic_rows(), _TOPIC_FIELDS, now)
        self.tasks = self._save(EvidenceTask, self._task_rows(), _TASK_FIELDS, now)
        self._save_placements()
        self._save_prerequisites()
        self._save_rubrics()
        self._save_gates()

    def _save(self, model: type[M], wanted: list[M], fields: tuple[str, ...], now: datetime) -> dict[str, M]:
        upsert = Upsert(
            QuerySet[M](model).filter(roadmap=self.road),
            by=["roadmap", "key"],
            name=key_of,
            fields=[*fields, "position", "archived_at"],
            changes=self.changes,
        )
        upsert.archive_others(map(key_of, wanted), now)
        return {str(key): row for key, row in upsert.put(wanted).items()}

    def _stage_rows(self) -> list[Stage]:
        return [
            Stage(
                roadmap=self.road,
                position=position,
                step_title=part.stage.step.title,
                step_body=part.stage.step.body,
                step_tags=list(part.stage.step.tags),
                **part.stage.model_dump(include={"key", "title", "summary", "why"}),
            )
            for position, part in enumerate(self.folder.stages, 1)
        ]

    def _topic_rows(self) -> list[Topic]:
        return [
            self._topic_row(topic, position, self.stages[part.stage.key])
            for part in self.folder.stages
            for position, topic in enumerate(part.topics, 1)
        ]

    def _topic_row(self, topic: TopicShape, position: int, stage: Stage) -> Topic:
        plain = topic.model_dump(
            mode="json", include={"key", "title", "objective", "outcomes", "hours", "body"}
        )
        return Topic(roadmap=self.road, stage=stage, position=position, **plain)

    def _task_rows(self) -> list[EvidenceTask]:
        return [
            self._task_row(task, position, self.stages[part.stage.key])
            for part in self.folder.stages
            for position, task in enumerate(part.tasks, 1)
        ]

    def _task_row(self, task: TaskShape, position: int, stage: Stage) -> EvidenceTask:
        plain = task.model_dump(mode="json", include={"key", "title", "accepts", "promise_days", "hours"})
        return EvidenceTask(
            roadmap=self.road,
            stage=stage,
            position=position,
            brief=task.body,
            is_required=task.required,
            **plain,
        )

    def _save_placements(self) -> None:
        wanted = [
            Placement(
                topic=self.topics[topic.key],
                resource=self.resources[placed.resource],
                role=placed.role,
                position=position,
            )
            for topic in self.folder.topics()
            for position, placed in enumerate(topic.resources, 1)
        ]
        living = [self.topics[topic.key] for topic in self.folder.topics()]
        upsert = Upsert(
            Placement.objects.filter(topic__in=living).select_related("resource"),
            by=["topic", "resource"],
            name=_placed,
            fields=["role", "position"],
            changes=self.changes,
        )
        upsert.delete_others(map(_placed, wanted))
        upsert.put(wanted)

    def _save_prerequisites(self) -> None:
        through = Topic.prerequisites.through
        wanted = {
            (self.topics[topic.key].pk, self.topics[other].pk)
            for topic in self.folder.topics()
            for other in topic.prerequisites
        }
        rows = through.objects.filter(from_topic__roadmap=self.road)
        found = {(row.from_topic_id, row.to_topic_id): row.pk for row in rows}
        if gone := [pk for pair, pk in found.items() if pair not in wanted]:
            through.objects.filter(pk__in=gone).delete()
        topics = {topic.pk: str(topic) for topic in self.topics.values()}
        pairs = wanted ^ set(found)
        self.changes.note(
            "changed", "prerequisites", sorted({topics[one] for one, _ in pairs if one in topics})
        )
        new = [through(from_topic_id=one, to_topic_id=other) for one, other in sorted(wanted - set(found))]
        through.objects.bulk_create(new, batch_size=CHUNK)
        keep(Topic, {one for one, _ in pairs if one in topics}, "~")

    def _save_rubrics(self) -> None:
        wanted = [
            RubricCriterion(
                task=self.tasks[task.key],
                key=criterion.key,
                title=criterion.title,
                must_meet=criterion.must_meet,
                position=position,
                **criterion.levels.model_dump(),
            )
            for task in self.folder.tasks()
            for position, criterion in enumerate(task.rubric, 1)
        ]
        living = [self.tasks[task.key] for task in self.folder.tasks()]
        upsert = Upsert(
            RubricCriterion.objects.filter(task__in=living),
            by=["task", "key"],
            name=_criterion,
            fields=["title", "must_meet", "not_yet", "developing", "meets", "exceeds", "position"],
            changes=self.changes,
        )
        upsert.delete_others(map(_criterion, wanted))
        upsert.put(wanted)

    def _save_gates(self) -> None:
        """Gates have no key, so those of a stage are written anew when one of them differs."""
        found = self._found_gates()
        wanted = {
            self.stages[part.stage.key].pk: [self._gate(gate) for gate in part.stage.gates]
            for part in self.folder.stages
        }
        differing = [stage for stage, gates in wanted.items() if gates != found.get(stage, [])]
        if not differing:
            return
        self.changes.note(
            "changed", "gates", (str(row) for row in self.stages.values() if row.pk in differing)
        )
        Gate.objects.filter(stage__in=differing).delete()
        pairs = [
            (Gate(stage_id=stage, kind=kind, at_least=at_least, because=because, position=position), pks)
            for stage in differing
            for position, (kind, at_least, because, pks) in enumerate(wanted[stage], 1)
        ]
        Gate.objects.bulk_create(gate for gate, _ in pairs)
        self._link_gates(pairs)
        keep(Gate, [gate.pk for gate, _ in pairs], "+")

    def _link_gates(self, pairs: list[tuple[Gate, frozenset[int]]]) -> None:
        stages, tasks = Gate.stages.through, Gate.tasks.through
        stages.objects.bulk_create(
            stages(gate_id=gate.pk, stage_id=pk)
            for gate, pks in pairs
            if gate.kind == "stage_passed"
            for pk in sorted(pks)
        )
        tasks.objects.bulk_create(
            tasks(gate_id=gate.pk, evidencetask_id=pk)
            for gate, pks in pairs
            if gate.kind == "evidence_accepted"
            for pk in sorted(pks)
        )

    def _gate(self, gate: GateShape) -> tuple[str, int | None, str, frozenset[int]]:
        passed = {self.stages[key].pk for key in gate.stages}
        accepted = {self.tasks[key].pk for key in gate.tasks}
        return gate.kind, gate.at_least, gate.because, frozenset(passed | accepted)

    def _found_gates(self) -> dict[int, list[tuple[str, int | None, str, frozenset[int]]]]:
        found: dict[int, list[tuple[str, int | None, str, frozenset[int]]]] = {}
        for gate in Gate.objects.filter(stage__roadmap=self.road).prefetch_related("stages", "tasks"):
            named = gate.stages.all() if gate.kind == "stage_passed" else gate.tasks.all()
            shape = (gate.kind, gate.at_least, gate.because, frozenset(row.pk for row in named))
            found.setdefault(gate.stage_id, []).append(shape)
        return found


_STAGE_FIELDS = ("title", "summary", "why", "step_title", "step_body", "step_tags")
_TOPIC_FIELDS = ("stage", "title", "objective", "outcomes", "hours", "body")
_TASK_FIELDS = ("stage", "title", "brief", "accepts", "is_required", "promise_days", "hours")


def _placed(row: Placement) -> Hashable:
    return row.topic_id, row.resource_id


def _criterion(row: RubricCriterion) -> Hashable:
    return row.task_id, row.key
