"""Letters that are written straight on are what the library would have written, and the rest is left to it."""

from __future__ import annotations

import email
import email.policy
from email.message import MIMEPart
from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st

from reminders.emails import wire
from tests.reminders.header_rules import broken_rules

HOST = "learn.example.org"
LIBRARY = {"Content-Type", "Date"}  # the boundary and the moment differ
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r\t."), max_size=400)


SENDER = "Wäymark <letters@learn.example.org>"


def letter(
    subject: str = "Go on",
    text: str = "Hello,\n.\n",
    html: str = "<p>Hello</p>",
    to: str = "ines@example.org",
    sender: str = SENDER,
) -> EmailMultiAlternatives:
    stop = f"https://{HOST}/letters/stop/edition_changed.{'x' * 32}.{'y' * 43}/"
    heads = {
        "Message-ID": f"<{uuid4()}@{HOST}>",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    made = EmailMultiAlternatives(subject, text, sender, [to], headers=heads)
    made.attach_alternative(html, "text/html")
    return made


def by_library(message: EmailMultiAlternatives) -> bytes:
    return bytes(message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]  # Django takes it


def is_straight(message: EmailMultiAlternatives) -> bool:
    return b'boundary="=_' in wire.written(message)


def read(raw: bytes) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Heads and parts as a mail program has them."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    heads = {name: value.strip() for name, value in message.items() if name not in LIBRARY}
    parts = [(part.get_content_type(), _content(part)) for part in message.iter_parts()]
    return heads, parts


def _content(part: MIMEPart) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


@given(subject=TEXTS.map(lambda text: " ".join(text.split())[:200]), text=TEXTS, html=TEXTS)
def test_a_drawn_letter_reads_as_the_library_writes_it(subject, text, html):
    message = letter(subject, text, html)

    assert read(wire.written(message)) == read(by_library(message))


def test_a_letter_is_written_straight_and_right():
    message = letter("Go on – with Base " * 10, "Ünder\nway", "<p>Ünder way</p>")

    assert is_straight(message)
    assert not broken_rules(wire.written(message))
    assert read(wire.written(message)) == read(by_library(message))


@pytest.mark.parametrize(
    "name",
    [
        "Waymark",
        "Lernplattform der Universität für angewandte Wissenschaften",
        "Учебная платформа университета",
        "The Learning House of the Society for the Improvement of Useful Knowledge and Arts",
    ],
)
def test_a_long_name_of_the_sender_is_folded_as_it_has_to_be(name):
    message = letter(sender=f"{name} <letters@learn.example.org>")

    assert is_straight(message)
    assert not broken_rules(wire.written(message))
    assert read(wire.written(message)) == read(by_library(message))


def test_a_sender_that_cannot_be_read_goes_as_it_is_written():
    message = letter(sender="Waymark, Inc. <letters@learn.example.org>")

    assert not is_straight(message)
    assert read(wire.written(message)) == read(by_library(message))


@pytest.mark.parametrize(
    "message",
    [
        letter(to='"ines ines"@example.org'),
        letter(to="ines@exämple.org"),
        letter(text="x" * 999),
        letter(html="<p>" + "ü" * 500),
        letter(subject="A tab\tin it"),
    ],
)
def test_what_is_not_plain_is_left_to_the_library(message):
    written = wire.written(message)

    assert not is_straight(message)
    assert read(written) == read(by_library(message))
    assert max(map(len, written.split(b"\r\n"))) <= wire.LONGEST_LINE


def test_a_text_that_holds_the_boundary_is_left_to_the_library():
    message = letter()
    message.body = "--=_" + message.extra_headers["Message-ID"][1:37]

    assert not is_straight(message)


def test_a_letter_with_more_to_it_is_left_to_the_library():
    message = letter()
    message.attach("plan.ics", "BEGIN:VCALENDAR", "text/calendar")

    assert not is_straight(message)


@pytest.mark.parametrize("name", ["Message-ID", "List-Unsubscribe"])
def test_a_head_with_a_line_break_is_refused(name):
    message = letter()
    message.extra_headers[name] += "\r\nBcc: all@example.org"

    with pytest.raises(ValueError, match="newlines"):
        wire.written(message)


def test_a_subject_with_a_line_break_is_refused():
    with pytest.raises(ValueError, match="newlines"):
        wire.written(letter("Go on\nBcc: all@example.org"))
