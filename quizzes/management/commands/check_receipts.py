import sys
from typing import Any

from django.core.management.base import BaseCommand

from quizzes.models import Attempt


class Command(BaseCommand):
    help = "Check of every finished attempt that what is stored fits its receipt; exits 1 when one does not."

    def handle(self, *args: Any, **options: Any) -> None:
        failing = 0
        for attempt in Attempt.objects.whose_receipt_fails():
            failing += 1
            self.stderr.write(
                f"Attempt {attempt.pk} (quiz {attempt.quiz_id}, person {attempt.person_id}) does not fit."
            )
        checked = Attempt.objects.finished().count()
        self.stdout.write(f"{checked} receipts checked, {failing} do not fit.")
        if failing:
            sys.exit(1)
