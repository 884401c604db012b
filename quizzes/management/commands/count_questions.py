from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import clock
from quizzes.models import QuizNumbers


class Command(BaseCommand):
    help = "Count what answers say of questions, for quizzes with news; the worker does the same every two minutes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all", action="store_true", help="count every published quiz anew, with news or not"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        numbers, now = QuizNumbers.objects, clock.database_now()
        counted = numbers.count_all(now) if options["all"] else numbers.count_due(now)
        self.stdout.write(f"{counted} quizzes counted.")
