from celery import shared_task
from django.conf import settings

from roadmap import models


@shared_task
def check_links() -> None:
    """Ask links that are due, where links are checked at all; losing or repeating this message changes nothing."""
    if settings.CHECK_LINKS:
        models.check_links()
