"""What senders and pages ask of the ledger is found by index, however much it holds: shown by EXPLAIN."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from reminders.models import Letter
from tests.cast import NOW, ines
from tests.plans import indexes_of, planned_for, read_whole

pytestmark = pytest.mark.django_db

# Of twelve thousand letters of four hundred people twenty wait, as many are being sent.
LEDGER = """
INSERT INTO accounts_user
       (id, password, is_superuser, email, name, time_zone, language, is_staff, is_active, date_joined)
SELECT 1000000 + n, '!', false, n || '@example.org', 'Reader', 'UTC', 'en', false, true, %(now)s
  FROM generate_series(1, 400) n;
INSERT INTO reminders_letterwishes (person_id, stopped_kinds, weekdays, secret)
SELECT 1000000 + n, '[]', '[1, 2, 3, 4, 5, 6, 7]', n FROM generate_series(1, 400) n;
INSERT INTO reminders_letter
       (id, kind, occurrence, facts, planned_at, due_at, expires_at, state, reason, tries, lease_until, lease_token,
        sent_at, shown_at, recipient_id)
SELECT gen_random_uuid(), 'quiet', n, '{}', at.at, at.at, at.at + interval '1 year', s.state, '', 1,
       CASE WHEN s.state = 'sending' THEN at.at END, CASE WHEN s.state = 'sending' THEN gen_random_uuid() END,
       CASE WHEN s.state = 'sent' THEN at.at END, CASE WHEN s.state = 'sent' THEN at.at END, 1000001 + n %% 400
  FROM generate_series(1, 12000) n
 CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - n * interval '1 hour' AS at) at
 CROSS JOIN LATERAL (SELECT CASE n %% 600 WHEN 0 THEN 'planned' WHEN 1 THEN 'sending' ELSE 'sent' END AS state) s;
ANALYZE reminders_letter; ANALYZE reminders_letterwishes
"""


def claimed() -> object:
    return Letter.objects.claim(NOW, 10)


def swept() -> object:
    return Letter.objects.sweep(NOW)


def shown() -> object:
    return list(Letter.objects.in_inbox(ines())[:20])


def counted() -> object:
    return Letter.objects.counted([ines().pk], NOW - timedelta(days=8))


def rivals() -> object:
    return list(Letter.objects.rivals([Letter(id=UUID(int=0), recipient=ines(), kind="quiet")], NOW))


def silent() -> object:
    return list(Letter.objects.held_back_for_now(NOW).order_by("pk")[:500])


def test_no_sender_and_no_inbox_reads_the_whole_ledger():
    with connection.cursor() as cursor:
        for statement in LEDGER.split(";\n"):
            cursor.execute(statement, {"now": NOW})
    by_index: dict[Callable[[], object], set[str]] = {
        claimed: {"letters_being_sent_by_token"},  # and one by the due time, whichever PostgreSQL takes
        swept: {"letters_being_sent_by_lease"},
        shown: {"letters_in_inboxes"},
        counted: {"letters_in_inboxes"},
        silent: {"letters_held_back_for_now"},
        rivals: set(),  # any index that begins with the person
    }
    wrong = []
    for act, wanted in by_index.items():
        nodes = list(planned_for(act))
        whole, used = read_whole(nodes, {"reminders_letter"}), indexes_of(nodes)
        if whole or not wanted <= used:
            wrong.append(f"{act.__name__} reads whole {sorted(whole)}, uses {sorted(used)}")
    assert not wrong, "\n".join(wrong)
