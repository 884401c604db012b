from celery import shared_task

from accounts import clock
from authoring.models import RoadUpload


@shared_task
def forget_uploads() -> int:
    """Delete uploaded roads that nobody confirmed in time, and the outcomes of those that were: how many went."""
    return RoadUpload.objects.forget(clock.now())
