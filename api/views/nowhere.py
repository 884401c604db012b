from __future__ import annotations

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from api.views.doors import Door


@extend_schema(exclude=True)
class Nowhere(Door):
    """Every address below /api/v1/ that no other door answers: a Problem, not a page."""

    operation = "nowhere"
    authentication_classes = []
    permission_classes = []

    def initial(self, request: Request, address: str) -> None:
        super().initial(request)
        raise NotFound(gettext("There is nothing at this address. All addresses end with a slash."))
