from datetime import datetime, timedelta
from decimal import Decimal

from accounts.models import User
from mentoring.models import mentored_attempts
from quizzes.models import Appeal
from quizzes.result import HandMark
from tests.cast import NOW, ada, ask_texts, hand_in_texts, ines, mentored, person, stranger, tomas


def sample() -> tuple[User, datetime]:
    """Two quizzes wait for marks, one of them for long; one was marked, and its mark is appealed."""
    ask_texts()
    lena = person("Lena <O’Neill>", "learner")
    for learner, days in ((ines(), 8), (stranger(), 0), (lena, 3)):
        mentored(learner, tomas())
        attempt = hand_in_texts(learner, "Salt.", "Frost.", right=0, now=NOW - timedelta(days=days))
    marks = {slot: HandMark(Decimal(1), "") for slot in (11, 12)}
    mentored_attempts().mark(attempt, marks, seen=1, by=ada(), now=NOW - timedelta(days=2))
    Appeal.objects.begin(attempt, 11, "I gave a reason.", NOW - timedelta(days=1))
    return tomas(), NOW
