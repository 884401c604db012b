"""Questions come in files of other houses: looked at first, then drafts, each content once; and they go out again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from authoring.exchange import formats, gift
from authoring.models import (
    Draft,
    Placing,
    QuestionExport,
    QuestionImport,
    QuestionOrigin,
    QuestionsCrossedError,
    QuestionUpload,
    UploadIsOverError,
)
from authoring.models.question_import import digest_of
from authoring.models.upload import KEPT_FOR, MOST_OF_ONE
from authoring.tasks import forget_uploads
from quizzes.models import PaperItem, Question, Quiz
from roadmap.models import Roadmap, Stage, Topic
from tests.authoring.roads import published
from tests.cast import NOW, ada, ines, noor, tomas
from tests.desk import opened

pytestmark = pytest.mark.django_db

IMPORT = "/admin/quizzes/question/import/"
BREAD = b"""$CATEGORY: $course$/top/Feeding a starter

// [id:q-flour] [tag:Whole grain]
::Flour::Which flour feeds a starter? {=Rye#It is rich. ~Starch#Nothing lives on that. ####Rye holds wild yeast.}

::Salt::Does salt speed it up? {F}

::Note::Bread needs time.
"""


@pytest.fixture
def desk(client):
    client.force_login(noor())
    return client


def upload(desk, data=BREAD, name="bread.gift", format=""):  # noqa: A002  # the field's name
    return desk.post(IMPORT, {"file": SimpleUploadedFile(name, data, "text/plain"), "format": format})


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def placed(**more):
    return {"quiz": "", "road": "", "topic": "", "points": "1", "difficulty": "3", "tags": "", **more}


def test_a_file_is_looked_at_before_anything_is_written(desk):
    answer = desk.get(upload(desk).url)

    shown = text_of(answer)
    assert "Which flour feeds a starter?" in shown
    assert "Becomes q-flour" in shown
    assert "Becomes salt" in shown
    assert "explanation: It is missing." in shown
    assert "A text without a question" in shown
    assert not Question.objects.exists()


def test_confirming_makes_drafts_with_tags_and_says_what_is_to_be_written(desk):
    answer = desk.post(upload(desk).url, placed(tags="Bread, sour dough", difficulty="2"), follow=True)

    flour, salt = Question.objects.order_by("key")
    assert (flour.key, flour.type, flour.difficulty) == ("q-flour", "single", 2)
    assert flour.tags == ["whole-grain", "bread", "sour-dough"]
    assert flour.faults() == []
    assert salt.draft == {"stem": "Does salt speed it up?", "answer": False}
    assert "2 questions are drafts now" in text_of(answer)
    assert reverse("admin:quizzes_question_change", args=[salt.pk]) in text_of(answer)
    assert salt.history.get().history_change_reason == "files"


def test_the_same_file_twice_makes_nothing_double_even_when_a_draft_was_edited(desk):
    desk.post(upload(desk).url, placed())
    Question.objects.filter(key="salt").update(
        draft={"stem": "Does salt speed it up?", "answer": False, "explanation": "It slows it."}
    )

    again = upload(desk)

    assert "All of it is here already" in text_of(desk.get(again.url))
    desk.post(again.url, placed())
    assert Question.objects.count() == 2
    assert QuestionOrigin.objects.count() == 2


def test_questions_go_onto_a_paper_and_into_the_topic_their_category_names(desk):
    road = published()
    quiz = Quiz.objects.filter(roadmap=road).first()
    topic = Topic.objects.filter(roadmap=road).first()
    before = list(PaperItem.objects.filter(quiz=quiz).values_list("position", flat=True))
    data = BREAD.replace(b"Feeding a starter", topic.title.upper().encode())

    desk.post(upload(desk, data).url, placed(quiz=quiz.pk, points="3"))

    items = PaperItem.objects.filter(quiz=quiz).order_by("position")[len(before) :]
    assert [(item.question.key, item.points) for item in items] == [("q-flour", 3), ("salt", 3)]
    assert items[0].position == max(before) + 1
    assert {item.question.topic for item in items} == {topic}


def test_a_draft_without_explanation_is_kept_and_stops_the_publishing_of_its_road(desk):
    road = published()
    quiz = Quiz.objects.filter(roadmap=road).first()
    desk.post(upload(desk).url, placed(quiz=quiz.pk))
    salt = Question.objects.get(key="salt")

    assert any(fault.pk == salt.pk and fault.stops for fault in Draft(road).checked().faults)
    page = desk.get(reverse("admin:authoring_publish", args=[road.pk]))
    assert "“explanation” is missing." in text_of(page)
    assert reverse("admin:quizzes_question_change", args=[salt.pk]) in text_of(page)
    assert desk.get(reverse("admin:quizzes_question_change", args=[salt.pk])).status_code == 200


def test_a_topic_of_another_road_is_refused_and_the_form_is_kept(desk):
    road = published()
    quiz = Quiz.objects.filter(roadmap=road).first()
    elsewhere = Roadmap.objects.create(key="other", title="Other")
    stage = Stage.objects.create(roadmap=elsewhere, key="far", title="Far")
    other = Topic.objects.create(roadmap=elsewhere, stage=stage, key="far", title="Far")

    answer = desk.post(upload(desk).url, placed(quiz=quiz.pk, topic=other.pk, tags="kept"))

    assert answer.status_code == 422
    assert "It is of another road." in text_of(answer)
    assert 'value="kept"' in text_of(answer)
    assert not Question.objects.filter(key="salt").exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"Salt? {T} and \x00 more", "A character stands here that no text has"),
        (b"Just words without anything.", "This is none of the formats that are read"),
        (b"{" * 20 + b"\n\n" + b"a{}\n\n" * 6000, "more than 5000 questions"),
    ],
)
def test_what_is_no_file_of_questions_is_refused_and_nothing_is_kept(desk, data, said):
    answer = upload(desk, data, "x.bin")

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not QuestionUpload.objects.exists()


def test_what_a_hostile_file_says_is_shown_and_never_obeyed(desk):
    data = (
        b"::<script>alert(1)</script>::[html]<p onclick='x()'>a<script>alert(2)</script>b</p>"
        b" {=<img src=x onerror=y()>z ~<b>w</b>}"
    )
    address = upload(desk, data, '"><script>.gift').url
    shown = desk.get(address).content.decode()

    assert "<script>alert" not in shown
    assert "onclick=" not in shown
    assert "onerror" not in shown
    assert '"><script>' not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_strangers_mentors_and_other_authors_do_not_see_an_upload(client, desk):
    address = upload(desk).url
    for person in (ines(), tomas()):
        client.force_login(person)
        assert client.get(address).status_code == 302
        assert client.get(IMPORT).status_code == 302
    client.force_login(ada())
    assert client.get(address).status_code == 404


def test_an_upload_is_over_after_a_day_and_the_outcome_goes_too():
    kept = QuestionUpload.objects.receive(noor(), "b.gift", BREAD, "", NOW)
    with pytest.raises(UploadIsOverError):
        kept.confirm(Placing(), NOW + KEPT_FOR)

    assert forget_uploads() == 0 or not QuestionUpload.objects.exists()
    QuestionUpload.objects.forget(NOW + KEPT_FOR)
    assert not QuestionUpload.objects.exists()


def test_a_double_click_imports_once(desk):
    address = upload(desk).url
    desk.post(address, placed())
    answer = desk.post(address, placed(), follow=True)

    assert "2 questions are drafts now" in text_of(answer)
    assert Question.objects.count() == 2


def test_nobody_confirms_the_upload_of_another_author(client, desk):
    address = upload(desk).url
    client.force_login(ada())

    assert client.post(address, placed()).status_code == 404
    assert not Question.objects.exists()


def test_an_upload_that_newer_ones_replaced_is_over(desk):
    address = upload(desk).url
    kept = QuestionUpload.objects.get()
    for number in range(MOST_OF_ONE):
        upload(desk, b"::N::%d {T}" % number)

    with pytest.raises(UploadIsOverError):
        kept.confirm(Placing(), NOW)
    assert desk.post(address, placed()).status_code == 404
    assert not Question.objects.exists()


def test_a_quiz_that_was_archived_since_the_look_is_refused(desk):
    quiz = Quiz.objects.filter(roadmap=published()).earliest("pk")
    address = upload(desk).url
    Roadmap.objects.filter(pk=quiz.roadmap_id).update(archived_at=NOW)

    answer = desk.post(address, placed(quiz=quiz.pk))

    assert answer.status_code == 422
    assert not Question.objects.filter(key="salt").exists()
    assert not quiz.items.filter(question__key="salt").exists()


def test_a_number_that_can_not_be_kept_is_left_and_the_rest_is_written():
    row = "- key: {0}\n  type: numeric\n  stem: {0}\n  answer: {1}\n  explanation: x\n"
    data = (row.format("one", "9" * 400) + row.format("two", "2")).encode()

    plan = QuestionImport(formats.read(data)[1], Placing(), "f.yaml").save(NOW)

    assert [left.name for left in plan.left] == ["one"]
    assert Question.objects.get().key == "two"


def test_what_the_browser_says_of_a_file_does_not_matter(desk):
    file = SimpleUploadedFile("../../etc/passwd\x00.png", BREAD, "image/png")

    answer = desk.get(desk.post(IMPORT, {"file": file, "format": ""}).url)

    assert "passwd" in text_of(answer)
    assert QuestionUpload.objects.get().name == "passwd.png"


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_file_at_once_make_nothing_double():
    """The second waits at the first one's contents, and then nothing of it is written."""
    reading, gate = gift.read(BREAD), Barrier(2)

    def run() -> str:
        act = QuestionImport(reading, Placing(), "f")
        act.plan()
        gate.wait(10)
        try:
            return f"{len(act.save(NOW).new)} new"
        except QuestionsCrossedError:
            return "crossed"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(future.result() for future in [pool.submit(run), pool.submit(run)])

    assert said in (["2 new", "crossed"], ["0 new", "2 new"])
    assert Question.objects.count() == QuestionOrigin.objects.count() == 2


def test_keys_that_are_taken_get_a_number():
    Question.objects.create(key="salt", type="true_false", draft={"stem": "Other", "answer": True})
    reading = gift.read(b"::Salt::a{T}\n\n::Salt!::b{T}\n\n::\xe5\xa1\xa9::c{T}\n\n::Salt::a{T}")

    plan = QuestionImport(reading, Placing(), "f").save(NOW)

    assert [row.key for row in plan.new] == ["salt-2", "salt-3", "question"]
    assert [str(left.what) for left in plan.left] == ["It says the very same as the question at line 1."]


def test_a_plan_asks_the_database_the_same_number_of_times_for_many_as_for_few(django_assert_num_queries):
    few = gift.read(b"::One::a{T}\n\n::Two::b{T}")
    many = gift.read(b"\n\n".join(b"::N%d::a%d{T}" % (n, n) for n in range(300)))
    for reading in (few, many):
        with django_assert_num_queries(3):
            QuestionImport(reading, Placing(), "f").plan()


@pytest.mark.parametrize("format_", formats.WRITABLE, ids=lambda one: one.name)
def test_questions_of_a_road_leave_and_come_back_as_they_were(format_):
    road = published()
    questions = list(Question.objects.filter(topic__roadmap=road).select_related("topic", "resource"))
    written = QuestionExport.of_questions(questions).written(format_)
    whole = {left.name for left in written.left if left.is_whole}

    read = format_.read(written.data)

    kept = [question for question in questions if question.key not in whole]
    assert len(read.questions) == len(kept) > 0
    again = format_.read(format_.write(read.questions).data)
    assert [replace(one, place="") for one in again.questions] == [
        replace(one, place="") for one in read.questions
    ]


def test_our_own_yaml_of_a_house_is_here_already():
    published()
    questions = list(Question.objects.select_related("topic", "resource"))
    data = QuestionExport.of_questions(questions).written(formats.BY_NAME["yaml"]).data

    plan = QuestionImport(formats.read(data)[1], Placing(), "own.yaml").plan()

    assert plan.new == []
    assert {row.here for row in plan.here} == {question.key for question in questions}


def test_the_desk_says_what_a_format_can_not_hold_before_the_file_is_downloaded(desk):
    Question.objects.create(
        key="q-order",
        type="ordering",
        draft={
            "stem": "Order",
            "explanation": "So",
            "items": [{"key": "a", "text": "1"}, {"key": "b", "text": "2"}],
        },
    )
    QuestionImport(gift.read(BREAD), Placing(), "f").save(NOW)
    chosen = {"action": "export_questions", "_selected_action": [q.pk for q in Question.objects.all()]}
    changelist = reverse("admin:quizzes_question_changelist")

    page = desk.post(changelist, chosen)
    assert "GIFT has no questions about an order." in text_of(page)
    assert "Holds 2 of 3." in text_of(page)

    file = desk.post(changelist, {**chosen, "into": "gift"})
    assert file["Content-Disposition"] == 'attachment; filename="questions.gift"'
    assert {one.key for one in gift.read(file.content).questions} == {"q-flour", "salt"}


def test_a_digest_does_not_mind_the_order_of_fields():
    assert digest_of("single", {"a": 1, "b": 2}) == digest_of("single", {"b": 2, "a": 1})
    assert digest_of("single", {"a": 1}) != digest_of("multiple", {"a": 1})
    assert digest_of("single", {"a": "\x00"}) == digest_of("single", {"a": "\ud800"}) == ""


# Commands


def told(capsys, *words):
    call_command(*words)
    said = capsys.readouterr()
    return said.out, said.err


def test_the_command_says_first_and_then_writes(tmp_path, capsys):
    road = published()
    quiz = Quiz.objects.filter(roadmap=road).first()
    file = tmp_path / "bread.gift"
    file.write_bytes(BREAD)
    words = ("questions_import", str(file), "--road", road.key, "--quiz", quiz.key, "--tags", "Bread")

    out, err = told(capsys, *words, "--dry-run")
    assert "new: salt (true_false, line 6); to be written: explanation: It is missing." in out
    assert "left out: line 8 Note: A text without a question" in err
    assert not Question.objects.filter(key="salt").exists()

    told(capsys, *words)
    assert Question.objects.get(key="salt").tags == ["bread"]
    assert PaperItem.objects.filter(quiz=quiz, question__key="salt").exists()
    assert "0 new, 2 here already" in told(capsys, *words)[0]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--road", "nowhere"], "There is no road “nowhere”"),
        (["--quiz", "nowhere"], "There is no quiz “nowhere”"),
        (["--points", "0"], "Points are whole numbers from 1."),
        (["--format", "csv"], "The first row names the columns"),
    ],
)
def test_the_command_refuses_what_leads_nowhere(tmp_path, more, said):
    file = tmp_path / "bread.gift"
    file.write_bytes(BREAD)
    with pytest.raises(CommandError, match=said):
        call_command("questions_import", str(file), *more)
    assert not Question.objects.exists()


def test_the_command_writes_a_file_once_and_says_what_it_can_not_hold(tmp_path, capsys):
    road = published()
    quiz = Quiz.objects.filter(roadmap=road).first()
    file = tmp_path / "out.gift"
    words = ("questions_export", str(file), "--road", road.key, "--quiz", quiz.key, "--format", "gift")

    out, err = told(capsys, *words)

    assert f"questions are in {file}." in out
    assert len(gift.read(file.read_bytes()).questions) + err.count("left out:") == quiz.items.count()
    with pytest.raises(CommandError, match="is there already"):
        call_command(*words)


def test_an_imported_draft_is_mended_at_the_desk_and_then_has_no_fault(desk):
    desk.post(upload(desk).url, placed())
    salt = Question.objects.get(key="salt")
    address = reverse("admin:quizzes_question_change", args=[salt.pk])

    desk.post(address, {**opened(desk, address), "explanation": "It slows yeast."})

    salt.refresh_from_db()
    assert salt.faults() == []
    assert salt.draft["explanation"] == "It slows yeast."
