from datetime import datetime, timedelta

from accounts.models import User
from tests.cast import NOW, enrolled, hand_in, ines, mentored, person, tomas


def sample() -> tuple[User, datetime]:
    lena = person("Lena Other", "learner")
    for learner, days in ((ines(), 4), (lena, 2.5)):
        mentored(learner, tomas())
        hand_in(enrolled(learner), now=NOW - timedelta(days=days))
    return tomas(), NOW
