from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from progress.asking import AskedMore
from progress.standing import StageStanding, Standing
from quizzes.models import Attempt, Quiz
from roadmap.models import Edition, Stage

if TYPE_CHECKING:
    from progress.models.enrollment import Position


class StagePassQuerySet(models.QuerySet["StagePass"]):
    def write(self, positions: Sequence[Position], now: datetime) -> int:
        """Write down the passes that these people earned and that no row says yet; how many. Two queries at most."""
        earned = {
            (place.enrollment.roadmap_id, s.stage.key, s.placement if s.is_known else None, place.enrollment)
            for place in positions
            for s in place.standing.stages
            if _is_unwritten(place.standing, s)
        }
        if not earned:
            return 0
        roads, keys = {road for road, *_ in earned}, {key for _road, key, *_ in earned}
        rows = Stage.objects.filter(roadmap__in=roads, key__in=keys).values_list("roadmap", "key", "pk")
        ids = {(road, key): pk for road, key, pk in rows}
        self.bulk_create(
            [
                StagePass(
                    person_id=who.person_id,
                    stage_id=ids[road, key],
                    edition_id=who.roadmap.studied_edition_id,
                    passed_at=now,
                    source=Source.WALKED if attempt is None else Source.PLACEMENT,
                    attempt_id=attempt,
                )
                for road, key, attempt, who in earned
            ],
            ignore_conflicts=True,
            batch_size=1000,
        )
        return len(earned)

    def placing(self, person: User, stage: Stage) -> set[int]:
        """The attempts by which the person passed this stage because a placement said so."""
        mine = self.filter(person=person, stage=stage, source=Source.PLACEMENT)
        return set(mine.values_list("attempt_id", flat=True))


def _is_unwritten(standing: Standing, place: StageStanding) -> bool:
    """Whether no row says yet that it is passed, or none that she walked it."""
    is_only_placed = place.stage.key in standing.facts.placed and place.is_walked
    return place.is_passed and (place.passed_at is None or is_only_placed)


class Source(models.TextChoices):
    WALKED = "walked", _("walked")
    PLACEMENT = "placement", _("known by placement")


class StagePass(models.Model):
    """One time a person fulfilled what an edition asked of a stage; rows are only added and never taken away.

    Its source is a placement when she answered enough of the quiz for placement in that attempt, and did not walk it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="stage_passes")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    passed_at = models.DateTimeField()
    source = models.CharField(
        max_length=9, choices=Source.choices, default=Source.WALKED, db_default=Source.WALKED
    )
    attempt = models.ForeignKey(Attempt, models.CASCADE, null=True, blank=True, related_name="+")

    objects = StagePassQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage pass")
        verbose_name_plural = _("stage passes")
        ordering = ("-passed_at", "-id")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "stage", "edition"],
                condition=models.Q(source="walked"),
                name="one_pass_per_person_stage_and_edition",
            ),
            models.UniqueConstraint(
                fields=["stage", "attempt"],
                condition=models.Q(source="placement"),
                name="a_placement_passes_a_stage_once",
            ),
            models.CheckConstraint(
                condition=models.Q(source="walked", attempt=None)
                | models.Q(source="placement", attempt__isnull=False),
                name="a_pass_by_placement_names_its_attempt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} passed {self.stage_id}"


class ReopeningQuerySet(models.QuerySet["Reopening"]):
    def ask(
        self, edition: Edition, asked: Sequence[AskedMore], *, reason: str, by: User | None, now: datetime
    ) -> None:
        """Ask these stages again from this edition on, in the transaction that publishes it."""
        keys = [one.stage for one in asked]
        stages = dict(Stage.objects.filter(roadmap=edition.roadmap_id, key__in=keys).values_list("key", "pk"))
        marked = [one.quiz for one in asked if one.mark is not None]
        quizzes = dict(
            Quiz.objects.filter(roadmap=edition.roadmap_id, key__in=marked).values_list("key", "pk")
        )
        self.bulk_create(
            Reopening(
                stage_id=stages[one.stage],
                edition=edition,
                reopened_at=now,
                reopened_by=by,
                reason=reason,
                quiz_id=quizzes.get(one.quiz or ""),
                pass_percent=one.mark if one.quiz in quizzes else None,
            )
            for one in asked
        )


class Reopening(models.Model):
    """One decision of an author that from an edition on a stage is asked again of everybody.

    Passes of earlier editions count no more; those of this edition and later ones do. Facts are weighed anew and stay:
    a tick counts as it is, an attempt begun before counts when its result reaches `pass_percent`.
    """

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField()
    reason = models.TextField(_("reason"), db_default="", default="", blank=True)
    quiz = models.ForeignKey(Quiz, models.PROTECT, null=True, blank=True, related_name="+")
    pass_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ReopeningQuerySet.as_manager()

    class Meta:
        verbose_name = _("reopening")
        verbose_name_plural = _("reopenings")
        constraints = [
            models.UniqueConstraint(fields=["stage", "edition"], name="a_stage_reopens_once_per_edition"),
            models.CheckConstraint(
                condition=models.Q(quiz=None, pass_percent=None)
                | models.Q(quiz__isnull=False, pass_percent__isnull=False),
                name="a_reopening_names_a_quiz_with_its_mark",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id} asked again"
