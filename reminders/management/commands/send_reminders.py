from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import clock
from reminders import emails
from reminders.emails.rehearsal import rehearse


class Command(BaseCommand):
    help = "Plan, claim and send the letters that are due: what the worker does every minute, without Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seconds",
            type=float,
            default=emails.LONGEST_ROUND,
            help="stop after about so long (default: %(default)s)",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="only say what would be planned and sent now; nothing is written",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(str(rehearse(clock.database_now())))
        else:
            self.stdout.write(str(emails.send_reminders(options["seconds"])))
