"""What the doors of this floor share: finding the reader's enrollment, and refusing roads she may not see."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest

from accounts.models import User
from progress.models import Enrollment
from roadmap.models.roadmap import Signpost


class SignedInRequest(HttpRequest):
    """A request behind login_required: its user is a person, never anonymous."""

    user: User


def enrollment_of(person: User, road_key: str) -> Enrollment:
    """The person's enrollment on this road; Http404 when she is not on it."""
    enrollment = find_enrollment(person, road_key)
    if enrollment is None:
        raise Http404
    return enrollment


def reader_of(
    person: User | AnonymousUser, road_key: str, post: Signpost | None
) -> tuple[Signpost, Enrollment | None]:
    """The road's signpost and the reader's enrollment, if any; Http404 where there is no road for her to read."""
    if post is None:
        raise Http404
    enrollment = find_enrollment(person, road_key) if isinstance(person, User) else None
    if enrollment is None and not post.is_public and not person.is_staff:
        raise Http404
    return post, enrollment


def find_enrollment(person: User, road_key: str) -> Enrollment | None:
    """The same, or None. The enrollment knows its person without another query."""
    return Enrollment.objects.find(person, road_key)
