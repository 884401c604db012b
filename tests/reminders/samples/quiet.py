from datetime import datetime

from accounts.models import User
from tests.cast import ines
from tests.reminders.moments import WEEK_LATER, quiet


def sample() -> tuple[User, datetime]:
    quiet(ines())
    return ines(), WEEK_LATER
