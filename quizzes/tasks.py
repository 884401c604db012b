from celery import shared_task

from accounts import clock
from quizzes.models import Answer, Attempt, Card, CardParameters, QuizNumbers, regraded


@shared_task
def finalise_overdue() -> int:
    """Hand in what is saved of attempts whose time is over; running it twice changes nothing."""
    return Attempt.objects.finalise_overdue(clock.database_now())


@shared_task
def mark_unmarked() -> int:
    """Mark what was handed in while marking failed: how many; running it twice changes nothing."""
    return Attempt.objects.mark_unmarked(clock.database_now())


@shared_task
def thin_answers() -> int:
    """Delete saves that newer ones replaced, a month after their attempt: how many went."""
    return Answer.objects.thin(clock.now())


@shared_task
def count_questions() -> int:
    """Count what answers say of questions, for quizzes with news: how many; running it twice changes nothing."""
    return QuizNumbers.objects.count_due(clock.database_now())


@shared_task
def gather_cards() -> int:
    """Make review cards of what was missed or unsure since the last time; running it twice changes nothing."""
    return Card.objects.gather(clock.now())


@shared_task
def fit_cards() -> int:
    """Fit how cards come back to people who answered many; how many people were looked at."""
    return CardParameters.objects.fit_next(clock.now())


@shared_task
def work_on_regrades() -> int:
    """Go on with regrades that are at work; running it twice changes nothing."""
    return regraded.work_on_all(clock.now())
