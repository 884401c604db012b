from datetime import datetime

from accounts.models import User
from tests.cast import ines
from tests.reminders import learners


def sample() -> tuple[User, datetime]:
    return ines(), learners.attempt_ending(ines())
