"""What changes about rules of a road: what opens a stage, how many hours it takes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from roadmap.difference.change import Change
from roadmap.difference.items import span
from roadmap.difference.readings import hours_for
from roadmap.document import EvidenceAccepted, GateEntry, RoadDocument, StageEntry, StagesPassed


def gates(old: RoadDocument, new: RoadDocument) -> Iterator[Change]:
    """Per stage that is in both: the gates that went beside those that came."""
    for stage in new.stages:
        was = old.stage_by_key.get(stage.key)
        if was is not None and was.gates != stage.gates:
            yield from _of_stage(old, was, new, stage)


def _of_stage(old: RoadDocument, was: StageEntry, new: RoadDocument, now: StageEntry) -> Iterator[Change]:
    before, after = [bare(gate) for gate in was.gates], [bare(gate) for gate in now.gates]
    gone = [gate for gate in was.gates if bare(gate) not in after]
    come = [gate for gate in now.gates if bare(gate) not in before]
    for gate, other in zip_longest(gone, come):
        yield Change(
            "gate",
            "stage",
            now.title,
            gate_words(old, gate) if gate else "",
            gate_words(new, other) if other else "",
        )
    reasons = [
        (gate.because, other.because)
        for gate in was.gates
        for other in now.gates
        if bare(gate) == bare(other)
    ]
    for because, other_because in reasons:
        if because != other_because:
            part = _("reason of a gate")
            yield Change("reworded", "stage", now.title, because, other_because, part, is_small=True)


def bare(gate: GateEntry) -> tuple[str, frozenset[str], int]:
    """What a gate asks, its reason aside; in which order it names things says nothing."""
    match gate:
        case StagesPassed():
            return gate.kind, frozenset(gate.stages), len(gate.stages)
        case EvidenceAccepted():
            return gate.kind, frozenset(gate.tasks), gate.at_least


def gate_words(document: RoadDocument, gate: GateEntry) -> Sentence:
    match gate:
        case StagesPassed():
            names = [document.stage_by_key[key].title for key in gate.stages if key in document.stage_by_key]
            return _("passed first: %(names)s", names=", ".join(names))
        case EvidenceAccepted():
            names = [document.task_by_key[key].title for key in gate.tasks if key in document.task_by_key]
            return _(
                "%(count)s accepted first, out of: %(names)s", count=gate.at_least, names=", ".join(names)
            )


def hours(old: RoadDocument, new: RoadDocument) -> Iterator[Change]:
    """Per stage that is in both, and background: the hours that its topics and tasks take together."""
    for stage in new.stages:
        was = old.stage_by_key.get(stage.key)
        if was is None:
            continue
        for background in new.backgrounds:
            before, after = was.hours(background.key), stage.hours(background.key)
            if before != after:
                part = hours_for(background.title)
                yield Change("hours", "stage", stage.title, span(*before), span(*after), part)
