"""The desk's pages about letters: what was decided and why, and what an admin may do about it."""

from reminders.admin.ledger import Ledger
from reminders.admin.suppressions import Suppressions

__all__ = ["Ledger", "Suppressions"]
