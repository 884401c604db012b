"""The roads that come with the house: that their files say what they should, in sound words and exact numbers.

What is true of every road is checked on each in turn; what only Machine Learning’s source says, on that one.
"""

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
from quizzes.review import Item
from quizzes.types.numeric.body import Numeric

CONTENT = Path(__file__).parent.parent / "content"
ROADS = sorted(path.parent.name for path in CONTENT.glob("*/road.yaml"))
STAGES = ["math", "python-tooling", "classical-ml", "deep-learning", "mlops"]
NOTEBOOKS = ("ev-notebook-eda", "ev-notebook-regression", "ev-notebook-classification")
WEEKS_A_MONTH = Fraction(52, 12)
# How much there is of each at least: topics, evidence tasks, questions of a stage, programs and sentences of topics
LEAST = {
    "machine-learning": (49, 12, 40, 20, 490),
    "ai-engineer": (17, 3, 11, 5, 170),
    "data-scientist": (17, 3, 11, 6, 170),
}

# Words that this house does not use for its own things; “Python module” is another thing.
FORBIDDEN = re.compile(
    r"\b(?:courses?|lessons?|(?<!Python )modules?|assignments?|enrolments?|approv\w+)\b", re.IGNORECASE
)
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def read(key: str) -> RoadFolder:
    """A road without faults and without warnings."""
    checked = read_folder(CONTENT / key)
    assert [str(fault) for fault in checked.faults] == []
    assert checked.road is not None
    return checked.road


@pytest.fixture(scope="module")
def every_road() -> dict[str, RoadFolder]:
    return {key: read(key) for key in ROADS}


@pytest.fixture(params=ROADS)
def road(request, every_road) -> RoadFolder:
    """Each road in turn."""
    return every_road[request.param]


@pytest.fixture
def machine_learning(every_road) -> RoadFolder:
    return every_road["machine-learning"]


def test_roads_that_are_related_are_all_there_and_point_at_each_other(every_road):
    related = {key: {entry.key for entry in road.road.related} for key, road in every_road.items()}

    assert related == {key: set(ROADS) - {key} for key in ROADS}
    assert related.keys() == LEAST.keys()
    assert sorted(road.road.position for road in every_road.values()) == [1, 2, 3]


def test_a_resource_of_two_roads_is_the_same_in_both(every_road):
    """Resources are the house’s: what a road lists differently, the next import would change for the others."""
    entries = [entry for road in every_road.values() for entry in road.resources]
    by_key, by_url = ({getattr(entry, name): entry for entry in entries} for name in ("key", "url"))

    assert [entry.key for entry in entries if by_key[entry.key] != entry] == []
    assert len(by_key) == len(by_url)
    assert len(entries) > len(by_key)


def test_no_two_roads_share_the_key_of_a_question(every_road):
    keys = Counter(question.key for road in every_road.values() for question in road.questions())

    assert [key for key, count in keys.items() if count > 1] == []


def test_there_is_as_much_as_was_promised(road):
    topics, tasks, questions, _programs, _sentences = LEAST[road.road.key]

    assert len(list(road.topics())) >= topics
    assert len(list(road.tasks())) >= tasks
    assert 3 <= len(road.stages) <= 5
    assert min(len(part.quiz.questions) for part in road.stages if part.quiz) >= questions
    assert 6 <= len(road.faq) <= 8
    assert road.road.learn
    assert road.road.recommended
    assert [gate for part in road.stages for gate in part.stage.gates if not gate.because] == []


def test_all_that_the_source_of_machine_learning_lists_is_there(machine_learning):
    road = machine_learning
    assert [part.stage.key for part in road.stages] == STAGES
    assert [len(part.topics) for part in road.stages] == [9, 10, 10, 10, 10]
    assert [len(part.tasks) for part in road.stages] == [2, 3, 2, 2, 3]
    assert len(road.resources) == len({entry.url for entry in road.resources}) == 140
    assert road.road.last_updated == date(2026, 4, 27)
    assert {related.key for related in road.road.related} == {"ai-engineer", "data-scientist"}


@pytest.mark.parametrize(
    ("key", "background", "months", "hours"),
    [
        ("machine-learning", "software-engineer", (9, 15), (390, 650)),
        ("machine-learning", "from-scratch", (18, 24), (780, 1040)),
        ("ai-engineer", "software-engineer", (3, 5), (130, 217)),
        ("ai-engineer", "from-scratch", (7, 10), (303, 433)),
        ("data-scientist", "software-engineer", (5, 8), (217, 347)),
        ("data-scientist", "from-scratch", (8, 12), (347, 520)),
    ],
)
def test_the_hours_of_topics_and_tasks_add_up_to_the_months(every_road, key, background, months, hours):
    frozen = document(every_road[key])
    (stated,) = [entry for entry in frozen.backgrounds if entry.key == background]

    assert stated.months == months
    assert frozen.hours(background) == hours
    for span, stated_months in zip(hours, months, strict=True):
        assert abs(span - stated_months * WEEKS_A_MONTH * frozen.hours_per_week) <= Fraction(1, 2)


def test_a_frequent_question_states_the_hours_that_the_road_has(road):
    frozen = document(road)
    (answer,) = [entry.answer for entry in road.faq if entry.key.endswith("faq-duration")]
    said = answer.replace(",", "")

    for background in frozen.backgrounds:
        assert [hours for hours in frozen.hours(background.key) if str(hours) not in said] == []
        assert [months for months in background.months if str(months) not in said] == []


def test_three_accepted_notebooks_come_before_deep_learning(machine_learning):
    road = machine_learning
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
def test_a_frequent_question_keeps_the_facts_of_its_answer(machine_learning, key, facts):
    answers = {entry.key: " ".join(entry.answer.split()) for entry in machine_learning.faq}

    assert len(answers) == 7
    assert [fact for fact in facts if fact not in answers[key]] == []


def test_when_to_choose_a_road_names_the_two_others(road):
    named = re.findall(r"\*\*(.+?)\*\*", " ".join(road.road.choose_when.split()))

    assert {entry.title for entry in road.road.related} == set(named)


def test_when_to_choose_machine_learning_names_what_it_is_for(machine_learning):
    text = machine_learning.road.choose_when

    for fact in ("recommendations", "fraud", "forecasts", "software", "data scientists"):
        assert fact in text


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


def test_no_two_topics_of_any_road_share_a_sentence(every_road):
    sentences = [
        sentence
        for road in every_road.values()
        for topic in road.topics()
        for sentence in _sentences(topic.body)
    ]

    assert len(sentences) > sum(least[4] for least in LEAST.values())
    assert [sentence for sentence, count in Counter(sentences).items() if count > 1] == []


def test_programs_in_topics_compile_and_formulas_are_closed(road):
    programs = [
        (topic.key, source)
        for topic in road.topics()
        for language, source in FENCED.findall(topic.body)
        if language == "python"
    ]

    assert len(programs) >= LEAST[road.road.key][3]
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


def test_the_placement_asks_enough_of_each_stage_and_gives_no_answer_away(machine_learning):
    part = machine_learning.placement
    stages = {topic.key: stage.stage.key for stage in machine_learning.stages for topic in stage.topics}

    assert Counter(stages[pool.topic] for pool in part.quiz.pools) == dict.fromkeys(STAGES, 6)
    assert all(any(pool.takes(q) for q in machine_learning.questions()) for pool in part.quiz.pools)
    review = part.quiz.review
    assert {*review.handed_in, *review.passed, *review.closed} == {Item.CORRECTNESS}
    assert (part.quiz.pass_percent, part.quiz.cooldown_hours, part.quiz.time_limit_minutes) == (
        80,
        2160,
        None,
    )


def test_every_stage_has_a_quiz_on_its_own_topics(road):
    for part in road.stages:
        assert part.quiz is not None
        topics = {topic.key: {placed.resource for placed in topic.resources} for topic in part.topics}

        assert part.quiz.quiz.pass_percent == 80
        for question in part.quiz.questions:
            assert question.topic in topics, question.key
            assert question.resource in topics[question.topic], question.key
        assert set(topics) == {question.topic for question in part.quiz.questions}


def test_a_numeric_answer_is_right_up_to_its_tolerance_and_not_beyond(road):
    numeric = [question for question in road.questions() if question.type == "numeric"]

    assert len(numeric) > 10
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


def test_no_line_of_prose_is_too_long_to_review(road):
    files = [path for path in (CONTENT / road.road.key).rglob("*.*") if path.name != "quiz.yaml"]
    lines = [(path.name, line) for path in files for line in path.read_text("utf-8").splitlines()]

    assert len(files) == len(list(road.topics())) + len(list(road.tasks())) + len(road.stages) + 3 + bool(
        road.placement
    )
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
