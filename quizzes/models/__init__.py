from quizzes.models.accommodation import Accommodation
from quizzes.models.answer import Answer, Confidence
from quizzes.models.appeal import Appeal, AppealState
from quizzes.models.attempt import Attempt
from quizzes.models.card import Card
from quizzes.models.card_gathering import CardGathering
from quizzes.models.card_parameters import CardParameters
from quizzes.models.card_review import CardReview, CardSession, CardUndo
from quizzes.models.card_settings import CardSettings
from quizzes.models.extension import Extension
from quizzes.models.grading import Grading, GradingKind
from quizzes.models.paper_item import PaperItem
from quizzes.models.paper_pool import PaperPool
from quizzes.models.practice import PracticeAnswer, PracticeQuestion
from quizzes.models.question import Question, QuestionVersion
from quizzes.models.question_numbers import QuestionNumbers
from quizzes.models.quiz import Quiz
from quizzes.models.quiz_numbers import QuizNumbers
from quizzes.models.quiz_version import QuizVersion
from quizzes.models.regrade import Policy, Regrade
from quizzes.models.trial import Trial

__all__ = [
    "Accommodation",
    "Answer",
    "Appeal",
    "AppealState",
    "Attempt",
    "Card",
    "CardGathering",
    "CardParameters",
    "CardReview",
    "CardSession",
    "CardSettings",
    "CardUndo",
    "Confidence",
    "Extension",
    "Grading",
    "GradingKind",
    "PaperItem",
    "PaperPool",
    "Policy",
    "PracticeAnswer",
    "PracticeQuestion",
    "Question",
    "QuestionNumbers",
    "QuestionVersion",
    "Quiz",
    "QuizNumbers",
    "QuizVersion",
    "Regrade",
    "Trial",
]
