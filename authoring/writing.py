"""Writes a road as a folder of files: the same road always gives the same bytes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from authoring.shapes import (
    ORIGIN,
    GateShape,
    QuestionShape,
    QuizPart,
    RoadFolder,
    RoadShape,
    StagePart,
    TaskShape,
    TopicShape,
)
from authoring.yaml_out import dump
from quizzes import bodies


class FolderInTheWayError(Exception):
    """The target holds something that must not be written over; the message says what and what to do."""


def files(folder: RoadFolder) -> dict[str, str]:
    """The text of every file of the road by its path in the folder."""
    found = {
        "road.yaml": dump(_road(folder.road)),
        "faq.yaml": dump([entry.model_dump(mode="json") for entry in folder.faq]),
        "resources.yaml": dump([entry.model_dump(mode="json") for entry in folder.resources]),
    }
    if folder.bank:
        found["questions.yaml"] = dump([_question(question) for question in folder.bank])
    if folder.placement:
        found["placement.yaml"] = dump(_quiz(folder.placement))
    for part in folder.stages:
        found |= {f"stages/{part.stage.key}/{name}": text for name, text in _stage_files(part)}
    return found


def write(texts: Mapping[str, str], target: Path, *, force: bool = False) -> None:
    """Write the files into `target`, all or nothing: beside it first, then in its place.

    A folder with something in it is refused; with `force` one that holds a road, and nothing but files of a road,
    is replaced. Raises FolderInTheWayError, or OSError when the disk refuses.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100  # resolve() would follow a link
    _refuse_in_the_way(target, force=force)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        new = beside / "new"
        for name, text in texts.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        if target.exists():
            target.rename(beside / "old")
        new.rename(target)
    except OSError:
        if (beside / "old").exists() and not target.exists():
            (beside / "old").rename(target)
        raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _refuse_in_the_way(target: Path, *, force: bool) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise FolderInTheWayError(f"{target} is not a folder. Name a folder, or one that is not there yet.")
    there = sorted(path for path in target.rglob("*") if path.is_symlink() or not path.is_dir())
    if not there:
        return
    if not force:
        raise FolderInTheWayError(
            f"{target} is not empty. Name another folder, or replace this road with --force."
        )
    foreign = [path for path in there if path.suffix not in (".yaml", ".md") or path.is_symlink()]
    if not (target / "road.yaml").is_file() or foreign:
        other = foreign[0] if foreign else target
        raise FolderInTheWayError(
            f"{other} does not belong to a road, so it is not replaced. Move it away first."
        )


def _road(road: RoadShape) -> dict[str, Any]:
    """Without where it came from, when it was written here."""
    data = road.model_dump(mode="json")
    return {name: value for name, value in data.items() if value or name not in ORIGIN}


def _stage_files(part: StagePart) -> Iterator[tuple[str, str]]:
    data = part.stage.model_dump(mode="json")
    yield "stage.yaml", dump({**data, "gates": [_gate(gate) for gate in part.stage.gates]})
    for topic in part.topics:
        yield f"topics/{topic.key}.md", _markdown(topic)
    for task in part.tasks:
        yield f"evidence/{task.key}.md", _markdown(task)
    if part.quiz:
        yield "quiz.yaml", dump(_quiz(part.quiz))


def _gate(gate: GateShape) -> dict[str, Any]:
    """Only the fields that a gate of its kind has."""
    return gate.model_dump(mode="json", exclude_defaults=True)


def _markdown(part: TopicShape | TaskShape) -> str:
    head = dump(part.model_dump(mode="json", exclude={"body"}))
    return f"---\n{head}---\n" + (f"\n{part.body}\n" if part.body else "")


_ALWAYS = (
    "key",
    "title",
    "pass_percent",
    "attempts",
    "cooldown_hours",
    "time_limit_minutes",
    "draw",
    "shuffle",
)


def _quiz(part: QuizPart) -> dict[str, Any]:
    """What every quiz says, then what is not as usual."""
    said = part.quiz.model_dump(mode="json")
    other = part.quiz.model_dump(mode="json", exclude=set(_ALWAYS), exclude_defaults=True)
    quiz = {name: said[name] for name in _ALWAYS} | other
    return {**quiz, "questions": [_question(question) for question in part.questions]}


def _question(question: QuestionShape) -> dict[str, Any]:
    names = {"key", "type", "topic", "resource", "points", "difficulty"}
    meta = question.model_dump(mode="json", include=names | ({"tags"} if question.tags else set()))
    return {**meta, **bodies.written(question.type, question.question_body)}
