from celery import shared_task

from accounts import clock
from authoring.models import QuestionUpload, RoadUpload


@shared_task
def forget_uploads() -> int:
    """Delete uploads that nobody confirmed in time, and outcomes of the others: how many went."""
    now = clock.now()
    return RoadUpload.objects.forget(now) + QuestionUpload.objects.forget(now)
