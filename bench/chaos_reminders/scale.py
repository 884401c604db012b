"""How much of everything there is in a trial, and who the people of each scene are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bench.chaos_reminders.people import Batch
from bench.chaos_reminders.sink import Mood


@dataclass(frozen=True)
class Scale:
    """How many people, and how often what is broken."""

    workers: int = 2
    people_killed: int = 5000
    kills: int = 300
    kill_every: float = 0.6  # seconds, more or less
    doubled: float = 0.03  # duplicates for each kill that are allowed
    mains_of: int = 12  # one kill in so many takes a worker's main process, with all its children
    thinks: float = 0.5  # seconds that the mail server takes for a letter, as they do
    people_of_redis: int = 4500
    redis_kills: int = 50
    down: tuple[float, float] = (0.3, 1.5)  # seconds that Redis is away, from … to
    long_down: float = 15
    half_open: int = 4
    people_planned: int = 400
    planners: int = 5
    beats: int = 5
    people_of_outage: int = 60
    outage_step: timedelta = timedelta(minutes=10)
    ills: tuple[Mood, ...] = (Mood.GONE, Mood.NO_TLS, Mood.SILENT, Mood.BUSY, Mood.NOT_NOW, Mood.GONE)
    doubts: tuple[Mood, ...] = (Mood.HANGS, Mood.HANGS_UP)


SHORT = Scale(
    workers=1,
    people_killed=600,  # whoever is killed has claimed a hundred
    kills=10,
    kill_every=0.3,
    doubled=0.5,  # ten are too few to measure a share
    mains_of=8,
    thinks=0.2,
    people_of_redis=600,
    redis_kills=3,
    long_down=2,
    half_open=0,
    people_planned=40,
    beats=2,
    people_of_outage=10,
    outage_step=timedelta(minutes=30),
    ills=(Mood.GONE, Mood.NO_TLS, Mood.BUSY, Mood.NOT_NOW),
    doubts=(Mood.HANGS_UP,),
)


def batches(scale: Scale) -> dict[str, Batch]:
    """The people of each scene. Their days lie apart, so that nobody is planned for in the scene before."""
    found = (
        Batch("kills", scale.people_killed, 0),
        Batch("redis", scale.people_of_redis, 3),
        Batch("planners", scale.people_planned, 6),
        Batch("delivered", scale.people_planned, 9),
        Batch("beats", scale.people_planned, 12),
        Batch("outage", scale.people_of_outage, 18, (8.5, 10.5, 13.2)),
        Batch("never", 2, 21),
        *(Batch(f"doubt{n}", 2, 24 + 3 * n) for n, _mood in enumerate(scale.doubts)),
    )
    return {batch.name: batch for batch in found}
