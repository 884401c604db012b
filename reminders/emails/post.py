"""The mail server: one connection for many letters, and what its answers mean."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend


class UnreachableError(Exception):
    """The mail server cannot be reached, or does not let us in; nothing was sent."""


class Outcome(StrEnum):
    TAKEN = "taken"
    NOT_NOW = "not now"
    NEVER = "never"
    LOST = "lost"  # the connection broke: it may have been taken or not


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server made of one letter, and what it said."""

    outcome: Outcome
    said: str = ""


class Post:
    """An open connection; use it with `with`. A connection that breaks is opened anew for the next letter."""

    def __init__(self) -> None:
        self.connection: BaseEmailBackend = get_connection(fail_silently=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, message: EmailMultiAlternatives) -> Answer:
        """Hand one letter to the server; raises UnreachableError when there is no connection to be had."""
        self._open()
        try:
            self.connection.send_messages([message])
        except smtplib.SMTPRecipientsRefused as refusal:
            return self._refused(*next(iter(refusal.recipients.values())))
        except smtplib.SMTPResponseException as refusal:
            return self._refused(refusal.smtp_code, refusal.smtp_error)
        except (smtplib.SMTPNotSupportedError, ValueError) as refusal:  # an address that cannot be written so
            return Answer(Outcome.NEVER, str(refusal))
        except OSError as end:
            self._close()
            return Answer(Outcome.LOST, str(end))
        return Answer(Outcome.TAKEN)

    def _open(self) -> None:
        try:
            self.connection.open()
        except OSError as trouble:  # SMTPException is one, and so are refused and timed out connections
            raise UnreachableError(str(trouble)) from trouble

    def _refused(self, code: int, said: bytes | str) -> Answer:
        if code == 421:  # the server hangs up
            self._close()
        words = said.decode(errors="replace") if isinstance(said, bytes) else said
        outcome = Outcome.NEVER if 500 <= code < 600 else Outcome.NOT_NOW
        return Answer(outcome, f"{code} {' '.join(words.split())}")

    def _close(self) -> None:
        try:
            self.connection.close()
        except OSError:
            self.connection = get_connection(fail_silently=False)
