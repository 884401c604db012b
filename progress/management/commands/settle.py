from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import clock
from progress.models import Enrollment


class Command(BaseCommand):
    help = "Write down earned passes and rebuild the standing rows; --all looks at everybody, not only at the stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="settle every enrollment")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        chosen = Enrollment.objects.current() if options["all"] else Enrollment.objects.stale()
        count = chosen.settle(now)
        self.stdout.write(f"{count} enrollments settled.")
