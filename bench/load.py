"""Drives one scene: a fixed number of requests over kept connections, four at a time, each answer checked."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """One request as it goes out; `expect` is the status that it must be answered with."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    expect: int = 200


@dataclass(frozen=True)
class Drive:
    """What a block of requests took: seconds each, and bytes of a body."""

    seconds: tuple[float, ...]
    bytes: int


CONCURRENCY = 4


def drive(port: int, requests: Sequence[Request]) -> Drive:
    """Send them all; raises AssertionError at an answer that was not expected, since a fast error is no result."""
    shares = [requests[start::CONCURRENCY] for start in range(CONCURRENCY)]
    taken: list[float] = []
    sizes: list[int] = []
    faults: list[str] = []
    threads = [
        threading.Thread(target=_send_all, args=(port, share, taken.append, sizes.append, faults.append))
        for share in shares
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise AssertionError(f"{len(faults)} answers were not as expected; the first: {faults[0]}")
    return Drive(tuple(taken), max(sizes))


def _send_all(
    port: int,
    requests: Sequence[Request],
    took: Callable[[float], None],
    size: Callable[[int], None],
    fault: Callable[[str], None],
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for request in requests:
        began = time.perf_counter()
        connection.request(request.method, request.path, body=request.body, headers=request.headers)
        answer = connection.getresponse()
        body = answer.read()
        took(time.perf_counter() - began)
        size(len(body))
        if answer.status != request.expect:
            fault(
                f"{request.method} {request.path} gave {answer.status}, not {request.expect}: {body[:300]!r}"
            )
    connection.close()
