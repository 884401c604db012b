"""What a mail server's answer to one letter means: for the letter, for the address, and for all other letters.

Codes are those of RFC 5321, enhanced codes those of RFC 3463. Plain: knows neither sockets nor Django.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 200
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_SIGN_IN = frozenset({530, 534, 535, 538})
_OUR_OWN_ADDRESS = frozenset({7, 8})  # X.1.7 and X.1.8 speak of the sender's


class Outcome(StrEnum):
    TAKEN = "taken"
    NOT_NOW = "not now"
    NEVER = "never"
    LOST = "lost"  # the connection broke after the end was sent: it may have been taken or not
    REFUSES_US = "refuses us"  # what it says is about this house, not about the letter or its reader
    NOT_OURS = "not ours"  # it passed to somebody else before its end was sent


class Place(StrEnum):
    """What the server was asked when it answered so."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server made of one letter, and what it said.

    `is_recipients`: it refused because of the recipient's mailbox. `is_gone`: there is no such mailbox.
    """

    outcome: Outcome
    said: str = ""
    is_recipients: bool = False
    is_gone: bool = False

    @property
    def speaks_for_the_server(self) -> bool:
        """Whether the server works: it took the letter, or refused it for the recipient's sake alone."""
        return self.outcome == Outcome.TAKEN or self.is_recipients


def judged(code: int, said: str, at: Place) -> Answer:
    """What an answer of SMTP means that is not a yes. `said` is the server's text without the code."""
    said = in_one_line(said)
    text = f"{code} {said}"[:LONGEST]
    level, subject, detail = enhanced(said)
    if not 500 <= code < 600:
        busy_for_her = code != 421 and at == Place.RECIPIENT and subject in {None, 1, 2}
        return Answer(Outcome.NOT_NOW, text, is_recipients=busy_for_her)
    if at == Place.SENDER or code in _SIGN_IN or subject == 7:
        return Answer(Outcome.REFUSES_US, text)
    if subject == 1:
        if detail in _OUR_OWN_ADDRESS:
            return Answer(Outcome.REFUSES_US, text)
        return Answer(Outcome.NEVER, text, is_recipients=True, is_gone=level == 5)
    is_hers = subject == 2 or (at == Place.RECIPIENT and subject in {None, 0, 4})
    return Answer(Outcome.NEVER, text, is_recipients=is_hers)


def in_one_line(said: str) -> str:
    """A text of somebody else on one line, without the characters that end heads of letters or that no table takes."""
    return " ".join(_CONTROLS.sub(" ", said).split())


def has_controls(text: str) -> bool:
    return _CONTROLS.search(text) is not None


def enhanced(said: str) -> tuple[int | None, int | None, int | None]:
    """The enhanced code in a text, as in (5, 1, 1) for “5.1.1 no such mailbox”; the first that says what is wrong."""
    found: list[tuple[int | None, int | None, int | None]]
    found = [(int(level), int(subject), int(detail)) for level, subject, detail in _ENHANCED.findall(said)]
    telling = [code for code in found if code[1] != 0]
    return (telling or found or [(None, None, None)])[0]
