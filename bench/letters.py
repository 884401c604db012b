"""One letter: CPU of the product's sender beside the bare one, both into a mail server that takes everything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from statistics import median
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from bench import processes
from bench.scenes import LETTER_GOAL
from lms.embedded import Services

LETTERS = 1000
ROUNDS = 3


class _Sink:
    """Takes and keeps every letter."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    def ordinary(self) -> bytes:
        """One in the middle by size: few are much longer than the others."""
        return sorted(self.letters, key=len)[len(self.letters) // 2]

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        self.letters.append(cast("bytes", envelope.content))
        return "250 Taken"


def measure_letters(services: Services, floor: Mapping[str, str], product: Mapping[str, str]) -> str:
    """A Markdown line: CPU ms a letter of the sending process and the servers, and their ratio; medians of rounds.

    The bare sender sends the words of one of our letters. Ours are planned before, which is told besides.
    """
    worker = {**product, "WAYMARK_ROLE": "worker"}
    ours, bare, planning, size = [], [], [], 0
    for _round in range(ROUNDS):
        processes.run("bench.send", product, "prepare", str(LETTERS))
        planning.append(_per_letter(services, worker, "bench.send", "plan"))
        with _sink(int(product["WAYMARK_EMAIL_URL"].rpartition(":")[2])) as sink:
            ours.append(_per_letter(services, worker, "bench.send", "send"))
        size = len(sink.ordinary())
        with _sink(int(floor["FLOOR_SMTP_PORT"])):
            bare.append(
                _per_letter(services, floor, "bench.floor.send", str(LETTERS), _words(sink.ordinary()))
            )
    ratio = median(x / y for x, y in zip(ours, bare, strict=True))
    verdict = "≤" if ratio <= LETTER_GOAL else "**over**"
    return (
        f"One letter of {size / 1000:.0f} KB: {median(ours):.2f} CPU ms; the bare sender {median(bare):.2f};"
        f" ratio {ratio:.2f} ({verdict} {LETTER_GOAL}). Planning one: {median(planning):.2f} CPU ms."
    )


@contextmanager
def _sink(port: int) -> Iterator[_Sink]:
    """A mail server while the block runs."""
    sink = _Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def _words(letter: bytes) -> str:
    """Text and HTML of a message, as JSON."""
    message = cast("EmailMessage", message_from_bytes(letter, policy=policy.default))
    parts = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    return json.dumps({kind: part.get_content() for kind, part in parts.items() if part})


def _per_letter(services: Services, environment: Mapping[str, str], act: str, *arguments: str) -> float:
    """CPU ms of the process and the servers for each letter that it says it did."""
    roots = [server.process.pid for server in services.servers if server.process]
    before = processes.cpu_seconds(roots)
    said = json.loads(processes.run(act, environment, *arguments))
    return 1000 * (said["cpu_seconds"] + processes.cpu_seconds(roots) - before) / said["count"]
