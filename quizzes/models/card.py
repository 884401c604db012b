from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay, User
from quizzes.bodies import Body
from quizzes.memory import Memory, Phase, Rating, Rhythm
from quizzes.models import card_gathering
from quizzes.models.attempt import Attempt
from quizzes.models.card_review import CardReview, CardSession, CardUndo
from quizzes.models.card_settings import CardSettings
from quizzes.models.deck import RESTING, Deck
from quizzes.models.question import EditKind, Question, QuestionVersion
from quizzes.paper import Slot
from quizzes.refusals import CardMovedError, CardNotDueError, NothingToUndoError
from quizzes.review import Item

MOST_SECONDS = 600
MEMORY = ["phase", "stability", "difficulty", "due_on", "reviewed_on", "reviewed_at", "turn"]
_BEHIND = frozenset({Item.CORRECTNESS, Item.RIGHT_ANSWER, Item.EXPLANATION})  # what the back of a card shows


def _resting(person: int) -> RawSQL:
    return RawSQL(RESTING, [person])  # noqa: S611  # a statement of ours, the person as its parameter


class CardQuerySet(models.QuerySet["Card"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def with_source(self) -> Self:
        """With what its pages show besides the question: attempt, quiz and road."""
        return self.select_related("question", "version", "source__quiz__roadmap")

    def suspended(self) -> Self:
        return self.exclude(suspended_at=None)

    def shown(self, person: User) -> Self:
        """The person's cards that are neither put aside nor resting."""
        return (
            self.of(person)
            .filter(suspended_at=None, is_veiled=False)
            .exclude(question__in=_resting(person.pk))
        )

    def due(self, person: User, on: date) -> Self:
        return self.shown(person).filter(due_on__lte=on)

    def known(self, on: date) -> Self:
        """Seen before, but not on this day."""
        return self.filter(reviewed_on__lt=on)

    def new(self) -> Self:
        return self.filter(reviewed_on=None)

    def returning(self, on: date) -> Self:
        """Seen on this day already."""
        return self.filter(reviewed_on__gte=on)

    def upcoming(self, person: User, on: date, deck: Deck) -> Card | None:
        """The card to show next: known ones first, then new ones, at last those that come back today."""
        due, left = self.due(person, on).with_source(), deck.left
        if left.known:
            return due.known(on).order_by("due_on", "id").first()
        if left.new:
            return due.new().order_by("due_on", "id").first()
        return due.returning(on).order_by("reviewed_at", "id").first() if left.returning else None


class CardManager(models.Manager.from_queryset(CardQuerySet)):  # type: ignore[misc]  # django-stubs types the base as a value
    def deck(self, person: User, now: datetime) -> Deck:
        """What is due today, what was done, and what comes in the next days: one query."""
        return Deck.read(person, person.today(now))

    def gather(self, now: datetime) -> int:
        """Make cards of what was missed or unsure in attempts marked since the last time; how many were made or begun
        again. Running it twice, or twice at once, changes nothing."""
        return card_gathering.gather(now)

    def gather_of(self, person: User, now: datetime) -> None:
        """The same for one person, and lift the veil from what she may see by now."""
        card_gathering.gather_of(person, now)
        self._unveil(self.of(person).filter(is_veiled=True), now)

    def take_in(
        self, person: User, source: Attempt, slot: int, now: datetime, *, question: int, version: int
    ) -> None:
        """Make a card of a question that was missed while practising; one that is there stays as it is."""
        card = Card(
            person=person,
            question_id=question,
            version_id=version,
            source=source,
            slot=slot,
            asked_at=source.finished_at or now,
            was_missed=True,
            due_on=person.today(now),
        )
        self.bulk_create([card], ignore_conflicts=True)

    def _unveil(self, veiled: CardQuerySet, now: datetime) -> None:
        sources = Attempt.objects.filter(pk__in=veiled.values("source"))
        for attempt in sources.select_related("person", "quiz__current_version"):
            if attempt.seen(now) >= _BEHIND:
                veiled.filter(source=attempt).update(is_veiled=False)

    @transaction.atomic
    def undo(self, person: User, review_id: int, now: datetime) -> None:
        """Take the person's last review of a card back: the card is exactly as it was. Doing it twice changes nothing.

        Raises NothingToUndoError when there is no such review of hers, or the card was answered again since.
        """
        review = CardReview.objects.filter(person=person, pk=review_id).first()
        if review is None:
            raise NothingToUndoError
        card = self.select_for_update().get(pk=review.card_id)
        if CardUndo.objects.filter(review=review).exists():
            return
        if card.reviews.standing().order_by("turn").last() != review:
            raise NothingToUndoError
        CardUndo.objects.create(review=review, undone_at=now)
        card.restore(review)


class Card(models.Model):
    """One question that one person missed or was unsure of, and what is known of her memory of it.

    `source` and `slot` are where she met it last and missed it, `version` is the wording she saw there. `turn` grows
    with every change of the memory: a page answers the turn it showed, so nothing is answered twice. A veiled card
    rests, because her result does not show the right answer yet. Nothing about cards counts for anything.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="cards")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="+")
    source = models.ForeignKey(Attempt, models.CASCADE, related_name="+")
    slot = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField(help_text=_("When the attempt it comes from was finished."))
    was_missed = models.BooleanField(help_text=_("Or else she was right, but not sure."))
    is_veiled = models.BooleanField(default=False)
    phase = models.PositiveSmallIntegerField(default=Phase.LEARNING)
    stability = models.FloatField(null=True, blank=True)
    difficulty = models.FloatField(null=True, blank=True)
    reviewed_on = models.DateField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(_("due"))
    turn = models.PositiveIntegerField(default=0)
    suspended_at = models.DateTimeField(null=True, blank=True)

    objects = CardManager()

    class Meta:
        verbose_name = _("review card")
        verbose_name_plural = _("review cards")
        ordering = ("person", "due_on", "id")
        constraints = [
            models.UniqueConstraint(fields=["person", "question"], name="one_card_per_person_and_question"),
            models.CheckConstraint(
                condition=models.Q(reviewed_on=None, reviewed_at=None, stability=None, difficulty=None)
                | models.Q(
                    reviewed_on__isnull=False,
                    reviewed_at__isnull=False,
                    stability__isnull=False,
                    difficulty__isnull=False,
                ),
                name="a_card_is_known_from_its_first_review_on",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "due_on"], condition=models.Q(suspended_at=None), name="cards_by_due_day"
            ),
            models.Index(
                fields=["person", "-suspended_at", "-id"],
                condition=models.Q(suspended_at__isnull=False),
                name="cards_put_aside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.question_id}"

    # Acts

    @transaction.atomic
    def review(
        self,
        rating: Rating,
        turn: int,
        now: datetime,
        *,
        seconds: int | None = None,
        session: CardSession | None = None,
    ) -> CardReview:
        """Write what the person says of this card and when it comes back; saying it twice for a turn changes nothing.

        Raises CardMovedError when that turn was answered otherwise, CardNotDueError when the card is not asked now.
        """
        self._lock()
        if turn != self.turn:
            return self.answered(rating, turn)
        on = self.day(now)
        if not Card.objects.due(self.person, on).filter(pk=self.pk).exists():
            raise CardNotDueError
        before, after = self.kept(), self.choices(now)[rating]
        self._write(after, self.turn + 1, now)
        ActiveDay.objects.record(self.person, now)
        review: CardReview = self.reviews.create(
            person=self.person,
            session=session,
            turn=turn,
            rating=rating,
            on=on,
            at=now,
            seconds=None if seconds is None else min(max(seconds, 0), MOST_SECONDS),
            before=before,
            due_on=after.due_on,
        )
        return review

    def suspend(self, now: datetime) -> None:
        """Put the card aside until its person takes it back."""
        Card.objects.filter(pk=self.pk, suspended_at=None).update(suspended_at=now)

    def resume(self) -> None:
        """Take the card back; it is due when it was."""
        Card.objects.filter(pk=self.pk).update(suspended_at=None)

    def restore(self, review: CardReview) -> None:
        """Be as before this review."""
        self._write(CardReview.memory_before(review), self.turn + 1, review.reviewed_at_before)

    # Questions

    @property
    def memory(self) -> Memory:
        return Memory(self.due_on, Phase(self.phase), self.stability, self.difficulty, self.reviewed_on)

    def day(self, now: datetime) -> date:
        """Today on the person's calendar, but never before the last review, wherever she travels."""
        today = self.person.today(now)
        return max(today, self.reviewed_on or today)

    def choices(self, now: datetime, rhythm: Rhythm | None = None) -> dict[Rating, Memory]:
        """What each answer would lead to; the same as answering it on this day."""
        known = rhythm or CardSettings.objects.rhythm(self.person)
        return known.choices(self.memory, self.day(now), f"{self.pk}/{self.turn}")

    def rests(self) -> bool:
        """Whether its question stands in an open attempt of its person, or her result does not show the answer yet."""
        return (
            self.is_veiled
            or Question.objects.filter(pk=self.question_id, pk__in=_resting(self.person_id)).exists()
        )

    def answered(self, rating: Rating, turn: int) -> CardReview:
        """The review that this turn has, if it says the same; raises CardMovedError."""
        review = self.reviews.standing().filter(turn=turn, rating=rating).first()
        if review is None:
            raise CardMovedError
        return review

    def kept(self) -> dict[str, object]:
        """The memory as a review keeps it, for undoing."""
        return {
            "phase": self.phase,
            "stability": self.stability,
            "difficulty": self.difficulty,
            "due_on": self.due_on.isoformat(),
            "reviewed_on": self.reviewed_on.isoformat() if self.reviewed_on else None,
            "reviewed_at": self.reviewed_at.isoformat() if self.reviewed_at else None,
        }

    def place(self) -> Slot:
        """The place on the paper from which it comes: topic, resource, order of options."""
        return self.source.slots[self.slot - 1]

    def wording(self) -> tuple[Body, tuple[str, ...]]:
        """The question as it is shown, and the order of its options."""
        version = self.shown_version()
        body = QuestionVersion.objects.bodies([version])[version]
        return body, self.place().order if version == self.version_id else body.option_keys()

    def shown_version(self) -> int:
        """The version to show: the one she saw, or the newest once what is right has changed since."""
        later = QuestionVersion.objects.filter(question=self.question_id, number__gt=self.version.number)
        edits = list(later.order_by("number").values_list("pk", "edit_kind"))
        has_changed = any(kind == EditKind.ANSWER for _, kind in edits)
        return edits[-1][0] if has_changed else self.version_id

    # Helpers

    def _lock(self) -> None:
        """One at a time from here on, and the memory as the last one wrote it."""
        Card.objects.select_for_update(of=("self",)).get(pk=self.pk)
        self.refresh_from_db(fields=MEMORY)

    def _write(self, memory: Memory, turn: int, reviewed_at: datetime | None) -> None:
        self.phase, self.stability, self.difficulty = memory.phase, memory.stability, memory.difficulty
        self.due_on, self.reviewed_on = memory.due_on, memory.reviewed_on
        self.turn, self.reviewed_at = turn, reviewed_at
        self.save(update_fields=MEMORY)
