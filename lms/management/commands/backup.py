from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms import dumps


class Command(BaseCommand):
    help = "Write the whole database into one file. Files handed in are in var/uploads: copy that folder too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, as in waymark-2026-11-25.dump")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if file.exists():
            raise CommandError(f"{file} exists already. Name a new file.")
        if not file.absolute().parent.is_dir():
            raise CommandError(f"There is no folder {file.absolute().parent}. Make it first.")
        try:
            dumps.write(settings.DATABASE_URL, file)
        except dumps.DumpError as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"Written to {file}, {file.stat().st_size:,} bytes.")
