"""The road's page at the desk, with what authors do to a draft as a whole: look at it, publish it, look back.

One module a group of pages; each is a class over `RoadPages` that adds its own addresses.
"""

from django.contrib import admin

from authoring.admin.accommodations import AccommodationAdmin
from authoring.admin.copying import CopyPage
from authoring.admin.editions import EditionPages
from authoring.admin.health import HealthPages, QuizWithHealth, RoadWithHealth
from authoring.admin.imports import ImportPages
from authoring.admin.links import LinkQueue
from authoring.admin.preview import PreviewPages
from authoring.admin.publish import PublishPage
from authoring.admin.questions import QuestionPages
from authoring.admin.regrade import RegradePages
from authoring.admin.stage import StageAtTheDesk
from authoring.admin.trying import TryPage
from quizzes.models import Question, Quiz
from roadmap.models import Roadmap

admin.site.unregister([Roadmap, Question, Quiz])


@admin.register(Roadmap)
class RoadAtTheDesk(CopyPage, PublishPage, PreviewPages, EditionPages, ImportPages, RoadWithHealth):
    """A road with preview, publish page, its editions, zips in and out, and how its questions do."""


@admin.register(Question)
class QuestionAtTheDesk(QuestionPages, HealthPages, RegradePages):
    """A question with what its answers say, results that follow a corrected key, and the ways in and out of files."""


@admin.register(Quiz)
class QuizAtTheDesk(TryPage, QuizWithHealth):
    """A quiz with a try at its draft, and how its questions do."""


__all__ = [
    "AccommodationAdmin",
    "LinkQueue",
    "QuestionAtTheDesk",
    "QuizAtTheDesk",
    "RoadAtTheDesk",
    "StageAtTheDesk",
]
