"""Mail in development: each letter is a file below `var/mail`, and /dev/mail/ shows them. Not there in production."""

import email
import email.policy
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage as StandardMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class MailboxBackend(BaseEmailBackend):
    """Writes each message as one .eml file, complete at once, so that a reader never sees half a letter."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAILBOX)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{time.time_ns()}-{secrets.token_hex(4)}"
            (folder / f"{name}.part").write_bytes(message.message().as_bytes())
            (folder / f"{name}.part").rename(folder / f"{name}.eml")
        return len(email_messages)


@dataclass(frozen=True)
class Mail:
    """One letter in the mailbox; `name` is its file's name without ending."""

    name: str
    message: StandardMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def sent_at(self) -> datetime | None:
        header = self.message["Date"]
        return header.datetime if header else None

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""


def newest_first() -> list[Mail]:
    files = sorted(Path(settings.MAILBOX).glob("*.eml"), reverse=True)
    return [_read(file) for file in files[:200]]


def named(name: str) -> Mail | None:
    """The letter of that name, or None; `name` comes from a URL pattern that allows no dots or slashes."""
    file = Path(settings.MAILBOX) / f"{name}.eml"
    return _read(file) if file.is_file() else None


def _read(file: Path) -> Mail:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    return Mail(file.stem, message)
