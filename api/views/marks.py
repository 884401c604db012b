from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from api.forms import AppealSentForm, MarksForm
from api.refusals import ConflictError, InvalidError
from api.schema import PAGING
from api.serializers.marks import (
    AppealPage,
    AppealShape,
    MarkDesk,
    MarkPage,
    appeal_shape,
    mark_desk,
    mark_line,
)
from api.serializers.problem import Problem
from api.views.attempts import QuizDoor
from api.views.doors import filtered_by, listed, page_of, read
from api.views.mentors import ROAD, MentorDoor, QueueFilter
from mentoring.models import mentored_attempts
from quizzes.models import Appeal, Attempt
from quizzes.refusals import AppealRefusedError, MarkMovedError, TooManyAppealsError
from quizzes.result import Mark, Result

MOVED = OpenApiResponse(Problem, description="Somebody else marked one of them since: marked_elsewhere.")
NOT_APPEALED = OpenApiResponse(
    Problem, description="It is not marked, earned everything or is not shown yet, or it was too often in a day:"
    " not_appealable, too_many_appeals."
)  # fmt: skip


class MarksQueue(MentorDoor):
    operation = "marks_queue"

    @extend_schema(parameters=[*PAGING, ROAD], responses={200: MarkPage})
    def get(self, request: Request) -> Response:
        """List the attempts with answers that wait for my mark, the longest waiting first."""
        waiting = mentored_attempts().within_reach_of(self.person).queued().defer("paper")
        if road := filtered_by(request, QueueFilter)["road"]:
            waiting = waiting.filter(quiz__roadmap__key=road)
        page = page_of(request, waiting)
        return Response(listed(request, MarkPage, page, [mark_line(row) for row in page]))


class Marks(MentorDoor):
    operation = "marks"

    @extend_schema(responses={200: MarkDesk})
    def get(self, request: Request, attempt_id: int) -> Response:
        """Read the answers of an attempt that a person marks, with what their author says to markers."""
        return Response(_desk(self._attempt(attempt_id)))

    @extend_schema(request=MarksForm, responses={200: MarkDesk, 409: MOVED})
    def post(self, request: Request, attempt_id: int) -> Response:
        """Mark answers. Marks that stand already are not written again; those left out go on waiting."""
        attempt = self._attempt(attempt_id)
        said = _said(request, _by_hand(attempt.result()))
        try:
            mentored_attempts().mark(
                attempt, said["given"], seen=said["seen"], by=self.person, now=clock.now()
            )
        except MarkMovedError as moved:
            sentence = gettext("Somebody else marked one of these since; read them again.")
            raise ConflictError("marked_elsewhere", sentence) from moved
        return Response(_desk(attempt))

    def _attempt(self, attempt_id: int) -> Attempt:
        within_reach = mentored_attempts().within_reach_of(self.person).filter(points__isnull=False)
        return get_object_or_404(within_reach.select_related("person", "quiz__roadmap"), pk=attempt_id)


class Appeals(QuizDoor):
    operation = "appeals"

    @extend_schema(parameters=PAGING, responses={200: AppealPage})
    def get(self, request: Request, road_key: str, quiz_key: str, number: int) -> Response:
        """List my appeals at an attempt with the answers to them."""
        mine = self.attempt(road_key, quiz_key, number).appeals.select_related("answered_by")
        page = page_of(request, mine.order_by("raised_at", "id"))
        return Response(listed(request, AppealPage, page, [appeal_shape(row) for row in page]))

    @extend_schema(request=AppealSentForm, responses={201: AppealShape, 409: NOT_APPEALED})
    def post(self, request: Request, road_key: str, quiz_key: str, number: int) -> Response:
        """Appeal the mark of one answer, once; sending it again changes nothing and answers with what stands."""
        attempt = self.attempt(road_key, quiz_key, number)
        said = read(request, AppealSentForm)
        try:
            appeal = Appeal.objects.begin(attempt, said["slot"], said["text"], clock.now())
        except TooManyAppealsError as refused:
            raise ConflictError("too_many_appeals", gettext("You appealed too often today.")) from refused
        except AppealRefusedError as refused:
            raise ConflictError("not_appealable", gettext("This answer can’t be appealed.")) from refused
        return Response(appeal_shape(appeal), status=status.HTTP_201_CREATED)


def _by_hand(result: Result) -> dict[int, Mark]:
    """The marks that a person gives, by slot."""
    return {
        answer.slot.slot: answer.mark
        for answer in result.answered
        if answer.body.is_marked_by_hand and answer.is_given
    }


def _desk(attempt: Attempt) -> MarkDesk:
    result, newest = attempt.result(), attempt.gradings.newest().get()
    return mark_desk(attempt, result, newest.number, tuple(_by_hand(result)))


def _said(request: Request, marks: dict[int, Mark]) -> dict[str, Any]:
    """What was sent, cleaned; a wrong mark is named marks.<slot>.points or marks.<slot>.comment, as it was sent."""
    try:
        return read(request, MarksForm, marks=marks)
    except InvalidError as wrong:
        raise InvalidError({_sent_as(name): said for name, said in wrong.errors.items()}) from wrong


def _sent_as(name: str) -> str:
    part, dash, slot = name.partition("-")
    return f"marks.{slot}.{part}" if dash else name
