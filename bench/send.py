"""The product’s letters to people who went quiet: CPU seconds of planning or sending them, and how many they were."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta

import django

django.setup()

from django.urls import get_resolver

from accounts import clock
from accounts.models import ActiveDay, User
from reminders import emails
from reminders.emails import drawing
from reminders.emails.planning import plan_in_turn
from reminders.models import KindState, Letter
from reminders.models.letter import LetterState

QUIET_FOR = timedelta(days=8)
HOUR_OF_THE_DAY = 10  # letters leave from eight to twenty by a person's own clock


def prepare(count: int) -> None:
    """Let so many people be quiet for long enough, at an hour when letters leave; an earlier round is forgotten."""
    now = clock.now()
    Letter.objects.all().delete()
    KindState.objects.all().delete()
    people = list(User.objects.in_role("learner").order_by("-id").values_list("pk", flat=True)[:count])
    User.objects.filter(pk__in=people).update(time_zone=_zone_where_it_is_ten(now))
    ActiveDay.objects.filter(person__in=people, on__gt=now.date() - QUIET_FOR).delete()
    print(json.dumps({"people": len(people)}))


def plan() -> None:
    began = time.process_time()
    plan_in_turn(clock.now())
    print(json.dumps({"cpu_seconds": time.process_time() - began, "count": Letter.objects.count()}))


def send() -> None:
    """All that a worker does with planned letters: claims them, asks whether they are true, sends and notes."""
    # What it reads once in its life, not once a round.
    _ = get_resolver().reverse_dict, drawing._html(is_rtl=False), drawing._text()  # noqa: SLF001  # nothing else draws no letter
    began = time.process_time()
    emails.send_reminders(300)
    spent = time.process_time() - began
    mails = Letter.objects.filter(state=LetterState.SENT, carrier=None)
    print(json.dumps({"cpu_seconds": spent, "count": mails.count()}))


def _zone_where_it_is_ten(now: datetime) -> str:
    ahead = (HOUR_OF_THE_DAY - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"  # these names count westward


match sys.argv[1:]:
    case ["prepare", count]:
        prepare(int(count))
    case ["plan"]:
        plan()
    case ["send"]:
        send()
