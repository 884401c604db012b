"""The mail server or provider: one connection for many letters, and what its answers mean."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from reminders.answers import Answer, Outcome, Place, has_controls, in_one_line, judged
from reminders.emails import providers
from reminders.emails.smtp import BrokenError, NotOursError, Smtp

_DJANGOS_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_OURS = "reminders.emails.smtp.Smtp"
_KNOWS_TAGS_ONLY = frozenset({"MailerSend", "Postal"})

__all__ = ["Answer", "Outcome", "Post", "UnreachableError"]


class UnreachableError(Exception):
    """The mail server cannot be reached, or does not let us in; nothing was sent."""


def yes() -> bool:
    return True


class Post:
    """An open connection; use it with `with`. A connection that breaks is opened anew for the next letter."""

    def __init__(self) -> None:
        self.connection = connection()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def send(self, message: EmailMultiAlternatives, before_end: Callable[[], bool] = yes) -> Answer:
        """Hand one letter over; raises UnreachableError when there is no connection to be had.

        `before_end` is asked once all but the end of the letter is sent (a provider: before anything is): from then on
        nobody knows whether it was taken, until the answer comes. When it says no, the letter is not ended.
        """
        if any(has_controls(address) for address in message.recipients()):
            return Answer(Outcome.NEVER, "An address with control characters can't be written to.")
        self._open()
        if isinstance(self.connection, Smtp):
            return self._by_smtp(message, before_end, self.connection)
        if not before_end():
            return Answer(Outcome.NOT_OURS)
        return self._by_provider(message)

    def _open(self) -> None:
        if isinstance(self.connection, Smtp) and self.connection.is_cut:
            self._drop()
        try:
            self.connection.open()
        except ImproperlyConfigured as trouble:
            raise UnreachableError(str(trouble)) from trouble
        except OSError as trouble:  # SMTPException is one, and so are refused and timed out connections
            self._drop()
            raise UnreachableError(said(trouble)) from trouble

    def _by_smtp(self, message: EmailMultiAlternatives, before_end: Callable[[], bool], smtp: Smtp) -> Answer:
        try:
            smtp.send_one(message, before_end)
        except smtplib.SMTPException as refusal:
            return self._refused(refusal)
        except NotOursError:
            self._drop()
            return Answer(Outcome.NOT_OURS)
        except BrokenError as end:
            self._drop()
            return Answer(Outcome.LOST if end.is_over else Outcome.NOT_NOW, str(end))
        except ValueError as trouble:  # an address that cannot be written so
            return Answer(Outcome.NEVER, str(trouble))
        except BaseException:
            self._drop()  # it stands in the middle of a letter
            raise
        return Answer(Outcome.TAKEN)

    def _refused(self, refusal: smtplib.SMTPException) -> Answer:
        match refusal:
            case smtplib.SMTPRecipientsRefused(recipients=refused):
                ((code, words),) = refused.values()
                return self._judged(code, words, Place.RECIPIENT)
            case smtplib.SMTPSenderRefused(smtp_code=code, smtp_error=words):
                return self._judged(code, words, Place.SENDER)
            case smtplib.SMTPResponseException(smtp_code=code, smtp_error=words):
                return self._judged(code, words, Place.CONTENT)
            case smtplib.SMTPNotSupportedError():
                return Answer(Outcome.NEVER, f"The mail server can't write to such an address: {refusal}")
            case _:
                self._drop()
                return Answer(Outcome.NOT_NOW, said(refusal))

    def _judged(self, code: int, words: bytes | str, at: Place) -> Answer:
        if code == 421:  # the server hangs up
            self._drop()
        return judged(code, _text(words), at)

    def _by_provider(self, message: EmailMultiAlternatives) -> Answer:
        _name_letter(message, self.connection)
        try:
            self.connection.send_messages([message])
        except AnymailError as trouble:
            if providers.never_reached(trouble):
                raise UnreachableError(providers.one_line(trouble)) from trouble
            return providers.judged_error(trouble)
        except ValueError as trouble:
            return Answer(Outcome.NEVER, str(trouble))
        status = getattr(message, "anymail_status", None)
        return providers.judged_status(status.status) if status else Answer(Outcome.TAKEN)

    def _close(self) -> None:
        try:
            self.connection.close()
        except OSError:
            self._drop()

    def _drop(self) -> None:
        if isinstance(self.connection, Smtp):
            self.connection.drop()


def connection(way: Mapping[str, Any] | None = None) -> BaseEmailBackend:
    """The way letters go: what WAYMARK_LETTERS_EMAIL_URL names, else the one of all other mail, which is {}."""
    options = dict(settings.LETTERS_EMAIL if way is None else way)
    backend = options.pop("backend", settings.EMAIL_BACKEND)
    if backend == _DJANGOS_SMTP:
        backend, options = _OURS, {"timeout": settings.LETTERS_CONNECT_TIMEOUT, **options}
    try:
        made: BaseEmailBackend = get_connection(backend, fail_silently=False, **options)
    except (ImproperlyConfigured, TypeError) as trouble:  # a key is missing, or an option that nobody knows
        raise UnreachableError(str(trouble)) from trouble
    return made


def said(trouble: OSError) -> str:
    """Why there is no connection, in one line that a person can act on."""
    match trouble:
        case smtplib.SMTPAuthenticationError(smtp_code=code, smtp_error=words):
            return f"The mail server refuses user name or password: {code} {_text(words)}"
        case smtplib.SMTPResponseException(smtp_code=code, smtp_error=words):
            return f"The mail server refuses us: {code} {_text(words)}"
        case smtplib.SMTPNotSupportedError():
            return f"The mail server does not offer what the settings ask for: {trouble}"
        case ssl.SSLError():
            return f"TLS with the mail server failed: {trouble.reason or trouble}: {trouble}"
        case TimeoutError():
            return "The mail server did not answer in time."
        case _:
            return in_one_line(str(trouble)) or type(trouble).__name__


def _name_letter(message: EmailMultiAlternatives, backend: BaseEmailBackend) -> None:
    """Say which letter it is in the provider's own way: what it tells later of bounces carries it."""
    name = getattr(backend, "esp_name", "")
    letter = str(message.extra_headers.get("Message-ID", "")).strip("<>").partition("@")[0]
    if not name or not letter:
        return
    if name in _KNOWS_TAGS_ONLY:
        message.tags = [letter]  # type: ignore[attr-defined]  # anymail's
    else:
        message.metadata = {"letter": letter}  # type: ignore[attr-defined]  # anymail's


def _text(words: bytes | str) -> str:
    return in_one_line(words.decode(errors="replace") if isinstance(words, bytes) else words)
