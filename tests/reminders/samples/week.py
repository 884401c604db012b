from datetime import UTC, datetime, timedelta

from accounts.models import ActiveDay, Pause, User
from tests.cast import NOW, enrolled, hand_in, ines, mentored, pass_stage, tomas
from tests.populated import a_card

SUNDAY = datetime(2026, 11, 22, 18, tzinfo=UTC)


def sample() -> tuple[User, datetime]:
    enrollment = enrolled(ines())
    pass_stage(enrollment, "base", NOW - timedelta(days=5))
    a_card(ines())
    mentored(ines(), tomas())
    hand_in(enrollment, now=SUNDAY - timedelta(days=1))
    ActiveDay.objects.record(ines(), SUNDAY - timedelta(days=2))
    Pause.objects.declare(
        ines(), datetime(2026, 11, 27, tzinfo=UTC).date(), datetime(2026, 12, 3, tzinfo=UTC).date()
    )
    return ines(), SUNDAY
