"""Questions and quizzes at the desk."""

from urllib.parse import parse_qs, urlencode

import lxml.html
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quizzes.bodies import body
from quizzes.forms import question_form
from quizzes.models import Appeal, PaperItem, Question, Quiz
from roadmap.models import Stage
from tests import cast
from tests.cast import NOW, ines, noor, road, tomas
from tests.desk import send
from tests.quizzes.test_bodies import EXAMPLES

pytestmark = pytest.mark.django_db

ADD = "/admin/quizzes/question/add/"
AS_USUAL = {
    "purpose": "stage",
    "grace_seconds": "60",
    "overtime": "hand_in",
    "overtime_minutes": "0",
    "score": "best",
    "pools-TOTAL_FORMS": "0",
    "pools-INITIAL_FORMS": "0",
}
STEM = {"stem": "What is it?", "explanation": "Because.", "difficulty": "2"}


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


def options(*rows: tuple[str, bool]) -> dict[str, str]:
    fields = {"options_count": str(len(rows))}
    for place, (text, right) in enumerate(rows):
        fields |= {f"options_{place}_text": text, f"options_{place}_key": "", f"options_{place}_feedback": ""}
        fields |= {f"options_{place}_right": "on"} if right else {}
    return fields


def rows(name: str, *typed: dict[str, str]) -> dict[str, str]:
    """The fields of a RowsWidget."""
    fields = {f"{name}_count": str(len(typed))}
    for place, row in enumerate(typed):
        fields |= {f"{name}_{place}_{column}": text for column, text in {"key": "", **row}.items()}
    return fields


def add(desk, type_: str, **fields: str):
    return send(
        desk, f"{ADD}?type={type_}", {**STEM, "type": type_, "key": f"q-{type_.replace('_', '-')}", **fields}
    )


@pytest.mark.parametrize(
    ("type_", "fields", "draft"),
    [
        (
            "single",
            options(("Red", True), ("Blue", False), ("", False)),
            {
                "options": [
                    {"key": "a", "text": "Red", "right": True, "feedback": ""},
                    {"key": "b", "text": "Blue", "right": False, "feedback": ""},
                ]
            },
        ),
        ("true_false", {"is_true": "false"}, {"answer": False}),
        (
            "numeric",
            {"number": "2.5", "tolerance": "0.1", "unit": "m"},
            {"answer": 2.5, "tolerance": 0.1, "unit": "m"},
        ),
        (
            "short_text",
            {"answers": "red\ncrimson\n"},
            {"answers": ["red", "crimson"], "case_sensitive": False},
        ),
        (
            "numeric",
            {
                "number": "1",
                "tolerance": "0",
                "relative_tolerance": "0.01",
                "significant_figures": "3",
                "unit": "MB",
                "units": "kB = 0.001",
                "formula": "2 / 2",
            },
            {
                "answer": 1.0,
                "tolerance": 0.0,
                "unit": "MB",
                "relative_tolerance": 0.01,
                "significant_figures": 3,
                "units": [{"unit": "kB", "factor": 0.001}],
                "formula": "2 / 2",
            },
        ),
        (
            "short_text",
            {"answers": "café", "ignore_accents": "on", "pattern": "caf.s?"},
            {"answers": ["café"], "case_sensitive": False, "ignore_accents": True, "pattern": "caf.s?"},
        ),
        (
            "ordering",
            {
                **rows("items", {"place": "2", "text": "Fit"}, {"place": "1", "text": "Split"}, {"text": ""}),
                "credit": "all",
            },
            {"items": [{"key": "b", "text": "Split"}, {"key": "a", "text": "Fit"}], "credit": "all"},
        ),
        (
            "matching",
            {
                **rows(
                    "prompts",
                    {"text": "`df.shape`", "match": "a tuple"},
                    {"text": "`df`", "match": "a frame"},
                ),
                "others": "a series",
            },
            {
                "prompts": [
                    {"key": "a", "text": "`df.shape`", "match": "a"},
                    {"key": "b", "text": "`df`", "match": "b"},
                ],
                "choices": [
                    {"key": "a", "text": "a tuple"},
                    {"key": "b", "text": "a frame"},
                    {"key": "c", "text": "a series"},
                ],
            },
        ),
        (
            "code_output",
            {
                "code": "print(1)\n",
                "language": "python",
                **rows("answers", {"text": "1"}),
                "packages": "numpy",
            },
            {"code": "print(1)", "language": "python", "answers": ["1"], "packages": ["numpy"]},
        ),
        (
            "long_text",
            {"guide": "Half for *leakage*.", "min_words": "50", "max_words": ""},
            {"guide": "Half for *leakage*.", "min_words": 50},
        ),
        (
            "cloze",
            {
                "text": "{{n}} folds, {{often}}",
                **rows(
                    "gaps",
                    {"name": "n", "type": "numeric", "points": "2", "right": "5 ± 0.5"},
                    {"name": "often", "type": "choice", "right": "* once\nfive times"},
                ),
            },
            {
                "text": "{{n}} folds, {{often}}",
                "gaps": [
                    {"key": "n", "type": "numeric", "points": 2, "answer": 5.0, "tolerance": 0.5},
                    {
                        "key": "often",
                        "type": "choice",
                        "options": [
                            {"key": "a", "text": "once", "right": True, "feedback": ""},
                            {"key": "b", "text": "five times", "right": False, "feedback": ""},
                        ],
                    },
                ],
            },
        ),
    ],
)
def test_a_question_of_each_type_is_written_in_fields_of_its_own(desk, type_, fields, draft):
    answer = add(desk, type_, **fields)

    assert answer.status_code == 302, answer.content.decode()
    question = Question.objects.get(type=type_, key=f"q-{type_.replace('_', '-')}")
    assert question.draft == {"stem": "What is it?", "explanation": "Because.", **draft}
    assert question.faults() == []
    change = desk.get(reverse("admin:quizzes_question_change", args=[question.pk])).content.decode()
    assert "What is it?" in change


@pytest.mark.parametrize(
    ("type_", "fields", "said"),
    [
        ("single", options(("Red", True), ("Blue", True)), "Exactly one option must be right"),
        ("multiple", options(("Red", False), ("Blue", False)), "At least one option must be right"),
        ("single", options(("Red", True)), "has 2 to 20 options"),
        ("numeric", {"number": "many", "tolerance": "0"}, "Enter a number"),
        ("short_text", {"answers": " \n"}, "This field is required"),
        ("short_text", {"answers": "a", "pattern": "a("}, "RE2 can’t read this pattern"),
        ("numeric", {"number": "1", "tolerance": "0", "units": "kB"}, "write a unit, = and its factor"),
        ("numeric", {"number": "1", "tolerance": "0", "formula": "open(1)"}, "is none of the numbers"),
        ("ordering", {**rows("items", {"text": "One"}), "credit": "all"}, "There are 2 to 10 items, not 1."),
        ("matching", rows("prompts", {"text": "One", "match": "A"}), "There are 2 to 12 prompts, not 1."),
        (
            "cloze",
            {"text": "No gap", **rows("gaps", {"name": "n", "type": "numeric", "right": "5"})},
            "Gaps do not stand in the text as {{key}}: n.",
        ),
        (
            "cloze",
            {"text": "{{n}}", **rows("gaps", {"name": "n", "type": "numeric", "right": "many"})},
            "gaps.1.answer: Write a number.",
        ),
    ],
)
def test_a_question_that_breaks_the_rules_of_its_type_is_not_written_and_not_lost(desk, type_, fields, said):
    words = add(desk, type_, **fields).content.decode()

    assert said in words
    assert "What is it?" in words
    assert not Question.objects.filter(key__startswith="q-single").exists()


def test_options_keep_their_keys_when_others_come_and_go(desk):
    add(desk, "single", **options(("Red", True), ("Blue", False), ("Green", False)))
    question = Question.objects.get(key="q-single")
    rows = options(("Red", True), ("", False), ("Green", False), ("Black", False))
    rows |= {"options_0_key": "a", "options_1_key": "b", "options_2_key": "c"}

    send(
        desk,
        reverse("admin:quizzes_question_change", args=[question.pk]),
        {**STEM, "key": question.key, **rows},
    )

    question.refresh_from_db()
    kept = {option["text"]: option["key"] for option in question.draft["options"]}
    assert kept["Red"] == "a"
    assert kept["Green"] == "c"
    assert kept["Black"] not in {"a", "c"}


@pytest.mark.parametrize("type_", EXAMPLES)
def test_a_question_opened_and_saved_again_is_the_same(desk, type_):
    """Nothing that the fields do not show is lost, and no key changes."""
    draft = body(type_, EXAMPLES[type_]).model_dump(mode="json")
    question = Question.objects.create(key=f"kept-{type_.replace('_', '-')}", type=type_, draft=draft)
    address = reverse("admin:quizzes_question_change", args=[question.pk])
    form = question_form(type_)(instance=question)
    typed = parse_qs(urlencode(shown(form.as_p()) | {"key": question.key, "difficulty": "3"}, doseq=True))

    assert send(desk, address, typed).status_code == 302

    question.refresh_from_db()
    assert body(type_, question.draft) == body(type_, draft)


def shown(markup: str) -> dict[str, str]:
    """The fields of a form as a browser would send them untouched."""
    fields: dict[str, str] = {}
    for field in lxml.html.fromstring(f"<form>{markup}</form>").xpath("//form")[0].fields.items():
        fields |= {field[0]: field[1]} if field[1] is not None else {}
    return fields


def test_the_type_and_a_published_key_never_change(desk):
    question = _first_question()

    send(
        desk,
        reverse("admin:quizzes_question_change", args=[question.pk]),
        {**STEM, "key": "other", "type": "numeric", "is_true": "true"},
    )

    changed = Question.objects.get(pk=question.pk)
    assert changed.type == "true_false"
    assert changed.key == question.key
    assert changed.draft["stem"] == "What is it?"


def _first_question() -> Question:
    return PaperItem.objects.filter(quiz__roadmap=road()).select_related("question").first().question


def test_a_draft_saved_changes_nothing_that_learners_answer(desk):
    question = _first_question()
    version = question.versions.latest("number")

    send(desk, reverse("admin:quizzes_question_change", args=[question.pk]), {**STEM, "is_true": "false"})

    assert question.versions.latest("number") == version
    assert question.versions.latest("number").body["stem"] != "What is it?"


def test_a_question_is_put_on_a_paper(desk):
    quiz = Quiz.objects.filter(roadmap=road()).first()
    add(desk, "true_false", is_true="true")
    question = Question.objects.get(key="q-true-false")
    fields = {
        "title": "Another title",
        "stage": quiz.stage_id,
        "pass_percent": "75",
        "cooldown_hours": "1",
        **AS_USUAL,
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "0",
        "items-0-question": question.pk,
        "items-0-points": "2",
        "items-0-position": "11",
        "items-0-quiz": quiz.pk,
    }

    assert send(desk, reverse("admin:quizzes_quiz_change", args=[quiz.pk]), fields).status_code == 302

    assert PaperItem.objects.filter(quiz=quiz, question=question, points=2).exists()
    assert Quiz.objects.get(pk=quiz.pk).title == "Another title"


def test_a_stage_has_one_quiz(desk):
    stage = Stage.objects.get(roadmap=road(), key="base")
    fields = {
        "title": "Second",
        "key": "second",
        "stage": stage.pk,
        "pass_percent": "80",
        "cooldown_hours": "1",
        **AS_USUAL,
        "items-TOTAL_FORMS": "0",
        "items-INITIAL_FORMS": "0",
    }

    words = send(desk, "/admin/quizzes/quiz/add/", fields).content.decode()

    assert "archive that one first" in words
    assert not Quiz.objects.filter(key="second").exists()


def test_an_archived_quiz_does_not_come_back_beside_its_successor(desk):
    stage = Stage.objects.get(roadmap=road(), key="base")
    old = Quiz.objects.get(stage=stage)
    old.archive(NOW)
    Quiz.objects.create(roadmap=road(), stage=stage, key="second", title="Second")

    answer = send(desk, reverse("admin:quizzes_quiz_archive", args=[old.pk]), {"archived": "0"}, follow=True)

    assert answer.status_code == 200
    assert Quiz.objects.get(pk=old.pk).is_archived


def test_questions_are_found_by_their_words(desk):
    add(desk, "true_false", is_true="true")

    assert "q-true-false" in desk.get("/admin/quizzes/question/?q=What+is").content.decode()
    assert "q-true-false" not in desk.get("/admin/quizzes/question/?q=zebra").content.decode()


@pytest.mark.parametrize("path", ["/admin/quizzes/question/", "/admin/quizzes/quiz/"])
def test_a_list_asks_no_more_for_ten_times_the_questions(desk, path):
    road()
    few = queries(desk, path)
    stage = Stage.objects.first()
    for number in range(30):
        Question.objects.create(key=f"x-{number}", type="true_false", draft={"stem": "X"})
        Quiz.objects.create(roadmap=road(), stage=stage, key=f"x-{number}", title="X", archived_at=NOW)

    assert queries(desk, path) == few <= 12


def queries(desk, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert desk.get(path).status_code == 200
    return len(asked)


@pytest.mark.parametrize("who", [ines, tomas])
def test_learners_and_mentors_read_no_answers_here(client, who):
    question = _first_question()
    client.force_login(who())

    for path in ("/admin/quizzes/question/", reverse("admin:quizzes_question_change", args=[question.pk])):
        assert client.get(path).status_code in {302, 403}, path


def test_a_stem_is_text_whatever_is_in_it(desk):
    nasty = "<script>alert(1)</script>"
    add(desk, "true_false", is_true="true", stem=nasty)

    for path in (
        "/admin/quizzes/question/",
        reverse("admin:quizzes_question_change", args=[Question.objects.latest("pk").pk]),
    ):
        words = desk.get(path).content.decode()
        assert nasty not in words
        assert "&lt;script&gt;" in words


def test_a_question_says_that_it_was_appealed_until_it_says_something_else(desk):
    attempt = cast.hand_in_texts(cast.ines(), right=9)
    (slot,) = [slot for slot, mark in attempt.gradings.get().by_slot().items() if not mark.is_full]
    appeal = Appeal.objects.begin(attempt, slot, "The word is ambiguous.", cast.NOW)
    listed = reverse("admin:quizzes_question_changelist")
    page = reverse("admin:quizzes_question_change", args=[appeal.question.question_id])
    assert "ambiguous" not in desk.get(page).content.decode()

    appeal.decline("It says so.", by=cast.tomas(), tells_authors=True, now=cast.NOW)

    assert "The word is ambiguous." in desk.get(page).content.decode()
    assert [row.pk for row in desk.get(f"{listed}?appealed=1").context["cl"].result_list] == [
        appeal.question.question_id
    ]
