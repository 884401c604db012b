from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.models import User
from accounts.words import said
from api.forms import QuestionsForm
from api.refusals import ConflictError, InvalidError
from api.serializers.problem import Problem
from api.serializers.questions import QuestionsTaken, QuestionsWritten, questions_taken, questions_written
from api.views.doors import Door, filtered_by, read
from authoring.exchange import formats
from authoring.exchange.questions import UnreadableError
from authoring.models import QuestionExport, QuestionImport, QuestionsCrossedError
from quizzes.models import Question, Quiz
from roadmap.models import Roadmap

MOST = 2000
CROSSED = OpenApiResponse(Problem, description="Somebody wrote the same questions at this moment: overtaken.")
INTO = [format_.name for format_ in formats.WRITABLE]


class ExportFilter(forms.Form):
    """Which questions, and in which format."""

    into = forms.ChoiceField(required=False, choices=[(name, name) for name in INTO])
    road = forms.SlugField(max_length=80)
    quiz = forms.SlugField(required=False, max_length=80)


class DeskDoor(Door):
    """A door for people who write questions; for everybody else there is nothing behind it."""

    @property
    def person(self) -> User:
        person = super().person
        if not person.has_perms(("quizzes.add_question", "quizzes.change_quiz")):
            raise Http404
        return person


class QuestionImports(DeskDoor):
    operation = "question_imports"
    parser_classes = [MultiPartParser]

    @extend_schema(request=QuestionsForm, responses={200: QuestionsTaken, 201: QuestionsTaken, 409: CROSSED})
    def post(self, request: Request) -> Response:
        """Take the questions of a file in as drafts, all of them or none; with `dry_run` say what would be written."""
        _ = self.person
        form: dict[str, Any] = read(request, QuestionsForm)
        file = form["file"]
        try:
            format_, reading = formats.read(file.read(), name=file.name, format_name=form["format"])
        except UnreadableError as refused:
            words = said(refused.what)
            raise InvalidError(
                {"file": [f"{refused.place}: {words}" if refused.place else words]}
            ) from refused
        act = QuestionImport(reading, form["placing"], file.name)
        if form["dry_run"]:
            return Response(questions_taken(format_, act.plan(), written=False))
        try:
            plan = act.save(clock.now())
        except QuestionsCrossedError as crossed:
            words = gettext("Somebody wrote the same questions just now. Ask again.")
            raise ConflictError("overtaken", words) from crossed
        return Response(questions_taken(format_, plan, written=True), status=status.HTTP_201_CREATED)


class QuestionExports(DeskDoor):
    operation = "question_export"

    @extend_schema(
        parameters=[
            OpenApiParameter("into", enum=INTO, description="The format; yaml unless said."),
            OpenApiParameter("road", str, required=True, description="Key of the road."),
            OpenApiParameter("quiz", str, description="Only this quiz of it, with its points."),
        ],
        responses={200: QuestionsWritten},
    )
    def get(self, request: Request) -> Response:
        """Write the questions of a road or of one quiz in a format of another house, or in ours."""
        _ = self.person
        wanted = filtered_by(request, ExportFilter)
        road = get_object_or_404(Roadmap, key=wanted["road"])
        if wanted["quiz"]:
            export = QuestionExport.of_quiz(get_object_or_404(Quiz, roadmap=road, key=wanted["quiz"]))
        else:
            rows = Question.objects.unarchived().filter(topic__roadmap=road).order_by("key")
            export = QuestionExport.of_questions(rows.select_related("topic", "resource")[: MOST + 1])
        if len(export.questions) > MOST:
            raise InvalidError({"quiz": [gettext("These are too many questions. Name a quiz.")]})
        format_ = formats.BY_NAME[wanted["into"] or "yaml"]
        return Response(questions_written(format_, export.written(format_), len(export.questions)))
