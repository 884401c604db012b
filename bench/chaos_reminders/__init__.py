"""`make chaos-reminders`: letters while senders, Redis and the mail server break; whether each leaves once."""
