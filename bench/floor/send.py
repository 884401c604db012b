"""The bare sender: one connection, a 3 KB letter in two parts, one UPDATE each. Prints CPU seconds and count."""

import json
import sys
import time
from datetime import UTC, datetime

import django

django.setup()

from django.core.mail import EmailMultiAlternatives, get_connection

from bench.floor.models import Letter

TEXT = "You have not been here for a week. Your next step waits where you left it.\n" * 12
HTML = f"<html><body>{'<p>You have not been here for a week. Your next step waits.</p>' * 30}</body></html>"


def main(count: int) -> None:
    letters = list(Letter.objects.filter(sent_at=None).order_by("id")[:count])
    began = time.process_time()
    with get_connection() as connection:
        for letter in letters:
            message = EmailMultiAlternatives(
                "Your week", TEXT, "bench@example.org", [letter.address], connection=connection
            )
            message.attach_alternative(HTML, "text/html")
            message.send()
            Letter.objects.filter(pk=letter.pk).update(sent_at=datetime.now(UTC))
    print(json.dumps({"cpu_seconds": time.process_time() - began, "count": len(letters)}))


main(int(sys.argv[1]))
