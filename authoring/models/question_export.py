from __future__ import annotations

from collections.abc import Iterable, Sequence

from authoring.exchange.formats import Format
from authoring.exchange.questions import Carried, Writing
from quizzes.models import PaperItem, Question, Quiz


class QuestionExport:
    """Questions on their way out, in the order given; of a quiz, with its points."""

    def __init__(self, questions: Sequence[Carried]) -> None:
        self.questions = questions

    @classmethod
    def of_questions(cls, questions: Iterable[Question]) -> QuestionExport:
        """Of questions that know their topics and resources."""
        return cls([_carried(question, None) for question in questions])

    @classmethod
    def of_quiz(cls, quiz: Quiz) -> QuestionExport:
        items = PaperItem.objects.filter(quiz=quiz).select_related("question__topic", "question__resource")
        return cls([_carried(item.question, item.points) for item in items])

    def written(self, format_: Format) -> Writing:
        """The file; only for a format that is written."""
        if format_.write is None:
            raise ValueError(format_.name)
        return format_.write(self.questions)


def _carried(question: Question, points: int | None) -> Carried:
    return Carried(
        place=question.key,
        name=question.key,
        type=question.type,
        body=question.draft if isinstance(question.draft, dict) else {},
        category=(question.topic.key,) if question.topic else (),
        tags=tuple(question.tags),
        points=points,
        difficulty=question.difficulty,
        key=question.key,
        resource=question.resource.key if question.resource else "",
    )
