"""Whatever authors do between two editions: no fact of a learner is lost and no finished stage reopens unless asked.

Roads are changed as authors change them, row by row, and published; learners act in between. Each example is taken
back. What an example may not publish, for it has faults, it leaves as it is.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounts.models import User
from authoring.models import Draft, DraftHasFaultsError
from progress.models import Enrollment, Reopening, StagePass, StandingRow, Submission, SubmissionVersion, Tick
from quizzes.models import Answer, Attempt, PaperItem, Question, Quiz
from quizzes.refusals import AttemptRefusedError
from roadmap.models import Edition, EvidenceTask, Gate, Placement, Resource, Roadmap, Stage, Topic
from tests.authoring.roads import published
from tests.cast import NOW, answer, enrolled, ines, stranger, tomas

pytestmark = pytest.mark.django_db

FACTS = (Tick, Attempt, Answer, Submission, SubmissionVersion, StagePass, Reopening)
RIGHT: dict[str, Any] = {
    "q-bread-01": "a",
    "q-bread-02": "70",
    "q-bread-03": "true",
    "q-bread-11": ["a", "b"],
    "q-bread-12": "crumb",
    "q-bread-21": "true",
}
MOVES = (
    *(
        "rename",
        "move topic",
        "move task",
        "reorder stages",
        "reorder topics",
        "retire topic",
        "retire stage",
    ),
    *(
        "retire task",
        "bring back",
        "place",
        "take out",
        "other role",
        "take off paper",
        "put on paper",
        "mark",
    ),
)


class Author:
    """Changes one road as its desk would, without looking whether it makes sense."""

    def __init__(self, road: Roadmap, data: st.DataObject) -> None:
        self.road, self.data = road, data

    def act(self, now: datetime) -> None:
        for move in self.data.draw(st.lists(st.sampled_from(MOVES), min_size=1, max_size=5)):
            getattr(self, move.replace(" ", "_"))(now)

    def rename(self, now: datetime) -> None:
        row = self._one(Stage, Topic, EvidenceTask)
        type(row).objects.filter(pk=row.pk).update(title=self.data.draw(st.sampled_from(["Dough", "Heat"])))

    def move_topic(self, now: datetime) -> None:
        self._move(Topic)

    def move_task(self, now: datetime) -> None:
        self._move(EvidenceTask)

    def _move(self, model: Any) -> None:
        model.objects.filter(pk=self._one(model).pk).update(stage=self._one(Stage))

    def reorder_stages(self, now: datetime) -> None:
        self._reorder(Stage)

    def reorder_topics(self, now: datetime) -> None:
        self._reorder(Topic)

    def _reorder(self, model: Any) -> None:
        rows = list(model.objects.filter(roadmap=self.road))
        for position, row in enumerate(self.data.draw(st.permutations(rows)), 1):
            model.objects.filter(pk=row.pk).update(position=position)

    def retire_topic(self, now: datetime) -> None:
        topic = self._one(Topic)
        Question.objects.filter(topic=topic).update(topic=None)
        Topic.prerequisites.through.objects.filter(to_topic=topic).delete()
        topic.archive(now)

    def retire_stage(self, now: datetime) -> None:
        stage = self._one(Stage)
        Gate.objects.filter(stages=stage).delete()
        stage.archive(now)

    def retire_task(self, now: datetime) -> None:
        self._one(EvidenceTask).archive(now)

    def bring_back(self, now: datetime) -> None:
        for model in (Stage, Topic, EvidenceTask):
            model.objects.filter(roadmap=self.road).update(archived_at=None)

    def place(self, now: datetime) -> None:
        resource, topic = self._of(Resource.objects.order_by("key")), self._one(Topic)
        Placement.objects.get_or_create(
            topic=topic, resource=resource, defaults={"role": "core", "position": 9}
        )

    def take_out(self, now: datetime) -> None:
        self._of(Placement.objects.filter(topic__roadmap=self.road).order_by("pk")).delete()

    def other_role(self, now: datetime) -> None:
        placed = self._of(Placement.objects.filter(topic__roadmap=self.road).order_by("pk"))
        role = self.data.draw(st.sampled_from(["core", "reference"]))
        Placement.objects.filter(pk=placed.pk).update(role=role)

    def take_off_paper(self, now: datetime) -> None:
        self._of(PaperItem.objects.filter(quiz__roadmap=self.road).order_by("pk")).delete()

    def put_on_paper(self, now: datetime) -> None:
        quiz, question = self._one(Quiz), self._of(Question.objects.order_by("key"))
        PaperItem.objects.get_or_create(quiz=quiz, question=question)

    def mark(self, now: datetime) -> None:
        percent = self.data.draw(st.sampled_from([50, 80, 100]))
        Quiz.objects.filter(pk=self._one(Quiz).pk).update(pass_percent=percent)

    def _one(self, *models: Any) -> Any:
        model = self.data.draw(st.sampled_from(models))
        return self._of(model.objects.filter(roadmap=self.road).order_by("key"))

    def _of(self, rows: QuerySet[Any]) -> Any:
        found = list(rows)
        assume(found)  # an author may have taken out the last one
        return self.data.draw(st.sampled_from(found))


def study(person: User, data: st.DataObject, now: datetime) -> None:
    """Some of what a learner may do on the road as it is."""
    enrollment = mine(person)
    keys = sorted(enrollment.document.placed_keys)
    for key in data.draw(st.sets(st.sampled_from(keys), max_size=6)) if keys else ():
        enrollment.tick(key, now)
    for quiz in Quiz.objects.filter(roadmap=enrollment.roadmap).order_by("key"):
        wrong = data.draw(st.sampled_from([None, 0, 0, 0, 1]))
        if wrong is not None:
            take(person, quiz, wrong, now)
    for task in enrollment.document.task_by_key.values():
        if mine(person).standing(now).is_task_open(task.key) and data.draw(st.booleans()):
            hand_in(person, task, now)


def take(person: User, quiz: Quiz, wrong: int, now: datetime) -> None:
    enrollment = mine(person)
    try:
        attempt = enrollment.start_quiz(quiz, now)
    except AttemptRefusedError:
        return
    slots = attempt.paper[wrong:]
    attempt.save_answers(
        attempt.open(now), [answer(slot["slot"], RIGHT[slot["question"]]) for slot in slots], now
    )
    enrollment.hand_in_quiz(attempt, now)


def hand_in(person: User, task: Any, now: datetime) -> None:
    submission = Submission.objects.filter(person=person, task__key=task.key).first()
    if submission is None:
        version = Submission.objects.hand_in(
            mine(person), task, kind="link", link="https://example.org/loaf", now=now
        )
        version.submission.accept(tomas(), now)


def mine(person: User) -> Enrollment:
    return Enrollment.objects.of(person).select_related("roadmap", "person").get()


def facts() -> dict[Any, set[Any]]:
    return {model: set(model.objects.values_list("pk", flat=True)) for model in FACTS}


def passed(people: Iterable[User], now: datetime) -> dict[User, set[str]]:
    return {
        person: {key for key, place in mine(person).standing(now).by_key.items() if place.is_passed}
        for person in people
    }


def shown(now: datetime) -> list[dict[str, Any]]:
    Enrollment.objects.settle(now)
    return [dict(row) for row in StandingRow.objects.order_by("pk").values()]


def check_standing(people: Iterable[User], now: datetime) -> None:
    """Rows rebuilt from nothing are those that are shown, and settling again adds nothing."""
    rows, passes = shown(now), StagePass.objects.count()
    StandingRow.objects.all().delete()
    assert shown(now) == rows
    assert StagePass.objects.count() == passes
    for person in people:
        standing = mine(person).standing(now)
        row = StandingRow.objects.get(enrollment__person=person)
        assert row.stages_passed == standing.passed_count
        assert row.stages_total == len(standing.stages)
        assert (row.core_ticked, row.core_total) == (standing.core_done, standing.core_total)
        assert row.evidence_accepted == standing.evidence_done
        assert row.is_finished == standing.is_finished
        own = mine(person).settle(now)
        assert own.standing == standing


def live(data: st.DataObject, editions: int) -> None:
    """Learners study, authors change and publish, again and again."""
    road, people = published(), [ines(), stranger()]
    for person in people:
        enrolled(person, road)
    Enrollment.objects.update(background="home-baker")
    for number in range(editions):
        now = NOW + timedelta(days=2 * number)
        for person in people:
            study(person, data, now)
        edit(road, people, data, now + timedelta(days=1))


def edit(road: Roadmap, people: list[User], data: st.DataObject, now: datetime) -> None:
    before, had = facts(), passed(people, now)
    try:
        with transaction.atomic():
            Author(road, data).act(now)
            draft = Draft(Roadmap.objects.get(pk=road.pk))
            reason = data.draw(st.sampled_from(["", "Because."]))
            document = draft.document()
            outlook = draft.outlook(document, draft.drafted_quizzes(), now)
            asked = {one.stage for one in draft.asked_more(document)} if reason else set()
            draft.publish(by=None, changelog="x", now=now, reason=reason)
    except DraftHasFaultsError:
        assert passed(people, now) == had
        return
    for model, kept in before.items():
        assert kept <= facts()[model], model
    stages = Edition.objects.document(Roadmap.objects.get(pk=road.pk).studied_edition_id).stage_by_key
    have = passed(people, now)
    for person in people:
        assert had[person] & stages.keys() - asked <= have[person]
    lost = sum(bool(had[person] & stages.keys() - have[person]) for person in people)
    assert lost == (outlook.impact.people_again if reason else 0)
    check_standing(people, now)


settings.register_profile("slow", deadline=None, suppress_health_check=list(HealthCheck))
SLOW = settings.get_profile("slow")


def taken_back(data: st.DataObject, editions: int) -> None:
    with transaction.atomic():
        live(data, editions)
        transaction.set_rollback(True)


@settings(SLOW, max_examples=5)
@given(st.data())
def test_no_fact_is_lost_and_no_finished_stage_reopens(data):
    taken_back(data, editions=2)


@pytest.mark.long
@settings(SLOW, max_examples=150)
@given(st.data())
def test_no_fact_is_lost_over_many_editions(data):
    taken_back(data, editions=4)
