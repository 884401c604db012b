from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from roadmap.models import link_round


class Command(BaseCommand):
    help = (
        "Ask links that are due whether they still answer: what the worker does every minute, without Celery."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seconds",
            type=float,
            default=link_round.LONGEST_ROUND,
            help="stop after about so long (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CHECK_LINKS:
            raise CommandError("Links are not checked in this house: set WAYMARK_CHECK_LINKS=1 first.")
        self.stdout.write(str(link_round.check_links(options["seconds"])))
