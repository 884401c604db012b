"""One learner at her quiz: she sends what static/js/quiz.js and the pages' forms send, and keeps a book of it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from bench.load_quiz.browser import Answer, Browser, LostError
from bench.load_quiz.judge import Saved
from bench.scenes import HOST

EPOCH = re.compile(rb'data-epoch="(\d+)"')
AGAIN_AFTER = (
    1.0  # seconds from a failed save to the next try; the page waits longer, which is easier to serve
)


class Book:
    """What came of the requests of one scene."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.faults: list[str] = []

    def note(self, what: str, answer: Answer | LostError, seconds: float, expect: int) -> bool:
        """Write an answer down; whether it was as expected."""
        self.seconds.append(seconds)
        if isinstance(answer, Answer) and answer.status == expect:
            return True
        said = f"{answer.status} {answer.body[:120]!r}" if isinstance(answer, Answer) else str(answer)
        self.faults.append(f"{what}: {said}, not {expect}")
        return False


class Player:
    """A learner with her session and, once she began, her attempt; `sent` and `acknowledged` are all of her saves."""

    def __init__(self, port: int, data: Mapping[str, Any], learner: Mapping[str, Any]) -> None:
        self.person: int = learner["id"]
        self.attempt = 0
        self.slots: list[dict[str, Any]] = []
        self.sent: list[Saved] = []
        self.acknowledged: list[Saved] = []
        self._quiz: str = data["quiz"]
        self._csrf: str = data["csrf"]
        cookies = f"{data['session_cookie']}={learner['session']}; {data['csrf_cookie']}={self._csrf}"
        headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "User-Agent": "load-quiz",
            "Accept-Language": "en",
            "Referer": f"https://{HOST}{self._quiz}",
            "Cookie": cookies,
            "X-CSRFToken": self._csrf,
        }
        self.browser, self.other_tab = Browser(port, headers), Browser(port, headers)
        self._page = ""
        self._epoch = self._sequence = 0
        self._waiting: list[Saved] = []

    def sit_down(self, attempt: int, paper: list[dict[str, Any]]) -> None:
        """Learn which attempt she has, as the database tells it."""
        self.attempt, self.slots = attempt, paper

    def leave(self) -> None:
        self.browser.close()
        self.other_tab.close()

    # Acts

    async def start_twice(self, book: Book) -> set[str]:
        """Press the button in two tabs at the same time; where both were led."""
        answers = await asyncio.gather(
            self._ask(book, "start", self._form(self.browser, self._quiz), 302),
            self._ask(book, "start", self._form(self.other_tab, self._quiz), 302),
        )
        self.other_tab.close()
        led = {answer.location for answer in answers if answer and answer.status == 302}
        self._page = max(led, default="")
        return led

    async def open(self, book: Book) -> None:
        """Load the player's page, which takes the attempt over."""
        answer = await self._ask(book, "page", self.browser.get(self._page), 200)
        found = EPOCH.search(answer.body) if answer else None
        if found:
            self._epoch = int(found[1])
        elif answer:
            book.faults.append("page: it names no epoch")

    async def save(self, book: Book, *values: tuple[int, object]) -> bool:
        """Answer these slots and send what is not acknowledged yet; whether it was acknowledged."""
        for slot, value in values:
            self._sequence += 1
            save = Saved(self.attempt, slot, self._epoch, self._sequence, str(uuid4()), value)
            self.sent.append(save)
            self._waiting.append(save)
        rows = list(self._waiting)
        if await self._ask(book, "save", self._post(rows), 200) is None:
            return False
        self.acknowledged += rows
        self._waiting = [row for row in self._waiting if row not in rows]
        return True

    async def save_until_kept(self, book: Book, until: float, *values: tuple[int, object]) -> int:
        """The same, tried again until it is acknowledged or the time (monotonic) is over; how many tries failed."""
        failed = 0
        is_kept = await self.save(book, *values)
        while not is_kept and time.monotonic() < until:
            failed += 1
            await asyncio.sleep(AGAIN_AFTER)
            is_kept = await self.save(book)
        return failed

    async def repeat(self, book: Book) -> None:
        """Send the last acknowledged save once more, as a page does that is left before it heard the answer."""
        if self.acknowledged:
            await self._ask(book, "repeated save", self._post(self.acknowledged[-1:]), 200)

    async def hand_in(self, book: Book, times: int) -> None:
        """Confirm that the attempt is handed in; in two tabs at once for `times=2`."""
        tabs = [self.browser, self.other_tab][:times]
        page = f"{self._page}hand-in/"
        await asyncio.gather(
            *(self._ask(book, "hand in", self._form(tab, page, confirmed=1), 302) for tab in tabs)
        )
        self.other_tab.close()

    # Values

    def next_value(self) -> tuple[int, object]:
        """A slot after the other, each time with a text that nobody else sends."""
        slot = self.slots[self._sequence % len(self.slots)]["slot"]
        return slot, f"{self.person}/{self._sequence + 1}"

    def answers_of(self, right: Mapping[str, object], count: int) -> tuple[list[tuple[int, object]], Decimal]:
        """Answers to the whole paper, the first `count` of them right, and the points that they earn."""
        values: list[tuple[int, object]] = []
        points = Decimal(0)
        for number, slot in enumerate(self.slots):
            if number < count:
                values.append((slot["slot"], right[str(slot["version"])]))
                points += slot["points"]
            else:
                values.append((slot["slot"], "no such answer" if number % 2 else None))
        return values, points

    # Helpers

    def _form(self, tab: Browser, path: str, **fields: object) -> Any:
        body = urlencode({"csrfmiddlewaretoken": self._csrf, **fields}).encode()
        return tab.post(path, body, "application/x-www-form-urlencoded")

    def _post(self, rows: list[Saved]) -> Any:
        items = [
            {"slot": row.slot, "sequence": row.sequence, "client_id": row.client_id, "value": row.value}
            for row in rows
        ]
        body = json.dumps({"epoch": self._epoch, "items": items}).encode()
        return self.browser.post(f"{self._page}answers/", body, "application/json")

    async def _ask(self, book: Book, what: str, asking: Any, expect: int) -> Answer | None:
        began = time.perf_counter()
        answer: Answer | LostError
        try:
            answer = await asking
        except LostError as lost:
            answer = lost
        is_right = book.note(what, answer, time.perf_counter() - began, expect)
        return answer if is_right and isinstance(answer, Answer) else None
