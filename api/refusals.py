"""Refusals, all in one shape: what is wrong, where, and a word for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from api.serializers.problem import Problem
from api.wire import JSON


class InvalidError(exceptions.APIException):
    """A form was not valid; `errors` holds the sentences of each field."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("Some of this can't be taken; see the fields.")
    default_code = "invalid"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__()
        self.errors = errors


class ConflictError(exceptions.APIException):
    """What was asked does not fit how things stand; `code` names why, `detail` says it.

    `kept` are the slots whose answers were kept all the same.
    """

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This does not fit how things stand now.")
    default_code = "conflict"

    def __init__(
        self, code: str, detail: str, until: datetime | None = None, kept: Sequence[int] = ()
    ) -> None:
        super().__init__(detail, code)
        self.until = until
        self.kept = list(kept)


def explain(trouble: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as a Problem; None for what nobody foresaw, which becomes a 500."""
    answer = exception_handler(trouble, context)
    if answer is None:
        return None
    asked = context["request"]  # by a page perhaps, whose renderer can't write what follows
    asked.accepted_renderer, asked.accepted_media_type = JSON(), JSON.media_type
    if isinstance(trouble, Http404):
        trouble = exceptions.NotFound()
    elif isinstance(trouble, PermissionDenied):
        trouble = exceptions.PermissionDenied()
    refusal = trouble if isinstance(trouble, exceptions.APIException) else exceptions.APIException()
    answer.data = Problem(
        code=_code(refusal),
        detail=_detail(refusal),
        errors=refusal.errors if isinstance(refusal, InvalidError) else {},
        until=refusal.until if isinstance(refusal, ConflictError) else None,
        kept=refusal.kept if isinstance(refusal, ConflictError) else [],
    )
    return answer


def _code(refusal: exceptions.APIException) -> str:
    code = refusal.get_codes()
    return code if isinstance(code, str) else refusal.default_code


def _detail(refusal: exceptions.APIException) -> str:
    return str(refusal.detail) if isinstance(refusal.detail, str) else str(refusal.default_detail)
