from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from authoring import file_schemas


class Command(BaseCommand):
    help = "Write the JSON Schemas of a road's files, by default into docs/schema; needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", default=settings.BASE_DIR / "docs" / "schema")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in file_schemas.texts().items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
            self.stdout.write(str(folder / name))
