"""Questions as our own YAML: what stands in quiz.yaml of a road's folder, as a list or below `questions`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from accounts.sentences import sentence as _
from authoring import complaints, yaml_out, yaml_text
from authoring.exchange.decoding import decode
from authoring.exchange.keys import unique
from authoring.exchange.questions import Carried, Left, Reading, UnreadableError, Writing
from authoring.faults import FilePlace, Loc
from authoring.shapes import QuestionShape
from quizzes import bodies
from roadmap.keys import is_key

MOST_QUESTIONS = 5000
_AROUND = ("key", "type", "topic", "resource", "points", "difficulty", "tags")


def read(data: bytes) -> Reading:
    """The questions of a YAML file; a question that has not the shape of one is left, with its line."""
    decoded = decode(data)
    marked = yaml_text.read(decoded.text, "file")
    if marked.faults:
        fault = marked.faults[0]
        raise UnreadableError(
            _("%(what)s %(remedy)s", what=fault.what, remedy=fault.remedy), f"line {fault.line}"
        )
    rows, base = _rows(marked.data)
    if not isinstance(rows, list) or not rows:
        raise UnreadableError(_("There is no question in this file: write a list, or “questions:” with one."))
    if len(rows) > MOST_QUESTIONS:
        raise UnreadableError(_("The file has more than %(most)s questions. Split it.", most=MOST_QUESTIONS))
    questions: list[Carried] = []
    left = list(decoded.left())
    for number, row in enumerate(rows):
        line = f"line {marked.lines.get((*base, number), 1)}"
        found = _question(row, line)
        if isinstance(found, Carried):
            questions.append(found)
        else:
            left.append(found)
    return Reading(tuple(questions), tuple(left))


def write(questions: Sequence[Carried]) -> Writing:
    """The questions as YAML in the order of our folders; of what stands round them, only what others have."""
    keys = unique((question.key or question.name for question in questions), lambda _key: False)
    rows = [_written(question, key) for question, key in zip(questions, keys, strict=True)]
    left = [
        Left(
            question.place,
            question.name,
            _NO_TOPIC.filled(name=" / ".join(question.category)),
            is_whole=False,
        )
        for question in questions
        if question.category and not is_key(question.category[-1])
    ]
    return Writing(yaml_out.dump({"questions": rows}).encode(), tuple(left))


def _rows(data: Any) -> tuple[Any, Loc]:
    return (data.get("questions"), ("questions",)) if isinstance(data, dict) else (data, ())


def _question(row: Any, line: str) -> Carried | Left:
    name = str(row.get("key", ""))[:80] if isinstance(row, dict) else ""
    if not isinstance(row, dict):
        return Left(line, "", _("This is no question: write fields with their values."))
    around = {field: row[field] for field in _AROUND if field in row}
    body = {field: value for field, value in row.items() if field not in _AROUND}
    tags = around.pop("tags", None) or ()
    try:
        shape = QuestionShape.model_validate({**around, **body})
    except ValidationError as error:
        fault = next(complaints.faults(error, QuestionShape, FilePlace(name, "file")))
        return Left(line, name, _("%(what)s %(remedy)s", what=fault.what, remedy=fault.remedy))
    if shape.type not in bodies.TYPES:
        known = ", ".join(bodies.TYPES)
        return Left(
            line,
            name,
            _("There is no question type “%(type)s”, only %(known)s.", type=shape.type, known=known),
        )
    if not isinstance(tags, list | tuple) or not all(isinstance(tag, str) for tag in tags):
        return Left(line, name, _("“tags” is a list of words."))
    return Carried(
        line,
        shape.key,
        shape.type,
        shape.question_body,
        (shape.topic,) if shape.topic else (),
        tuple(tags),
        float(shape.points) if "points" in around else None,
        shape.difficulty if "difficulty" in around else None,
        shape.key,
        shape.resource or "",
    )


_NO_TOPIC = _("“%(name)s” is no key of a topic, so it is not in the file.")


def _written(question: Carried, key: str) -> dict[str, Any]:
    around: dict[str, Any] = {"key": key, "type": question.type}
    topic = question.category[-1] if question.category else ""
    around["topic"] = topic if is_key(topic) else None
    around["resource"] = question.resource or None
    if question.points is not None:
        around["points"] = _whole(question.points)
    if question.difficulty is not None:
        around["difficulty"] = question.difficulty
    if question.tags:
        around["tags"] = list(question.tags)
    around = {name: value for name, value in around.items() if value is not None}
    return {**around, **bodies.written(question.type, dict(question.body))}


def _whole(points: float) -> int:
    return max(1, round(points))
