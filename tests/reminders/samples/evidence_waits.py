from datetime import datetime, timedelta

from accounts.models import User
from tests.cast import NOW, enrolled, hand_in, ines, mentored, person, tomas


def sample() -> tuple[User, datetime]:
    lena = person("Lena <O’Neill>", "learner")
    for learner, days in ((ines(), 6), (lena, 0)):
        mentored(learner, tomas())
        hand_in(enrolled(learner), now=NOW - timedelta(days=days))
    return tomas(), NOW
