from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authoring.folder import read_folder


class Command(BaseCommand):
    help = "Check a road's folder and name every fault with its file, line and remedy; needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that holds road.yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        checked = read_folder(options["folder"])
        for fault in checked.faults:
            self.stdout.write(f"{'fault' if fault.stops else 'warning'}: {fault}")
        if checked.road is None:
            raise CommandError(f"The folder can’t be imported as it is; faults: {len(checked.stops)}.")
        topics = sum(1 for _ in checked.road.topics())
        questions = sum(1 for _ in checked.road.questions())
        self.stdout.write(
            f"The road “{checked.road.road.title}” is sound: {len(checked.road.stages)} stages, {topics} topics,"
            f" {len(checked.road.resources)} resources, {questions} questions."
        )
