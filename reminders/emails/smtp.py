"""SMTP as letters need it: one connection for many, and it is always known whether a letter's end was sent.

Django's own backend has one timeout for everything, can't write to addresses beyond ASCII and doesn't tell a connection
that broke before the end of a letter, which is then surely not taken, from one that broke after it.
"""

from __future__ import annotations

import email.policy
import smtplib
import socket
from collections.abc import Callable
from contextlib import suppress
from email.generator import BytesGenerator
from email.message import Message
from email.utils import parseaddr
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from reminders.emails import wire

# Heads are folded as they should be already; folding them anew would make words of long addresses and tear them apart.
_AS_WRITTEN = email.policy.SMTPUTF8.clone(refold_source="none")


class NotOursError(Exception):
    """The letter passed to somebody else; the server got no end of it and forgets what it got."""


class BrokenError(Exception):
    """The connection broke. `is_over`: the letter's end was sent by then, so that it may have been taken."""

    def __init__(self, said: str, *, is_over: bool) -> None:
        super().__init__(said)
        self.is_over = is_over


class _Careful(smtplib.SMTP):
    """A connection that lets its owner write down that a letter's end is about to be sent."""

    is_over = False

    def __init__(self, *args: Any, **options: Any) -> None:
        self.before_end: Callable[[], bool] = _yes
        super().__init__(*args, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        sock: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # not in the stubs
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the end goes in a packet of its own
        sock.settimeout(
            settings.LETTERS_READ_TIMEOUT
        )  # from here on it is another patience than for connecting
        return sock

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the content, ask whether to end it, end it; the server's last answer."""
        self.is_over = False
        code, said = self.docmd("data")
        if code != 354:
            with suppress(smtplib.SMTPServerDisconnected):
                self.rset()  # smtplib forgets to: the next letter would be a second one inside this one
            raise smtplib.SMTPDataError(code, said)
        self.send(_with_dots_doubled(msg) + (b"" if msg.endswith(b"\r\n") else b"\r\n"))
        if not self.before_end():
            raise NotOursError
        self.send(b".\r\n")
        self.is_over = True
        return self.getreply()


class _CarefulTLS(_Careful, smtplib.SMTP_SSL):
    """The same over TLS from the first byte on."""


class Smtp(EmailBackend):
    """What `get_connection` makes for letters wherever settings name Django's SMTP backend."""

    connection: _Careful | None
    _partial_connection: _Careful | None

    @property
    def connection_class(self) -> type[_Careful]:
        return _CarefulTLS if self.use_ssl else _Careful

    def send_one(self, message: EmailMessage, before_end: Callable[[], bool]) -> None:
        """Hand over one letter on the open connection; whatever the server refuses is raised as smtplib raises it."""
        assert self.connection is not None  # noqa: S101  # Post has opened it
        self.connection.before_end, self.connection.is_over = before_end, False
        try:
            self._hand_over(message, self.connection)
        except (smtplib.SMTPServerDisconnected, OSError) as end:
            if isinstance(end, smtplib.SMTPException) and not isinstance(end, smtplib.SMTPServerDisconnected):
                raise
            raise BrokenError(str(end), is_over=self.connection.is_over) from end

    @property
    def is_cut(self) -> bool:
        """Whether the server hung up while the last letter was given up, which is found out only then."""
        return self.connection is not None and self.connection.sock is None

    def drop(self) -> None:
        """Let the connection go without a word: in the middle of a letter a QUIT would become a part of it."""
        for connection in (self.connection, self._partial_connection):
            if connection is not None:
                connection.close()
        self.connection = self._partial_connection = None

    def _hand_over(self, message: EmailMessage, connection: _Careful) -> None:
        connection.ehlo_or_helo_if_needed()
        (recipient,) = message.recipients()
        options = ["BODY=8BITMIME"] if connection.has_extn("8bitmime") else []
        if is_beyond_ascii(recipient):
            options.append("SMTPUTF8")
            body = _with_plain_address(message.message(), recipient)
        else:
            recipient, body = wire.address(recipient), wire.written(message)
        sender = settings.LETTERS_BOUNCE_ADDRESS or wire.address(message.from_email)
        connection.sendmail(sender, [recipient], body, mail_options=options)


def _with_dots_doubled(content: bytes) -> bytes:
    """A line that begins with a dot would otherwise end the letter, or lose it (RFC 5321, 4.5.2)."""
    return (b"." if content.startswith(b".") else b"") + content.replace(b"\n.", b"\n..")


def is_beyond_ascii(address: str) -> bool:
    """Whether what stands before the @ is no ASCII, so that only SMTPUTF8 (RFC 6531) can carry it."""
    return not address.isascii() and not parseaddr(address)[1].rpartition("@")[0].isascii()


def _with_plain_address(content: Message, recipient: str) -> bytes:
    """The message with the recipient written as she writes herself, not in the encoding of words."""
    if "\r" in recipient or "\n" in recipient:
        raise ValueError("An address of several lines can't be written to.")
    del content["To"]
    Message.__setitem__(content, "To", recipient)
    written = BytesIO()
    generator = BytesGenerator(written, mangle_from_=False, policy=_AS_WRITTEN)
    generator.flatten(content)  # type: ignore[arg-type]  # the stubs know one policy, it takes any
    return written.getvalue()


def _yes() -> bool:
    return True
