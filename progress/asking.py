"""What a new edition asks for that the one before did not, stage by stage, and who would be asked again for it.

No Django: documents and facts in, values out. `Marks` are pass marks in percent by quiz key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from progress.standing import Facts, QuizFact
from roadmap.document import RoadDocument, StageEntry

Marks = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AskedMore:
    """One stage whose passing asks for more than it did: other core resources, another quiz, a higher mark.

    `quiz` and `mark` are those of the stage from now on, whether or not they are what is new.
    """

    stage: str
    resources: frozenset[str]
    quiz: str | None = None
    mark: int | None = None
    is_quiz_new: bool = False
    old_mark: int | None = None

    @property
    def is_mark_raised(self) -> bool:
        return self.old_mark is not None


def asked_more(old: RoadDocument, new: RoadDocument, old_marks: Marks, new_marks: Marks) -> list[AskedMore]:
    """The stages of both that ask for more than they did; one that asks for less is passed by whoever passed it."""
    return [
        asked
        for stage in new.stages
        if stage.key in old.stage_by_key
        for asked in _asked(old.stage_by_key[stage.key], stage, old_marks, new_marks)
    ]


def _asked(was: StageEntry, now: StageEntry, old_marks: Marks, new_marks: Marks) -> Iterator[AskedMore]:
    resources = now.core_keys() - was.core_keys()
    mark = new_marks.get(now.quiz) if now.quiz else None
    is_quiz_new = now.quiz is not None and now.quiz != was.quiz
    before = None if is_quiz_new or now.quiz is None else old_marks.get(now.quiz)
    is_raised = before is not None and mark is not None and mark > before
    if resources or is_quiz_new or is_raised:
        yield AskedMore(now.key, resources, now.quiz, mark, is_quiz_new, before if is_raised else None)


def weighed_anew(facts: Facts, asked: Sequence[AskedMore]) -> Facts:
    """The facts as they count once these stages are asked again: without their passes, quizzes by the new marks."""
    stages = {one.stage for one in asked}
    marks = {one.quiz: one.mark for one in asked if one.quiz and one.mark is not None}
    return replace(
        facts,
        passes={key: at for key, at in facts.passes.items() if key not in stages},
        placements=tuple(replace(fact, reopened=fact.reopened | stages) for fact in facts.placements),
        quizzes={key: _weighed(fact, marks.get(key)) for key, fact in facts.quizzes.items()},
    )


def _weighed(fact: QuizFact, mark: int | None) -> QuizFact:
    if mark is None or (fact.best_percent or 0) >= mark:
        return fact
    return replace(fact, passed_at=None)
