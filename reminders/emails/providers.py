"""What an error of a mail provider's API (django-anymail) means, in the same words as an answer of SMTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError
from urllib3.exceptions import SSLError as TLSError

from reminders.answers import LONGEST, Answer, Outcome, in_one_line

_WAIT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_AMAZONS_NEVER_CONNECTED = frozenset(
    {"EndpointConnectionError", "ConnectTimeoutError", "NoCredentialsError", "NoRegionError"}
)
_NEVER_CONNECTED = (NewConnectionError, ConnectTimeoutError, TLSError)


def never_reached(trouble: AnymailError) -> bool:
    """Whether nothing was sent: the provider's name, address or TLS did not work, or there is no key."""
    unconnected = requests.exceptions.ConnectTimeout | requests.exceptions.SSLError
    if isinstance(trouble, unconnected) or type(trouble.__cause__).__name__ in _AMAZONS_NEVER_CONNECTED:
        return True
    if isinstance(trouble, AnymailAPIError) and isinstance(
        trouble, ValueError
    ):  # no address that can be asked
        return True
    if not isinstance(trouble, requests.exceptions.ConnectionError):
        return False
    inner = trouble.__cause__.args[0] if trouble.__cause__ and trouble.__cause__.args else None
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, _NEVER_CONNECTED)


def judged_error(trouble: AnymailError) -> Answer:
    """What became of the letter. What is neither a yes nor about its recipient is about this house."""
    said = one_line(trouble)
    if isinstance(trouble, AnymailRecipientsRefused):
        return Answer(Outcome.NEVER, said, is_recipients=True, is_gone=True)
    if isinstance(trouble, AnymailInvalidAddress | AnymailUnsupportedFeature | AnymailSerializationError):
        return Answer(Outcome.NEVER, said)
    if not isinstance(trouble, AnymailAPIError):
        return Answer(Outcome.REFUSES_US, said)
    status = _status(trouble)
    if status is None or status < 300:  # no answer at all, or a yes that can't be read
        return Answer(Outcome.LOST, said)
    if status in _WAIT or status >= 500:
        return Answer(Outcome.NOT_NOW, said)
    return Answer(Outcome.REFUSES_US, said)


def judged_status(statuses: set[str | None]) -> Answer:
    """What a yes means that says how the recipient fared."""
    if statuses == {"failed"}:
        return Answer(Outcome.NOT_NOW, "failed")
    return Answer(Outcome.TAKEN)


def one_line(trouble: BaseException) -> str:
    return in_one_line(str(trouble))[:LONGEST] or type(trouble).__name__


def _status(trouble: Any) -> int | None:
    """The status of the provider's answer; Amazon's library has it elsewhere than all others."""
    if trouble.status_code is not None:
        return int(trouble.status_code)
    answer = getattr(trouble.__cause__, "response", None)
    if isinstance(answer, dict):
        found = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return int(found) if found else None
    return None
