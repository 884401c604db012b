"""Logs: one JSON object a line, with the id of its request; short lines for a developer. No Django here."""

import json
import logging
import re
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
# What they say at INFO every few seconds: worth keeping where a machine reads, not where a developer does.
_CHATTY = ("gunicorn.error", "celery.beat", "celery.worker.strategy", "celery.app.trace", "kombu")


REQUESTS = "waymark.requests"
_OF_A_REQUEST = ("method", "path", "status", "milliseconds")
SECRETS = {
    "key",
    "token",
    "secret",
}  # what addresses of letters, calendars, confirmations and resets call theirs
_LONG = re.compile(r"(?<=/)[\w:.~-]{32,}")  # as secrets look where nobody says yet what an address names


class Line(structlog.stdlib.ProcessorFormatter):
    """structlog's, but what is said of each request is written straight: the same line for a tenth of the work."""

    def __init__(self, *args: Any, role: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role = role

    def format(self, record: logging.LogRecord) -> str:
        if record.name != REQUESTS or not self.role or not hasattr(record, "milliseconds"):
            return super().format(record)
        said = record.__dict__
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        return json.dumps(
            {
                "event": record.msg,
                "request_id": said["request_id"],
                "logger": record.name,
                "level": record.levelname.lower(),
                **{name: said[name] for name in _OF_A_REQUEST},
                "timestamp": at.replace("+00:00", "Z"),
                "role": self.role,
            }
        )


class Discreet(logging.Filter):
    """What Django says of a request that failed names its address without secrets; the request itself stays out."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = record.__dict__.pop("request", None)
        if hasattr(request, "path") and isinstance(record.args, tuple):
            record.args = tuple(discreet(request) if said == request.path else said for said in record.args)
        return True


def discreet(request: Any) -> str:
    """The address as the log may hold it: nobody opens a door with what she reads there."""
    path: str = request.path
    match = getattr(request, "resolver_match", None)
    if match is None:  # it was answered before anybody looked where it leads
        return _LONG.sub("…", path)
    for name in SECRETS & set(match.kwargs):
        path = path.replace(match.kwargs[name], "…")
    return path


def logging_config(*, as_json: bool, level: str, role: str = "command") -> dict[str, Any]:
    """A `logging.config` dictionary: everything to standard error, in one shape; `role` is on each JSON line."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": Line,
                "role": role if as_json else "",
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *_drawing(as_json=as_json, role=role),
                ],
            }
        },
        "filters": {"discreet": {"()": Discreet}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["discreet"]}
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "ERROR"},  # lms.middleware.RequestLog says the rest
            "gunicorn.access": {"level": "ERROR"},  # the same
            **{
                name: {"handlers": [], "level": level if as_json else "WARNING", "propagate": True}
                for name in _CHATTY
            },
        },
    }


def _drawing(*, as_json: bool, role: str) -> list[Any]:
    if not as_json:
        return [_short_line]

    def say_role(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {**event, "role": role}

    return [say_role, structlog.processors.JSONRenderer()]


def _short_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """As in `12:04:31 GET /roads/ 200, 12.3 ms` or `12:04:31 warning: No answer`; a trace follows below."""
    said = str(event["event"])
    if said == "request" and "status" in event:
        said = f"{event['method']} {event['path']} {event['status']}, {event['milliseconds']} ms"
    level = "" if event["level"] in {"info", "debug"} else f"{event['level']}: "
    trace = f"\n{event['exception']}" if "exception" in event else ""
    return f"{event['timestamp'][11:19]} {level}{said}{trace}"
