"""JSON Schemas of the files of a road, for editors: they complete fields and mark mistakes while one types.

They say the shape of each file, not what makes sense across files; `road_check` says both.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from authoring.shapes import (
    FaqShape,
    QuestionShape,
    QuizShape,
    ResourceShape,
    RoadShape,
    Shape,
    StageShape,
    TaskShape,
    TopicShape,
)
from quizzes import bodies

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def texts() -> dict[str, str]:
    """The text of each schema by its file name."""
    found = {
        "road": _one(RoadShape, "road.yaml"),
        "stage": _one(StageShape, "stages/<key>/stage.yaml"),
        "topic": _front(TopicShape, "The fields at the top of stages/<key>/topics/<key>.md"),
        "evidence": _front(TaskShape, "The fields at the top of stages/<key>/evidence/<key>.md"),
        "quiz": _quiz("stages/<key>/quiz.yaml"),
        "placement": _quiz("placement.yaml"),
        "questions": _bank(),
        "faq": _list(FaqShape, "faq.yaml"),
        "resources": _list(ResourceShape, "resources.yaml"),
    }
    return {f"{name}.schema.json": _text(schema) for name, schema in found.items()}


def _text(schema: Schema) -> str:
    return json.dumps({"$schema": DRAFT, **schema}, ensure_ascii=False, indent=2) + "\n"


def _one(shape: type[BaseModel], title: str) -> Schema:
    return {**shape.model_json_schema(), "title": title}


def _front(shape: type[Shape], title: str) -> Schema:
    """Without `body`, which is the Markdown below the fields."""
    schema = _one(shape, title)
    del schema["properties"]["body"]
    schema["required"] = [name for name in schema["required"] if name != "body"]
    return {**schema, "description": title}


def _list(shape: type[Shape], title: str) -> Schema:
    schema = shape.model_json_schema()
    parts = schema.pop("$defs", None)
    whole: Schema = {"title": title, "type": "array", "items": schema}
    return {**whole, "$defs": parts} if parts else whole


def _quiz(title: str) -> Schema:
    """The quiz with its questions."""
    quiz, (question, parts) = _one(QuizShape, title), _questions()
    quiz["properties"]["questions"] = {"type": "array", "items": question}
    quiz["required"] = [*quiz["required"], "questions"]
    own = quiz.get("$defs", {})
    if twice := {name for name in own.keys() & parts.keys() if own[name] != parts[name]}:
        raise ValueError(f"Parts of a quiz and of its questions are both called {twice}: rename one.")
    return {**quiz, "$defs": {**own, **parts}}


def _bank() -> Schema:
    question, parts = _questions()
    return {"title": "questions.yaml", "type": "array", "items": question, "$defs": parts}


def _questions() -> tuple[Schema, Schema]:
    """One question, which has the fields of its type besides those that all have, and the parts it names."""
    shapes: list[type[BaseModel]] = [*bodies.TYPES.values(), QuestionShape]
    _, schema = models_json_schema([(shape, "validation") for shape in shapes])
    parts = schema["$defs"]
    common = parts.pop(QuestionShape.__name__)
    for name, shape in bodies.TYPES.items():
        parts[shape.__name__] = _question(name, parts[shape.__name__], common)
    kinds = [
        {"if": _of_type(name), "then": {"$ref": f"#/$defs/{shape.__name__}"}}
        for name, shape in bodies.TYPES.items()
    ]
    question: Schema = {
        "type": "object",
        "required": ["key", "type"],
        "properties": {"type": {"enum": list(bodies.TYPES)}},
        "allOf": kinds,
    }
    return question, parts


def _of_type(name: str) -> Schema:
    return {"properties": {"type": {"const": name}}, "required": ["type"]}


def _question(name: str, body: Schema, common: Schema) -> Schema:
    properties = {**common["properties"], "type": {"const": name}, **body["properties"]}
    required = list(dict.fromkeys([*common["required"], *body.get("required", ())]))
    return {**body, "title": name, "properties": properties, "required": required}
