from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.models import User
from api.forms import EnrollOnRoadForm
from api.refusals import InvalidError
from api.schema import PAGING
from api.serializers.mastery import RoadMastery, road_mastery
from api.serializers.standing import (
    EnrollmentLine,
    EnrollmentPage,
    RoadPlan,
    RoadStanding,
    TickLine,
    TickPage,
    enrollment_line,
    road_plan,
    road_standing,
)
from api.views.doors import Door, listed, page_of, read
from progress.forms import PlanForm
from progress.models import Enrollment, Tick
from progress.models.enrollment import BEFORE_ALL
from progress.pages import mastery_of
from roadmap.keys import is_key
from roadmap.models import Edition, Resource, Roadmap, Stage


class Enrollments(Door):
    operation = "enrollments"

    @extend_schema(parameters=PAGING, responses={200: EnrollmentPage})
    def get(self, request: Request) -> Response:
        """List the roads I am on."""
        page = page_of(request, Enrollment.objects.of(self.person).current())
        return Response(listed(request, EnrollmentPage, page, [enrollment_line(row) for row in page]))

    @extend_schema(
        request=EnrollOnRoadForm,
        responses={
            201: EnrollmentLine,
            200: OpenApiResponse(
                EnrollmentLine, description="You were on this road already; nothing changed."
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Go on a road, with a first plan."""
        now, roadmap = clock.now(), road_named(request, self.person)
        said = read(
            request,
            EnrollOnRoadForm,
            document=Edition.objects.document(roadmap.studied_edition_id),
            today=self.person.today(now),
        )
        stood = self.person.enrollments.current().filter(roadmap=roadmap).exists()
        del said["road"]
        enrollment = Enrollment.objects.enroll(self.person, roadmap, now=now, **said)
        return Response(
            enrollment_line(enrollment),
            status=status.HTTP_200_OK if stood else status.HTTP_201_CREATED,
            headers={"Location": reverse("api:v1:enrollment", args=[roadmap.key])},
        )


class OneEnrollment(Door):
    operation = "enrollment"

    @extend_schema(responses={200: EnrollmentLine})
    def get(self, request: Request, road_key: str) -> Response:
        """Read one enrollment of mine."""
        return Response(enrollment_line(self.enrollment(road_key)))


class OwnStanding(Door):
    operation = "standing"

    @extend_schema(responses={200: RoadStanding})
    def get(self, request: Request, road_key: str) -> Response:
        """Say where I stand: each requirement, met or not, by which facts, and what opens next."""
        return Response(road_standing(self.enrollment(road_key).position(clock.now())))


class Walk(Door):
    operation = "walk"

    @extend_schema(request=None, responses={200: RoadStanding})
    def put(self, request: Request, road_key: str, stage_key: str) -> Response:
        """Walk a stage though a placement says I know it; saying it twice changes nothing."""
        return self._walk(road_key, stage_key, walks=True)

    @extend_schema(responses={200: RoadStanding})
    def delete(self, request: Request, road_key: str, stage_key: str) -> Response:
        """Let a stage that I walked all the same count as known again."""
        return self._walk(road_key, stage_key, walks=False)

    def _walk(self, road_key: str, stage_key: str, *, walks: bool) -> Response:
        try:
            position = self.enrollment(road_key).walk(stage_key, clock.now(), walks=walks)
        except Stage.DoesNotExist as unknown:
            raise Http404 from unknown
        return Response(road_standing(position))


class OwnMastery(Door):
    operation = "mastery"

    @extend_schema(responses={200: RoadMastery})
    def get(self, request: Request, road_key: str) -> Response:
        """Say what my answers tell of each topic of the road, and how unsure that is."""
        now = clock.now()
        position = self.enrollment(road_key).position(now)
        return Response(road_mastery(position.document, mastery_of(position, now)))


class OwnPlan(Door):
    operation = "plan"

    @extend_schema(responses={200: RoadPlan})
    def get(self, request: Request, road_key: str) -> Response:
        """Read the plan I follow."""
        return Response(self.plan(self.enrollment(road_key), clock.now()))

    @extend_schema(request=PlanForm, responses={201: RoadPlan})
    def post(self, request: Request, road_key: str) -> Response:
        """Lay out a new plan over the stages that are not passed; the earlier one is kept."""
        enrollment, now = self.enrollment(road_key), clock.now()
        enrollment.replan(now=now, **read(request, PlanForm, today=self.person.today(now)))
        return Response(self.plan(enrollment, now), status=status.HTTP_201_CREATED)

    def plan(self, enrollment: Enrollment, now: datetime) -> RoadPlan:
        found = road_plan(enrollment.position(now))
        if found is None:
            raise Http404
        return found


class Ticks(Door):
    operation = "ticks"

    @extend_schema(parameters=PAGING, responses={200: TickPage})
    def get(self, request: Request, road_key: str) -> Response:
        """List the resources of this road I have done."""
        enrollment = self.enrollment(road_key)
        ticks = (
            Tick.objects.of(self.person)
            .filter(
                resource__key__in=enrollment.document.resources,
                ticked_at__gte=enrollment.counts_from or BEFORE_ALL,
            )
            .order_by("-ticked_at", "-id")
            .values_list("resource__key", "ticked_at")
        )
        page = page_of(request, ticks)
        return Response(
            listed(request, TickPage, page, [TickLine(resource=key, ticked_at=at) for key, at in page])
        )


class OneTick(Door):
    operation = "tick"

    @extend_schema(responses={200: TickLine})
    def put(self, request: Request, road_key: str, resource_key: str) -> Response:
        """Note that I have done a resource; saying it twice changes nothing."""
        enrollment = self.enrollment(road_key)
        try:
            enrollment.tick(resource_key, clock.now())
        except Resource.DoesNotExist as missing:
            raise Http404 from missing
        tick = Tick.objects.of(self.person).get(resource__key=resource_key)
        return Response(TickLine(resource=resource_key, ticked_at=tick.ticked_at))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, road_key: str, resource_key: str) -> Response:
        """Take a tick back; stages that were passed stay passed."""
        try:
            self.enrollment(road_key).untick(resource_key, clock.now())
        except Resource.DoesNotExist as missing:
            raise Http404 from missing
        return Response(status=status.HTTP_204_NO_CONTENT)


def road_named(request: Request, person: User) -> Roadmap:
    """The road whose key the body names, if the person may go on it; InvalidError when there is none."""
    key = request.data.get("road") if isinstance(request.data, Mapping) else None
    found = Roadmap.objects.open_to(person).filter(key=key).first() if is_key(str(key)) else None
    if found is None:
        raise InvalidError({"road": [gettext("There is no such road.")]})
    return found
