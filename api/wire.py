"""What goes over the wire: shapes and rows as JSON, and JSON into values that a form can read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel
from rest_framework import exceptions
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer


class JSON(BaseRenderer):
    """Shapes are written by pydantic; bytes are JSON already."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        if isinstance(data, bytes):
            return data
        if isinstance(data, BaseModel):
            return data.model_dump_json().encode()
        return json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False).encode()


class StrictJSON(JSONParser):
    """JSON whose text can be stored: no NUL and no half of a surrogate pair, which PostgreSQL refuses."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            value = super().parse(stream, media_type, parser_context)
            is_storable = _is_storable(value)
        except RecursionError as deep:
            raise exceptions.ParseError(_("This is nested too deeply to be read.")) from deep
        if not is_storable:
            raise exceptions.ParseError(_("This text holds characters that can't be stored."))
        return value


def _is_storable(value: Any) -> bool:
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\\u0000" not in text  # json.dumps writes NUL so, and a backslash before u as two


def page_of_lines(addresses: dict[str, Any], lines: str) -> bytes:
    """A page whose results are JSON already."""
    return f'{json.dumps(addresses)[:-1]}, "results": {lines}}}'.encode()
