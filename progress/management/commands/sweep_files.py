from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandParser

from accounts import clock
from progress.models import SubmissionVersion

YOUNGEST = timedelta(days=1)  # a younger file may belong to a version that is being written


class Command(BaseCommand):
    help = "List evidence files older than a day that no row names (killed processes leave such); --delete ends them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="remove the files that are listed")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for name in SubmissionVersion.objects.nameless_files(clock.now() - YOUNGEST):
            self.stdout.write(name)
            if options["delete"]:
                default_storage.delete(name)
            count += 1
        done = "deleted" if options["delete"] else "found; --delete removes them"
        self.stdout.write(f"{count} files {done}.")
