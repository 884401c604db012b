"""Shapes of evidence: submissions, their versions, and the reviews of those."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from pydantic import Field

from api.serializers.shape import Page, Shape
from mentoring.models import Review
from progress.models import Submission, SubmissionVersion
from roadmap.document import Criterion, TaskEntry


class ReviewShape(Shape):
    """One decision on one version."""

    road: str
    task: str
    version: int = Field(description="Number of the version it is about.")
    decision: str = Field(description="accept or ask_for_changes.")
    levels: dict[str, str] = Field(description="Criterion key to not_yet, developing, meets or exceeds.")
    feedback: str = Field(description="Markdown.")
    reviewer: str | None = Field(description="Null for a former member.")
    reviewed_at: datetime


class ReviewPage(Page[ReviewShape]):
    """Reviews of my work, the newest first."""


class VersionShape(Shape):
    """One version that was handed in; it never changes."""

    id: int
    number: int
    kind: str = Field(description="link, text or file.")
    link: str
    text: str = Field(description="Markdown.")
    file_name: str
    file: str | None = Field(description="Where the file can be fetched, with the same token.")
    note: str
    handed_in_at: datetime
    review: ReviewShape | None


class VersionPage(Page[VersionShape]):
    """Versions of one submission, the newest first."""


class SubmissionLine(Shape):
    """My answer to one evidence task, over all its versions."""

    id: int
    road: str
    task: str
    title: str
    state: str = Field(description="waiting, changes_requested or accepted.")
    state_since: datetime
    answer_by: datetime | None = Field(description="Until when a review was promised, while it waits.")
    versions: int = Field(description="How many there are.")


class SubmissionPage(Page[SubmissionLine]):
    """My submissions on one road, what changed last first."""


class SubmissionDetail(SubmissionLine):
    """One submission with its newest version."""

    newest: VersionShape


class Learner(Shape):
    id: int
    name: str


class QueueLine(SubmissionLine):
    """Evidence that waits for a review."""

    learner: Learner


class QueuePage(Page[QueueLine]):
    """Evidence within my reach as a mentor that waits, the longest waiting first."""


class ReviewDesk(SubmissionDetail):
    """Somebody's evidence as a mentor reads it: brief and rubric of the edition it was handed in for."""

    learner: Learner
    brief: str = Field(description="Markdown.")
    rubric: list[Criterion]


def submission_line(submission: Submission, title: str, versions: int) -> SubmissionLine:
    return SubmissionLine(
        id=submission.pk,
        road=submission.task.roadmap.key,
        task=submission.task.key,
        title=title,
        state=submission.state,
        state_since=submission.state_since,
        answer_by=submission.answer_by,
        versions=versions,
    )


def submission_detail(submission: Submission, newest: SubmissionVersion, title: str) -> SubmissionDetail:
    line = submission_line(submission, title, newest.number)
    return SubmissionDetail(**line.model_dump(), newest=version_shape(newest, submission))


def queue_line(submission: Submission, title: str, versions: int) -> QueueLine:
    line = submission_line(submission, title, versions)
    return QueueLine(**line.model_dump(), learner=_learner(submission))


def review_desk(submission: Submission, newest: SubmissionVersion, task: TaskEntry) -> ReviewDesk:
    detail = submission_detail(submission, newest, task.title)
    return ReviewDesk(
        **dict(detail), learner=_learner(submission), brief=task.brief, rubric=list(task.rubric)
    )


def version_shape(version: SubmissionVersion, submission: Submission) -> VersionShape:
    """Needs the version's review with its reviewer, where there is one."""
    review: Review | None = getattr(version, "review_given", None)
    return VersionShape(
        id=version.pk,
        number=version.number,
        kind=version.kind,
        link=version.link,
        text=version.text,
        file_name=version.file_name,
        file=reverse("api:v1:version_file", args=[version.pk]) if version.kind == "file" else None,
        note=version.note,
        handed_in_at=version.handed_in_at,
        review=review_shape(review, version, submission) if review else None,
    )


def review_shape(review: Review, version: SubmissionVersion, submission: Submission) -> ReviewShape:
    return ReviewShape(
        road=submission.task.roadmap.key,
        task=submission.task.key,
        version=version.number,
        decision=review.decision,
        levels=review.levels,
        feedback=review.feedback,
        reviewer=str(review.reviewer) if review.reviewer else None,
        reviewed_at=review.reviewed_at,
    )


def _learner(submission: Submission) -> Learner:
    return Learner(id=submission.person_id, name=str(submission.person))
