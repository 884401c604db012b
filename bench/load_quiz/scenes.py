"""The five scenes: who does what when, and what had to come of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from os import getloadavg
from typing import TypeVar

from bench.load_quiz import judge
from bench.load_quiz.browser import Browser
from bench.load_quiz.house import House
from bench.load_quiz.judge import Verdict
from bench.load_quiz.player import Book, Player

R = TypeVar("R")

P95_LIMIT, BURST_LIMIT = 0.5, 6.0  # seconds
HANDS_IN_TWICE = REPEATS = (
    10  # every tenth hands in in two tabs at once, or sends a save again that was acknowledged
)
LAST_TRY = 60.0  # seconds after the last kill in which everything must have been acknowledged
OPENING = 20  # pages a second while players sit down, which is not measured


@dataclass(frozen=True)
class Scale:
    """How many people, and for how many seconds."""

    savers: int = 1000
    submitters: int = 1000
    start_seconds: float = 60
    ramp_seconds: float = 10
    pace: float = 10
    rounds: int = 12
    kill_seconds: float = 60
    kill_every: float = 5
    submit_seconds: float = 30


SHORT = Scale(
    60, 40, start_seconds=4, ramp_seconds=2, pace=2, rounds=2, kill_seconds=6, kill_every=2, submit_seconds=4
)


class Play:
    """One measurement: the people of a house, scene after scene."""

    def __init__(self, house: House, scale: Scale) -> None:
        self.house, self.scale = house, scale
        self.players = [Player(house.port, house.data, learner) for learner in house.data["learners"]]
        self.savers = self.players[: scale.savers]
        self.submitters = self.players[scale.savers :]
        self.scenes: dict[str, Callable[[Verdict], Awaitable[None]]] = {
            "starts": self.starts,
            "steady saves": self.steady_saves,
            "burst": self.burst,
            "burst on new connections": self.burst_on_new_connections,
            "kills": self.kills,
            "hand-ins": self.hand_ins,
        }

    async def run(self, say: Callable[[str], None]) -> list[Verdict]:
        verdicts = []
        for name, scene in self.scenes.items():
            verdict = Verdict(name)
            async with self._measured(verdict):
                await scene(verdict)
            verdicts.append(verdict)
            say("\n".join(verdict.lines()))
        for player in self.players:
            player.leave()
        return verdicts

    # Scenes

    async def starts(self, verdict: Verdict) -> None:
        """Everybody starts, twice at the same time."""
        book = Book()
        people = self.players
        led = await _spread(people, self.scale.start_seconds, lambda player: player.start_twice(book))
        attempts = self.house.attempts()
        verdict.figures.append(f"{len(people)} people, two starts each; {_times(book)}")
        verdict.add(book.faults)
        verdict.add(judge.miscounted("starts", 2 * len(people), len(book.seconds)))
        answers = {player.person: where for player, where in zip(people, led, strict=True)}
        begun = [(person, attempt) for person, attempt, _ in attempts]
        verdict.add(judge.badly_started([player.person for player in people], begun, answers))
        mine = {person: (attempt, paper) for person, attempt, paper in attempts}
        for player in people:
            if player.person in mine:
                player.sit_down(*mine[player.person])
        # who has no attempt was told of above, and is missed below, where the scale says how many there must be
        self.savers = [player for player in self.savers if player.slots]
        self.submitters = [player for player in self.submitters if player.slots]

    async def steady_saves(self, verdict: Verdict) -> None:
        """First saves spread over some seconds, then one each at a steady pace."""
        await self._open(self.savers, verdict)
        book, scale = Book(), self.scale

        async def play(player: Player) -> None:
            await player.save(book, player.next_value())
            began = time.monotonic()
            for turn in range(1, scale.rounds + 1):
                await asyncio.sleep(began + turn * scale.pace - time.monotonic())
                await player.save(book, player.next_value())

        await _spread(self.savers, scale.ramp_seconds, play)
        verdict.figures.append(f"{len(self.savers)} players, {scale.rounds + 1} saves each; {_times(book)}")
        verdict.add(book.faults)
        verdict.add(judge.miscounted("saves", scale.savers * (scale.rounds + 1), len(book.seconds)))
        verdict.add(judge.too_slow("the 95th percentile", judge.percentile(book.seconds, 0.95), P95_LIMIT))
        self._compare(verdict)

    async def burst(self, verdict: Verdict) -> None:
        """All save in the same moment."""
        book = Book()
        began = time.monotonic()
        await asyncio.gather(*(player.save(book, player.next_value()) for player in self.savers))
        took = time.monotonic() - began
        verdict.figures.append(
            f"{len(self.savers)} saves at once, all answered in {took:.2f} s; {_times(book)}"
        )
        verdict.add(book.faults)
        verdict.add(judge.miscounted("saves", self.scale.savers, len(book.seconds)))
        verdict.add(judge.too_slow("the last of the burst", took, BURST_LIMIT))
        self._compare(verdict)

    async def burst_on_new_connections(self, verdict: Verdict) -> None:
        """The same after the network was away: each needs a new connection first."""
        for player in self.savers:
            player.browser.close()
        await self.burst(verdict)

    async def kills(self, verdict: Verdict) -> None:
        """Saves go on while a process of the web is killed every few seconds."""
        book, scale = Book(), self.scale
        until = time.monotonic() + scale.kill_seconds
        wanted = int(scale.kill_seconds // scale.kill_every)
        killing = asyncio.create_task(self._kill(wanted))
        failed = sum(await self._keep_saving(book, until, until_kept=until + LAST_TRY))
        repeated = Book()
        await _spread(self.savers[::REPEATS], 1, lambda player: player.repeat(repeated))
        kills = await killing
        verdict.figures.append(
            f"{kills} workers killed, one every {scale.kill_every:g} s; {failed} tries failed and were made again,"
            f" {len(repeated.seconds)} acknowledged saves sent once more; {_times(book)}"
        )
        verdict.figures += [f"{count} times {what}" for what, count in Counter(book.faults).most_common(5)]
        verdict.add(repeated.faults)
        verdict.add(judge.miscounted("kills", wanted, kills))
        self._compare(verdict)

    async def hand_ins(self, verdict: Verdict) -> None:
        """Others hand in while saves go on; every tenth of them in two tabs at once."""
        await self._open(self.submitters, verdict)
        expected = await self._answer_all(verdict)
        book, saves = Book(), Book()
        until = time.monotonic() + self.scale.submit_seconds
        saving = asyncio.create_task(self._keep_saving(saves, until))
        times = {
            player.person: 2 if n % HANDS_IN_TWICE == 0 else 1 for n, player in enumerate(self.submitters)
        }
        await _spread(self.submitters, self.scale.submit_seconds, lambda p: p.hand_in(book, times[p.person]))
        await saving
        verdict.figures += [
            f"{len(self.submitters)} attempts handed in, some twice at once; {_times(book)}",
            f"saves meanwhile: {_times(saves)}",
        ]
        verdict.add(book.faults + saves.faults)
        verdict.add(judge.miscounted("people who hand in", self.scale.submitters, len(times)))
        verdict.add(judge.miscounted("hand-ins", sum(times.values()), len(book.seconds)))
        verdict.add(judge.badly_handed_in(expected, self.house.handed_in()))
        self._compare(verdict)

    # Helpers

    async def _open(self, players: Sequence[Player], verdict: Verdict) -> None:
        book = Book()
        await _spread(players, len(players) / OPENING, lambda player: player.open(book))
        verdict.figures.append(f"{len(players)} opened the page before; {_times(book)}")
        verdict.add(book.faults)

    async def _answer_all(self, verdict: Verdict) -> dict[int, Decimal]:
        """Each submitter answers her paper, some of it right; the points that each must get."""
        book, expected = Book(), {}
        right = self.house.data["right"]

        async def answer(player: Player) -> None:
            count = player.person % (len(player.slots) + 1)
            values, expected[player.attempt] = player.answers_of(right, count)
            await player.save(book, *values)

        await _spread(self.submitters, len(self.submitters) / OPENING, answer)
        verdict.add(book.faults)
        return expected

    async def _keep_saving(self, book: Book, until: float, *, until_kept: float = 0) -> list[int]:
        """Each saver saves at the steady pace until that time; how many tries of each failed."""

        async def play(player: Player) -> int:
            failed, at = 0, time.monotonic()
            while at < until:
                failed += await player.save_until_kept(book, until_kept, player.next_value())
                at += self.scale.pace
                await asyncio.sleep(max(0, min(at, until) - time.monotonic()))
            return failed

        return await _spread(self.savers, min(self.scale.pace, until - time.monotonic()), play)

    async def _kill(self, wanted: int) -> int:
        """Kill so many workers, one after each pause; how many there were to kill."""
        began = time.monotonic()
        kills = 0
        for number in range(wanted):
            await asyncio.sleep(max(0, began + (number + 1) * self.scale.kill_every - time.monotonic()))
            kills += self.house.kill_a_worker(number)
        return kills

    def _compare(self, verdict: Verdict) -> None:
        """All that was ever sent with all that is kept."""
        kept = self.house.answers()
        sent = [save for player in self.players for save in player.sent]
        acknowledged = [save for player in self.players for save in player.acknowledged]
        verdict.figures.append(f"{len(acknowledged)} saves acknowledged so far, {len(kept)} kept")
        verdict.add(judge.miscounted("saves that were acknowledged", len(sent), len(acknowledged)))
        verdict.add(judge.lost(acknowledged, kept))
        verdict.add(judge.doubled(sent, kept))
        verdict.add(judge.wrong_at_last(sent, kept))

    @asynccontextmanager
    async def _measured(self, verdict: Verdict) -> AsyncIterator[None]:
        began, cpu, own, resent = (
            time.monotonic(),
            self.house.cpu_seconds(),
            time.process_time(),
            Browser.resent,
        )
        yield
        took = time.monotonic() - began
        product, client = self.house.cpu_seconds() - cpu, time.process_time() - own
        verdict.figures.append(
            f"{took:.1f} s; processor seconds: {product:.1f} of the house, {client:.1f} of this client;"
            f" {Browser.resent - resent} requests sent again on a new connection; load {getloadavg()[0]:.1f}"
        )


async def _spread(
    players: Sequence[Player], seconds: float, play: Callable[[Player], Awaitable[R]]
) -> list[R]:
    """Let each of them begin at her share of the time; what each came back with."""
    began = time.monotonic()

    async def begin(number: int, player: Player) -> R:
        await asyncio.sleep(max(0, began + seconds * number / len(players) - time.monotonic()))
        return await play(player)

    return await asyncio.gather(*(begin(number, player) for number, player in enumerate(players)))


def _times(book: Book) -> str:
    p50, p95, p99 = (1000 * judge.percentile(book.seconds, share) for share in (0.5, 0.95, 0.99))
    most = 1000 * max(book.seconds, default=0)
    return (
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, most {most:.0f} ms, {len(book.faults)} errors"
    )
