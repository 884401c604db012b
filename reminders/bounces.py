"""Reads mail that says what became of other mail: delivery reports (RFC 3464, 6533) and complaints (RFC 5965).

Everything in such a mail may be forged, so that nothing here is believed: `Notice` holds what it claims. Plain; never
raises, whatever the bytes.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum
from uuid import UUID

from reminders.answers import in_one_line

MOST_BYTES = 300_000  # what counts stands before the letter that is given back, and ours are small
LONGEST_FIELD = 4_000  # of a header, as far as it is read
# Parameters of a content type are read in a time that grows with the square of their length, in every part of a mail.
_LONGEST_TYPE = 1_000
_TYPES = re.compile(
    rb"(?:\A|[\r\n])content-type[ \t]*:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*", re.IGNORECASE
)
_REPORTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_COPIES = frozenset({"message/rfc822", "message/global"})
_HEADERS = frozenset({"text/rfc822-headers", "message/global-headers"})
_UUID = re.compile(
    r"<?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@([^\s<>@]+)>?", re.IGNORECASE
)
_HARMLESS = frozenset({"not-spam", "opt-out", "auth-failure"})


class Fate(StrEnum):
    FAILED = "failed"
    COMPLAINED = "complained"
    STOPPED = "stopped"  # the provider's own way to unsubscribe was used


@dataclass(frozen=True, slots=True)
class Notice:
    """What a report claims of one letter: its Message-ID, whom it was for, and what a server said of it.

    `recipients` are all addresses under which the report names her, the one it speaks of first. `is_gone` is what a
    provider says in words of its own: there is no such mailbox, or it knows so from before. `is_about_us` is another:
    the receiver has something against this house or what it wrote, whatever its code says.
    """

    fate: Fate
    message_id: str
    recipients: tuple[str, ...]
    said: str = ""
    is_gone: bool = False
    is_about_us: bool = False

    def letter(self, host: str) -> UUID | None:
        """Which letter of the house at `host` this is about; None when it is none of ours."""
        return letter_named(self.message_id, host)


def letter_named(message_id: str, host: str) -> UUID | None:
    """The id that a Message-ID of ours is made of."""
    found = _UUID.fullmatch(message_id.strip())
    return UUID(found[1]) if found and found[2].lower() == host.lower() else None


def read(raw: bytes) -> tuple[Notice, ...]:
    """The notices of one mail; none when it is no report, or one that says that all is well so far."""
    try:
        return tuple(_notices(_parsed(raw[:MOST_BYTES])))
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ):  # what email makes of broken mail
        return ()


def _parsed(raw: bytes) -> Message:
    """Raises ValueError for what is made to be read for long."""
    if any(len(found[0]) > _LONGEST_TYPE for found in _TYPES.finditer(raw)):
        raise ValueError("No mail server writes so long a content type.")
    return email.message_from_bytes(raw)


def _notices(mail: Message) -> Iterator[Notice]:
    parts = list(mail.walk())
    original = next(filter(None, map(_original, parts)), None)
    if original is None:
        return
    message_id, written_to = _header(original, "Message-ID"), parseaddr(_header(original, "To"))[1].lower()
    for part in parts:
        if part.get_content_type() in _REPORTS:
            yield from _failures(part, message_id, written_to)
        elif part.get_content_type() == "message/feedback-report":
            yield from _complaints(part, message_id, written_to)


def _original(part: Message) -> Message | None:
    """The head of the letter that a report gives back, from the part that holds it."""
    kind = part.get_content_type()
    payload = part.get_payload()
    if kind in _COPIES and isinstance(payload, list) and payload:
        return _message(payload[0])
    if kind in _HEADERS:
        text = part.get_payload(decode=True)
        return _parsed(text) if isinstance(text, bytes) else _first(payload)
    return None


def _failures(report: Message, message_id: str, written_to: str) -> Iterator[Notice]:
    """One notice a recipient whom the report calls failed; delays are no failures yet."""
    for block in _blocks(report):
        if _header(block, "Action").lower() == "failed":
            names = (_address(block, "Final-Recipient"), _address(block, "Original-Recipient"), written_to)
            code = _header(block, "Diagnostic-Code").partition(";")[2] or _header(block, "Diagnostic-Code")
            said = " ".join(f"{_header(block, 'Status')} {code}".split())
            yield Notice(Fate.FAILED, message_id, tuple(dict.fromkeys(filter(None, names))), said[:300])


def _complaints(report: Message, message_id: str, written_to: str) -> Iterator[Notice]:
    fields = _first(report.get_payload()) or report
    kind = _header(fields, "Feedback-Type").lower()
    if kind and kind not in _HARMLESS:
        names = (_address(fields, "Original-Rcpt-To"), written_to)
        yield Notice(Fate.COMPLAINED, message_id, tuple(dict.fromkeys(filter(None, names))), kind[:300])


def _blocks(report: Message) -> Iterator[Message]:
    """The groups of fields of a delivery report: one about the mail, then one for each recipient."""
    payload = report.get_payload()
    if isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))
    elif isinstance(text := report.get_payload(decode=True), bytes):
        yield from (_parsed(block) for block in re.split(rb"\r?\n\r?\n", text))


def _address(fields: Message, name: str) -> str:
    """The address in a field such as “rfc822; ines@example.org”."""
    value = _header(fields, name)
    return parseaddr(value.partition(";")[2] if ";" in value else value)[1].lower()


def _header(message: Message, name: str) -> str:
    return in_one_line(str(message.get(name, ""))[:LONGEST_FIELD])


def _first(payload: object) -> Message | None:
    return _message(payload[0]) if isinstance(payload, list) and payload else None


def _message(found: object) -> Message | None:
    return found if isinstance(found, Message) else None
