"""People who are due a letter on one of the days of a trial, written in bulk. Needs Django to be set up."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime, timedelta

if __name__ == "__main__":
    import django

    django.setup()

from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import transaction

from accounts.models import ActiveDay, User
from bench.chaos_reminders.people import Batch, from_argument
from progress.models import Enrollment, Submission, SubmissionVersion
from reminders.kinds import KINDS
from reminders.models import LetterWishes
from roadmap.models import EvidenceTask, Roadmap
from tests import cast

QUIET_DAYS = 7


@transaction.atomic
def write(batch: Batch) -> None:
    """Write these people, on a road since long, and nothing else that anybody would write to them about."""
    road, joined = cast.road(), batch.begins - timedelta(days=90)
    last = (batch.begins - timedelta(days=QUIET_DAYS)).date()
    others = sorted(KINDS.keys() - set(batch.kinds))
    people = User.objects.bulk_create(
        User(email=address, name=f"Wanda {n}", password="!", time_zone="UTC", date_joined=joined)
        for n, address in enumerate(batch.addresses)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people
    )
    LetterWishes.objects.bulk_create(
        LetterWishes(person=person, quiet_days=QUIET_DAYS, stopped_kinds=others) for person in people
    )
    Enrollment.objects.bulk_create(
        Enrollment(
            person=person,
            roadmap=road,
            background="walker",
            started_edition_id=road.studied_edition_id,
            enrolled_at=joined,
        )
        for person in people
    )
    ActiveDay.objects.bulk_create(ActiveDay(person=person, on=last) for person in people)
    midnight = batch.begins.replace(hour=0)
    for number, hours in enumerate(batch.decided_after):
        _decide(people, road, number, joined, midnight + timedelta(hours=hours))


def _decide(people: list[User], road: Roadmap, number: int, joined: datetime, at: datetime) -> None:
    """Each has handed in the task of that number, and a mentor has accepted it."""
    task, mentor = _task(road, number), cast.tomas()
    rows = Submission.objects.bulk_create(
        Submission(person=person, task=task, state="accepted", state_since=at, state_by=mentor)
        for person in people
    )
    SubmissionVersion.objects.bulk_create(
        SubmissionVersion(
            submission=row,
            number=1,
            edition_id=road.studied_edition_id,
            kind="link",
            link="https://example.org/work",
            handed_in_at=joined,
        )
        for row in rows
    )


def _task(road: Roadmap, number: int) -> EvidenceTask:
    """A task of the road; those that its edition does not know are retired ones, which keep their feedback."""
    made, _is_new = EvidenceTask.objects.get_or_create(
        roadmap=road,
        key=f"chaos-{number}",
        defaults={
            "stage": road.stages.order_by("position")[0],
            "title": f"Task {number}",
            "position": 90 + number,
        },
    )
    return made


def main(batches: Iterable[Batch]) -> None:
    call_command("migrate", verbosity=0)
    for batch in batches:
        write(batch)


if __name__ == "__main__":
    main(from_argument(sys.argv[1]))
    print("written")
