from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from api.models import Token
from api.serializers.people import Me, me
from api.views.doors import Door


class OwnSelf(Door):
    operation = "me"

    @extend_schema(responses={200: Me})
    def get(self, request: Request) -> Response:
        """Say who asks, and by which token."""
        token = request.auth if isinstance(request.auth, Token) else None
        return Response(me(self.person, token, clock.now()))
