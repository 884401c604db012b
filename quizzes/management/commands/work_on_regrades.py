from typing import Any

from django.core.management.base import BaseCommand

from accounts import clock
from quizzes.models import regraded


class Command(BaseCommand):
    help = "Go on with regrades that are at work; what was open when one began is looked after, too."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{regraded.work_on_all(clock.now())} regrades worked on.")
