"""The road that comes with the house: that its files say what its source says, in sound words and exact numbers."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from authoring.folder import read_folder
from authoring.frozen import document
from authoring.shapes import QuestionShape, RoadFolder
from quizzes.bodies import body
from quizzes.marking import RIGHT, WRONG, mark
from quizzes.types.numeric.body import Numeric

FOLDER = Path(__file__).parent.parent / "content" / "machine-learning"
STAGES = ["math", "python-tooling", "classical-ml", "deep-learning", "mlops"]
NOTEBOOKS = ("ev-notebook-eda", "ev-notebook-regression", "ev-notebook-classification")
WEEKS_A_MONTH = Fraction(52, 12)

# Words that this house does not use for its own things; “Python module” is another thing.
FORBIDDEN = re.compile(
    r"\b(?:courses?|lessons?|(?<!Python )modules?|assignments?|enrolments?|approv\w+)\b", re.IGNORECASE
)
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def road() -> RoadFolder:
    checked = read_folder(FOLDER)
    assert [str(fault) for fault in checked.faults] == []
    assert checked.road is not None
    return checked.road


def test_all_that_the_source_lists_is_there(road):
    assert [part.stage.key for part in road.stages] == STAGES
    assert [len(part.topics) for part in road.stages] == [9, 10, 10, 10, 10]
    assert [len(part.tasks) for part in road.stages] == [2, 3, 2, 2, 3]
    assert len(road.resources) == len({entry.url for entry in road.resources}) == 140
    assert road.road.last_updated == date(2026, 4, 27)
    assert {related.key for related in road.road.related} == {"ai-engineer", "data-scientist"}


@pytest.mark.parametrize(
    ("background", "months", "hours"),
    [("software-engineer", (9, 15), (390, 650)), ("from-scratch", (18, 24), (780, 1040))],
)
def test_the_hours_of_topics_and_tasks_add_up_to_the_months(road, background, months, hours):
    frozen = document(road)
    (stated,) = [entry for entry in frozen.backgrounds if entry.key == background]

    assert stated.months == months
    assert frozen.hours(background) == hours
    assert [Fraction(span, frozen.hours_per_week) / WEEKS_A_MONTH for span in hours] == list(months)


def test_three_accepted_notebooks_come_before_deep_learning(road):
    gates = {part.stage.key: part.stage.gates for part in road.stages}
    (notebooks,) = [gate for gate in gates["deep-learning"] if gate.kind == "evidence_accepted"]

    assert (notebooks.tasks, notebooks.at_least) == (NOTEBOOKS, 3)
    assert set(NOTEBOOKS) <= {task.key for task in road.stages[1].tasks}
    assert _stages_before(road) == {
        "math": set(),
        "python-tooling": set(),
        "classical-ml": {"math", "python-tooling"},
        "deep-learning": {"classical-ml"},
        "mlops": {"deep-learning"},
    }


@pytest.mark.parametrize(
    ("key", "facts"),
    [
        ("faq-roles", ["pipelines", "serving", "monitoring", "business questions", "language models"]),
        ("faq-phd", ["No.", "most production roles", "open-source", "Kaggle"]),
        ("faq-math", ["eigenvalues", "chain rule", "statistics", "proofs", "3Blue1Brown"]),
        ("faq-framework", ["2026", "PyTorch", "Hugging Face", "TensorFlow Lite"]),
        ("faq-duration", ["9 to 15 months", "18 to 24 months", "fundamentals"]),
        ("faq-classical", ["scikit-learn", "XGBoost", "LightGBM", "images, text and audio", "tables"]),
        ("faq-first-job", ["ML platform", "MLOps", "Hugging Face", "scikit-learn", "Kaggle"]),
    ],
)
def test_a_frequent_question_keeps_the_facts_of_its_answer(road, key, facts):
    answers = {entry.key: " ".join(entry.answer.split()) for entry in road.faq}

    assert len(answers) == 7
    assert [fact for fact in facts if fact not in answers[key]] == []


def test_when_to_choose_the_road_names_what_it_is_for_and_the_two_others(road):
    text = road.road.choose_when

    for fact in ("recommendations", "fraud", "forecasts", "software", "data scientists"):
        assert fact in text
    assert {"AI Engineer", "Data Scientist"} <= set(re.findall(r"\*\*(.+?)\*\*", text))


def test_every_topic_has_something_to_do_and_nothing_paid_is_required(road):
    cost = {entry.key: entry.cost for entry in road.resources}

    for topic in road.topics():
        core = [placed.resource for placed in topic.resources if placed.role == "core"]
        assert core, topic.key
        assert {cost[key] for key in core} <= {"free", "free-with-account"}, topic.key
        assert len(topic.outcomes) >= 3, topic.key


def test_a_topic_says_what_matters_in_200_to_400_words_and_when_one_is_done(road):
    words = {topic.key: len(FENCED.sub("", topic.body).split()) for topic in road.topics()}

    assert {key: count for key, count in words.items() if not 200 <= count <= 400} == {}
    assert [topic.key for topic in road.topics() if "**You are done when**" not in topic.body] == []


def test_no_two_topics_share_a_sentence(road):
    sentences = [sentence for topic in road.topics() for sentence in _sentences(topic.body)]

    assert len(sentences) > 49 * 10
    assert [sentence for sentence, count in Counter(sentences).items() if count > 1] == []


def test_programs_in_topics_compile_and_formulas_are_closed(road):
    programs = [
        (topic.key, source)
        for topic in road.topics()
        for language, source in FENCED.findall(topic.body)
        if language == "python"
    ]

    assert len(programs) > 20
    for key, source in programs:
        ast.parse(source, key)
    for topic in road.topics():
        assert topic.body.count("```") == 2 * len(FENCED.findall(topic.body)), topic.key
        assert CODE.sub("", topic.body).replace("\\$", "").count("$") % 2 == 0, topic.key


def test_every_task_says_what_to_hand_in_and_what_must_be_met(road):
    for task in road.tasks():
        must = [criterion.title for criterion in task.rubric if criterion.must_meet]
        verdict = task.body.partition("**Accepted when**")[2]

        assert "Hand in:\n\n- " in task.body, task.key
        assert must, task.key
        assert [title for title in must if f"“{title}”" not in verdict] == [], task.key
        # the rule of mentoring/rubric.py, in the learner's own words
        for part in ("“meets”", "nothing stands at “not yet”", "at most one other"):
            assert part in " ".join(verdict.split()), (task.key, part)
        assert task.promise_days in (3, 5)
        for criterion in task.rubric:
            assert len(set(criterion.levels.model_dump().values())) == 4, (task.key, criterion.key)


def test_every_stage_has_a_quiz_on_its_own_topics(road):
    for part in road.stages:
        assert part.quiz is not None
        topics = {topic.key: {placed.resource for placed in topic.resources} for topic in part.topics}

        assert len(part.quiz.questions) >= 20
        assert part.quiz.quiz.pass_percent == 80
        for question in part.quiz.questions:
            assert question.topic in topics, question.key
            assert question.resource in topics[question.topic], question.key
        assert set(topics) == {question.topic for question in part.quiz.questions}


def test_a_numeric_answer_is_right_up_to_its_tolerance_and_not_beyond(road):
    numeric = [question for question in road.questions() if question.type == "numeric"]

    assert len(numeric) > 30
    for question in numeric:
        asked = body(question.type, question.question_body)
        assert isinstance(asked, Numeric)
        answer, tolerance = Decimal(repr(asked.answer)), Decimal(repr(asked.tolerance))
        typed = f"{answer:f} {asked.unit or ''}".strip()

        assert mark(asked, typed) == mark(asked, f"{answer + tolerance:f}") == RIGHT, question.key
        assert mark(asked, f"{answer + tolerance * 2 + 1:f}") == WRONG, question.key
        assert _is_round_to_the_tolerance(question), question.key


def test_keys_are_given_once_in_the_whole_road(road):
    keys = [entry.key for entry in (*road.topics(), *road.tasks(), *road.questions(), *road.resources)]

    assert [key for key, count in Counter(keys).items() if count > 1] == []


def test_the_road_speaks_in_the_words_of_the_house(road):
    found = [
        (place, match.group())
        for place, text in _prose(road)
        for match in [FORBIDDEN.search(CODE.sub("", text))]
        if match
    ]
    loud = [place for place, text in _prose(road) if "!" in CODE.sub("", text)]

    assert found == []
    assert loud == []


def test_no_line_of_prose_is_too_long_to_review():
    files = [path for path in FOLDER.rglob("*.*") if path.name != "quiz.yaml"]
    lines = [(path.name, line) for path in files for line in path.read_text("utf-8").splitlines()]

    assert len(files) == 49 + 12 + 5 + 3
    assert [place for place in lines if len(place[1]) > 120 and "https://" not in place[1]] == []


def _sentences(text: str) -> set[str]:
    """The sentences of a text, code left out; what has fewer than four words is a signpost."""
    found = re.split(r"(?<=[.:?|])\s+", CODE.sub("", text))
    return {" ".join(sentence.split()) for sentence in found if len(sentence.split()) >= 4}


def _stages_before(road: RoadFolder) -> dict[str, set[str]]:
    return {part.stage.key: {key for gate in part.stage.gates for key in gate.stages} for part in road.stages}


def _is_round_to_the_tolerance(question: QuestionShape) -> bool:
    """An answer rounded as its question asks must not be wrong: the tolerance covers half of its last digit."""
    asked = question.question_body
    digits = {"whole number": 0, "one decimal": 1, "two decimals": 2, "three decimals": 3, "four decimals": 4}
    wanted = next((digits[word] for word in digits if f"to {word}" in asked["stem"]), None)
    return wanted is None or Decimal(repr(asked["tolerance"])) * 2 >= Decimal(10) ** -wanted


def _prose(road: RoadFolder) -> Iterator[tuple[str, str]]:
    """Every text that we wrote, with the key of its place; titles and authors of resources are their owners'."""
    yield from (("road", text) for text in (road.road.summary, road.road.audience, road.road.choose_when))
    yield from ((group.title, point) for group in road.road.learn for point in group.points)
    yield from ((entry.key, f"{entry.choose_when} {entry.difference}") for entry in road.road.related)
    yield from ((entry.key, f"{entry.question} {entry.answer}") for entry in road.faq)
    yield from ((entry.key, entry.why) for entry in road.resources)
    for part in road.stages:
        stage = part.stage
        yield stage.key, f"{stage.title} {stage.summary} {stage.why} {stage.step.title} {stage.step.body}"
        yield from ((stage.key, gate.because) for gate in stage.gates)
    for topic in road.topics():
        yield topic.key, f"{topic.title} {topic.objective} {topic.body}"
        yield from ((topic.key, outcome.text) for outcome in topic.outcomes)
    for task in road.tasks():
        yield task.key, f"{task.title} {task.body}"
        yield from ((task.key, text) for item in task.rubric for text in item.levels.model_dump().values())
    for question in road.questions():
        yield question.key, f"{question.question_body['stem']} {question.question_body['explanation']}"
