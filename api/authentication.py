"""Who asks: a person by a token of hers, or, in DRF's own way, by her session together with its CSRF token."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import clock
from accounts.models import User
from api.models import Token

CHALLENGE = 'Bearer realm="waymark"'


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer wmk_…`, found by one indexed look-up; whatever is wrong with it, the answer is one."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = clock.now()
        token = Token.objects.valid(now).matching(secret.strip()).select_related("person").first()
        if token is None:
            raise AuthenticationFailed(_("This token is unknown, over or revoked."))
        token.note_use(now)
        return token.person, token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class MayWrite(BasePermission):
    """Tokens that only read are refused where something is written; sessions may do what pages may."""

    message = _("This token may only read. Make one that may write.")
    code = "read_only_token"

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or not isinstance(request.auth, Token) or request.auth.may_write
