"""What mail programs, RFC 5322, 8058, 3834 and 2046 want of every letter; each rule that is broken, as a sentence."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from uuid import UUID

LONGEST_LINE = 998
LONGEST_SUBJECT = 200
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "List-Unsubscribe")
NEVER = ("Bcc", "Cc", "Return-Path", "X-Mailer", "Reply-To", "Sender", "Precedence")


def broken_rules(raw: bytes, host: str = "learn.example.org") -> list[str]:
    """Every rule that a letter breaks, given its bytes as they went to the server (without the final dot)."""
    letter = email.message_from_bytes(raw, policy=email.policy.default)
    return [said for rule in RULES for said in rule(raw, letter, host)]


def lines(raw: bytes, _letter: EmailMessage, _host: str) -> Iterator[str]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield "a line does not end with CR and LF"
    if any(len(line) > LONGEST_LINE for line in raw.split(b"\r\n")):
        yield f"a line is longer than {LONGEST_LINE} bytes"
    if b"\0" in raw:
        yield "it holds a NUL"
    head = raw.partition(b"\r\n\r\n")[0]
    if not all(line.isascii() for line in head.split(b"\r\n") if not line.startswith(b"To: ")):
        yield "a head is not written in ASCII"
    if not (to := field(raw, "To")).rpartition("@")[0].isascii() and "=?" in to:
        yield "To is written half as it is and half as an encoded word"
    if any(not re.match(rb"[!-9;-~]+:|[ \t]+\S", line) for line in head.split(b"\r\n")):
        yield "a line of the head is neither a field nor its continuation"


def field(raw: bytes, name: str) -> str:
    """What stands in a field of the head, as machines read it: unfolded, encoded words left as they are."""
    head = re.sub(rb"\r\n(?=[ \t])", b"", raw.partition(b"\r\n\r\n")[0])
    found = re.search(
        rb"^" + name.encode() + rb":[ \t]*(.*?)[ \t]*$", head.replace(b"\r\n", b"\n"), re.MULTILINE
    )
    return found[1].decode(errors="replace") if found else ""


def counts(_raw: bytes, letter: EmailMessage, _host: str) -> Iterator[str]:
    for name in ONCE:
        if len(letter.get_all(name, [])) != 1:
            yield f"{name} stands {len(letter.get_all(name, []))} times"
    for name in NEVER:
        if name in letter:
            yield f"{name} has no place in it"


def names(raw: bytes, letter: EmailMessage, host: str) -> Iterator[str]:
    message_id = field(raw, "Message-ID")
    left, _at, right = message_id.strip("<>").partition("@")
    try:
        UUID(left)
    except ValueError:
        yield "Message-ID does not name the letter"
    if right != host or not re.fullmatch(r"<[^<>\s]+>", message_id):
        yield "Message-ID is not of this house"
    for name in ("From", "To"):
        found: tuple[Address, ...] = letter[name].addresses if letter[name] else ()
        if len(found) != 1 or not found[0].username or "." not in found[0].domain:
            yield f"{name} is not one whole address"


def dates(_raw: bytes, letter: EmailMessage, _host: str) -> Iterator[str]:
    if letter["Date"] is None or letter["Date"].datetime is None:
        yield "Date is no date"


def subject(_raw: bytes, letter: EmailMessage, _host: str) -> Iterator[str]:
    said = str(letter["Subject"] or "")
    if not said.strip():
        yield "Subject is empty"
    if len(said) > LONGEST_SUBJECT:
        yield "Subject is too long"
    if re.search(r"[\r\n\x00-\x1f]", said):
        yield "Subject holds control signs"


def machine(raw: bytes, _letter: EmailMessage, host: str) -> Iterator[str]:
    if field(raw, "Auto-Submitted") != "auto-generated":
        yield "Auto-Submitted does not say that a machine wrote it"
    if not re.fullmatch(rf"<https://{re.escape(host)}/[!-;=?-~]+>", field(raw, "List-Unsubscribe")):
        yield "List-Unsubscribe is no https address of this house"
    if field(raw, "List-Unsubscribe-Post") != "List-Unsubscribe=One-Click":
        yield "List-Unsubscribe-Post does not offer one click"


def parts(_raw: bytes, letter: EmailMessage, _host: str) -> Iterator[str]:
    if letter.get_content_type() != "multipart/alternative":
        yield "it is not multipart/alternative"
        return
    kinds = [part.get_content_type() for part in letter.iter_parts()]
    if kinds != ["text/plain", "text/html"]:
        yield f"its parts are {kinds}, not text and then HTML"
    for part in letter.iter_parts():
        if part.get_content_charset() != "utf-8":
            yield f"{part.get_content_type()} is not in UTF-8"
        if not str(part.get_content()).strip():
            yield f"{part.get_content_type()} is empty"
    if letter.defects or any(part.defects for part in letter.walk()):
        yield "its structure has defects"


RULES: tuple[Callable[[bytes, EmailMessage, str], Iterator[str]], ...] = (
    lines,
    counts,
    names,
    dates,
    subject,
    machine,
    parts,
)
