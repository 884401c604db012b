from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from roadmap.models import Edition, Roadmap, SearchEntry


class Command(BaseCommand):
    help = "Write anew how roads are found, from the editions that learners study. May be done at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        for road in Roadmap.objects.published().order_by("key").iterator(chunk_size=100):
            document = Edition.objects.document(road.studied_edition_id)
            count = SearchEntry.objects.rebuild(road, document)
            self.stdout.write(f"{road.key}: {count} entries")
