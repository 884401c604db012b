from reminders.emails.round import Tally, send_reminders

__all__ = ["Tally", "send_reminders"]
