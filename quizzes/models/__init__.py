from quizzes.models.answer import Answer
from quizzes.models.attempt import Attempt
from quizzes.models.grading import Grading
from quizzes.models.question import Question, QuestionVersion
from quizzes.models.quiz import PaperItem, Quiz, QuizVersion

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
