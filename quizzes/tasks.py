from celery import shared_task

from accounts import clock
from quizzes.models import Answer, Attempt, QuizNumbers


@shared_task
def finalise_overdue() -> int:
    """Hand in what is saved of attempts whose time is over; running it twice changes nothing."""
    return Attempt.objects.finalise_overdue(clock.database_now())


@shared_task
def thin_answers() -> int:
    """Delete saves that newer ones replaced, a month after their attempt: how many went."""
    return Answer.objects.thin(clock.now())


@shared_task
def count_questions() -> int:
    """Count what answers say of questions, for quizzes with news: how many; running it twice changes nothing."""
    return QuizNumbers.objects.count_due(clock.database_now())
