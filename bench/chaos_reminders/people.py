"""Who is to be written to in a scene. No Django: the trial itself runs without."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2026, 12, 1, 9, tzinfo=UTC)  # a Tuesday, at an hour when letters leave
DOMAINS = 40  # of the addresses, since letters to one domain are paced


@dataclass(frozen=True)
class Batch:
    """So many people `name-1@…`, whose week of quiet ends on the day `day` of the trial (0 is its first).

    With `decided_after`, a mentor decides on one more of their tasks each time so many hours of that day are over.
    """

    name: str
    count: int
    day: int = 0
    decided_after: tuple[float, ...] = ()

    @property
    def begins(self) -> datetime:
        return START + timedelta(days=self.day)

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("quiet", "feedback") if self.decided_after else ("quiet",)

    @property
    def addresses(self) -> list[str]:
        return [f"{self.name}-{n}@d{n % DOMAINS}.example.org" for n in range(1, self.count + 1)]

    @property
    def wanted(self) -> dict[str, tuple[str, ...]]:
        """The kinds of letter that each of them must get, one of each."""
        return dict.fromkeys(self.addresses, self.kinds)


def as_argument(batches: Iterable[Batch]) -> str:
    """The batches as one argument of a command."""
    return json.dumps([asdict(batch) for batch in batches])


def from_argument(argument: str) -> list[Batch]:
    return [Batch(**{**row, "decided_after": tuple(row["decided_after"])}) for row in json.loads(argument)]
