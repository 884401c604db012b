from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.schema import PAGING
from api.serializers.accommodations import AccommodationPage, accommodation_line
from api.views.doors import Door, listed, page_of
from quizzes.models import Accommodation


class Accommodations(Door):
    operation = "accommodations"

    @extend_schema(parameters=PAGING, responses={200: AccommodationPage})
    def get(self, request: Request) -> Response:
        """List what I am given beyond everybody at quizzes, as long as it holds."""
        mine = Accommodation.objects.of(self.person).current().select_related("quiz__roadmap")
        page = page_of(request, mine.order_by("-given_at", "-pk"))
        return Response(listed(request, AccommodationPage, page, [accommodation_line(row) for row in page]))
