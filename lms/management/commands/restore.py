from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from lms import dumps


class Command(BaseCommand):
    help = "Replace everything in the database by what a backup holds. Stop web, worker and beat first."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `manage.py backup` wrote")
        parser.add_argument("--replace", action="store_true", help="yes: what is in the database now is lost")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"There is no file {file}.")
        if not options["replace"]:
            raise CommandError("This replaces everything in the database. Say --replace if you mean it.")
        try:
            dumps.read(settings.DATABASE_URL, file)
        except dumps.DumpError as trouble:
            raise CommandError(f"Nothing was changed. {trouble}") from trouble
        self.stdout.write(
            "Restored. `manage.py migrate` brings an older backup up to date; `up` does so by itself."
        )
