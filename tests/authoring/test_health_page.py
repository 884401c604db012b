"""The desk's pages of how questions do: what needs a look first, narrowed, each question closely, in fixed queries."""

import pytest
from django.urls import reverse

from quizzes.models import Question, QuestionNumbers, QuestionVersion, Quiz, QuizNumbers
from tests import cast
from tests.cast import EARLIER
from tests.quizzes.test_numbers import LATER, base_quiz, counted, crowd, sit

pytestmark = pytest.mark.django_db
LIST = reverse("admin:authoring_health")


@pytest.fixture
def desk(client):
    client.force_login(cast.noor())
    return client


def page_of(row: QuestionNumbers) -> str:
    return reverse("admin:authoring_question_health", args=[row.version.question_id])


def choice(quiz: Quiz, place: int = 1) -> Question:
    """A question with four options in this place of the paper; the right one was B and is A since."""
    question = Question.objects.create(key="q-which-1", type="single", draft=_four_options("b"))
    quiz.items.filter(position=place).update(question=question)
    quiz.publish(None, EARLIER)
    Question.objects.filter(pk=question.pk).update(draft=_four_options("a"))
    quiz.publish(None, EARLIER)
    return question


def _four_options(right: str) -> dict[str, object]:
    options = [
        {"key": key, "text": f"Option {key}", "right": key == right, "feedback": ""}
        for key in ("a", "b", "c", "d")
    ]
    return {"stem": "Which one is first?", "explanation": "It says so.", "options": options}


def numbers(question: Question, **told: object) -> QuestionNumbers:
    """The row of the question's version that is asked, with these numbers written into it."""
    row = QuestionNumbers.objects.listed().get(version__question=question, is_on_paper=True)
    for name, value in told.items():
        setattr(row, name, value)
    row.save()
    return row


def alert(code: str, weight: int, **values: object) -> dict[str, object]:
    return {"code": code, "weight": weight, "values": values}


WRONG_KEY = alert("wrong_key", 2, option="B", percent=62)
EASY = alert("easy", 1, percent=98)


@pytest.fixture
def row(desk) -> QuestionNumbers:
    """A question with four options whose key the best do not choose."""
    question = choice(base_quiz())
    counted()
    return numbers(
        question,
        people=40,
        facility=0.37,
        discrimination=-0.25,
        deviation=0.48,
        median_seconds=100,
        top=11,
        bottom=11,
        choices={"a": [14, 2, 6], "b": [20, 7, 2], "c": [6, 2, 3]},
        alerts=[WRONG_KEY],
        attention=2,
    )


class TestList:
    def test_it_says_how_many_need_a_look_and_puts_them_first(self, desk, row):
        easy = numbers(
            base_quiz().items.get(position=7).question, people=40, facility=0.98, alerts=[EASY], attention=1
        )
        shown = desk.get(LIST).text

        assert "2 of 30 questions need a look" in shown
        assert shown.index("Strong learners choose B") < shown.index("Nearly everybody gets it right")
        assert shown.index(f"{page_of(easy)}?") < shown.index("Not enough data")
        assert "−0.25" in shown
        assert "1 min 40" in shown

    def test_below_ten_people_it_says_not_enough_data_and_no_figure(self, desk):
        for place, person in enumerate(crowd(9)):
            sit(person, place)
        counted()
        shown = desk.get(LIST, {"quiz": base_quiz().pk}).text

        assert shown.count("Not enough data") == 10
        assert "percent right" not in shown
        assert "No question needs a look" in shown

    def test_with_the_tenth_person_figures_stand_there(self, desk):
        for place, person in enumerate(crowd(10)):
            sit(person, place)
        counted()
        shown = desk.get(LIST, {"quiz": base_quiz().pk}).text

        assert "Not enough data" not in shown
        assert shown.count("percent right") == 10
        assert "Mean result" in shown

    def test_it_is_narrowed_by_road_quiz_topic_and_what_is_the_matter(self, desk, row):
        others = {"road": 10**6, "quiz": Quiz.objects.exclude(pk=row.quiz_id).first().pk, "alert": "slow"}
        mine = {"road": row.quiz.roadmap_id, "quiz": row.quiz_id, "alert": "wrong_key"}
        topic = {"quiz": row.quiz_id, "topic": row.quiz.roadmap.topics.first().pk}
        Question.objects.filter(pk=row.version.question_id).update(topic=topic["topic"])

        assert page_of(row) in desk.get(LIST, topic).text
        for name, value in mine.items():
            assert page_of(row) in desk.get(LIST, {name: value}).text
        for name in ("quiz", "alert"):
            assert page_of(row) not in desk.get(LIST, {name: others[name]}).text

    def test_an_address_that_says_nonsense_is_no_failure(self, desk, row):
        wild = {"road": "x", "quiz": "²", "topic": "9" * 30, "alert": "z", "order": "--", "page": "many"}

        assert "1 of 30 questions needs a look" in desk.get(LIST, wild).text

    @pytest.mark.parametrize("order", ["look", "hard", "apart", "slow", "topic"])
    def test_it_is_put_in_order(self, desk, row, order):
        shown = desk.get(LIST, {"order": order})

        assert shown.status_code == 200
        assert order == "topic" or shown.text.index(page_of(row)) < shown.text.index("Not enough data")

    def test_it_is_paged(self, desk, row, monkeypatch):
        monkeypatch.setattr("authoring.admin.health.ON_A_PAGE", 10)

        assert "Page 2 of 3" in desk.get(LIST, {"page": 2}).text
        assert (
            f"road={row.quiz.roadmap_id}&amp;order=look&amp;page=2"
            in desk.get(LIST, {"road": row.quiz.roadmap_id}).text
        )

    def test_learners_and_mentors_find_no_such_page(self, client, row):
        for person in (cast.ines(), cast.tomas()):
            client.force_login(person)
            assert client.get(LIST).status_code == 302
            assert client.get(page_of(row)).status_code == 302

    def test_it_costs_the_same_for_ten_questions_and_for_thirty(
        self, desk, row, django_assert_num_queries, django_assert_max_num_queries
    ):
        desk.get(LIST)
        with django_assert_num_queries(7):
            desk.get(LIST, {"quiz": ""})
        with django_assert_max_num_queries(14):
            desk.get(LIST, {"road": row.quiz.roadmap_id, "quiz": row.quiz_id})


class TestQuestion:
    def test_it_shows_who_chose_what_and_why_to_look(self, desk, row):
        shown = desk.get(page_of(row)).text

        assert "18 % of the best, 55 % of the weakest" in shown
        assert "64 % of the best, 18 % of the weakest" in shown
        assert 'aria-label="Of the best: 64 percent"' in shown
        assert "Most likely the key is wrong" in shown
        assert shown.count("state--passed") == 1  # the key
        assert reverse("admin:quizzes_question_change", args=[row.version.question_id]) in shown

    def test_its_versions_stand_beside_each_other_and_a_changed_answer_starts_anew(self, desk, row):
        shown = desk.get(page_of(row)).text

        assert ">2</b>" in shown
        assert "The answer changed" in shown
        assert QuestionVersion.objects.filter(question=row.version.question).count() == 2

    def test_below_ten_people_it_says_so_and_shows_no_choice(self, desk, row):
        numbers(row.version.question, people=9, facility=None, alerts=[], attention=0)
        shown = desk.get(page_of(row)).text

        assert "Not enough data" in shown
        assert "9 people had it" in shown
        assert "of the best" not in shown

    def test_how_sure_people_were_is_told_where_they_were_asked(self, desk, row):
        assert "How sure they were" not in desk.get(page_of(row)).text

        numbers(row.version.question, confidence={"1": [4, 1], "3": [20, 5]})
        shown = desk.get(page_of(row)).text
        assert "How sure they were" in shown
        assert "25 %" in shown

    def test_a_question_nobody_was_asked_says_so(self, desk, row):
        unasked = Question.objects.create(key="unasked", type="true_false", draft={"stem": "Never asked."})
        shown = desk.get(reverse("admin:authoring_question_health", args=[unasked.pk]))

        assert "Nothing counted yet" in shown.text
        assert desk.get(reverse("admin:authoring_question_health", args=[10**6])).status_code == 404

    def test_a_stem_is_shown_never_obeyed(self, desk, row):
        Question.objects.filter(pk=row.version.question_id).update(
            draft={**row.version.question.draft, "stem": "<script>alert(1)</script>?"}
        )
        base_quiz().publish(None, LATER)
        QuizNumbers.objects.count_due(LATER)

        assert "<script>alert" not in desk.get(page_of(row)).text

    def test_it_costs_a_fixed_number_of_queries(self, desk, row, django_assert_num_queries):
        desk.get(page_of(row))
        with django_assert_num_queries(5):
            desk.get(page_of(row))
        for place in range(2, 8):
            numbers(
                base_quiz().items.get(position=place).question,
                people=30,
                facility=1.0,
                alerts=[EASY],
                attention=1,
            )
        with django_assert_num_queries(5):
            desk.get(page_of(row))


def test_the_pages_of_road_and_quiz_say_in_one_line_how_many_need_a_look(desk, row):
    road = reverse("admin:roadmap_roadmap_change", args=[row.quiz.roadmap_id])
    quiz = reverse("admin:quizzes_quiz_change", args=[row.quiz_id])
    other = reverse("admin:quizzes_quiz_change", args=[Quiz.objects.exclude(pk=row.quiz_id).first().pk])

    assert "1 question needs a look" in desk.get(road).text
    assert f'{LIST}?road={row.quiz.roadmap_id}"' in desk.get(road).text
    assert f'{LIST}?quiz={row.quiz_id}"' in desk.get(quiz).text
    assert "needs a look" not in desk.get(other).text


def test_the_list_of_questions_and_each_question_lead_there(desk, row):
    assert LIST in desk.get(reverse("admin:quizzes_question_changelist")).text
    change = reverse("admin:quizzes_question_change", args=[row.version.question_id])
    assert page_of(row) in desk.get(change).text
