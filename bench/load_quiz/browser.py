"""A browser as far as a quiz needs one: a kept connection, cookies, and what browsers do when a connection breaks.

Written close to the socket, because it shares two cores with what it measures: some tenths of a millisecond a request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

PATIENCE = 60.0  # seconds for an answer


class LostError(Exception):
    """No answer came: the connection broke, or nothing came in time."""


class BrokenError(LostError):
    """The connection broke before the whole answer was there."""


class Answer(NamedTuple):
    status: int
    location: str
    body: bytes


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.is_open = True
        self.is_used = False
        self._buffer = bytearray()
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = bytes(self._buffer[:head_end]).decode("latin-1").split("\r\n")
        fields = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])
        }
        end = head_end + 4 + int(fields.get("content-length", "0"))
        if len(self._buffer) < end:
            return
        body = bytes(self._buffer[head_end + 4 : end])
        del self._buffer[:end]
        self.is_open = fields.get("connection", "").lower() != "close"
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(Answer(int(head[0].split()[1]), fields.get("location", ""), body))

    def connection_lost(self, _reason: Exception | None) -> None:
        self.is_open = False
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(BrokenError("the connection broke"))

    async def ask(self, request: bytes) -> Answer:
        assert self.transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self.is_used = True
        self.transport.write(request)
        try:
            return await asyncio.wait_for(self._waiting, PATIENCE)
        except TimeoutError as late:
            self.close()
            raise LostError(f"no answer in {PATIENCE:g} s") from late

    @property
    def has_begun_to_answer(self) -> bool:
        return bool(self._buffer)

    def close(self) -> None:
        self.is_open = False
        if self.transport:
            self.transport.abort()


class Browser:
    """One learner's browser. A request on a kept connection that broke before any answer is sent once more, on a new
    one, as browsers do; `resent` counts them."""

    resent = 0  # of all browsers

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self.port = port
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._connection: Connection | None = None

    async def get(self, path: str) -> Answer:
        return await self._send(f"GET {path} HTTP/1.1\r\n{self._headers}\r\n".encode())

    async def post(self, path: str, body: bytes, kind: str) -> Answer:
        head = f"POST {path} HTTP/1.1\r\n{self._headers}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return await self._send(head.encode() + body)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    async def _send(self, request: bytes) -> Answer:
        connection = await self._connected()
        was_used = connection.is_used
        try:
            return await connection.ask(request)
        except BrokenError:
            if not was_used or connection.has_begun_to_answer:
                raise
        Browser.resent += 1
        return await (await self._connected()).ask(request)

    async def _connected(self) -> Connection:
        if self._connection is None or not self._connection.is_open:
            try:
                loop = asyncio.get_running_loop()
                _, self._connection = await loop.create_connection(Connection, "127.0.0.1", self.port)
            except OSError as refused:
                raise LostError(str(refused)) from refused
        return self._connection
