from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import clock
from reminders import emails
from reminders.emails.rehearsal import rehearse

PATIENCE = 300.0  # seconds: nobody waits behind it, as tasks do behind a worker's rounds


class Command(BaseCommand):
    help = "Plan, claim and send the letters that are due: what the worker does every minute, without Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seconds",
            type=float,
            default=PATIENCE,
            help="stop after about so long (default: %(default)g); what is left is said, and due the next time",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="only say what would be planned and sent now; nothing is written",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(str(rehearse(clock.database_now())))
            return
        tally = emails.send_reminders(options["seconds"])
        self.stdout.write(str(tally))
        if tally.is_cut_short:
            self.stdout.write("Time was over before all was looked at. Run it again for the rest.")
