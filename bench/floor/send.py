"""The bare sender: one connection, the words given in two parts, one UPDATE each. Prints CPU seconds and count."""

import json
import sys
import time
from datetime import UTC, datetime

import django

django.setup()

from django.core.mail import EmailMultiAlternatives, get_connection

from bench.floor.models import Letter


def main(count: int, words: dict[str, str]) -> None:
    letters = list(Letter.objects.order_by("id")[:count])
    began = time.process_time()
    with get_connection() as connection:
        for letter in letters:
            message = EmailMultiAlternatives(
                "Your week", words["plain"], "bench@example.org", [letter.address], connection=connection
            )
            message.attach_alternative(words["html"], "text/html")
            message.send()
            Letter.objects.filter(pk=letter.pk).update(sent_at=datetime.now(UTC))
    print(json.dumps({"cpu_seconds": time.process_time() - began, "count": len(letters)}))


main(int(sys.argv[1]), json.loads(sys.argv[2]))
