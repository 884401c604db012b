from __future__ import annotations

from django.db.models import Count, QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from api.refusals import ConflictError
from api.schema import PAGING
from api.serializers.evidence import (
    ReviewPage,
    SubmissionDetail,
    SubmissionPage,
    VersionPage,
    review_shape,
    submission_detail,
    submission_line,
    version_shape,
)
from api.serializers.problem import Problem
from api.views.doors import Door, listed, page_of, read
from api.wire import StrictJSON
from mentoring.models import Review, readable_versions
from mentoring.words import task_of
from progress.forms import HandInForm
from progress.models import Submission, SubmissionVersion
from progress.models.submission import AlreadyAcceptedError, HandInRefusedError
from roadmap.document import RoadDocument

NOT_TAKEN = OpenApiResponse(
    Problem, description="The task takes no version now: stage_locked or already_accepted."
)
BYTES = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


class SubmissionDoor(Door):
    """A door to my own submissions on a road I am on."""

    def submission(self, road_key: str, task_key: str) -> Submission:
        self.enrollment(road_key)
        mine = Submission.objects.of(self.person).on(road_key).select_related("task__roadmap")
        return get_object_or_404(mine, task__key=task_key)


class Submissions(SubmissionDoor):
    operation = "submissions"

    @extend_schema(parameters=PAGING, responses={200: SubmissionPage})
    def get(self, request: Request, road_key: str) -> Response:
        """List what I handed in on a road, what changed last first."""
        document = self.enrollment(road_key).document
        mine = Submission.objects.of(self.person).on(road_key).select_related("task__roadmap")
        page = page_of(
            request, mine.annotate(versions_count=Count("versions")).order_by("-state_since", "-id")
        )
        lines = [submission_line(row, _title(row, document), row.versions_count) for row in page]  # type: ignore[attr-defined]  # annotated
        return Response(listed(request, SubmissionPage, page, lines))


class OneSubmission(SubmissionDoor):
    operation = "submission"
    parser_classes = [StrictJSON, MultiPartParser]

    @extend_schema(responses={200: SubmissionDetail})
    def get(self, request: Request, road_key: str, task_key: str) -> Response:
        """Read my submission with its newest version and its review; feedback counts as seen from now on."""
        submission = self.submission(road_key, task_key)
        submission.see_feedback(clock.now())
        newest = newest_of(submission)
        return Response(submission_detail(submission, newest, task_of(newest).title))

    @extend_schema(request=HandInForm, responses={201: SubmissionDetail, 409: NOT_TAKEN})
    def post(self, request: Request, road_key: str, task_key: str) -> Response:
        """Hand in a new version: a link or text as JSON, a file as multipart/form-data."""
        enrollment = self.enrollment(road_key)
        task = enrollment.document.task_by_key.get(task_key)
        if task is None:
            raise Http404
        handed = read(request, HandInForm, task=task)
        try:
            version = Submission.objects.hand_in(enrollment, task, now=clock.now(), **handed)
        except HandInRefusedError as refused:
            raise not_taken(refused) from refused
        submission = self.submission(road_key, task_key)
        return Response(submission_detail(submission, version, task.title), status=status.HTTP_201_CREATED)


class Versions(SubmissionDoor):
    operation = "versions"

    @extend_schema(parameters=PAGING, responses={200: VersionPage})
    def get(self, request: Request, road_key: str, task_key: str) -> Response:
        """List all versions of my submission."""
        submission = self.submission(road_key, task_key)
        return Response(versions_page(request, submission))


class OwnReviews(Door):
    operation = "reviews"

    @extend_schema(parameters=PAGING, responses={200: ReviewPage})
    def get(self, request: Request) -> Response:
        """List the reviews of my work, on all roads."""
        reviews = Review.objects.filter(version__submission__person=self.person).select_related(
            "reviewer", "version__submission__task__roadmap"
        )
        page = page_of(request, reviews)
        lines = [review_shape(row, row.version, row.version.submission) for row in page]
        return Response(listed(request, ReviewPage, page, lines))


class VersionFile(Door):
    operation = "version_file"

    @extend_schema(responses=BYTES)
    def get(self, request: Request, version_id: int) -> FileResponse:
        """Fetch the file of a version: my own, or one within my reach as a mentor."""
        version = get_object_or_404(readable_versions(self.person).exclude(file=""), pk=version_id)
        try:
            opened = version.file.open("rb")
        except FileNotFoundError as missing:
            raise Http404 from missing
        answer = FileResponse(
            opened, as_attachment=True, filename=version.file_name, content_type="application/octet-stream"
        )
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer


def newest_of(submission: Submission) -> SubmissionVersion:
    """The newest version with its review, knowing its submission."""
    return versions_of(submission)[0]


def versions_of(submission: Submission) -> QuerySet[SubmissionVersion]:
    return submission.versions.select_related("review_given__reviewer").order_by("-number")


def versions_page(request: Request, submission: Submission) -> VersionPage:
    page = page_of(request, versions_of(submission))
    return VersionPage.model_validate(
        listed(request, VersionPage, page, [version_shape(row, submission) for row in page])
    )


def not_taken(refused: HandInRefusedError) -> ConflictError:
    if isinstance(refused, AlreadyAcceptedError):
        return ConflictError(
            "already_accepted", gettext("This evidence is accepted; nothing more is needed.")
        )
    return ConflictError("stage_locked", gettext("The stage of this task is locked. Its standing says why."))


def _title(submission: Submission, document: RoadDocument) -> str:
    """As the newest edition says it; a task that was retired keeps its draft's title."""
    task = document.task_by_key.get(submission.task.key)
    return task.title if task else submission.task.title
