from quizzes.models.answer import Answer
from quizzes.models.attempt import Attempt
from quizzes.models.grading import Grading
from quizzes.models.paper_item import PaperItem
from quizzes.models.question import Question, QuestionVersion
from quizzes.models.quiz import Quiz
from quizzes.models.quiz_version import QuizVersion

__all__ = [
    "Answer",
    "Attempt",
    "Grading",
    "PaperItem",
    "Question",
    "QuestionVersion",
    "Quiz",
    "QuizVersion",
]
