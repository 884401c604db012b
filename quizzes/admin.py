from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from quizzes.forms import EDITORS, QuestionForm, QuizForm, question_form, type_choices
from quizzes.models import Appeal, PaperItem, PaperPool, Question, Quiz
from quizzes.models.papers import Papers
from roadmap.admin.draft import Crumbs, DraftAdmin, InUseFilter
from roadmap.models import Stage

APPEALS_SHOWN = 5


class TypeFilter(admin.SimpleListFilter):
    title = _("type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return type_choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(type=self.value()) if self.value() else queryset


class AppealedFilter(admin.SimpleListFilter):
    title = _("appeals")
    parameter_name = "appealed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("1", _("A mentor wants authors to look"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(is_appealed=True) if self.value() else queryset


@admin.register(Question)
class QuestionAdmin(DraftAdmin):
    """Questions as drafts: what is asked, the right answer, and why it is right."""

    form = QuestionForm
    prepopulated_fields = {}
    list_display = ("key", "asked", "shown_type", "topic", "difficulty", "appealed")
    list_filter = (InUseFilter, TypeFilter, AppealedFilter, "difficulty", "topic__roadmap")
    list_select_related = ("topic",)
    search_fields = ("key", "draft__stem")
    search_help_text = _("Words of the question, or its key")
    autocomplete_fields = ("topic", "resource")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        questions: QuerySet[Question] = super().get_queryset(request)
        appeals = Appeal.objects.for_authors().filter(question__question=OuterRef("pk"))
        return questions.select_related("topic", "resource").annotate(is_appealed=Exists(appeals))

    def get_form(self, request: HttpRequest, obj: Question | None = None, **kwargs: Any) -> Any:  # type: ignore[override]  # stubs name `change`
        return super().get_form(request, obj, **{"form": question_form(self._type(request, obj)), **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Question | None = None) -> Any:
        """The fields of the question's type."""
        rows = EDITORS[self._type(request, obj)].rows
        return (
            (
                _("The question"),
                {"fields": ("type", "stem", *rows, "explanation")},
            ),
            (_("Its place"), {"fields": ("key", "topic", "resource", "difficulty", "tags")}),
        )

    @admin.display(description=_("what is asked"))
    def asked(self, question: Question) -> str:
        stem = question.draft.get("stem", "") if isinstance(question.draft, dict) else ""
        return Truncator(stem).words(16)

    @admin.display(description=_("type"), ordering="type")
    def shown_type(self, question: Question) -> str:
        return str(dict(type_choices()).get(question.type, question.type))

    @admin.display(description=_("appeals"))
    def appealed(self, question: Question) -> str:
        return gettext("appealed") if getattr(question, "is_appealed", False) else ""

    def render_change_form(  # noqa: PLR0917  # the signature is admin's
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> Any:
        if add:
            context |= {"types": type_choices(), "chosen_type": self._type(request, None)}
        elif obj is not None:
            context["appeals"] = (
                Appeal.objects.for_authors().about(obj).order_by("-answered_at")[:APPEALS_SHOWN]
            )
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _type(self, request: HttpRequest, obj: Question | None) -> str:
        if obj and obj.type in EDITORS:
            return obj.type
        chosen = request.POST.get("type") or request.GET.get("type") or ""
        return chosen if chosen in EDITORS else "single"


class PaperInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy only
    """The questions on a quiz's paper, in order."""

    model = PaperItem
    fields = ("position", "question", "asked", "points")
    readonly_fields = ("asked",)
    autocomplete_fields = ("question",)
    extra = 0
    verbose_name = _("question")
    verbose_name_plural = _("questions on the paper, in order")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaperItem]:
        items: QuerySet[PaperItem] = super().get_queryset(request)
        return items.select_related("question")

    @admin.display(description=_("what is asked"))
    def asked(self, item: PaperItem) -> str:
        return Truncator(item.question.draft.get("stem", "")).words(14) if item.pk else ""


class PoolInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    """The pools from which a quiz draws, in order, each with how many questions fit it as the drafts are now."""

    model = PaperPool
    fields = (
        "position",
        "key",
        "topic",
        "tag",
        "difficulty_from",
        "difficulty_to",
        "count",
        "points",
        "fitting",
    )
    readonly_fields = ("fitting",)
    autocomplete_fields = ("topic",)
    extra = 0
    verbose_name = _("pool")
    verbose_name_plural = _("pools: questions drawn anew for each attempt, beside those on the paper")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ready: dict[int, int] | None = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaperPool]:
        pools: QuerySet[PaperPool] = super().get_queryset(request)
        return pools.select_related("topic", "quiz")

    @admin.display(description=_("fit now"))
    def fitting(self, pool: PaperPool) -> str:
        if not pool.pk:
            return gettext("said once saved")
        if self._ready is None:
            pools = Papers([pool.quiz]).pools[pool.quiz_id]
            self._ready = {row.pk: len(members) for row, members in pools}
        count = self._ready.get(pool.pk, 0)
        words = ngettext("%(count)d question", "%(count)d questions", count) % {"count": count}
        return words if count >= pool.count else gettext("%(questions)s: too few") % {"questions": words}


@admin.register(Quiz)
class QuizAdmin(DraftAdmin):
    """Quizzes as drafts: their paper, pass mark and policies."""

    form = QuizForm
    list_display = ("title", "roadmap", "stage", "question_count", "pass_percent", "studied")
    list_filter = (InUseFilter, "roadmap")
    list_select_related = ("roadmap", "stage", "current_version")
    search_fields = ("title", "key")
    search_help_text = _("Title or key")
    inlines = (PaperInline, PoolInline)
    fieldsets = (
        (
            _("The quiz"),
            {"fields": (("title", "key"), "purpose", ("stage", "roadmap"), ("draw", "shuffle"), "per_page")},
        ),
        (
            _("Passing it"),
            {"fields": (("pass_percent", "score"), ("attempts_limit", "cooldown_hours"))},
        ),
        (
            _("Time"),
            {
                "fields": (
                    ("time_limit_minutes", "grace_seconds"),
                    ("overtime", "overtime_minutes"),
                    "available_until",
                )
            },
        ),
        (_("Answers and results"), {"fields": ("asks_confidence", "review")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quiz]:
        quizzes: QuerySet[Quiz] = super().get_queryset(request)
        counted = quizzes.select_related("roadmap", "stage", "current_version")
        return counted.annotate(items_count=Count("items"))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "stage":
            kwargs["queryset"] = Stage.objects.unarchived().order_by("roadmap", "position", "id")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def crumbs(self, draft: Quiz | None) -> Crumbs:
        if draft is None:
            return super().crumbs(draft)
        road = (str(draft.roadmap), reverse("admin:roadmap_roadmap_change", args=[draft.roadmap_id]))
        stage = draft.stage
        crumbs = [(gettext("Roads"), reverse("admin:roadmap_roadmap_changelist")), road]
        if stage is not None:
            crumbs.append((str(stage), reverse("admin:roadmap_stage_change", args=[stage.pk])))
        return crumbs

    @admin.display(description=_("questions"))
    def question_count(self, quiz: Any) -> int:
        count: int = quiz.items_count
        return count

    @admin.display(description=_("learners answer"))
    def studied(self, quiz: Quiz) -> str:
        version = quiz.current_version
        if version is None:
            return gettext("nothing yet: a draft")
        return gettext("version %(number)d") % {"number": version.number}
