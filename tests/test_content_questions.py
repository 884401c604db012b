"""The questions of the built-in roads: every program is run, every query is asked, every number is worked out anew."""

import ast
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from authoring.folder import read_folder
from authoring.shapes import QuestionShape, RoadFolder
from quizzes.bodies import body
from quizzes.marking import RIGHT, WRONG, mark
from quizzes.types.code_output.marking import lines
from quizzes.types.numeric.formula import worked_out
from tests.content_numbers import MISTAKES, PROCEDURES

ROOT = Path(__file__).parent.parent
CONTENT = ROOT / "content"
ROADS = sorted(path.parent.name for path in CONTENT.glob("*/road.yaml"))
ALL_PACKAGES = ROOT / ".venv-content" / "bin" / "python"  # `make test-content` installs it
SMALL_PACKAGES = {
    "numpy",
    "pandas",
    "scikit-learn",
}  # in requirements-dev.in; others are for `make test-content`
PACKAGE_OF = {"sklearn": "scikit-learn"}
SECONDS = 60  # a program runs a second or two; a laden build server needs more

TYPES = {
    "single": 83,
    "numeric": 56,
    "code_output": 17,
    "multiple": 12,
    "matching": 12,
    "ordering": 9,
    "true_false": 8,
    "short_text": 3,
}
NUMBERS = {"machine-learning": 56, "ai-engineer": 16, "data-scientist": 18}
PROGRAM = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
QUERY = re.compile(r"^```sql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ATOM = re.compile(r"-?(?:\d+\.?\d*|\.\d+)|[^\W\d]+")
DIGITS = {"whole number": 0, "one decimal": 1, "two decimals": 2, "three decimals": 3, "four decimals": 4}
ALL_OF_THEM = re.compile(r"\b(?:all|none|both|neither) of (?:the above|these|them)\b", re.IGNORECASE)

# The tables that the stems of questions about SQL describe in words
TABLES = {
    "q-py-26": """
        CREATE TABLE u (id INT); INSERT INTO u VALUES (1), (2), (3);
        CREATE TABLE o (uid INT, v INT); INSERT INTO o VALUES (1, 5), (1, 7), (2, NULL);
    """,
    "q-py-27": "CREATE TABLE o (v INT); INSERT INTO o VALUES (5), (7), (NULL);",
}


@dataclass(frozen=True)
class Program:
    """A complete program of a question, and what its key says that it prints."""

    question: str
    code: str
    printed: str

    @property
    def packages(self) -> set[str]:
        """What must be installed to run it."""
        tree = ast.walk(ast.parse(self.code, self.question))
        named = [
            name
            for node in tree
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        ]
        outside = {name.partition(".")[0] for name in named} - sys.stdlib_module_names
        return {PACKAGE_OF.get(name, name) for name in outside}

    def run(self, python: Path, home: Path) -> str:
        """What it prints, or why it does not."""
        environment = {"HOME": str(home), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        try:
            ran = subprocess.run(
                [python, "-I", "-c", self.code],
                capture_output=True,
                text=True,
                timeout=SECONDS,
                cwd=home,
                env=environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"(nothing within {SECONDS} seconds)"
        return ran.stdout if ran.returncode == 0 else ran.stderr


@pytest.fixture(scope="module")
def every_road() -> dict[str, RoadFolder]:
    read = {key: read_folder(CONTENT / key) for key in ROADS}
    return {key: checked.road for key, checked in read.items() if checked.road}


@pytest.fixture(params=ROADS)
def road(request, every_road) -> RoadFolder:
    """Each road in turn."""
    return every_road[request.param]


@pytest.fixture
def machine_learning(every_road) -> RoadFolder:
    return every_road["machine-learning"]


def test_each_of_the_200_blueprints_is_a_question_of_its_stage(machine_learning):
    """A key ends in -run where a question was published with another type before."""
    keys = [
        {entry.key.removesuffix("-run") for entry in part.quiz.questions} for part in machine_learning.stages
    ]

    assert keys == [
        {f"q-{stage}-{n:02}" for n in range(1, 41)} for stage in ("math", "py", "ml", "dl", "ops")
    ]
    assert sum(len(part.quiz.questions) for part in machine_learning.stages) == 200
    assert Counter(entry.type for entry in machine_learning.questions()) == TYPES


def test_programs_print_what_their_keys_say(every_road, tmp_path):
    small = [program for program in every_program(every_road) if program.packages <= SMALL_PACKAGES]

    assert len(small) == 24
    assert outputs(small, Path(sys.executable), tmp_path) == expected(small)


@pytest.mark.long
@pytest.mark.libraries
def test_programs_for_large_libraries_print_what_their_keys_say(every_road, tmp_path):
    everything = every_program(every_road)

    assert ALL_PACKAGES.exists(), "Run `make test-content`: it installs torch and FastAPI into .venv-content."
    assert len(everything) == 30
    assert outputs(everything, ALL_PACKAGES, tmp_path) == expected(everything)


def test_a_program_that_prints_something_else_or_fails_or_hangs_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.test_content_questions.SECONDS", 1)
    wrong = [
        Program("other", "print(2)", "1"),
        Program("fails", "print(1); 1 / 0", "1"),
        Program("hangs", "while True: pass", "1"),
    ]
    printed = outputs(wrong, Path(sys.executable), tmp_path)

    assert printed["other"] == ("2",)
    assert printed["fails"][-1] == "ZeroDivisionError: division by zero"
    assert printed["hangs"] == ("(nothing within 1 seconds)",)


def test_every_program_is_complete_and_names_its_packages(road):
    assert [program.question for program in programs(road) if "print(" not in program.code] == []
    for question in road.questions():
        if question.type == "code_output":
            asked = question.question_body
            (program,) = [entry for entry in programs(road) if entry.question == question.key]
            assert set(asked.get("packages", ())) == program.packages, question.key
            assert asked.get("language", "python") == "python", question.key


def test_other_spellings_of_an_output_say_the_same(road):
    """`[1,2]` may stand for `[1, 2]` and 8 for 8.0, but no wrong output may have slipped in."""
    for question in road.questions():
        if question.type == "code_output":
            answers = question.question_body["answers"]
            assert [answer for answer in answers if atoms(answer) != atoms(answers[0])] == [], question.key
            assert len({lines(answer) for answer in answers}) == len(answers), question.key


def test_queries_return_what_their_keys_say(machine_learning):
    road = machine_learning
    asked = {
        question.key: QUERY.findall(question.question_body["stem"])
        for question in road.questions()
        if QUERY.search(question.question_body["stem"])
    }

    assert asked.keys() == TABLES.keys()
    for key, (query,) in asked.items():
        database = sqlite3.connect(":memory:")
        database.executescript(TABLES[key])
        (row,) = database.execute(query).fetchall()
        assert ", ".join(map(str, row)) == right_text(question_of(road, key)), key


def test_every_number_is_worked_out_anew(road):
    numeric = {question.key: question.question_body for question in numbers(road)}
    formulas = {key for key, asked in numeric.items() if asked.get("formula")}

    procedures = PROCEDURES.keys() & numeric.keys()

    assert len(numeric) == NUMBERS[road.road.key]
    assert formulas | procedures == numeric.keys()
    assert formulas & procedures == set()
    for key, asked in numeric.items():
        anew = PROCEDURES[key]() if key in PROCEDURES else worked_out(asked["formula"])
        answer = Decimal(repr(asked["answer"]))
        last = Decimal(10) ** int(answer.normalize().as_tuple().exponent)
        assert abs(Decimal(anew) - answer) <= min(last, Decimal(1)) / 2 + Decimal("1e-5"), (key, anew)


def test_a_number_rounded_as_asked_is_right_and_a_common_mistake_is_not(road):
    for question in numbers(road):
        asked = body(question.type, question.question_body)
        anew = number_anew(question)
        digits = [count for words, count in DIGITS.items() if words in question.question_body["stem"]]
        typed = [f"{anew:.10f}", *(f"{anew:.{count}f}" for count in digits)]

        assert [text for text in typed if mark(asked, text) != RIGHT] == [], question.key
        assert MISTAKES[question.key], question.key
        slips = [f"{slip:f}" for slip in MISTAKES[question.key]]
        assert [text for text in slips if mark(asked, text) != WRONG] == [], question.key


def test_procedures_and_mistakes_belong_to_questions_that_exist(every_road):
    keys = {question.key for road in every_road.values() for question in numbers(road)}

    assert MISTAKES.keys() == keys
    assert PROCEDURES.keys() <= keys


def test_every_wrong_option_says_which_mistake_leads_to_it(road):
    silent = [
        (question.key, option["key"])
        for question in road.questions()
        for option in question.question_body.get("options", ())
        if not option["right"] and not option.get("feedback")
    ]

    assert silent == []


def test_neither_place_nor_length_gives_the_right_option_away(road):
    single = [question for question in road.questions() if question.type == "single"]
    places = Counter(place_of_right(question.question_body["options"]) for question in single)
    longest = [question.key for question in single if is_right_the_longest(question.question_body["options"])]

    assert {len(question.question_body["options"]) for question in single} == {4}
    assert {place for place, count in places.items() if not 0.15 < count / len(single) < 0.35} == set()
    assert len(longest) / len(single) < 0.25
    for question in road.questions():
        texts = [option["text"] for option in question.question_body.get("options", ())]
        assert [text for text in texts if ALL_OF_THEM.search(text)] == [], question.key


def test_matching_leaves_a_choice_over_so_that_the_last_pair_is_no_gift(road):
    for question in road.questions():
        if question.type == "matching":
            asked = question.question_body
            used = [prompt["match"] for prompt in asked["prompts"]]
            assert len(set(used)) == len(used) == len(asked["choices"]) - 1, question.key
            assert "left over" in asked["stem"], question.key


def test_explanations_teach_in_a_few_sentences(road):
    for question in road.questions():
        explanation = re.sub(r"`[^`]*`", "code", question.question_body["explanation"])
        sentences = [part for part in re.split(r"(?<=[.?])\s+(?=[A-Z\"*`c])", explanation) if part]
        assert 2 <= len(sentences) <= 6, (question.key, len(sentences))
        assert len(explanation.split()) >= 25, question.key


def every_program(every_road: dict[str, RoadFolder]) -> list[Program]:
    return [program for road in every_road.values() for program in programs(road)]


def programs(road: RoadFolder) -> Iterator[Program]:
    """Every complete program of a question: in a field of its own, or fenced in its stem."""
    for question in road.questions():
        asked = question.question_body
        codes = [asked["code"]] if question.type == "code_output" else PROGRAM.findall(asked["stem"])
        for code in codes:
            yield Program(question.key, code, right_text(question))


def outputs(programs: list[Program], python: Path, home: Path) -> dict[str, tuple[str, ...]]:
    with ThreadPoolExecutor(2) as pool:
        printed = pool.map(lambda program: program.run(python, home), programs)
        return {program.question: lines(text) for program, text in zip(programs, printed, strict=True)}


def expected(programs: list[Program]) -> dict[str, tuple[str, ...]]:
    return {program.question: lines(program.printed) for program in programs}


def right_text(question: QuestionShape) -> str:
    """What the key says, as a program would print it."""
    asked = question.question_body
    if question.type == "single":
        return str(next(option["text"] for option in asked["options"] if option["right"]).strip("`"))
    return str(asked["answers"][0] if "answers" in asked else asked["answer"])


def question_of(road: RoadFolder, key: str) -> QuestionShape:
    return next(question for question in road.questions() if question.key == key)


def numbers(road: RoadFolder) -> list[QuestionShape]:
    return [question for question in road.questions() if question.type == "numeric"]


def number_anew(question: QuestionShape) -> float:
    if question.key in PROCEDURES:
        return PROCEDURES[question.key]()
    return worked_out(question.question_body["formula"])


def atoms(text: str) -> list[float | str]:
    """The numbers and words of an output, without what separates them."""
    return [
        float(found) if found[-1].isdigit() or found[-1] == "." else found for found in ATOM.findall(text)
    ]


def place_of_right(options: list[dict[str, Any]]) -> int:
    return next(place for place, option in enumerate(options) if option["right"])


def is_right_the_longest(options: list[dict[str, Any]]) -> bool:
    right = max(len(option["text"]) for option in options if option["right"])
    return all(len(option["text"]) < right for option in options if not option["right"])
