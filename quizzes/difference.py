"""What changes about the quizzes of a road, in words. Questions are for authors' eyes: learners read the rest only.

No Django: values in, changes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.sentences import sentence as _
from quizzes.paper import Overtime, Pool, Purpose, Score
from quizzes.review import SHOWS_ALL, ReviewPolicy
from roadmap.difference import Change, Words

STEM_SHOWN = 120


@dataclass(frozen=True, slots=True)
class QuestionText:
    """One question on a paper: its points, and its body as plain JSON."""

    points: int
    body: Mapping[str, Any]
    topic: str | None = None
    resource: str | None = None
    is_pooled: bool = False

    @property
    def stem(self) -> str:
        stem = str(self.body.get("stem", ""))
        return stem if len(stem) <= STEM_SHOWN else f"{stem[: STEM_SHOWN - 2].rstrip()} …"


@dataclass(frozen=True, slots=True)
class QuizText:
    """One quiz as a difference reads it; `questions` by key, in the order of the paper."""

    title: str
    pass_percent: int
    attempts_limit: int | None = None
    cooldown_hours: int = 24
    time_limit_minutes: int | None = None
    grace_seconds: int = 60
    draw: int | None = None
    shuffle: bool = True
    purpose: Purpose = Purpose.STAGE
    available_until: datetime | None = None
    overtime: Overtime = Overtime.HAND_IN
    overtime_minutes: int = 0
    score: Score = Score.BEST
    per_page: int | None = None
    asks_confidence: bool = False
    review: ReviewPolicy = SHOWS_ALL
    pools: tuple[Pool, ...] = ()
    questions: Mapping[str, QuestionText] = field(default_factory=dict)


Quizzes = Mapping[str, QuizText]


def changes(old: Quizzes, new: Quizzes) -> list[Change]:
    """What `new` has otherwise than `old`, by the keys of quizzes; big changes come first."""
    found = [change for key, quiz in new.items() for change in _of_quiz(old.get(key), quiz)]
    found += [Change("removed", "quiz", old[key].title, note=_STAY) for key in old if key not in new]
    return sorted(found, key=lambda change: change.is_small)


def without_questions(found: list[Change]) -> list[Change]:
    """What learners may read: nothing of what stands in a question."""
    return [change for change in found if change.noun != "question"]


_STAY = _("Answers already given stay in their results.")


def _of_quiz(was: QuizText | None, now: QuizText) -> Iterator[Change]:
    if was is None:
        yield Change("added", "quiz", now.title)
        return
    if was.title != now.title:
        yield Change("renamed", "quiz", now.title, was.title, now.title)
    if was.pass_percent != now.pass_percent:
        yield Change("pass_mark", "quiz", now.title, f"{was.pass_percent} %", f"{now.pass_percent} %")
    before, after = _rules(was), _rules(now)
    for part, value in after.items():
        if value != before[part]:
            yield Change("changed", "quiz", now.title, before[part], value, part)
    yield from _questions(_on_paper(was), _on_paper(now))


def _on_paper(quiz: QuizText) -> dict[str, QuestionText]:
    """Without what pools may draw, which follows from what the pools say."""
    return {key: question for key, question in quiz.questions.items() if not question.is_pooled}


def _rules(quiz: QuizText) -> dict[Words, Words]:
    count = len(_on_paper(quiz))
    drawn = min(quiz.draw or count, count)
    return {
        **_policies(quiz),
        _("attempts"): str(quiz.attempts_limit) if quiz.attempts_limit else _("no limit"),
        _("hours between attempts"): str(quiz.cooldown_hours),
        _("minutes"): str(quiz.time_limit_minutes) if quiz.time_limit_minutes else _("no limit"),
        _("seconds of grace"): str(quiz.grace_seconds),
        _("questions asked"): str(drawn),
        _("shuffled"): _("yes") if quiz.shuffle else _("no"),
    }


def _policies(quiz: QuizText) -> dict[Words, Words]:
    until, minutes = quiz.available_until, quiz.overtime_minutes
    return {
        _("can be taken until"): until.isoformat(" ", "minutes") if until else _("always"),
        _("when time is over"): f"{quiz.overtime} {minutes or ''}".strip(),
        _("attempt that counts"): str(quiz.score),
        _("questions on a page"): str(quiz.per_page) if quiz.per_page else _("all"),
        _("asks how sure one is"): _("yes") if quiz.asks_confidence else _("no"),
        _("results show"): _shown(quiz.review),
        _("pools"): "; ".join(map(_pool, quiz.pools)) or _("none"),
    }


def _shown(review: ReviewPolicy) -> str:
    windows = review.model_dump(mode="json")
    return "; ".join(f"{window}: {', '.join(items) or '-'}" for window, items in windows.items())


def _pool(pool: Pool) -> str:
    asked = (pool.topic, pool.tag, f"{pool.difficulty_from}-{pool.difficulty_to}")
    return f"{pool.name}: {pool.count} × {pool.points} ({', '.join(filter(None, asked))})"


def _questions(old: Mapping[str, QuestionText], new: Mapping[str, QuestionText]) -> Iterator[Change]:
    for key, question in new.items():
        if key not in old:
            yield Change("added", "question", key, after=question.stem)
        else:
            yield from _of_question(key, old[key], question)
    for key, question in old.items():
        if key not in new:
            yield Change("removed", "question", key, before=question.stem, note=_STAY)


def _of_question(key: str, was: QuestionText, now: QuestionText) -> Iterator[Change]:
    if was.points != now.points:
        yield Change("changed", "question", key, str(was.points), str(now.points), _("points"))
    for part, value, other in (
        (_("topic"), was.topic, now.topic),
        (_("where to go back to"), was.resource, now.resource),
    ):
        if value != other:
            yield Change("changed", "question", key, value or "", other or "", part, is_small=True)
    before, after = dict(_flat(was.body)), dict(_flat(now.body))
    for path in dict.fromkeys((*after, *before)):
        old, new = before.get(path, ""), after.get(path, "")
        if old == new:
            continue
        is_text = path[-1] in _TEXTS
        name = " ".join(path).replace("_", " ")
        yield Change(
            "reworded" if is_text else "changed",
            "question",
            key,
            old,
            new,
            _PARTS.get(name, name),
            is_small=is_text,
        )


_TEXTS = {"stem", "explanation", "text", "feedback", "code"}
_PARTS: Mapping[Words, Words] = {
    "stem": _("stem"),
    "explanation": _("explanation"),
    "answer": _("right answer"),
    "answers": _("right answers"),
}


def _flat(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text, number and truth of a body with the way to it; parts of a list are told apart by their key."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _flat(part, (*path, str(name)))
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value, 1):
            name = str(part["key"]) if isinstance(part, Mapping) and "key" in part else str(number)
            yield from _flat(part, (*path, name))
    elif value is not None:
        yield path, str(value)
