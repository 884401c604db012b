from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import clock
from authoring.faults import Fault
from authoring.folder import read_folder
from authoring.models import DraftHasFaultsError, RoadImport, RoadImportRefusedError
from authoring.models.dry_run import DryRun
from authoring.models.upsert import Changes
from authoring.words import told_run


class Command(BaseCommand):
    help = "Write a road's folder into its draft, all of it or nothing; --publish makes it the edition that is studied."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that holds road.yaml")
        parser.add_argument("--publish", action="store_true", help="publish the draft afterwards")
        parser.add_argument("--changelog", default="", help="what is new, for the edition")
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        checked = read_folder(options["folder"])
        self._list(checked.faults)
        try:
            self._act(RoadImport(checked), options)
        except (RoadImportRefusedError, DraftHasFaultsError) as refused:
            if refused.faults != checked.faults:
                self._list(refused.faults)
            raise CommandError("Nothing was imported. Mend the faults above and try again.") from refused

    def _act(self, road: RoadImport, options: dict[str, Any]) -> None:
        now = clock.now()
        if options["dry_run"]:
            self._tell_run(road.dry_run(now))
        elif options["publish"]:
            changes, edition = road.publish(by=None, changelog=options["changelog"], now=now)
            self._tell(changes)
            self.stdout.write(f"Edition {edition.number} of “{edition.roadmap}” is published.")
        else:
            self._tell(road.save(now))
            self.stdout.write("The draft is written. Learners see it once it is published.")

    def _tell(self, changes: Changes) -> None:
        for act, kinds in changes.by_act.items():
            counted = ", ".join(f"{len(names)} × {kind}" for kind, names in kinds.items())
            self.stdout.write(f"{act}: {counted}")
        if not changes:
            self.stdout.write("The draft says the same already.")

    def _tell_run(self, run: DryRun) -> None:
        self._tell(run.changes)
        for line in told_run(run):
            self.stdout.write(line)
        self._list(run.faults)
        self.stdout.write("This was a dry run: nothing was written.")

    def _list(self, faults: list[Fault]) -> None:
        for fault in faults:
            self.stderr.write(f"{'fault' if fault.stops else 'warning'}: {fault}")
