"""Many published roads with a library to find things in, for measuring. A thousand take a few minutes."""

from __future__ import annotations

import random
import re
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import clock
from roadmap.document import (
    FaqEntry,
    PlacedResource,
    ResourceEntry,
    RoadDocument,
    StageEntry,
    Step,
    TopicEntry,
)
from roadmap.models import Edition, Resource, Roadmap
from roadmap.models.resource import Cost, ResourceType
from roadmap.models.roadmap import Level

STAGES, TOPICS = 5, 6
BORROWED = 20  # resources of a road that stand on earlier roads too
OWN_WORDS = 30  # words that one road says and hardly another


class Command(BaseCommand):
    help = "Publish roads with resources, made of the words of the road in content/, for measuring search and library."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--roads", type=int, default=1000)
        parser.add_argument("--resources", type=int, default=100, help="new ones on each road")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same data")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.IN_PRODUCTION and Roadmap.objects.exists():
            raise CommandError(
                "There are roads here already. Bench data goes into an empty production database only."
            )
        writer = Writer(random.Random(options["seed"]))  # noqa: S311  # data, no secret
        for number in range(options["roads"]):
            self._publish(writer.road(number, options["resources"]), number)
            if number % 50 == 49:
                self.stdout.write(f"{number + 1} roads")

    def _publish(self, document: RoadDocument, number: int) -> None:
        road = Roadmap.objects.create(
            key=document.key,
            title=document.title,
            summary=document.summary,
            position=number + 100,
            is_public=number % 10 != 9,
        )
        Resource.objects.bulk_create(
            (Resource(**_draft(entry)) for entry in document.resources.values()), ignore_conflicts=True
        )
        Edition.objects.publish(road, document, by=None, changelog="", now=clock.now())


def _draft(entry: ResourceEntry) -> dict[str, Any]:
    low, high = entry.minutes or (None, None)
    same = entry.model_dump(exclude={"minutes"})
    return {**same, "minutes_low": low, "minutes_high": high}


class Writer:
    """Writes roads of words as frequent as in real texts; each road has words of its own as well."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        folder = settings.BASE_DIR / "content" / "machine-learning"
        self.words = [
            word
            for file in sorted(folder.rglob("*.[ym][ad]*"))
            for word in re.findall(r"[A-Za-z]{2,}", file.read_text())
        ]
        self.own: list[str] = []
        self.known: list[ResourceEntry] = []

    def road(self, number: int, resources: int) -> RoadDocument:
        self.own = [self._new_word() for _word in range(OWN_WORDS)]
        mine = [self._resource(f"bench-r-{number}-{place}") for place in range(resources)]
        mine += self.dice.sample(self.known, min(BORROWED, len(self.known)))
        self.known += mine[:BORROWED]
        topics = [
            self._topic(f"t-{place}", mine[place :: STAGES * TOPICS]) for place in range(STAGES * TOPICS)
        ]
        return RoadDocument(
            key=f"bench-{number}",
            title=self.say(3).title(),
            level=self.dice.choice(Level.values),
            language="en",
            last_updated=None,
            summary=self.say(25),
            audience=self.say(15),
            choose_when="",
            hours_per_week=10,
            backgrounds=(),
            learn=(),
            recommended=(),
            related=(),
            faq=tuple(FaqEntry(key=f"q-{n}", question=self.say(8), answer=self.say(40)) for n in range(5)),
            stages=tuple(self._stage(f"s-{n}", topics[n * TOPICS : (n + 1) * TOPICS]) for n in range(STAGES)),
            resources={entry.key: entry for entry in mine},
        )

    def say(self, count: int) -> str:
        return " ".join(
            self.dice.choice(self.own) if self.dice.random() < 0.1 else self.dice.choice(self.words)
            for _word in range(count)
        )

    def _new_word(self) -> str:
        return "".join(self.dice.choice("bcdfgklmnprstvz") + self.dice.choice("aeiou") for _part in range(4))

    def _stage(self, key: str, topics: list[TopicEntry]) -> StageEntry:
        return StageEntry(
            key=key,
            title=self.say(3).capitalize(),
            summary=self.say(20),
            why=self.say(20),
            step=Step(title="", body="", tags=()),
            gates=(),
            topics=tuple(topics),
            evidence=(),
            quiz=None,
        )

    def _topic(self, key: str, resources: list[ResourceEntry]) -> TopicEntry:
        return TopicEntry(
            key=key,
            title=self.say(4).capitalize(),
            objective=self.say(15),
            outcomes=(),
            prerequisites=(),
            hours={},
            resources=tuple(PlacedResource(resource=entry.key, role="core") for entry in resources),
            body=self.say(200),
        )

    def _resource(self, key: str) -> ResourceEntry:
        low = self.dice.choice([None, 10, 25, 45, 90, 240, 900])
        return ResourceEntry(
            key=key,
            title=self.say(5).capitalize(),
            author=self.say(2).title(),
            url=f"https://example.org/{key}",
            type=self.dice.choice(ResourceType.values),
            cost=self.dice.choice(Cost.values),
            minutes=(low, 2 * low) if low else None,
            language=self.dice.choice(["en", "en", "en", "fr", "de"]),
            level=self.dice.choice(Level.values),
            year=self.dice.randrange(2010, 2026),
            why=self.say(15),
        )
