from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.models import User
from api.forms import DecisionForm
from api.refusals import ConflictError, InvalidError
from api.schema import PAGING
from api.serializers.evidence import (
    QueuePage,
    ReviewDesk,
    ReviewShape,
    VersionPage,
    queue_line,
    review_desk,
    review_shape,
)
from api.serializers.learners import LearnerPage, LearnersAsked
from api.serializers.mastery import RoadMastery, road_mastery
from api.serializers.problem import Problem
from api.serializers.standing import RoadStanding, road_standing
from api.views.doors import Door, addresses, filtered_by, listed, page_of, read, stretch_of
from api.views.evidence import newest_of, versions_page
from api.wire import page_of_lines
from mentoring.models import Review, mentored_enrollments, mentored_submissions
from mentoring.models.reach import Need
from mentoring.models.review import AlreadyReviewedError, ReviewRefusedError
from mentoring.words import task_of
from progress.models import Enrollment, Submission
from progress.models.submission import SubmissionState
from progress.pages import mastery_of
from roadmap.models import Edition

NOT_DECIDED = OpenApiResponse(
    Problem, description="It was reviewed already, or a newer version came: already_reviewed, overtaken."
)
ROAD = OpenApiParameter("road", str, description="Only this road, by its key.")


class QueueFilter(forms.Form):
    """Which road's evidence to list."""

    road = forms.SlugField(required=False, max_length=80)


class LearnerFilter(QueueFilter):
    """Which road's learners, and which need."""

    need = forms.ChoiceField(required=False, choices=[(need.name.lower(), need.label) for need in Need])


class MentorDoor(Door):
    """A door for mentors and admins; for everybody else there is nothing behind it."""

    @property
    def person(self) -> User:
        person = super().person
        if not (person.is_mentor() or person.is_admin()):
            raise Http404
        return person

    def enrollment_of(self, person_id: int, road_key: str) -> Enrollment:
        reach = mentored_enrollments().within_reach_of(self.person).on(road_key)
        return get_object_or_404(reach.select_related("person", "roadmap"), person=person_id)

    def submission(self, submission_id: int) -> Submission:
        within_reach = mentored_submissions().within_reach_of(self.person)
        return get_object_or_404(within_reach.select_related("person", "task__roadmap"), pk=submission_id)


class Queue(MentorDoor):
    operation = "review_queue"

    @extend_schema(parameters=[*PAGING, ROAD], responses={200: QueuePage})
    def get(self, request: Request) -> Response:
        """List the evidence that waits for me, the longest waiting first."""
        waiting = mentored_submissions().within_reach_of(self.person).waiting().listed()
        if road := filtered_by(request, QueueFilter)["road"]:
            waiting = waiting.on(road)
        page = page_of(request, waiting)
        lines = [queue_line(row, _title(row), row.versions_count) for row in page]  # type: ignore[attr-defined]  # by listed()
        return Response(listed(request, QueuePage, page, lines))


class OneReview(MentorDoor):
    operation = "review"

    @extend_schema(responses={200: ReviewDesk})
    def get(self, request: Request, submission_id: int) -> Response:
        """Read somebody's evidence with the brief and the rubric it answers."""
        submission = self.submission(submission_id)
        newest = newest_of(submission)
        return Response(review_desk(submission, newest, task_of(newest)))

    @extend_schema(request=DecisionForm, responses={201: ReviewShape, 409: NOT_DECIDED})
    def post(self, request: Request, submission_id: int) -> Response:
        """Accept the newest version or ask for changes, with a level for each criterion."""
        submission = self.submission(submission_id)
        newest = newest_of(submission)
        decided = decision(request, DecisionForm, criteria=task_of(newest).rubric)
        if submission.state != SubmissionState.WAITING:
            raise ConflictError("already_reviewed", gettext("This was reviewed already."))
        if decided["number"] != newest.number:
            raise ConflictError("overtaken", gettext("A newer version was handed in; read that one first."))
        try:
            review = Review.objects.decide(
                newest,
                by=self.person,
                decision=decided["decision"],
                levels=decided["levels"],
                feedback=decided["feedback"],
                now=clock.now(),
            )
        except ReviewRefusedError as refused:
            raise not_decided(refused) from refused
        return Response(review_shape(review, newest, submission), status=status.HTTP_201_CREATED)


class ReviewVersions(MentorDoor):
    operation = "review_versions"

    @extend_schema(parameters=PAGING, responses={200: VersionPage})
    def get(self, request: Request, submission_id: int) -> Response:
        """List all versions of somebody's evidence."""
        return Response(versions_page(request, self.submission(submission_id)))


class Learners(MentorDoor):
    operation = "learners"

    @extend_schema(
        parameters=[*PAGING, ROAD, OpenApiParameter("need", enum=[need.name.lower() for need in Need])],
        responses={200: LearnerPage},
    )
    def get(self, request: Request) -> Response:
        """List my learners with their standing, those first who may need a word."""
        wanted, mentor = filtered_by(request, LearnerFilter), self.person
        need = Need[wanted["need"].upper()] if wanted["need"] else None
        asked = LearnersAsked(mentor, mentor.today(clock.now()), wanted["road"], need)
        page, lines = stretch_of(request, asked.json)
        return Response(page_of_lines(addresses(request, page), lines))


class LearnerOnRoad(MentorDoor):
    operation = "learner_standing"

    @extend_schema(responses={200: RoadStanding})
    def get(self, request: Request, person_id: int, road_key: str) -> Response:
        """Say where one of my learners stands on a road."""
        return Response(road_standing(self.enrollment_of(person_id, road_key).position(clock.now())))


class LearnersMastery(MentorDoor):
    operation = "learner_mastery"

    @extend_schema(responses={200: RoadMastery})
    def get(self, request: Request, person_id: int, road_key: str) -> Response:
        """Say what the answers of one of my learners tell of each topic of a road, and how unsure that is."""
        now = clock.now()
        position = self.enrollment_of(person_id, road_key).position(now)
        return Response(road_mastery(position.document, mastery_of(position, now, for_mentor=True)))


def decision(request: Request, form: type[DecisionForm], **known: object) -> dict[str, Any]:
    """The cleaned decision; a wrong level is named levels.<criterion>, as it was sent."""
    try:
        return read(request, form, **known)
    except InvalidError as wrong:
        raise InvalidError(
            {name.replace("level-", "levels.", 1): errors for name, errors in wrong.errors.items()}
        ) from wrong


def not_decided(refused: ReviewRefusedError) -> ConflictError:
    if isinstance(refused, AlreadyReviewedError):
        return ConflictError("already_reviewed", gettext("This was reviewed already."))
    return ConflictError("overtaken", gettext("A newer version was handed in; read that one first."))


def _title(submission: Submission) -> str:
    """The task's title in the edition that the newest version answers."""
    edition = Edition.objects.document(submission.newest_edition_id)  # type: ignore[attr-defined]  # by listed()
    return edition.task_by_key[submission.task.key].title
