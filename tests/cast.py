"""The standing cast of the tests and the road they walk. Each function finds the person or road it names, or makes it.

Ines learns. Tomas mentors. Ada is the admin. Noor writes roads. The stranger has an account and nothing to do with
them.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

from accounts.models import User
from mentoring.models import Mentorship
from progress.models import Enrollment, StagePass, Submission, SubmissionVersion
from quizzes.models import Attempt, PaperItem, Question, Quiz
from quizzes.models.quiz import Purpose
from quizzes.paper import draw
from quizzes.saves import SavedItem
from roadmap.document import RoadDocument, StageEntry, StagesPassed, TaskEntry
from roadmap.models import (
    Edition,
    EvidenceTask,
    Placement,
    Resource,
    Roadmap,
    RubricCriterion,
    Stage,
    Topic,
)
from tests.documents import three_stage_document
from tests.snapshots import rebuilt

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
EARLIER = NOW - timedelta(days=30)
PASSWORD = "a-long-walk-uphill"


def ines() -> User:
    return person("Ines Moreau", "learner", time_zone="Europe/Paris")


def tomas() -> User:
    return person("Tomas Berg", "mentor", time_zone="Europe/Berlin")


def ada() -> User:
    return person("Ada Okafor", "admin")


def noor() -> User:
    return person("Noor Haddad", "author")


def stranger() -> User:
    return person("Stran Ger", "learner")


def person(name: str, *roles: str, time_zone: str = "UTC") -> User:
    """The person of this name, `ines@example.org` for Ines; her password is PASSWORD."""
    email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
    found = User.objects.get_queryset().filter(email=email).first()
    return found or User.objects.create_confirmed(
        email, PASSWORD, roles=roles, name=name, time_zone=time_zone, date_joined=EARLIER
    )


def road() -> Roadmap:
    """The published three-stage road: base, then ridge, then summit once ridge's report is accepted."""
    document = three_stage_document()
    roads = Roadmap.objects.filter(key=document.key)
    if not roads.exists():
        rebuilt("the three-stage road", lambda: published(document))
    return roads.get()


def enrolled(learner: User, on: Roadmap | None = None, now: datetime = EARLIER) -> Enrollment:
    """The learner on the road, as a walker with ten hours a week."""
    return Enrollment.objects.enroll(
        learner,
        on or road(),
        background="walker",
        hours_per_week=Decimal(10),
        starts_on=date(now.year, now.month, now.day),
        now=now,
    )


def mentored(learner: User, mentor: User, now: datetime = EARLIER) -> Mentorship:
    """The learner is looked after by the mentor."""
    return Mentorship.objects.get_or_create(
        mentor=mentor, learner=learner, ended_at=None, defaults={"began_at": now}
    )[0]


def hand_in(
    enrollment: Enrollment,
    task_key: str = "ridge-report",
    *,
    link: str = "https://example.org/report",
    now: datetime = NOW,
) -> SubmissionVersion:
    """A link, handed in for the task, whose stage is opened first."""
    task = opened(enrollment, task_key)
    return Submission.objects.hand_in(enrollment, task, kind="link", link=link, now=now)


def opened(enrollment: Enrollment, task_key: str = "ridge-report", now: datetime = EARLIER) -> TaskEntry:
    """The task, with passes written for the stages that open its stage."""
    stage = enrollment.document.stage_of_task(task_key)
    assert stage is not None
    before = [key for gate in stage.gates if isinstance(gate, StagesPassed) for key in gate.stages]
    StagePass.objects.bulk_create(
        [
            StagePass(
                person=enrollment.person,
                stage=row,
                edition_id=enrollment.roadmap.studied_edition_id,
                passed_at=now,
            )
            for row in Stage.objects.filter(roadmap=enrollment.roadmap, key__in=before)
        ],
        ignore_conflicts=True,
    )
    return enrollment.document.task_by_key[task_key]


def pass_stage(enrollment: Enrollment, stage_key: str, now: datetime = NOW) -> None:
    """Every core resource ticked and the quiz passed."""
    stage = enrollment.document.stage_by_key[stage_key]
    for resource in sorted(stage.core_keys()):
        enrollment.tick(resource, now)
    if stage.quiz:
        take_quiz(enrollment, stage.quiz, points=10, now=now)
    enrollment.settle(now)


def take_quiz(enrollment: Enrollment, quiz_key: str, *, points: int, now: datetime = NOW) -> Attempt:
    """A finished attempt with so many of ten points; eight pass."""
    quiz = Quiz.objects.get(roadmap=enrollment.roadmap, key=quiz_key)
    version = quiz.studied_version()
    number = Attempt.objects.of(enrollment.person).filter(quiz=quiz).count() + 1
    slots = draw(version.sheet, [], Random(number))
    attempt = Attempt.objects.begin(enrollment.person, version, number, slots, now)
    attempt.save_answers(attempt.open(now), [answer(slot.slot) for slot in slots[:points]], now)
    attempt.submit(now)
    return attempt


def base_quiz(**policies: object) -> Quiz:
    """The quiz of the first stage, published with these policies."""
    found = Quiz.objects.get(roadmap=road(), key="base-quiz")
    for name, value in policies.items():
        setattr(found, name, value)
    found.save()
    found.publish(None, EARLIER)
    return found


def ask_texts(*, possible: int = 4, count: int = 2, quiz_key: str = "base-quiz") -> None:
    """Let a quiz of the road end with so many texts of `possible` points each, which a mentor marks."""
    quiz = Quiz.objects.get(roadmap=road(), key=quiz_key)
    for number in range(1, count + 1):
        draft = {
            "stem": f"Why does it leak? ({number})",
            "explanation": "It leaks.",
            "guide": "Half for a reason.",
        }
        question = Question.objects.create(key=f"q-text-{number}", type="long_text", draft=draft)
        PaperItem.objects.create(quiz=quiz, question=question, position=100 + number, points=possible)
    quiz.draw, quiz.shuffle = None, False
    quiz.save()
    quiz.publish(None, EARLIER)


def hand_in_texts(learner: User, *texts: str, right: int = 10, now: datetime = NOW) -> Attempt:
    """An attempt at the base quiz with so many of its statements right, and these texts; `ask_texts` comes before."""
    enrollment = enrolled(learner)
    attempt = enrollment.start_quiz(Quiz.objects.get(roadmap=road(), key="base-quiz"), now)
    statements = len(attempt.slots) - len(texts)
    said = ["true" if place < right else "false" for place in range(statements)]
    saves = [answer(slot, value) for slot, value in enumerate([*said, *texts], 1)]
    attempt.save_answers(attempt.open(now), saves, now)
    enrollment.hand_in_quiz(attempt, now)
    return attempt


def placement_quiz() -> Quiz:
    """The road's quiz for placement, studied from a new edition on: ten statements of each stage, once in 90 days.

    Its results show which answers are right, and no more.
    """
    on = road()
    shown = ["correctness"]
    quiz = Quiz.objects.create(
        roadmap=on,
        key="trail-placement",
        title="What you know already",
        purpose=Purpose.PLACEMENT,
        cooldown_hours=90 * 24,
        review={"handed_in": shown, "passed": shown, "closed": shown},
        shuffle=False,
    )
    asked = PaperItem.objects.filter(quiz__roadmap=on).order_by("quiz", "position")
    PaperItem.objects.bulk_create(
        PaperItem(quiz=quiz, question_id=item.question_id, position=position)
        for position, item in enumerate(asked, 1)
    )
    quiz.publish(None, EARLIER)
    document = Edition.objects.document(on.studied_edition_id)
    Edition.objects.publish(
        on, document.model_copy(update={"placement": quiz.key}), by=None, changelog="Placement.", now=EARLIER
    )
    return quiz


def place(enrollment: Enrollment, *stages: str, now: datetime = NOW) -> Attempt:
    """The placement handed in with all questions of these stages right; `placement_quiz` comes before."""
    attempt = enrollment.start_quiz(Quiz.objects.get(key="trail-placement"), now)
    topics = {t.key for key in stages for t in enrollment.document.stage_by_key[key].topics}
    saves = [answer(slot.slot) for slot in attempt.slots if slot.topic in topics]
    attempt.save_answers(attempt.open(now), saves, now)
    enrollment.hand_in_quiz(attempt, now)
    return attempt


def answer(slot: int, value: object = "true", sequence: int = 1) -> SavedItem:
    """One save of the player; the cast's questions are all statements that are true."""
    return SavedItem.model_validate(
        {"slot": slot, "sequence": sequence, "client_id": uuid4(), "value": value}
    )


def published(document: RoadDocument, now: datetime = EARLIER) -> Roadmap:
    """Draft rows as the document says them, and the document as the road's next edition."""
    road = Roadmap.objects.create(
        key=document.key, title=document.title, level=document.level, summary=document.summary
    )
    for entry in document.resources.values():
        Resource.objects.get_or_create(
            key=entry.key,
            defaults={"title": entry.title, "url": entry.url, "type": entry.type, "cost": entry.cost},
        )
    for position, stage in enumerate(document.stages, 1):
        _draft_stage(road, position, stage, now)
    Edition.objects.publish(road, document, by=None, changelog="First edition.", now=now)
    return road


def _draft_stage(road: Roadmap, position: int, stage: StageEntry, now: datetime) -> None:
    row = Stage.objects.create(roadmap=road, key=stage.key, title=stage.title, position=position)
    for place, topic in enumerate(stage.topics, 1):
        topic_row = Topic.objects.create(
            roadmap=road, stage=row, key=topic.key, title=topic.title, position=place, hours=topic.hours
        )
        for order, placed in enumerate(topic.resources, 1):
            resource = Resource.objects.get(key=placed.resource)
            Placement.objects.create(topic=topic_row, resource=resource, role=placed.role, position=order)
    for place, task in enumerate(stage.evidence, 1):
        _draft_task(road, row, place, task)
    if stage.quiz:
        quiz = Quiz.objects.create(roadmap=road, stage=row, key=stage.quiz, title=f"{stage.title} quiz")
        _draft_questions(quiz, row)
        quiz.publish(None, now)


def _draft_questions(quiz: Quiz, stage: Stage) -> None:
    """Ten statements worth a point each, spread over the stage's topics, each with a resource to go back to."""
    topics = list(stage.topics.all())
    questions = Question.objects.bulk_create(
        _draft_question(f"q-{quiz.roadmap.key}-{stage.key}-{number}", number, topics[number % len(topics)])
        for number in range(1, 11)
    )
    PaperItem.objects.bulk_create(
        PaperItem(quiz=quiz, question=question, position=position)
        for position, question in enumerate(questions, 1)
    )


def _draft_question(key: str, number: int, topic: Topic) -> Question:
    return Question(
        key=key,
        type="true_false",
        topic=topic,
        resource=Resource.objects.filter(placements__topic=topic).first(),
        draft={
            "stem": f"Statement {number} of {key}.",
            "explanation": f"CANARY-WHY-{number}",
            "answer": True,
        },
    )


def _draft_task(road: Roadmap, stage: Stage, position: int, task: TaskEntry) -> None:
    row = EvidenceTask.objects.create(
        roadmap=road,
        stage=stage,
        key=task.key,
        title=task.title,
        brief=task.brief,
        accepts=list(task.accepts),
        is_required=task.required,
        promise_days=task.promise_days,
        hours=task.hours,
        position=position,
    )
    for order, criterion in enumerate(task.rubric, 1):
        RubricCriterion.objects.create(
            task=row,
            key=criterion.key,
            title=criterion.title,
            must_meet=criterion.must_meet,
            position=order,
            **criterion.levels.model_dump(),
        )
