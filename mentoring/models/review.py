from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay, User
from mentoring import rubric
from progress.models import Submission, SubmissionVersion
from roadmap.models import Edition


class Decision(models.TextChoices):
    ACCEPT = "accept", _("Accept")
    ASK_FOR_CHANGES = "ask_for_changes", _("Ask for changes")


class Level(models.TextChoices):
    """How far a criterion is met; the values are those of rubric.LEVELS, in their order."""

    NOT_YET = "not_yet", _("Not yet")
    DEVELOPING = "developing", _("Developing")
    MEETS = "meets", _("Meets")
    EXCEEDS = "exceeds", _("Exceeds")


class ReviewRefusedError(Exception):
    """This decision is not taken; nothing was written."""


class AlreadyReviewedError(ReviewRefusedError):
    """The version has its review; `review` is the one that stands."""

    def __init__(self, review: Review) -> None:
        super().__init__(f"version {review.version_id} was reviewed")
        self.review = review


class OvertakenError(ReviewRefusedError):
    """The learner handed in a newer version meanwhile, which is the one to review."""


class OwnWorkError(ReviewRefusedError):
    """Nobody reviews her own work."""


class RubricError(ReviewRefusedError):
    """The levels are not what the rubric of the version asks, or the words are missing; ReviewForm says it kindly."""


class ReviewQuerySet(models.QuerySet["Review"]):
    def on(self, submission: Submission) -> Self:
        return self.filter(version__submission=submission).select_related("reviewer")

    @transaction.atomic
    def decide(
        self,
        version: SubmissionVersion,
        *,
        by: User,
        decision: str,
        levels: Mapping[str, str],
        feedback: str,
        now: datetime,
    ) -> Review:
        """Write the one review of a version and move its submission on; two deciding at once get one review.

        `levels` maps each criterion key of the version's own rubric to one of rubric.LEVELS.
        Raises a ReviewRefusedError: AlreadyReviewedError, OvertakenError, OwnWorkError or RubricError.
        """
        # hand_in takes the same lock, so no version can come between the look and the decision
        submission = Submission.objects.select_for_update(of=("self",)).get(pk=version.submission_id)
        self._refuse(version, submission, by)
        _refuse_levels(version, decision, levels, feedback)
        review = self.create(
            version=version,
            reviewer=by,
            decision=decision,
            levels=dict(levels),
            feedback=feedback,
            reviewed_at=now,
        )
        act = submission.accept if decision == Decision.ACCEPT else submission.ask_for_changes
        act(by, now)
        ActiveDay.objects.record(by, now)
        return review

    def _refuse(self, version: SubmissionVersion, submission: Submission, by: User) -> None:
        """Callers hold the submission's lock."""
        if submission.person_id == by.pk:
            raise OwnWorkError
        if review := self.filter(version=version).select_related("reviewer").first():
            raise AlreadyReviewedError(review)
        if submission.versions.filter(number__gt=version.number).exists():
            raise OvertakenError


def _refuse_levels(
    version: SubmissionVersion, decision: str, levels: Mapping[str, str], feedback: str
) -> None:
    document = Edition.objects.document(version.edition_id)
    criteria = document.task_by_key[version.submission.task.key].rubric
    is_accepted = decision == Decision.ACCEPT
    if (
        decision not in Decision.values
        or rubric.missing(criteria, levels)
        or rubric.unknown(criteria, levels)
    ):
        raise RubricError("every criterion has one level, and the decision is one of two")
    if is_accepted and (ways := rubric.in_the_way(criteria, levels)):
        raise RubricError(f"not acceptable at these levels: {', '.join(c.key for c in ways)}")
    if not is_accepted and not feedback.strip():
        raise RubricError("asking for changes needs words")


class Review(models.Model):
    """One mentor's decision on one handed-in version, with a level per rubric criterion and words to the learner."""

    version = models.OneToOneField(SubmissionVersion, models.CASCADE, related_name="review_given")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decision = models.CharField(max_length=16, choices=Decision.choices)
    levels = models.JSONField(
        default=dict, help_text=_("Criterion key to not_yet, developing, meets or exceeds.")
    )
    feedback = models.TextField(_("feedback"))
    reviewed_at = models.DateTimeField()

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("-reviewed_at", "-id")

    def __str__(self) -> str:
        return f"{self.version_id}: {self.decision}"

    @property
    def is_accepting(self) -> bool:
        return self.decision == Decision.ACCEPT
