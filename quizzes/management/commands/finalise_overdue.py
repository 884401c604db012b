from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import clock
from quizzes.models import Answer, Attempt


class Command(BaseCommand):
    help = "Hand in what is saved of quiz attempts whose time is over; the worker does the same every 30 seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--thin", action="store_true", help="also delete saves that newer ones replaced")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.database_now()
        self.stdout.write(f"{Attempt.objects.finalise_overdue(now)} attempts handed in.")
        if options["thin"]:
            self.stdout.write(f"{Answer.objects.thin(now)} replaced saves deleted.")
