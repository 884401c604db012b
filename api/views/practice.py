from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from api.refusals import ConflictError
from api.serializers.practice import PracticeJudged, PracticeNext, practice_judged, practice_next
from api.serializers.problem import Problem
from api.views.doors import Door, parsed
from progress.models import Enrollment
from quizzes.models import PracticeAnswer
from quizzes.saves import PracticeSaid

NOT_NOW = OpenApiResponse(
    Problem, description="That question may not be practised now, or is none of this topic (not_practisable)."
)


class PracticeDoor(Door):
    """A door to the practice of one topic of a road I am on."""

    def topic_of(self, road_key: str, topic_key: str) -> Enrollment:
        enrollment = self.enrollment(road_key)
        if topic_key not in enrollment.document.topic_by_key:
            raise Http404
        return enrollment


class Practice(PracticeDoor):
    operation = "practice"

    @extend_schema(responses={200: PracticeNext})
    def get(self, request: Request, road_key: str, topic_key: str) -> Response:
        """Read the question of a topic to practise next: new ones first, then missed ones, then the oldest."""
        road = self.topic_of(road_key, topic_key).roadmap_id
        questions = PracticeAnswer.objects.questions(self.person, road, topic_key, clock.now())
        return Response(practice_next(topic_key, questions))


class PracticeAnswers(PracticeDoor):
    operation = "practice_answers"

    @extend_schema(request=PracticeSaid, responses={200: PracticeJudged, 409: NOT_NOW})
    def post(self, request: Request, road_key: str, topic_key: str) -> Response:
        """Answer a question and read what is right. Sending a client_id twice writes it once; it counts for nothing."""
        road, now = self.topic_of(road_key, topic_key).roadmap_id, clock.now()
        said = parsed(request, PracticeSaid)
        questions = PracticeAnswer.objects.questions(self.person, road, topic_key, now)
        asked = next((question for question in questions if question.version == said.version), None)
        if asked is None:
            raise ConflictError("not_practisable", gettext("This question may not be practised now."))
        given = PracticeAnswer.objects.record(self.person, asked, said.value, said.client_id, now)
        if given.version_id != asked.version:
            raise ConflictError("not_practisable", gettext("Another answer was sent under this name."))
        return Response(practice_judged(asked, given))
