"""What a developer's house begins with: one person in each role to sign in as, and the built-in roads."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from accounts.models import User
from mentoring.models import Mentorship
from roadmap.models import Roadmap

BUILT_IN_ROADS = settings.BASE_DIR / "content"


@dataclass(frozen=True)
class FirstPerson:
    """Somebody to sign in as; the password is kept nowhere else in the clear."""

    role: str
    email: str
    password: str


def is_due() -> bool:
    """True in development while nobody has an account. A production start creates nobody."""
    return settings.IN_DEVELOPMENT and not User.objects.get_queryset().exists()


@transaction.atomic
def create_people(now: datetime) -> list[FirstPerson]:
    """Write a learner, a mentor who looks after her, and an admin, each with a random password."""
    learner, mentor, admin = (
        FirstPerson(role, f"{role}@example.org", secrets.token_urlsafe(9))
        for role in ("learner", "mentor", "admin")
    )
    lena = User.objects.create_confirmed(
        learner.email, learner.password, roles=["learner"], name="Lena Learner"
    )
    mara = User.objects.create_confirmed(mentor.email, mentor.password, roles=["mentor"], name="Mara Mentor")
    User.objects.create_superuser(admin.email, admin.password, name="Ada Admin")
    Mentorship.objects.create(mentor=mara, learner=lena, began_at=now)
    return [learner, mentor, admin]


def road_is_due() -> bool:
    """True in development while there is no road at all."""
    return settings.IN_DEVELOPMENT and not Roadmap.objects.exists()


def built_in_roads() -> list[Path]:
    """The folders of the roads that come with the house."""
    return sorted(file.parent for file in BUILT_IN_ROADS.glob("*/road.yaml"))


@transaction.atomic
def publish_built_in_roads() -> None:
    """All of them or none: a start that was broken off begins again."""
    for folder in built_in_roads():
        call_command(
            "road_import",
            str(folder),
            publish=True,
            changelog="The road as it came with the house.",
            verbosity=0,
            stdout=StringIO(),  # what was added is of no interest to whoever starts the house
        )
