from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from roadmap.models import Edition, Roadmap, SearchEntry


class Command(BaseCommand):
    help = "Write anew how roads are found, from the editions that learners study. May be done at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--missing", action="store_true", help="only roads of which nothing is found yet")

    def handle(self, *args: Any, **options: Any) -> None:
        roads = Roadmap.objects.published().order_by("key")
        if options["missing"]:
            roads = roads.exclude(pk__in=SearchEntry.objects.values("roadmap"))
        for road in roads.iterator(chunk_size=100):
            document = Edition.objects.document(road.studied_edition_id)
            count = SearchEntry.objects.rebuild(road, document)
            self.stdout.write(f"{road.key}: {count} entries")
