from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from reminders import emails


class Command(BaseCommand):
    help = "Plan, claim and send the letters that are due: what the worker does every minute, without Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seconds",
            type=float,
            default=emails.LONGEST_ROUND,
            help="stop after about so long (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(emails.send_reminders(options["seconds"])))
