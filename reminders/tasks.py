from celery import shared_task

from reminders import emails


@shared_task
def send_reminders() -> None:
    """Plan, claim and send what is due; losing or repeating this message changes nothing."""
    emails.send_reminders()
