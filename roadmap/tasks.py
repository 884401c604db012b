from celery import shared_task
from django.conf import settings

from roadmap.models import link_round


@shared_task
def check_links() -> None:
    """Ask links that are due, where links are checked at all; losing or repeating this message changes nothing."""
    if settings.CHECK_LINKS:
        link_round.check_links()
