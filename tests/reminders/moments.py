"""Moving the clock of the house for tests about letters, and people who have gone quiet."""

from datetime import UTC, datetime, timedelta

from accounts import clock
from accounts.models import ActiveDay, User
from progress.models import Enrollment
from reminders.models import LetterWishes
from tests.cast import EARLIER, enrolled

LAST = datetime(2026, 11, 10, 9, tzinfo=UTC)  # Ines' last active day in these tests, a Tuesday
WEEK_LATER = LAST + timedelta(days=7)


def at(moment: datetime) -> datetime:
    """Let it be `moment` now, for web, worker and database."""
    clock.move(moment - datetime.now(UTC))  # noqa: TID251  # the real time, to move from
    return moment


def quiet(person: User, last: datetime = LAST) -> Enrollment:
    """On the road for long, with a last active day, to be written to after a week; her standing is settled."""
    enrollment = enrolled(person, now=min(EARLIER, last - timedelta(days=10)))
    ActiveDay.objects.record(person, last)
    enrollment.settle(last)
    wish(person, quiet_days=7)
    return enrollment


def wish(person: User, **fields: object) -> LetterWishes:
    """The person's wishes, with these fields changed."""
    wishes = LetterWishes.objects.of(person)
    LetterWishes.objects.filter(pk=wishes.pk).update(**fields)
    wishes.refresh_from_db()
    return wishes
