from reminders.emails.round import LONGEST_ROUND, Tally, send_reminders

__all__ = ["LONGEST_ROUND", "Tally", "send_reminders"]
