"""The JSON Schemas beside the docs are those of the shapes, and all roads of this repository fit them."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from authoring import file_schemas, yaml_text
from authoring.shapes import TopicShape
from quizzes import bodies

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "schema"
ROADS = sorted(
    path.parent
    for path in [*ROOT.glob("content/*/road.yaml"), *ROOT.glob("tests/fixtures/roads/*/road.yaml")]
)
FILES = {
    "road": "road.yaml",
    "faq": "faq.yaml",
    "placement": "placement.yaml",
    "questions": "questions.yaml",
    "resources": "resources.yaml",
    "stage": "stages/*/stage.yaml",
    "quiz": "stages/*/quiz.yaml",
    "topic": "stages/*/topics/*.md",
    "evidence": "stages/*/evidence/*.md",
}


@pytest.fixture(scope="module")
def validators() -> dict[str, Draft202012Validator]:
    found = {}
    for name in FILES:
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
        Draft202012Validator.check_schema(schema)
        found[name] = Draft202012Validator(schema)
    return found


def data_of(path: Path) -> Any:
    text = path.read_text()
    marked = (
        yaml_text.read_front_matter(text, path.name)[0]
        if path.suffix == ".md"
        else yaml_text.read(text, path.name)
    )
    assert marked.faults == []
    return marked.data


def wrong_in(validator: Draft202012Validator, data: object) -> list[str]:
    return [error.json_path for error in validator.iter_errors(data)]


def test_the_schemas_are_those_of_the_shapes():
    """When this fails: manage.py road_schemas"""
    there = {path.name: path.read_text() for path in SCHEMAS.glob("*.json")}

    assert there == file_schemas.texts()


def test_the_command_writes_them(tmp_path):
    call_command("road_schemas", str(tmp_path / "new"), stdout=StringIO())

    assert {path.name for path in (tmp_path / "new").iterdir()} == {f"{name}.schema.json" for name in FILES}


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.name)
def test_every_file_of_every_road_fits(validators, road):
    wrong = [
        f"{path.relative_to(road)}: {where}"
        for name, pattern in FILES.items()
        for path in road.glob(pattern)
        for where in wrong_in(validators[name], data_of(path))
    ]

    assert wrong == []


def test_what_the_check_refuses_the_schema_marks(validators):
    road = ROADS[0]
    topic = data_of(next(iter(sorted(road.glob(FILES["topic"])))))
    quiz = data_of(next(iter(sorted(road.glob(FILES["quiz"])))))

    assert wrong_in(validators["topic"], {**topic, "titel": "x"}) == ["$"]
    assert wrong_in(validators["topic"], {**topic, "body": "x"}) == ["$"]
    assert wrong_in(validators["topic"], {**topic, "key": "No Key"}) == ["$.key"]
    assert wrong_in(validators["quiz"], {**quiz, "pass_percent": 101}) == ["$.pass_percent"]
    odd = {**quiz["questions"][0], "type": "essay"}
    assert wrong_in(validators["quiz"], {**quiz, "questions": [odd]}) == ["$.questions[0].type"]
    without = {name: value for name, value in quiz["questions"][0].items() if name != "explanation"}
    assert wrong_in(validators["quiz"], {**quiz, "questions": [without]}) == ["$.questions[0]"]


def test_every_type_of_question_and_every_field_is_in_them():
    quiz = json.loads(file_schemas.texts()["quiz.schema.json"])
    topic = json.loads(file_schemas.texts()["topic.schema.json"])

    assert {
        part["if"]["properties"]["type"]["const"]
        for part in quiz["properties"]["questions"]["items"]["allOf"]
    } == set(bodies.TYPES)
    assert set(topic["properties"]) == set(TopicShape.model_fields) - {"body"}
