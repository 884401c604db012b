from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import MayWrite
from api.schema import PAGING
from api.serializers.roads import Road, RoadLine, RoadPage, StageOfRoad, road_json
from api.views.doors import Door, filtered_by, listed, page_of
from progress.models import Enrollment
from roadmap.models import Roadmap
from roadmap.models.roadmap import Level

SAME = OpenApiResponse(description="What If-None-Match names is still what there is.")
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="An ETag: 304 while it is the same."
)


class OpenDoor(Door):
    """A door for everybody, with or without a token."""

    permission_classes = [MayWrite]


class RoadFilter(forms.Form):
    """Which roads to list."""

    level = forms.ChoiceField(required=False, choices=Level.choices)


class Roads(OpenDoor):
    operation = "roads"

    @extend_schema(
        parameters=[*PAGING, OpenApiParameter("level", enum=Level.values)], responses={200: RoadPage}
    )
    def get(self, request: Request) -> Response:
        """List the roads that everybody may follow."""
        wanted = filtered_by(request, RoadFilter)
        roads = Roadmap.objects.listed()
        if wanted["level"]:
            roads = roads.filter(level=wanted["level"])
        page = page_of(request, roads)
        return Response(listed(request, RoadPage, page, [RoadLine.model_validate(road) for road in page]))


class OneRoad(OpenDoor):
    operation = "road"

    @extend_schema(parameters=[IF_NONE_MATCH], responses={200: Road, 304: SAME})
    def get(self, request: Request, road_key: str) -> HttpResponse:
        """Read a road whole, as its newest edition says it."""
        return frozen(request, readable(request, road_key))


class OneStage(OpenDoor):
    operation = "stage"

    @extend_schema(parameters=[IF_NONE_MATCH], responses={200: StageOfRoad, 304: SAME})
    def get(self, request: Request, road_key: str, stage_key: str) -> HttpResponse:
        """Read one stage of a road."""
        return frozen(request, readable(request, road_key), stage_key)


def readable(request: Request, road_key: str) -> Roadmap:
    """A road this reader may read: a public one, one she is on, or any published one for people at the desk."""
    published = (
        Roadmap.objects.published().select_related("current_edition").defer("current_edition__document")
    )
    roadmap = get_object_or_404(published, key=road_key)
    if roadmap.is_public or _is_hers(request, road_key):
        return roadmap
    raise Http404


def _is_hers(request: Request, road_key: str) -> bool:
    person = request.user
    if not person.is_authenticated:
        return False
    return person.is_staff or Enrollment.objects.of(person).current().on(road_key).exists()


def frozen(request: Request, roadmap: Roadmap, stage_key: str = "") -> HttpResponse:
    """The answer that is the same as long as the edition is; 304 for whoever has it."""
    etag = f'"v1-{roadmap.studied_edition_id}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        answer = HttpResponse(status=304)
    else:
        try:
            answer = HttpResponse(road_json(roadmap, stage_key), content_type="application/json")
        except KeyError as missing:
            raise Http404 from missing
    answer["ETag"], answer["Cache-Control"] = etag, "no-cache"
    return answer
