"""Many roads and long ones, within the times that were promised for two cores."""

from time import perf_counter

import pytest

from authoring import writing
from authoring.checked import Part, RawQuiz, RawRoad, RawStage, check
from authoring.faults import RowPlace
from authoring.folder import read_files
from authoring.models import Draft, RoadImport
from roadmap.models import Roadmap, Topic
from tests.cast import NOW

pytestmark = [pytest.mark.long, pytest.mark.django_db]

BODY = (
    "What matters here: **gradients** point uphill.\n\n```python\nx = x - rate * slope\n```\n\n"
    + "A sentence. " * 120
)


def part(data):
    return Part(data, RowPlace(data["key"], "", None), data["key"])


def wide(key: str, *, stages: int, topics: int) -> dict[str, bytes]:
    """The files of a road with so many stages of so many topics; two resources a topic, ten questions a stage."""
    road = {
        "format": 1, "key": key, "title": key.title(), "level": "beginner", "summary": "A long road.",
        "backgrounds": [{"key": "anybody", "title": "Anybody", "months": [0, 9]}],
        "stages": [f"s{stage}" for stage in range(stages)],
    }  # fmt: skip
    resources = [
        part(
            {
                "key": f"{key}-r{n}",
                "title": f"Book {n}",
                "url": f"https://example.org/{key}/{n}",
                "type": "book",
            }
        )
        for n in range(2 * stages * topics)
    ]
    raw = RawRoad(part(road), [], resources, [_stage(key, stage, topics) for stage in range(stages)])
    checked = check(raw)
    assert checked.road is not None, checked.stops[:3]
    return {name: text.encode() for name, text in writing.files(checked.road).items()}


def _stage(key: str, stage: int, topics: int) -> RawStage:
    numbers = range(stage * topics, (stage + 1) * topics)
    data = {
        "key": f"s{stage}", "title": f"Stage {stage}", "topics": [f"t{n}" for n in numbers],
        "gates": [{"kind": "stage_passed", "stages": [f"s{stage - 1}"]}] if stage else [],
    }  # fmt: skip
    of_it = [
        part({
            "key": f"t{n}", "title": f"Topic {n}", "body": BODY, "hours": {"anybody": [1, 2]},
            "outcomes": [{"bloom": "apply", "text": "Do it."}], "prerequisites": [f"t{n - 1}"] if n else [],
            "resources": [{"resource": f"{key}-r{2 * n}"}, {"resource": f"{key}-r{2 * n + 1}", "role": "practice"}],
        })
        for n in numbers
    ]  # fmt: skip
    questions = [
        part({
            "key": f"{key}-q{stage}-{n}", "type": "numeric", "stem": "How much?", "explanation": "So.", "answer": n,
        })
        for n in range(10)
    ]  # fmt: skip
    quiz = RawQuiz(part({"key": f"quiz-{stage}", "title": "Quiz"}), questions)
    return RawStage(part(data), of_it, [], quiz)


def test_ninety_roads_with_ten_thousand_topics_are_imported_within_a_minute():
    roads = [wide(f"road-{number}", stages=8, topics=14) for number in range(90)]

    began = perf_counter()
    for files in roads:
        RoadImport(read_files(files)).save(NOW)
    took = perf_counter() - began

    assert Topic.objects.count() == 90 * 8 * 14 > 10_000
    print(f"90 roads, {Topic.objects.count()} topics: {took:.1f} s")  # noqa: T201  # pytest -s shows it
    assert took < 60


def test_a_road_of_three_hundred_topics_is_published_within_two_seconds():
    RoadImport(read_files(wide("long-road", stages=20, topics=15))).save(NOW)
    draft = Draft(Roadmap.objects.get())
    draft.publish(by=None, changelog="First.", now=NOW)
    Topic.objects.filter(key="t7").update(title="Another title")

    began = perf_counter()
    draft.publish(by=None, changelog="Second.", now=NOW)
    took = perf_counter() - began

    print(f"300 topics: {took:.2f} s")  # noqa: T201  # pytest -s shows it
    assert took < 2
