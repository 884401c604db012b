"""Many learners at all places of a road, for measuring. Written in bulk: ten thousand take a few minutes."""

from __future__ import annotations

import random
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import clock
from accounts.models import ActiveDay, User
from accounts.models.user import LEARNER, MENTOR
from mentoring.models import Mentorship
from progress import plan
from progress.models import (
    Cohort,
    Enrollment,
    PlannedStage,
    PlanVersion,
    Submission,
    SubmissionVersion,
    Tick,
)
from roadmap.document import RoadDocument
from roadmap.models import EvidenceTask, Resource, Roadmap, Stage

CHUNK = 500
ACTIVE_DAYS = 30
OF_A_MENTOR = 100  # learners that each mentor looks after


class Command(BaseCommand):
    help = "Write learners, mentors, ticks, plans and waiting evidence onto a published road, for measuring."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--learners", type=int, default=500)
        parser.add_argument("--road", default="machine-learning", help="key of a published road")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same data")

    def handle(self, *args: Any, **options: Any) -> None:
        road = Roadmap.objects.published().filter(key=options["road"]).first()
        if road is None:
            raise CommandError(
                f"There is no published road {options['road']!r}. Import one with road_import --publish."
            )
        if settings.IN_PRODUCTION and User.objects.exists():
            raise CommandError(
                "There are people here already. Bench data goes into an empty production database only."
            )
        now = clock.now()
        crowd = Crowd.on(road, now, random.Random(options["seed"]))  # noqa: S311  # data, no secret
        for first in range(0, options["learners"], CHUNK):
            crowd.add(first, min(CHUNK, options["learners"] - first))
            self.stdout.write(f"{min(first + CHUNK, options['learners'])} learners")
        Enrollment.objects.filter(roadmap=road).settle(now)


@dataclass
class Crowd:
    """Learners on one road, written a chunk at a time."""

    road: Roadmap
    document: RoadDocument
    now: datetime
    dice: random.Random
    resources: dict[str, int]
    stages: dict[str, int]
    tasks: dict[str, int]

    @classmethod
    def on(cls, road: Roadmap, now: datetime, dice: random.Random) -> Crowd:
        stages = Stage.objects.filter(roadmap=road).values_list("key", "id")
        tasks = EvidenceTask.objects.filter(roadmap=road).values_list("key", "id")
        return cls(
            road=road,
            document=Enrollment(roadmap=road).document,
            now=now,
            dice=dice,
            resources=dict(Resource.objects.values_list("key", "id")),
            stages=dict(stages),
            tasks=dict(tasks),
        )

    @transaction.atomic
    def add(self, first: int, count: int) -> None:
        """The next `count` learners, numbered from `first`, with mentors for each hundred of them."""
        people = self._people("learner", LEARNER, range(first, first + count))
        enrollments = self._enroll(people)
        self._plan(enrollments)
        self._tick(people)
        self._act(people)
        self._hand_in(people)
        self._mentor(first, enrollments)

    def _people(self, name: str, role: str, numbers: range) -> list[User]:
        password = make_password(None)
        people = User.objects.bulk_create(
            User(
                email=f"{name}-{n}@example.org",
                name=f"{name.title()} {n}",
                password=password,
                time_zone=self.dice.choice(["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"]),
                date_joined=self.now - timedelta(days=120),
            )
            for n in numbers
        )
        EmailAddress.objects.bulk_create(
            EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people
        )
        group, _ = Group.objects.get_or_create(name=role)
        User.groups.through.objects.bulk_create(
            User.groups.through(user_id=person.pk, group_id=group.pk) for person in people
        )
        return people

    def _enroll(self, people: list[User]) -> list[Enrollment]:
        backgrounds = [background.key for background in self.document.backgrounds]
        return Enrollment.objects.bulk_create(
            Enrollment(
                person=person,
                roadmap=self.road,
                background=self.dice.choice(backgrounds),
                started_edition_id=self.road.studied_edition_id,
                enrolled_at=self.now - timedelta(days=self.dice.randrange(30, 120)),
            )
            for person in people
        )

    def _plan(self, enrollments: list[Enrollment]) -> None:
        plans = PlanVersion.objects.bulk_create(
            PlanVersion(
                enrollment=enrollment,
                number=1,
                edition_id=self.road.studied_edition_id,
                hours_per_week=Decimal(10),
                starts_on=enrollment.enrolled_at.date(),
                made_at=enrollment.enrolled_at,
            )
            for enrollment in enrollments
        )
        PlannedStage.objects.bulk_create(
            PlannedStage(
                plan=version, stage_id=self.stages[dates.key], starts_on=dates.starts_on, due_on=dates.due_on
            )
            for version in plans
            for dates in self._dates(version)
        )

    def _dates(self, version: PlanVersion) -> list[plan.StageDates]:
        hours = [
            (stage.key, plan.middle(*stage.hours(version.enrollment.background)))
            for stage in self.document.stages
        ]
        return plan.lay_out(hours, Fraction(10), version.starts_on)

    def _tick(self, people: list[User]) -> None:
        keys = list(dict.fromkeys(key for stage in self.document.stages for key in sorted(stage.core_keys())))
        Tick.objects.bulk_create(
            (
                Tick(person=person, resource_id=self.resources[key], ticked_at=self.now - timedelta(days=3))
                for person in people
                for key in keys[: self.dice.randrange(len(keys) // 2)]
            ),
            batch_size=5000,
        )

    def _act(self, people: list[User]) -> None:
        ActiveDay.objects.bulk_create(
            (
                ActiveDay(person=person, on=self.now.date() - timedelta(days=ago))
                for person in people
                for ago in self.dice.sample(range(90), ACTIVE_DAYS)
            ),
            batch_size=5000,
        )

    def _hand_in(self, people: list[User]) -> None:
        """Every second learner has handed in the first task of the road and waits."""
        task = next(task for stage in self.document.stages for task in stage.evidence)
        waiting = Submission.objects.bulk_create(
            Submission(
                person=person,
                task_id=self.tasks[task.key],
                state_since=self.now - timedelta(hours=self.dice.randrange(1, 200)),
                answer_by=self.now + timedelta(days=task.promise_days),
            )
            for person in people[::2]
        )
        SubmissionVersion.objects.bulk_create(
            SubmissionVersion(
                submission=submission,
                number=1,
                edition_id=self.road.studied_edition_id,
                kind="link",
                link="https://example.org/notebook",
                handed_in_at=submission.state_since,
            )
            for submission in waiting
        )

    def _mentor(self, first: int, enrollments: list[Enrollment]) -> None:
        """A mentor for each hundred learners; every other hundred is a cohort of hers."""
        for start in range(0, len(enrollments), OF_A_MENTOR):
            hundred = enrollments[start : start + OF_A_MENTOR]
            number = (first + start) // OF_A_MENTOR
            (mentor,) = self._people("mentor", MENTOR, range(number, number + 1))
            if number % 2:
                self._cohort(mentor, number, hundred)
            else:
                Mentorship.objects.bulk_create(
                    Mentorship(mentor=mentor, learner=enrollment.person, began_at=self.now)
                    for enrollment in hundred
                )

    def _cohort(self, mentor: User, number: int, members: list[Enrollment]) -> None:
        cohort = Cohort.objects.create(
            roadmap=self.road, title=f"Cohort {number}", starts_on=self.now.date() - timedelta(days=60)
        )
        Enrollment.objects.filter(pk__in=[member.pk for member in members]).update(cohort=cohort)
        Mentorship.objects.create(mentor=mentor, cohort=cohort, began_at=self.now)
