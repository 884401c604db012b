"""The road's page at the desk, with what authors do to a draft as a whole: look at it, publish it, look back.

One module a group of pages; each is a class over `RoadPages` that adds its own addresses.
"""

from django.contrib import admin

from authoring.admin.copying import CopyPage
from authoring.admin.editions import EditionPages
from authoring.admin.imports import ImportPages
from authoring.admin.links import LinkQueue
from authoring.admin.preview import PreviewPages
from authoring.admin.publish import PublishPage
from authoring.admin.questions import QuestionPages
from authoring.admin.stage import StageAtTheDesk
from quizzes.models import Question
from roadmap.models import Roadmap

admin.site.unregister([Roadmap, Question])


@admin.register(Roadmap)
class RoadAtTheDesk(CopyPage, PublishPage, PreviewPages, EditionPages, ImportPages):
    """A road with preview, publish page, its editions, and zips in and out."""


@admin.register(Question)
class QuestionAtTheDesk(QuestionPages):
    """A question, with the ways into and out of the list of all."""


__all__ = ["LinkQueue", "QuestionAtTheDesk", "RoadAtTheDesk", "StageAtTheDesk"]
