from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from api.refusals import ConflictError, InvalidError
from api.schema import PAGING
from api.serializers.problem import Problem
from api.serializers.quizzes import AnswersKept, AttemptPage, AttemptSheet, attempt_line, attempt_sheet
from api.views.doors import Door, listed, page_of, parsed
from progress.models.enrollment import QuizLockedError
from quizzes.models import Attempt, Quiz
from quizzes.refusals import (
    AttemptRefusedError,
    ClosedError,
    CoolingDownError,
    LimitReachedError,
    NeverAgainError,
    SaveRefusedError,
    TakenOverError,
    UnknownSlotError,
)
from quizzes.saves import Save, SavedItem, newest_sequences

NOT_NOW = OpenApiResponse(
    Problem,
    description="The stage is locked, or no attempt may begin now"
    " (stage_locked, cooling_down, limit_reached, closed, closes_before).",
)
NOT_KEPT = OpenApiResponse(Problem, description="The attempt is finished or was started again elsewhere.")


class QuizDoor(Door):
    """A door to my own attempts at a quiz of a road I am on; those at a retired quiz stay readable."""

    def attempts(self, road_key: str, quiz_key: str) -> QuerySet[Attempt]:
        document = self.enrollment(road_key).document
        mine = Attempt.objects.of(self.person).at(road_key, quiz_key)
        if quiz_key not in document.quiz_keys() and not mine.exists():
            raise Http404
        return mine

    def attempt(self, road_key: str, quiz_key: str, number: int) -> Attempt:
        mine = self.attempts(road_key, quiz_key).select_related("quiz__roadmap", "quiz_version")
        return get_object_or_404(mine, number=number)


class Attempts(QuizDoor):
    operation = "attempts"

    @extend_schema(parameters=PAGING, responses={200: AttemptPage})
    def get(self, request: Request, road_key: str, quiz_key: str) -> Response:
        """List my attempts at a quiz."""
        page = page_of(request, self.attempts(road_key, quiz_key).order_by("-number"))
        return Response(listed(request, AttemptPage, page, [attempt_line(row) for row in page]))

    @extend_schema(
        request=None,
        responses={
            201: AttemptSheet,
            200: OpenApiResponse(AttemptSheet, description="The attempt that was open, taken over."),
            409: NOT_NOW,
        },
    )
    def post(self, request: Request, road_key: str, quiz_key: str) -> Response:
        """Start an attempt, or take over the one that is open."""
        now = clock.database_now()
        enrollment = self.enrollment(road_key)
        if quiz_key not in enrollment.document.quiz_keys():
            raise Http404
        quiz = get_object_or_404(Quiz.objects.of_road(road_key), key=quiz_key)
        try:
            attempt = enrollment.start_quiz(quiz, now)
            is_new = attempt.epoch == 0
            attempt.open(now)
        except AttemptRefusedError as refused:
            raise refusal(refused) from refused
        except SaveRefusedError as refused:  # its time ran out in this very moment
            raise not_kept(refused) from refused
        address = reverse("api:v1:attempt", args=[road_key, quiz_key, attempt.number])
        return Response(
            attempt_sheet(attempt, now),
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
            headers={"Location": address},
        )


class OneAttempt(QuizDoor):
    operation = "attempt"

    @extend_schema(responses={200: AttemptSheet})
    def get(self, request: Request, road_key: str, quiz_key: str, number: int) -> Response:
        """Read the frozen paper with my answers; what was right stands there once the attempt is finished."""
        now = clock.database_now()
        attempt = self.attempt(road_key, quiz_key, number)
        if attempt.is_overdue(now):
            self.enrollment(road_key).hand_in_quiz(attempt, now)
        return Response(attempt_sheet(attempt, now))


class Answers(QuizDoor):
    operation = "answers"

    @extend_schema(request=Save, responses={200: AnswersKept, 409: NOT_KEPT})
    def put(self, request: Request, road_key: str, quiz_key: str, number: int) -> Response:
        """Keep answers. Each save has a client_id of its own, so that sending it twice writes it once."""
        attempt, save, now = self.attempt(road_key, quiz_key, number), said(request), clock.database_now()
        try:
            attempt.save_answers(save.epoch, save.items, now)
        except UnknownSlotError as unknown:
            raise InvalidError({"items": [gettext("The paper has no such slot.")]}) from unknown
        except SaveRefusedError as refused:
            raise not_kept(refused, save.items) from refused
        saved = newest_sequences(save.items)
        return Response(AnswersKept(saved=saved, server_now=now, deadline_at=attempt.deadline_at))


class OneFlag(QuizDoor):
    operation = "flag"

    @extend_schema(request=None, responses={204: None})
    def put(self, request: Request, road_key: str, quiz_key: str, number: int, slot: int) -> Response:
        """Mark a question of an open attempt to look at again."""
        return self._flag(road_key, quiz_key, number, slot, is_flagged=True)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, road_key: str, quiz_key: str, number: int, slot: int) -> Response:
        """Take the mark off again."""
        return self._flag(road_key, quiz_key, number, slot, is_flagged=False)

    def _flag(self, road_key: str, quiz_key: str, number: int, slot: int, *, is_flagged: bool) -> Response:
        attempt = self.attempt(road_key, quiz_key, number)
        if not 1 <= slot <= len(attempt.paper):
            raise Http404
        attempt.flag(slot, is_flagged=is_flagged)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Submit(QuizDoor):
    operation = "submit"

    @extend_schema(request=None, responses={200: AttemptSheet})
    def post(self, request: Request, road_key: str, quiz_key: str, number: int) -> Response:
        """Hand the attempt in with the answers that were kept; handing in twice changes nothing."""
        now = clock.database_now()
        attempt = self.attempt(road_key, quiz_key, number)
        self.enrollment(road_key).hand_in_quiz(attempt, now)
        return Response(attempt_sheet(attempt, now))


def said(request: Request) -> Save:
    """The body as the player's own shape; InvalidError naming each place that is wrong."""
    return parsed(request, Save)


def refusal(refused: AttemptRefusedError) -> ConflictError:
    """Why no attempt may begin, as the API says it."""
    match refused:
        case QuizLockedError():
            return ConflictError(
                "stage_locked", gettext("The stage of this quiz is locked. Its standing says why.")
            )
        case CoolingDownError():
            return ConflictError(
                "cooling_down", gettext("The last attempt is too recent; wait until then."), refused.until
            )
        case NeverAgainError():
            return ConflictError(
                "closes_before",
                gettext("The quiz closes before the next attempt could begin."),
                refused.until,
            )
        case ClosedError():
            return ConflictError("closed", gettext("The quiz can no longer be taken."))
        case LimitReachedError():
            return ConflictError("limit_reached", gettext("All attempts are used."))
        case _:
            return ConflictError("not_published", gettext("This quiz has no paper yet."))


def not_kept(refused: SaveRefusedError, items: Sequence[SavedItem] = ()) -> ConflictError:
    """Why answers do not count, and which are kept all the same."""
    kept = sorted({item.slot for item in items})
    if isinstance(refused, TakenOverError):
        taken = gettext("The attempt was started again elsewhere; only that may save.")
        return ConflictError("taken_over", taken, kept=kept)
    return ConflictError("finished", gettext("The attempt is finished; nothing more is marked."), kept=kept)
