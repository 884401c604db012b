from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.sentences import Sentence, ngettext, sentence
from quizzes.models.paper_item import PaperItem, on_paper
from quizzes.models.paper_pool import PaperPool
from quizzes.models.question import Question, QuestionVersion
from quizzes.models.quiz_version import QuizVersion
from quizzes.paper import Paper, PaperQuestion

if TYPE_CHECKING:
    from quizzes.models.quiz import Quiz

CHUNK = 200


class Papers:
    """What publishing quizzes reads: what stands on their papers, and each question's newest version.

    Four queries at most.
    """

    def __init__(self, quizzes: Sequence[Quiz]) -> None:
        self.quizzes = quizzes
        self.items: dict[int, list[PaperItem]] = defaultdict(list)
        for item in _items_of(quizzes):
            self.items[item.quiz_id].append(item)
        self.pools = _pools_of(quizzes, self.items)
        self.questions = {question.pk: question for quiz in quizzes for question in self._asked(quiz)}
        found = QuestionVersion.objects.newest().filter(question__in=self.questions)
        self.newest = {version.question_id: version for version in found}
        self.ending_later: list[Quiz] = []

    def faults(self, quiz: Quiz) -> Iterator[Sentence]:
        """What keeps the draft from being published: one sentence each, naming the question it is about."""
        items, pools = self.items[quiz.pk], self.pools[quiz.pk]
        if not items and not pools:
            yield sentence(gettext_noop("The quiz has no questions."))
        if quiz.draw is not None and not 1 <= quiz.draw <= max(len(items), 1):
            yield ngettext(
                "The quiz draws %(count)s question but has %(has)s.",
                "The quiz draws %(count)s questions but has %(has)s.",
                quiz.draw,
                has=len(items),
            )
        for item in items:
            if item.question.archived_at is not None:
                yield _of(item, sentence(gettext_noop("It is archived; take it off the paper.")))
            yield from (_of(item, fault) for fault in item.question.faults())
        for pool, members in pools:
            if len(members) < pool.count:
                yield _of_pool(pool, len(members))

    def publish_questions(self, by: User | None, now: datetime) -> None:
        """Write the drafts of questions that differ from their newest version; the new one is then the newest."""
        changed = []
        for pk, question in sorted(self.questions.items()):
            version = question.next_version(self.newest.get(pk))
            if version is not None:
                version.published_at, version.published_by = now, by
                changed.append(version)
        QuestionVersion.objects.bulk_create(changed, batch_size=CHUNK)
        self.newest |= {version.question_id: version for version in changed}

    def publish(self, by: User | None, now: datetime) -> list[Quiz]:
        """Write the papers that differ from what learners take; their questions are published.

        Answers the quizzes whose `current_version` is to be saved; `ending_later` are those among them that can be
        taken for longer than before.
        """
        papers = {quiz: self.paper(quiz) for quiz in self.quizzes}
        last = _newest_versions(self.quizzes)
        differing = [quiz for quiz, paper in papers.items() if not quiz.is_studied_as(paper)]
        new = [
            QuizVersion(
                quiz=quiz,
                number=last[quiz.pk].number + 1 if quiz.pk in last else 1,
                paper=papers[quiz].model_dump(mode="json"),
                digest=papers[quiz].digest(),
                score=papers[quiz].score,
                published_at=now,
                published_by=by,
            )
            for quiz in differing
        ]
        QuizVersion.objects.bulk_create(new, batch_size=CHUNK)
        for quiz, version in zip(differing, new, strict=True):
            quiz.current_version = version
        self.ending_later = [
            quiz for quiz in differing if quiz.pk in last and last[quiz.pk].sheet.ends_before(papers[quiz])
        ]
        return differing

    def is_changed(self, quiz: Quiz) -> bool:
        """True when a question or the paper differs from what learners take."""
        if any(self._differs(question) for question in self._asked(quiz)):
            return True
        return not quiz.is_studied_as(self.paper(quiz))

    def paper(self, quiz: Quiz) -> Paper:
        """The paper as it would be frozen; its questions are published."""
        return Paper.model_validate(
            quiz.policies()
            | {
                "questions": tuple(self._on_paper(quiz)),
                "pools": tuple(pool.on_paper() for pool, _ in self.pools[quiz.pk]),
            }
        )

    def _on_paper(self, quiz: Quiz) -> Iterator[PaperQuestion]:
        for item in self.items[quiz.pk]:
            yield on_paper(item.question, self.newest[item.question_id], item.points)
        for pool, members in self.pools[quiz.pk]:
            for question in members:
                yield on_paper(question, self.newest[question.pk], pool.points, pool.key)

    def _asked(self, quiz: Quiz) -> Iterator[Question]:
        yield from (item.question for item in self.items[quiz.pk])
        for _pool, members in self.pools[quiz.pk]:
            yield from members

    def _differs(self, question: Question) -> bool:
        return question.next_version(self.newest.get(question.pk)) is not None


def _items_of(quizzes: Iterable[Quiz]) -> list[PaperItem]:
    items = PaperItem.objects.filter(quiz__in=[quiz.pk for quiz in quizzes])
    return list(items.select_related("question__topic", "question__resource"))


def _pools_of(
    quizzes: Iterable[Quiz], items: Mapping[int, Sequence[PaperItem]]
) -> dict[int, list[tuple[PaperPool, list[Question]]]]:
    """The pools of each quiz with what they may draw, by the quiz's id; drafts that are not ready yet are left out."""
    found: dict[int, list[tuple[PaperPool, list[Question]]]] = defaultdict(list)
    roads = {quiz.pk: quiz.roadmap_id for quiz in quizzes}
    pools = list(PaperPool.objects.filter(quiz__in=roads).select_related("topic").order_by("position", "id"))
    if not pools:
        return found
    ready = defaultdict(list)
    for question in drawable({roads[pool.quiz_id] for pool in pools}).order_by("key"):
        if question.topic is not None and not question.faults():
            ready[question.topic.roadmap_id].append(question)
    for pool in pools:
        taken = {item.question_id for item in items[pool.quiz_id]}
        members = [q for q in ready[roads[pool.quiz_id]] if q.pk not in taken and pool.takes(q)]
        found[pool.quiz_id].append((pool, members))
    return found


def drawable(roads: Iterable[int]) -> QuerySet[Question]:
    """The questions that pools of these roads may draw from: those about one of the road's topics."""
    asked = Question.objects.unarchived().filter(topic__roadmap__in=list(roads))
    return asked.select_related("topic", "resource")


def lock_questions(quizzes: Iterable[Quiz]) -> None:
    """Another road's quiz may have the same question: its versions are numbered one after the other.

    Rows are locked by id, after the quizzes, which is the order that `Draft.lock` keeps.
    """
    named = [quiz.pk for quiz in quizzes]
    stands = Q(pk__in=PaperItem.objects.filter(quiz__in=named).values("question"))
    drawn = Q(topic__roadmap__in=PaperPool.objects.filter(quiz__in=named).values("quiz__roadmap"))
    asked = Question.objects.filter(stands | drawn).order_by("pk")
    list(asked.select_for_update(no_key=True, of=("self",)).values("pk"))


def _newest_versions(quizzes: Iterable[Quiz]) -> dict[int, QuizVersion]:
    """The version of each quiz that was published last, by the quiz's id; a quiz that is studied as it, knows it."""
    versions = QuizVersion.objects.filter(quiz__in=[quiz.pk for quiz in quizzes])
    newest = {found.quiz_id: found for found in versions.order_by("quiz_id", "-number").distinct("quiz_id")}
    for quiz in quizzes:
        if quiz.pk in newest and newest[quiz.pk].pk == quiz.current_version_id:
            quiz.current_version = newest[quiz.pk]
    return newest


def _of(item: PaperItem, fault: Sentence) -> Sentence:
    return sentence(gettext_noop("%(question)s: %(fault)s"), question=item.question.key, fault=fault)


def _of_pool(pool: PaperPool, ready: int) -> Sentence:
    return ngettext(
        "Pool %(pool)s draws %(count)s question, but %(ready)s are ready.",
        "Pool %(pool)s draws %(count)s questions, but %(ready)s are ready.",
        pool.count,
        pool=pool.key,
        ready=ready,
    )
