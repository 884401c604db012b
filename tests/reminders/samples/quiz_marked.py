from datetime import datetime
from decimal import Decimal

from accounts.models import User
from mentoring.models import mentored_attempts
from quizzes.result import HandMark
from tests.cast import NOW, ask_texts, hand_in_texts, ines, tomas


def sample() -> tuple[User, datetime]:
    ask_texts()
    attempt = hand_in_texts(ines(), "Salt.", "Frost.")
    marks = {slot: HandMark(Decimal(2), "Say <i>why</i>, too.") for slot in (11, 12)}
    mentored_attempts().mark(attempt, marks, seen=1, by=tomas(), now=NOW)
    return ines(), NOW
