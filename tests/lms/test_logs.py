"""What a machine reads of each request."""

import json
import logging
from typing import Any

from structlog.contextvars import bound_contextvars
from structlog.stdlib import ProcessorFormatter

from lms.logs import REQUESTS, logging_config

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
