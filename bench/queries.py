"""SQL queries of each scene, counted in this process with the product's own settings."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.load import Request
from bench.scenes import HOST, SCENES


def count_queries(data: dict[str, Any]) -> dict[str, int]:
    """Queries of the second request of each scene: the first one fills caches that stay filled."""
    counts = {}
    for scene in SCENES:
        first, second = scene.requests(data, 0, 2)
        _send(first)
        with CaptureQueriesContext(connection) as captured:
            _send(second)
        counts[scene.name] = len(captured)
    return counts


def _send(request: Request) -> None:
    client = Client(SERVER_NAME=HOST, enforce_csrf_checks=False)
    headers = {name: value for name, value in request.headers.items() if name not in {"Host", "Content-Type"}}
    answer = client.generic(
        request.method,
        request.path,
        request.body or b"",
        content_type=request.headers.get("Content-Type", "text/plain"),
        headers=headers,
        secure=True,
    )
    if answer.status_code != request.expect:
        raise AssertionError(f"{request.path} gave {answer.status_code}")
