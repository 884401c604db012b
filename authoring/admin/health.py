"""How questions do, for those who write them: all of them with what needs a look first, and each one closely."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext

from authoring.admin import health_rows
from authoring.forms import HealthFilter
from quizzes.admin import QuestionAdmin, QuizAdmin
from quizzes.models import Question, QuestionNumbers, QuestionVersion, Quiz, QuizNumbers
from roadmap import rendering
from roadmap.models import Roadmap

ON_A_PAGE = 50
OTHERS = 5
ORDERS = {
    "look": (F("attention").desc(), F("discrimination").asc(nulls_last=True), F("pk").asc()),
    "hard": (F("facility").asc(nulls_last=True), F("pk").asc()),
    "apart": (F("discrimination").asc(nulls_last=True), F("pk").asc()),
    "slow": (F("median_seconds").desc(nulls_last=True), F("pk").asc()),
    "topic": (
        F("version__question__topic__title").asc(nulls_last=True),
        F("version__question__key").asc(),
        F("pk").asc(),
    ),
}


class HealthPages(QuestionAdmin):
    """The list of questions with their numbers, and one question with all of them."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("health/", view(self.health), name="authoring_health"),
            path("<int:question_id>/health/", view(self.question_health), name="authoring_question_health"),
            *super().get_urls(),
        ]

    def health(self, request: HttpRequest) -> HttpResponse:
        """All questions that learners are asked now, narrowed by the address."""
        self._refuse_strangers(request)
        wanted = HealthFilter(request.GET)
        told = wanted.read()
        asked = _narrowed(QuestionNumbers.objects.asked(), told)
        counts = asked.aggregate(
            all=Count("pk"),
            look=Count("pk", filter=Q(attention__gt=0)),
            few=Count("pk", filter=Q(facility=None)),
        )
        shown = asked.with_alert(told["alert"]) if told["alert"] else asked
        rows = shown.listed().order_by(*ORDERS[told["order"]])
        page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
        context = {
            "title": _headline(counts),
            "counts": counts,
            "page": page,
            "rows": [health_rows.line(row) for row in page],
            "wanted": wanted,
            "told": told,
            "query": wanted.query(),
            **_quiz_context(told["quiz"]),
        }
        return self._health_page(request, "authoring/health.html", context)

    def question_health(self, request: HttpRequest, question_id: int) -> HttpResponse:
        """One question: its newest version closely, the others beside it. `?quiz=` where several quizzes ask it."""
        self._refuse_strangers(request)
        found = QuestionNumbers.objects.filter(version__question=question_id).listed()
        known = list(found.order_by("-is_on_paper", "-version__number", "-attention", "-people", "pk"))
        if not known:
            return self._nothing_yet(request, question_id)
        here = _chosen(known, request.GET.get("quiz", ""))
        body = QuestionVersion.objects.bodies([here.version_id])[here.version_id]
        context = {
            "title": health_rows.title(here),
            "question": here.version.question,
            "here": here,
            "stem": health_rows.safe(rendering.html(body.stem)),
            "facts": health_rows.facts(here),
            "alerts": health_rows.alert_rows(here),
            "options": health_rows.option_rows(here, body) if here.is_enough else [],
            "has_options": bool(body.counted()),
            "sureness": health_rows.sureness_rows(here) if here.is_enough else [],
            "versions": health_rows.version_rows([row for row in known if row.quiz_id == here.quiz_id]),
            "quizzes": _other_quizzes(known, here),
            "others": [health_rows.line(row) for row in _others(here)],
            "may_edit": self.has_change_permission(request, here.version.question),
        }
        return self._health_page(request, "authoring/question_health.html", context)

    def _nothing_yet(self, request: HttpRequest, question_id: int) -> HttpResponse:
        question = Question.objects.filter(pk=question_id).first()
        if question is None:
            raise Http404
        stem = question.draft.get("stem", "") if isinstance(question.draft, dict) else ""
        context = {"title": health_rows.short(stem) or question.key, "question": question, "here": None}
        return self._health_page(request, "authoring/question_health.html", context)

    def _refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _health_page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        crumbs = [(gettext("Questions"), reverse("admin:quizzes_question_changelist"))]
        if template != "authoring/health.html":
            crumbs.append((gettext("How they do"), reverse("admin:authoring_health")))
        return self.framed(request, template, crumbs, context)


class HealthLine(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy only
    """One line on a row's page that says how many of its questions need a look."""

    health_of: str  # the name under which the list is narrowed to the row, and the field that leads to it

    def render_change_form(  # noqa: PLR0917  # the signature is admin's
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        if change and obj is not None and (count := self._alerts(obj)):
            href = f"{reverse('admin:authoring_health')}?{self.health_of}={obj.pk}"
            context |= {"health": {"href": href, "words": health_rows.line_of_alerts(count)}}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _alerts(self, row: Roadmap | Quiz) -> int:
        path_to = {"road": "quiz__roadmap", "quiz": "quiz"}[self.health_of]
        return QuestionNumbers.objects.asked().with_alerts().filter(**{path_to: row.pk}).count()


class QuizWithHealth(HealthLine, QuizAdmin):
    health_of = "quiz"


class RoadWithHealth(HealthLine):
    health_of = "road"


def _narrowed(asked: Any, told: dict[str, Any]) -> Any:
    """Only this road, quiz and topic, where they are named."""
    if told["road"]:
        asked = asked.filter(quiz__roadmap=told["road"])
    if told["quiz"]:
        asked = asked.filter(quiz=told["quiz"])
    if told["topic"]:
        asked = asked.filter(version__question__topic=told["topic"])
    return asked


def _headline(counts: dict[str, int]) -> str:
    if not counts["look"]:
        return gettext("No question needs a look")
    words = {"look": counts["look"], "all": counts["all"]}
    if counts["look"] == 1:
        return gettext("1 of %(all)d questions needs a look") % words
    return gettext("%(look)d of %(all)d questions need a look") % words


def _quiz_context(quiz: Quiz | None) -> dict[str, Any]:
    """What is known of the quiz that the list is narrowed to."""
    numbers = QuizNumbers.objects.filter(quiz=quiz).first() if quiz else None
    if numbers is None:
        return {}
    return {"facts": health_rows.quiz_facts(numbers), "remarks": health_rows.remarks(numbers)}


def _chosen(known: list[QuestionNumbers], quiz: str) -> QuestionNumbers:
    """The newest version that is asked in the quiz of this id, or else in the one that needs a look most."""
    of_quiz = [row for row in known if str(row.quiz_id) == quiz]
    return (of_quiz or sorted(known, key=lambda row: (not row.is_on_paper, -row.attention)))[0]


def _other_quizzes(known: list[QuestionNumbers], here: QuestionNumbers) -> list[Quiz]:
    """Quizzes that ask the question as well, each once."""
    return list({row.quiz_id: row.quiz for row in known if row.quiz_id != here.quiz_id}.values())


def _others(here: QuestionNumbers) -> QuerySet[QuestionNumbers]:
    """What else needs a look in the same quiz."""
    asked = QuestionNumbers.objects.asked().with_alerts().filter(quiz=here.quiz_id).exclude(pk=here.pk)
    return asked.listed().order_by(*ORDERS["look"])[:OTHERS]
