from reminders.emails.round import send_reminders
from reminders.emails.sending import Tally

__all__ = ["Tally", "send_reminders"]
