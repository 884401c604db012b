"""One letter: CPU of the product's sender beside the bare one, both into a mail server that takes everything."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiosmtpd.controller import Controller

from bench import processes
from bench.scenes import LETTER_GOAL
from lms.embedded import Services

LETTERS = 200


class _Sink:
    """Takes every letter and keeps none."""

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:
        return "250 Taken"


def measure_letters(services: Services, floor: Mapping[str, str], product: Mapping[str, str]) -> str:
    """A Markdown line each: CPU ms a letter of the sending process and the servers, and their ratio."""
    bare = _per_letter(services, floor, "bench.floor.send", int(floor["FLOOR_SMTP_PORT"]), str(LETTERS))
    port = int(product["WAYMARK_EMAIL_URL"].rpartition(":")[2])
    processes.run("bench.send", product, "prepare", str(LETTERS))
    ours = _per_letter(services, product, "bench.send", port, "send")
    ratio = ours / bare
    verdict = "≤" if ratio <= LETTER_GOAL else "**over**"
    return f"One letter: {ours:.2f} CPU ms; the bare sender {bare:.2f}; ratio {ratio:.2f} ({verdict} {LETTER_GOAL})."


def _per_letter(
    services: Services, environment: Mapping[str, str], sender: str, port: int, *arguments: str
) -> float:
    sink = Controller(_Sink(), hostname="127.0.0.1", port=port)
    sink.start()
    try:
        roots = [server.process.pid for server in services.servers if server.process]
        before = processes.cpu_seconds(roots)
        said = json.loads(processes.run(sender, {**environment, "WAYMARK_ROLE": "worker"}, *arguments))
        servers = processes.cpu_seconds(roots) - before
    finally:
        sink.stop()
    return 1000 * (said["cpu_seconds"] + servers) / said["count"]
