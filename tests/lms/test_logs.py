"""What a machine reads of each request."""

import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver
from django.urls.converters import IntConverter
from structlog.contextvars import bound_contextvars
from structlog.stdlib import ProcessorFormatter

from lms.logs import REQUESTS, SECRETS, Discreet, discreet, logging_config

SAID: dict[str, Any] = {
    "request_id": "a1",
    "method": "GET",
    "path": "/roads/\u00e9/",
    "status": 200,
    "milliseconds": 1.5,
}


def formatters() -> tuple[logging.Formatter, logging.Formatter]:
    """Ours, and structlog's own with the same processors."""
    named: dict[str, Any] = logging_config(as_json=True, level="INFO", role="web")["formatters"]["line"]
    ours = named.pop("()")(**named)
    named.pop("role")
    return ours, ProcessorFormatter(**named)


def record(name: str = REQUESTS, **said: Any) -> logging.LogRecord:
    return logging.makeLogRecord({"name": name, "msg": "request", "levelname": "INFO", "levelno": 20, **said})


def test_a_requests_line_says_what_structlogs_would():
    ours, structlogs = formatters()
    with bound_contextvars(request_id="a1"):
        line, wanted = (json.loads(each.format(record(**SAID))) for each in (ours, structlogs))

    assert list(line) == list(wanted)
    assert line.pop("timestamp")[-1] == wanted.pop("timestamp")[-1] == "Z"
    assert line == wanted


def test_other_lines_are_structlogs():
    ours, structlogs = formatters()
    other = json.loads(ours.format(record("waymark.letters", msg="sent", count=3)))

    assert (other["event"], other["count"], other["role"]) == ("sent", 3, "web")
    assert (
        other.keys() == json.loads(structlogs.format(record("waymark.letters", msg="sent", count=3))).keys()
    )


SECRET = "Xq7-" * 11


@pytest.mark.parametrize(
    ("path", "named", "said"),
    [
        (f"/calendar/{SECRET}.ics", {"secret": SECRET}, "/calendar/….ics"),
        (f"/letters/stop/{SECRET}/", {"token": SECRET}, "/letters/stop/…/"),
        ("/letters/address/7.1xW.P5w/", {"token": "7.1xW.P5w"}, "/letters/address/…/"),
        (
            f"/calendar/{SECRET}.ics",
            None,
            "/calendar/…",
        ),  # sent on to https before anybody looked where it leads
        ("/roads/from-zero-to-bread/", {"road_key": "from-zero-to-bread"}, "/roads/from-zero-to-bread/"),
        ("/roads/from-zero-to-bread/nowhere/", None, "/roads/from-zero-to-bread/nowhere/"),
    ],
)
def test_addresses_are_told_without_what_opens_doors(path, named, said):
    request = SimpleNamespace(path=path, resolver_match=named and SimpleNamespace(kwargs=named))
    failed = record("django.request", msg="%s: %s", args=("Not Found", path), request=request)

    assert discreet(request) == said
    assert Discreet().filter(failed)
    assert failed.getMessage() == f"Not Found: {said}"
    assert not hasattr(failed, "request")


# What texts in addresses are that open nothing to whoever is not signed in: names of pages, rows, kinds, providers.
TELLING = {
    *(
        "address",
        "app_label",
        "content_type_id",
        "kind",
        "letter_id",
        "name",
        "object_id",
        "provider",
        "quiz_key",
    ),
    *("resource_key", "road_key", "section", "stage_key", "task_key", "topic_key", "uidb36", "url"),
}


def texts(resolver: Any = None) -> set[str]:
    """The names of all that addresses of the house hold besides numbers."""
    found: set[str] = set()
    for entry in (resolver or get_resolver()).url_patterns:
        numbers = {name for name, kind in entry.pattern.converters.items() if isinstance(kind, IntConverter)}
        found |= set(entry.pattern.regex.groupindex) - numbers
        found |= texts(entry) if isinstance(entry, URLResolver) else set()
    return found


def test_what_addresses_hold_is_either_known_to_open_nothing_or_left_out():
    assert texts() - TELLING == SECRETS


def test_what_is_no_request_is_told_as_it_is():
    line = record("waymark.letters", msg="%s left", args=("letter",), request="none")

    assert Discreet().filter(line)
    assert line.getMessage() == "letter left"
