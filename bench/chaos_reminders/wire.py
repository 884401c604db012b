"""The wire between workers and Redis, which can go dead without either end being told, as behind a router that died."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from pathlib import Path

from bench.chaos_reminders.sink import end_all_others

CHUNK = 65_536


class Wire:
    """Passes on what is said between `front`, a socket that it opens, and `back`, the real one."""

    def __init__(self, front: Path, back: Path) -> None:
        self.front, self.back = front, back
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._open: set[_Line] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._do(self._listen())

    def stop(self) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def swallow(self) -> int:
        """Let nothing more through on the connections that are open now, which stay open; how many they are."""
        lines = list(self._open)
        for line in lines:
            line.is_dead = True
        return len(lines)

    def _do(self, act: Coroutine[object, object, None]) -> None:
        asyncio.run_coroutine_threadsafe(act, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_unix_server(self._meet, self.front)

    async def _end(self) -> None:
        if self._server:
            self._server.close()
        for line in list(self._open):
            line.cut()
        await end_all_others()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back = await asyncio.open_unix_connection(self.back)
        except OSError:
            writer.transport.abort()
            return
        line = _Line((reader, writer), back)
        self._open.add(line)
        try:
            await line.run()
        except asyncio.CancelledError:  # it is all over
            pass
        finally:
            self._open.discard(line)


class _Line:
    """One connection: what comes in on either side goes out on the other, as long as the line is not dead."""

    def __init__(
        self,
        front: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        back: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self.front, self.back = front, back
        self.is_dead = False

    async def run(self) -> None:
        try:
            await asyncio.gather(
                self._pass_on(self.front[0], self.back[1], other=self.front[1]),
                self._pass_on(self.back[0], self.front[1], other=self.back[1]),
            )
        finally:
            self.cut()

    def cut(self) -> None:
        for _reader, writer in (self.front, self.back):
            writer.transport.abort()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, other: asyncio.StreamWriter
    ) -> None:
        """Until one side hangs up. A dead line does not tell its front that its back is gone."""
        with contextlib.suppress(OSError):
            while said := await reader.read(CHUNK):
                if not self.is_dead:
                    writer.write(said)
                    await writer.drain()
        if self.is_dead and reader is self.back[0]:
            return
        writer.transport.abort()
        other.transport.abort()
