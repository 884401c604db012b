from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import clock
from quizzes.models import Card, CardParameters


class Command(BaseCommand):
    help = (
        "Make review cards of what was missed or unsure in quizzes; the worker does the same every 5 minutes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fit", action="store_true", help="also fit them to people who answered many")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        self.stdout.write(f"{Card.objects.gather(now)} cards made or begun again.")
        if options["fit"]:
            self.stdout.write(f"{CardParameters.objects.fit_next(now)} people's parameters looked at.")
