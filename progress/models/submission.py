from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import ActiveDay, User
from progress.models.enrollment import Enrollment
from roadmap.document import TaskEntry
from roadmap.models import Edition, EvidenceTask

FILES_BELOW = "evidence"
FILES_AT_ONCE = 500


class SubmissionState(models.TextChoices):
    WAITING = "waiting", _("Waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("Changes requested")
    ACCEPTED = "accepted", _("Accepted")


class HandInRefusedError(Exception):
    """The task takes no version of this person now."""


class AlreadyAcceptedError(HandInRefusedError):
    """The task was accepted before; a further version would reopen it."""


class StageLockedError(HandInRefusedError):
    """The task's stage is not open to the person yet; reading it is, handing in is not."""


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def of(self, person: User) -> Self:
        return self.filter(person=person)

    def on(self, road_key: str) -> Self:
        return self.filter(task__roadmap__key=road_key)

    def waiting(self) -> Self:
        """Handed in and not yet reviewed, the longest waiting first."""
        return self.filter(state=SubmissionState.WAITING).order_by("state_since", "id")

    def accepted(self) -> Self:
        return self.filter(state=SubmissionState.ACCEPTED)

    def with_version(self) -> Self:
        """Each with the number of its newest version as `version`: the one that waits or was decided."""
        newest = (
            SubmissionVersion.objects.filter(submission=models.OuterRef("pk"))
            .order_by()
            .values("submission")
            .annotate(newest=models.Max("number"))
            .values("newest")
        )
        return self.annotate(version=models.Subquery(newest))

    def hand_in(
        self,
        enrollment: Enrollment,
        task: TaskEntry,
        *,
        kind: str,
        link: str = "",
        text: str = "",
        file: UploadedFile[bytes] | None = None,
        note: str = "",
        now: datetime,
    ) -> SubmissionVersion:
        """Write the next version of an answer to a task and put it before the mentors.

        A version that still waits for its review is overtaken by the new one, and its place in the queue is
        kept. Raises AlreadyAcceptedError when the task needs nothing more, StageLockedError when its stage is
        not open; what was begun may be finished, whatever the gates say later. Nothing stays stored of a file
        whose version is not written.
        """
        version = SubmissionVersion(
            kind=kind,
            link=link,
            text=text,
            file_name=file.name or "" if file else "",
            file_digest=_digest(file) if file else "",
            note=note,
            handed_in_at=now,
        )
        with ExitStack() as undo:
            self._hand_in(enrollment, task, version, file, undo)
            undo.pop_all()  # it is written: the file stays
        return version

    @transaction.atomic
    def _hand_in(
        self,
        enrollment: Enrollment,
        task: TaskEntry,
        version: SubmissionVersion,
        file: UploadedFile[bytes] | None,
        undo: ExitStack,
    ) -> None:
        now = version.handed_in_at
        row = EvidenceTask.objects.get(roadmap=enrollment.roadmap_id, key=task.key)
        submission, is_new = self.select_for_update(of=("self",)).get_or_create(
            person_id=enrollment.person_id, task=row, defaults={"state_since": now}
        )
        if is_new and not enrollment.standing(now).is_task_open(task.key):
            raise StageLockedError(task.key)
        if submission.is_settled_on(enrollment):
            raise AlreadyAcceptedError(task.key)
        submission.wait(now, promise=timedelta(days=task.promise_days), is_new=is_new)
        if file:
            version.store(file, undo)
        version.edition_id = enrollment.roadmap.studied_edition_id
        submission.add_version(version)
        ActiveDay.objects.record(enrollment.person, now)
        enrollment.settle(now)


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
            ),
            models.Index(
                fields=["state_since"],
                condition=~models.Q(state="waiting") & models.Q(feedback_seen_at=None),
                name="unseen_feedback_by_age",
            ),
            models.Index(
                fields=["state_since"],
                condition=models.Q(state="changes_requested"),
                name="changes_asked_for_by_age",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.task_id}"

    # Acts

    def wait(self, now: datetime, *, promise: timedelta, is_new: bool) -> None:
        """It is the mentors' turn; one that waits already keeps its place and its promised time."""
        if self.state == SubmissionState.WAITING and not is_new:
            return
        self.state, self.state_since, self.state_by = SubmissionState.WAITING, now, None
        self.answer_by, self.feedback_seen_at = now + promise, None
        self.save()

    def accept(self, by: User, now: datetime) -> None:
        """The evidence counts from now on; whoever handed it in is settled on every road that asks for it."""
        self._decide(SubmissionState.ACCEPTED, by, now)

    def ask_for_changes(self, by: User, now: datetime) -> None:
        """It is the learner's turn to hand in another version."""
        self._decide(SubmissionState.CHANGES_REQUESTED, by, now)

    def see_feedback(self, now: datetime) -> None:
        """The learner has opened the page with the feedback."""
        if self.feedback_seen_at is None and self.state != SubmissionState.WAITING:
            self.feedback_seen_at = now
            self.save(update_fields=["feedback_seen_at"])

    def add_version(self, version: SubmissionVersion) -> None:
        """Write it as the next one; callers hold the row's lock and have checked the input with HandInForm."""
        last = self.versions.aggregate(last=models.Max("number"))["last"] or 0
        version.submission, version.number = self, last + 1
        version.save(force_insert=True)

    # Questions

    def is_settled_on(self, enrollment: Enrollment) -> bool:
        """Accepted, and the enrollment did not start over since then."""
        since = enrollment.counts_from
        return self.state == SubmissionState.ACCEPTED and (since is None or self.state_since >= since)

    def is_late(self, now: datetime) -> bool:
        """The promised time for an answer is over and there is none."""
        return self.state == SubmissionState.WAITING and self.answer_by is not None and self.answer_by < now

    # Helpers

    @transaction.atomic
    def _decide(self, state: SubmissionState, by: User, now: datetime) -> None:
        self.state, self.state_since, self.state_by = state, now, by
        self.answer_by, self.feedback_seen_at = None, None
        self.save()
        for enrollment in Enrollment.objects.of(self.person).current().filter(roadmap=self.task.roadmap_id):
            enrollment.settle(now)


def _digest(file: UploadedFile[bytes]) -> str:
    sha = hashlib.sha256()
    for chunk in file.chunks():
        sha.update(chunk)
    file.seek(0)
    return sha.hexdigest()


class SubmissionVersionQuerySet(models.QuerySet["SubmissionVersion"]):
    def nameless_files(self, before: datetime) -> Iterator[str]:
        """Names of stored files from before that time that no version names, as a killed process leaves them."""
        for folder in _folders_below(FILES_BELOW):
            names = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
            for start in range(0, len(names), FILES_AT_ONCE):
                chunk = names[start : start + FILES_AT_ONCE]
                named = set(self.filter(file__in=chunk).values_list("file", flat=True))
                for name in chunk:
                    if name not in named and default_storage.get_modified_time(name) < before:
                        yield name


def _folders_below(folder: str) -> Iterator[str]:
    """This folder and all in it; none when nothing was ever stored."""
    try:
        inner, _files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield folder
    for name in sorted(inner):
        yield from _folders_below(f"{folder}/{name}")


class SubmissionVersion(models.Model):
    """One version that was handed in; never changed. It pins the edition whose brief and rubric it answers."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=8, choices=[("link", _("Link")), ("text", _("Text")), ("file", _("File"))]
    )
    link = models.URLField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    file = models.FileField(upload_to=f"{FILES_BELOW}/%Y/%m/", blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)
    note = models.TextField(_("note to the mentor"), blank=True)
    handed_in_at = models.DateTimeField()

    objects = SubmissionVersionQuerySet.as_manager()

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

    def store(self, file: UploadedFile[bytes], undo: ExitStack) -> None:
        """Put the file where files are kept; `undo` takes it away again should the version not be written."""
        self.file.save(file.name or "", file, save=False)
        undo.callback(self.file.storage.delete, str(self.file.name))
