from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authoring import writing
from authoring.models import Draft, DraftHasFaultsError
from roadmap.models import Roadmap


class Command(BaseCommand):
    help = "Write a road's draft as a folder of files that road_import reads."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help="the road's key")
        parser.add_argument("folder", type=Path, help="a folder that is empty or not there yet")
        parser.add_argument("--force", action="store_true", help="replace a folder that holds a road")

    def handle(self, *args: Any, **options: Any) -> None:
        road = Roadmap.objects.filter(key=options["key"]).first()
        if road is None:
            known = ", ".join(Roadmap.objects.values_list("key", flat=True)[:20])
            raise CommandError(f"There is no road “{options['key']}”. There are: {known or 'none yet'}.")
        try:
            texts = writing.files(Draft(road).folder())
            writing.write(texts, options["folder"], force=options["force"])
        except DraftHasFaultsError as refused:
            for fault in refused.faults:
                self.stderr.write(f"{'fault' if fault.stops else 'warning'}: {fault}")
            raise CommandError("The draft has faults. Mend them at the desk first.") from refused
        except (writing.FolderInTheWayError, OSError) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{len(texts)} files of “{road}” are in {options['folder']}.")
