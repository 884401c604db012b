"""Letters as bytes for SMTP. All have one shape, a text and an HTML part under some heads, which is written at once.

`email` builds a tree of parts, folds each head and seeks a boundary in every line: half of what sending a letter costs.
What is not plain, such as a head that would have to be folded, is left to it.
"""

from __future__ import annotations

import re
from email.header import Header
from email.utils import formatdate
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.message import sanitize_address

LONGEST_LINE = 998  # bytes, RFC 5322
_PLAIN_ADDRESS = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@[\w-]+(?:\.[\w-]+)*", re.ASCII)
_PLAIN_HEADS = frozenset({"Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"})


def written(message: EmailMessage) -> bytes:
    """The message as it goes over the wire, lines end with CR and LF, dots are not doubled yet.

    Raises ValueError for heads that hold a line break.
    """
    if isinstance(message, EmailMultiAlternatives) and (straight := _written_straight(message)):
        return straight
    whole: bytes = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own message has it
    return whole


def address(wanted: str) -> str:
    """An address as SMTP and heads have it; what stands before its @ is ASCII. Raises ValueError when it is none."""
    return wanted if _PLAIN_ADDRESS.fullmatch(wanted) else _odd_address(wanted)


@lru_cache(maxsize=64)  # the sender is the same for all
def _odd_address(wanted: str) -> str:
    return sanitize_address(wanted, "utf-8")


def _written_straight(message: EmailMultiAlternatives) -> bytes | None:
    """The same in one go; None where something asks for more than that."""
    if not _is_of_our_shape(message):
        return None
    heads = _heads(message)
    text, html = _part("plain", str(message.body)), _part("html", str(message.alternatives[0][0]))
    boundary = "=_" + message.extra_headers["Message-ID"].strip("<>").partition("@")[0]
    if heads is None or text is None or html is None or boundary in text or boundary in html:
        return None
    return (
        f'{heads}MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\n{text}\r\n--{boundary}\r\n{html}\r\n--{boundary}--\r\n"
    ).encode()


def _is_of_our_shape(message: EmailMultiAlternatives) -> bool:
    kinds = [kind for _content, kind in message.alternatives]
    return (
        kinds == ["text/html"]
        and bool(message.body)
        and len(message.to) == 1
        and not (message.attachments or message.cc or message.bcc or message.reply_to or message.encoding)
        and message.extra_headers.keys() == _PLAIN_HEADS
    )


def _heads(message: EmailMultiAlternatives) -> str | None:
    subject, (to,) = str(message.subject), message.to
    if not all(value.isprintable() for value in (subject, *message.extra_headers.values())):
        return None
    if not _PLAIN_ADDRESS.fullmatch(to):
        return None
    if not subject.isascii():
        subject = Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")
    try:
        sender = address(str(message.from_email)).replace("\n", "\r\n")  # a long name is folded
    except ValueError:
        return None
    others = "".join(f"{name}: {value}\r\n" for name, value in message.extra_headers.items())
    heads = (
        f"Subject: {subject}\r\nFrom: {sender}\r\nTo: {to}\r\n"
        f"Date: {formatdate(localtime=settings.EMAIL_USE_LOCALTIME)}\r\n{others}"
    )
    return heads if heads.isascii() and _is_short(heads) else None


def _part(kind: str, text: str) -> str | None:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    if not _is_short(text):
        return None
    bits = "7bit" if text.isascii() else "8bit"
    return f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {bits}\r\n\r\n{text}'


def _is_short(text: str) -> bool:
    lines = text.split("\r\n")
    longest = max(lines, key=len)
    if 4 * len(longest) <= LONGEST_LINE:  # a character is four bytes at most
        return True
    return all(len(line.encode()) <= LONGEST_LINE for line in lines)
