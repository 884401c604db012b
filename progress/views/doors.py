"""What the doors of this floor share: finding the signed-in person's enrollment."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from accounts.models import User
from progress.models import Enrollment


class SignedInRequest(HttpRequest):
    """A request behind login_required: its user is a person, never anonymous."""

    user: User


def enrollment_of(person: User, road_key: str) -> Enrollment:
    """The person's enrollment on this road; Http404 when she is not on it."""
    enrollment = find_enrollment(person, road_key)
    if enrollment is None:
        raise Http404
    return enrollment


def find_enrollment(person: User, road_key: str) -> Enrollment | None:
    """The same, or None. The enrollment knows its person without another query."""
    return Enrollment.objects.find(person, road_key)
