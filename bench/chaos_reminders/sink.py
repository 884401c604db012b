"""A mail server that misbehaves on command, and keeps account of every copy that it took.

What has arrived whole is taken whether or not its sender still lives, as real servers do: that is how copies double.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

PATIENCE = 120.0  # seconds that it waits for a client's next word

Said = Callable[[str], None]


class Mood(StrEnum):
    """What it does to whoever sends. `WELL` takes everything."""

    WELL = "takes everything"
    GONE = "refuses connections"
    SILENT = "takes connections and says nothing"
    BUSY = "says 421 and hangs up"
    NO_TLS = "says 454 to STARTTLS"
    NOT_NOW = "says 451 after the letter"
    NEVER = "says 550 to the recipient"
    HANGS = "takes the letter and says nothing more"
    HANGS_UP = "takes the letter and hangs up without a word"


class Phase(StrEnum):
    OPEN = "open"
    NAMED = "named"  # sender or recipient have been said, the letter has not
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Copy:
    """One letter that the server took: its Message-ID, to whom, at which monotonic second."""

    message_id: str
    recipient: str
    at: float


@dataclass
class Sink:
    """One server in a thread of its own. `takes` is how many seconds it thinks about a recipient before it agrees."""

    mood: Mood = Mood.WELL
    takes: float = 0.0
    tls: ssl.SSLContext | None = None
    copies: list[Copy] = field(default_factory=list)
    refused: int = 0  # letters, recipients and connections that it did not take
    connections: dict[int, Phase] = field(default_factory=dict)  # what each sends, by the client's port
    port: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop, repr=False)
    _server: asyncio.Server | None = field(default=None, repr=False)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"{'submission' if self.tls else 'smtp'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, name="sink", daemon=True)
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread:
            self._thread.join(5)
        self._loop.close()

    def turn(self, mood: Mood) -> None:
        """Be in this mood from now on; connections that are open are cut, since servers fall ill with all of them."""
        self.mood = mood
        self._do(self._close() if mood is Mood.GONE else self._listen())

    def sending(self, *phases: Phase) -> list[int]:
        """The clients' ports of the connections that are in one of these phases now, or in any."""
        return [port for port, phase in list(self.connections.items()) if phase in (phases or Phase)]

    # In the thread

    def _do(self, coroutine: object) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._meet, "127.0.0.1", self.port, backlog=200)
            self.port = self._server.sockets[0].getsockname()[1]
        self._cut()

    async def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        self._cut()

    async def _end(self) -> None:
        await self._close()
        await end_all_others()

    def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("peername")[1]
        self.connections[port] = Phase.OPEN
        self._writers.add(writer)
        try:
            await Conversation(self, reader, writer, port).run()
        except (OSError, EOFError, asyncio.CancelledError):  # hung up, waited too long, or it is all over
            pass
        finally:
            self._writers.discard(writer)
            self.connections.pop(port, None)
            writer.close()


async def end_all_others() -> None:
    """Cancel what else runs in this loop, and let it go to its end."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0.01)  # transports that were cut close their sockets in the next turn


class Conversation:
    """What is said on one connection."""

    def __init__(
        self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int
    ) -> None:
        self.sink, self.reader, self.writer, self.port = sink, reader, writer, port
        self.recipient = ""
        self.is_over = False

    async def run(self) -> None:
        if self.sink.mood is Mood.SILENT:
            await asyncio.sleep(PATIENCE)
        elif self.sink.mood is Mood.BUSY:
            self.sink.refused += 1
            await self._say("421 Too busy")
        else:
            await self._say("220 sink")
            while not self.is_over and (line := await self._line()):
                await self._answer(line.strip())

    async def _answer(self, line: bytes) -> None:
        words = line.upper()
        if words.startswith(b"EHLO"):
            tls = self.sink.tls and not self.writer.get_extra_info("ssl_object")
            await self._say("250-sink\r\n250-STARTTLS\r\n250 8BITMIME" if tls else "250-sink\r\n250 8BITMIME")
        elif words.startswith(b"STARTTLS"):
            await self._start_tls()
        elif words.startswith(b"MAIL"):
            self._turn(Phase.NAMED)
            await self._say("250 Fine")
        elif words.startswith(b"RCPT"):
            await self._hear_recipient(line)
        elif words.startswith(b"DATA"):
            await self._hear_letter()
        elif words.startswith(b"QUIT"):
            self.is_over = True
            await self._say("221 Bye")
        else:  # HELO, NOOP, RSET
            self._turn(Phase.OPEN)
            await self._say("250 Fine")

    async def _start_tls(self) -> None:
        if self.sink.mood is Mood.NO_TLS or self.sink.tls is None:
            self.sink.refused += 1
            await self._say("454 TLS not available")
            return
        await self._say("220 Go on")
        await self.writer.start_tls(self.sink.tls)

    async def _hear_recipient(self, line: bytes) -> None:
        await asyncio.sleep(self.sink.takes)
        if self.sink.mood is Mood.NEVER:
            self.sink.refused += 1
            await self._say("550 Nobody of that name")
            return
        self.recipient = line.partition(b"<")[2].partition(b">")[0].decode()
        await self._say("250 Fine")

    async def _hear_letter(self) -> None:
        self._turn(Phase.WRITING)
        await self._say("354 Go on")
        letter = await asyncio.wait_for(self.reader.readuntil(b"\r\n.\r\n"), PATIENCE)
        if self.sink.mood is Mood.NOT_NOW:
            self.sink.refused += 1
            await self._say("451 Not now")
            return
        self.sink.copies.append(Copy(_message_id(letter), self.recipient, time.monotonic()))
        if self.sink.mood is Mood.HANGS:
            await asyncio.sleep(PATIENCE)
        elif self.sink.mood is Mood.HANGS_UP:
            self.is_over = True
        else:
            await self._say("250 Taken")
            self._turn(Phase.OPEN)

    def _turn(self, phase: Phase) -> None:
        self.sink.connections[self.port] = phase

    async def _line(self) -> bytes:
        return await asyncio.wait_for(self.reader.readline(), PATIENCE)

    async def _say(self, words: str) -> None:
        self.writer.write(f"{words}\r\n".encode())
        await self.writer.drain()


def _message_id(letter: bytes) -> str:
    found = re.search(rb"^Message-ID:\s*(\S+)", letter, re.IGNORECASE | re.MULTILINE)
    return found[1].decode() if found else ""
