from datetime import datetime

from accounts.models import User
from mentoring.models import Review
from tests.cast import NOW, enrolled, hand_in, ines, tomas


def sample() -> tuple[User, datetime]:
    version = hand_in(enrolled(ines()))
    words = "The second plot needs labels <b>&</b> a unit.\n\nThe rest is clear, and “well said”."
    Review.objects.create(
        version=version, reviewer=tomas(), decision="ask_for_changes", feedback=words, reviewed_at=NOW
    )
    version.submission.ask_for_changes(tomas(), NOW)
    return ines(), NOW
