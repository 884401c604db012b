from datetime import datetime, timedelta

from accounts.models import User
from reminders.models import Letter
from tests.cast import ines, mentored, person, tomas
from tests.reminders.asking import plan, sent
from tests.reminders.moments import LAST, quiet

TOLD = LAST + timedelta(days=33)  # the last letter came the day before


def sample() -> tuple[User, datetime]:
    """Two learners got their last letter and are quiet still."""
    for learner in (ines(), person("Lena “L” O’Neill", "learner")):
        quiet(learner)
        mentored(learner, tomas())
    plan("quiet", LAST + timedelta(days=32))
    for letter in Letter.objects.of_kinds(["quiet"]):
        sent(letter, LAST + timedelta(days=32))
    return tomas(), TOLD + timedelta(days=1)
