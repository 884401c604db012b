from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, models

from accounts.models import User
from quizzes import memory
from quizzes.models.card_review import CardReview
from quizzes.models.card_settings import CardSettings

REVIEWS_BETWEEN = 200  # so many more until it is worth trying again

_WORTH_TRYING = """
SELECT review.person_id
  FROM quizzes_cardreview review
  LEFT JOIN quizzes_cardundo undo ON undo.review_id = review.id
  LEFT JOIN LATERAL (SELECT all_reviews FROM quizzes_cardparameters WHERE person_id = review.person_id
                      ORDER BY fitted_at DESC, id DESC LIMIT 1) last ON true
 WHERE undo.id IS NULL
 GROUP BY review.person_id, last.all_reviews
HAVING count(*) >= greatest(%s, coalesce(last.all_reviews + %s, 0))
 ORDER BY count(*) - coalesce(last.all_reviews, 0) DESC, review.person_id
 LIMIT %s
"""


class CardParametersManager(models.Manager["CardParameters"]):
    def fit_next(self, now: datetime, limit: int = 20) -> int:
        """Fit the parameters of people who answered many cards since the last fit; how many people were looked at."""
        with connection.cursor() as cursor:
            cursor.execute(_WORTH_TRYING, [memory.LEAST_REVIEWS, REVIEWS_BETWEEN, limit])
            people = [pk for (pk,) in cursor.fetchall()]
        for person in User.objects.get_queryset().filter(pk__in=people):
            self.fit(person, now)
        return len(people)

    def fit(self, person: User, now: datetime) -> CardParameters | None:
        """Write what holds for this person from now on; None while she has too few reviews."""
        reviews = CardReview.objects.of(person).standing().histories()
        known = CardSettings.objects.rhythm(person).parameters
        found = memory.fit(reviews, known)
        if found is None:
            return None
        kept = found.parameters if found.is_better else known
        return self.create(
            person=person,
            fitted_at=now,
            parameters=None if kept == memory.DEFAULTS else list(kept),
            all_reviews=sum(map(len, reviews.values())),
            reviews=found.reviews,
            loss_before=_finite(found.loss_before),
            loss_after=_finite(found.loss_after),
        )


class CardParameters(models.Model):
    """The parameters of FSRS that hold for one person from `fitted_at` on (None: the usual ones); rows are only added.

    `reviews` of hers went into the fit, of `all_reviews`. The losses are log loss over the held-out ones, with the
    parameters before and with the best that were found, which are kept only if theirs is lower.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="card_parameters")
    fitted_at = models.DateTimeField()
    parameters = models.JSONField(null=True)
    all_reviews = models.PositiveIntegerField()
    reviews = models.PositiveIntegerField()
    loss_before = models.FloatField(null=True)
    loss_after = models.FloatField(null=True)

    objects = CardParametersManager()

    class Meta:
        ordering = ("person", "-fitted_at", "-id")
        indexes = [models.Index(fields=["person", "-fitted_at", "-id"], name="card_parameters_newest_first")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.fitted_at}"


def _finite(loss: float) -> float | None:
    return loss if loss < float("inf") else None
