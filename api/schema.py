"""How the API describes itself: forms as request bodies, and on every operation the refusals all of them share."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiParameter
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated

from api.serializers.problem import Problem

PAGING = [
    OpenApiParameter("page", {"type": "integer", "minimum": 1, "default": 1}, description="Counted from 1."),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
]
ALWAYS = {
    406: "Only application/json is spoken here.",
    429: "Too many requests in this minute; see Retry-After.",
}
WITH_PERSON = {401: "No token, an unknown one, or one that is over or revoked."}
WITH_BODY = {
    400: "The body can't be read.",
    413: "The body is too large.",
    415: "The body has a media type that is not read here.",
    422: "The body was read; some of it can't be taken.",
}

SHAPES: dict[
    type[forms.Field], dict[str, str]
] = {  # the first that fits, so heirs stand before their parents
    forms.DecimalField: {"type": "number"},
    forms.IntegerField: {"type": "integer"},
    forms.BooleanField: {"type": "boolean"},
    forms.DateField: {"type": "string", "format": "date"},
    forms.UUIDField: {"type": "string", "format": "uuid"},
    forms.FileField: {"type": "string", "format": "binary"},
    forms.URLField: {"type": "string", "format": "uri"},
    forms.JSONField: {},
}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    target_class = "api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A personal token from /settings/tokens/."}


class Schema(AutoSchema):
    """drf-spectacular's, with tags by noun and the shared refusals written into every operation."""

    def _get_serializer(self) -> None:
        """No guess: doors say their shapes."""

    def _is_list_view(self, serializer: object = None) -> bool:
        return False  # lists have shapes of their own

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").partition("/")[0]]

    def get_summary(self) -> str:
        """The door's own sentence, so that a list of operations can be read."""
        return self.get_description().partition("\n")[0].rstrip(".")

    def get_operation_id(self) -> str:
        """The door and the method: roads_get, ticks_list_get."""
        name: str = self.view.operation  # type: ignore[attr-defined]  # all our doors have one
        return f"{name}_{self.method.lower()}"

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code, why in self._refusals().items():
            body = self._get_response_for_code(Problem, str(code), ["application/json"])  # type: ignore[no-untyped-call]  # drf-spectacular's
            bodies.setdefault(str(code), {**body, "description": why})
        return dict(sorted(bodies.items()))

    def _refusals(self) -> dict[int, str]:
        found = dict(ALWAYS)
        if any(isinstance(permission, IsAuthenticated) for permission in self.view.get_permissions()):
            found |= WITH_PERSON
        if self.method not in SAFE_METHODS:
            found |= {403: "The token may only read, or a session without its CSRF token."}
        if "{" in self.path or PAGING[0] in self.get_override_parameters():
            found |= {404: "There is no such thing or no such page, or it is not yours."}
        if self.method == "GET" and PAGING[0] in self.get_override_parameters():
            found |= {422: "A parameter can't be taken."}
        if self.get_request_serializer():
            found |= WITH_BODY
        return found


class FormShape(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # as above
    """A Django form as the body of a request, so that the description never says other than the form does."""

    target_class = "django.forms.BaseForm"
    match_subclasses = True

    def get_name(self, auto_schema: AutoSchema, direction: Direction) -> str:
        return str(self.target.__name__)

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        fields = self.target.base_fields
        return {
            "type": "object",
            "description": (self.target.__doc__ or "").strip(),
            "properties": {name: _described(field) for name, field in fields.items()},
            "required": [name for name, field in fields.items() if field.required] or None,
            "additionalProperties": False,
        }


def _described(field: forms.Field) -> dict[str, Any]:
    shape = _shape(field)
    if field.label or field.help_text:
        shape["description"] = " – ".join(str(text) for text in (field.label, field.help_text) if text)
    if not field.required and isinstance(shape.get("type"), str):
        shape["type"] = [shape["type"], "null"]
    return shape


def _shape(field: forms.Field) -> dict[str, Any]:
    shape = next(
        (dict(shape) for kind, shape in SHAPES.items() if isinstance(field, kind)), {"type": "string"}
    )
    bounds = {
        "minimum": getattr(field, "min_value", None),
        "maximum": getattr(field, "max_value", None),
        "minLength": getattr(field, "min_length", None),
        "maxLength": getattr(field, "max_length", None) if shape.get("format") != "binary" else None,
        "enum": [key for key, _label in getattr(field, "choices", ())] or None,
    }
    return shape | {name: _plain(bound) for name, bound in bounds.items() if bound is not None}


def _plain(bound: Any) -> Any:
    return int(bound) if isinstance(bound, Decimal) else bound
