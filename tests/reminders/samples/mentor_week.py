from datetime import UTC, datetime, timedelta
from decimal import Decimal

from accounts.models import User
from mentoring.models import Mentorship, Review
from progress.models import Cohort, Enrollment
from tests.cast import EARLIER, enrolled, hand_in, ines, person, road, stranger, tomas

SUNDAY = datetime(2026, 11, 22, 18, tzinfo=UTC)


def sample() -> tuple[User, datetime]:
    """One waits, one was answered, one is quiet; all are in a cohort."""
    cohort = Cohort.objects.create(roadmap=road(), title="Autumn <2026> & friends", starts_on=EARLIER.date())
    lena = person("Lena O’Neill", "learner")
    for learner in (ines(), lena, stranger()):
        enrolled(learner).replan(hours_per_week=Decimal(1), starts_on=SUNDAY.date(), now=EARLIER)
        enrolled(learner).settle(EARLIER)
    Enrollment.objects.join(cohort)
    Mentorship(mentor=tomas(), cohort=cohort).begin(EARLIER)
    hand_in(enrolled(ines()), now=SUNDAY - timedelta(days=2))
    version = hand_in(enrolled(lena), now=SUNDAY - timedelta(days=3))
    at = SUNDAY - timedelta(days=1)
    Review.objects.create(version=version, reviewer=tomas(), decision="accept", feedback="", reviewed_at=at)
    version.submission.accept(tomas(), at)
    return tomas(), SUNDAY
