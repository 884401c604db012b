from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from quizzes.memory import Memory, Phase, Rating
from quizzes.models.card_settings import CardSettings

LAST_CARD = timedelta(
    minutes=5
)  # a session ends at the end of a card, so its last one may come a little later


class CardSessionManager(models.Manager["CardSession"]):
    def newest(self, person: User) -> CardSession | None:
        return self.filter(person=person).order_by("-started_at", "-id").first()

    @transaction.atomic
    def begin(self, person: User, now: datetime) -> CardSession:
        """The person's session under way, or a new one. Beginning twice at once gives the same one."""
        User.objects.get_queryset().select_for_update(no_key=True).get(pk=person.pk)
        last = self.newest(person)
        if last is not None and not last.is_over(now):
            return last
        minutes = CardSettings.objects.of(person).minutes
        return self.create(person=person, started_at=now, minutes=minutes)


class CardSession(models.Model):
    """One sitting of a person with her cards: so many minutes from its start, up to the end of a card."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="card_sessions")
    started_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()

    objects = CardSessionManager()

    class Meta:
        ordering = ("person", "-started_at", "-id")
        indexes = [models.Index(fields=["person", "-started_at", "-id"], name="card_sessions_newest_first")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.started_at}"

    @property
    def ends_at(self) -> datetime:
        return self.started_at + timedelta(minutes=self.minutes)

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends_at

    def takes(self, now: datetime) -> bool:
        """Whether a review at `now` still belongs to it."""
        return now < self.ends_at + LAST_CARD

    def minutes_left(self, now: datetime) -> int:
        """Whole minutes, the one under way counted."""
        return max(0, -(-int((self.ends_at - now).total_seconds()) // 60))


class CardReviewQuerySet(models.QuerySet["CardReview"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def standing(self) -> Self:
        """Those that were not taken back."""
        return self.filter(undo=None)

    def histories(self) -> dict[int, list[tuple[date, Rating]]]:
        """By card and in order the days and answers, as a fit wants them."""
        found: dict[int, list[tuple[date, Rating]]] = {}
        for card, on, rating in self.order_by("card_id", "turn").values_list("card_id", "on", "rating"):
            found.setdefault(card, []).append((on, Rating(rating)))
        return found


class CardReview(models.Model):
    """One answer of a person to one of her cards, on a day of her calendar; rows are only added.

    `turn` is the card's turn that was answered, `before` its memory until then, `due_on` when it comes back. One that
    was taken back has a CardUndo beside it: so both stay facts, and neither table needs an exception to its guard.
    """

    card = models.ForeignKey("quizzes.Card", models.CASCADE, related_name="reviews")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="card_reviews")
    session = models.ForeignKey(CardSession, models.CASCADE, null=True, blank=True, related_name="reviews")
    turn = models.PositiveIntegerField()
    rating = models.PositiveSmallIntegerField(_("answer"), choices=[(int(one), one.name) for one in Rating])
    on = models.DateField(_("day"))
    at = models.DateTimeField()
    seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    before = models.JSONField()
    due_on = models.DateField()

    objects = CardReviewQuerySet.as_manager()

    class Meta:
        ordering = ("card", "turn")
        constraints = [
            models.UniqueConstraint(fields=["card", "turn"], name="a_turn_of_a_card_is_answered_once"),
            models.CheckConstraint(condition=models.Q(rating__range=(1, 4)), name="a_card_is_rated_1_to_4"),
            models.CheckConstraint(
                condition=models.Q(due_on__gte=models.F("on")), name="a_card_is_not_due_before_its_review"
            ),
        ]
        indexes = [models.Index(fields=["person", "on"], name="card_reviews_of_a_day")]

    def __str__(self) -> str:
        return f"{self.card_id} turn {self.turn}: {self.rating}"

    def memory_before(self) -> Memory:
        """The card's memory until this review."""
        kept: dict[str, Any] = self.before
        return Memory(
            date.fromisoformat(kept["due_on"]),
            Phase(kept["phase"]),
            kept["stability"],
            kept["difficulty"],
            date.fromisoformat(kept["reviewed_on"]) if kept["reviewed_on"] else None,
        )

    @property
    def reviewed_at_before(self) -> datetime | None:
        at: str | None = self.before["reviewed_at"]
        return datetime.fromisoformat(at) if at else None


class CardUndo(models.Model):
    """The review it names was taken back by its person; rows are only added."""

    review = models.OneToOneField(CardReview, models.CASCADE, related_name="undo")
    undone_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.review_id} undone"
