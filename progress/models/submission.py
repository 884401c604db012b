from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from roadmap.models import Edition, EvidenceTask


class SubmissionState(models.TextChoices):
    WAITING = "waiting", _("Waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    ACCEPTED = "accepted", _("Accepted")


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def waiting(self) -> Self:
        """Handed in and not yet reviewed, the longest waiting first."""
        return self.filter(state=SubmissionState.WAITING).order_by("state_since", "id")

    def accepted(self) -> Self:
        return self.filter(state=SubmissionState.ACCEPTED)


class Submission(models.Model):
    """One person's answer to one evidence task over all its versions; `state_since` says since when it stands so."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="submissions")
    task = models.ForeignKey(EvidenceTask, models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=SubmissionState.choices, default=SubmissionState.WAITING)
    state_since = models.DateTimeField()
    state_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer_by = models.DateTimeField(
        _("answer promised by"), null=True, blank=True, help_text=_("While it waits for a review.")
    )
    feedback_seen_at = models.DateTimeField(null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ("-state_since", "-id")
        constraints = [
            models.UniqueConstraint(fields=["person", "task"], name="one_submission_per_person_and_task")
        ]
        indexes = [
            models.Index(
                fields=["state_since", "id"],
                condition=models.Q(state="waiting"),
                name="waiting_submissions_by_age",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.task_id}"


class SubmissionVersion(models.Model):
    """One version that was handed in; never changed. It pins the edition whose brief and rubric it answers."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=[("link", _("Link")), ("text", _("Text")), ("file", _("File"))])
    link = models.URLField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    file = models.FileField(upload_to="evidence/%Y/%m/", blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)
    note = models.TextField(_("note to the mentor"), blank=True)
    handed_in_at = models.DateTimeField()

    class Meta:
        verbose_name = _("submission version")
        verbose_name_plural = _("submission versions")
        ordering = ("submission", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "number"], name="versions_of_a_submission_are_numbered_once"
            ),
            models.CheckConstraint(
                condition=(models.Q(kind="link") & ~models.Q(link="") & models.Q(text="", file=""))
                | (models.Q(kind="text") & ~models.Q(text="") & models.Q(link="", file=""))
                | (models.Q(kind="file") & ~models.Q(file="") & models.Q(link="", text="")),
                name="a_version_holds_what_its_kind_says",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} v{self.number}"
