from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from roadmap import rendering
from roadmap.admin.draft import DraftAdmin, InUseFilter
from roadmap.forms import BackgroundForm, FaqForm, RoadmapForm
from roadmap.models import Background, Faq, Related, Roadmap, Stage

LONGEST_SHOWN = 60_000  # characters while one types; some texts take the square of their length to be read


class StagesInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy only
    """The stages in order; each is edited on its own page."""

    model = Stage
    ordering = ("position", "id")
    fields = ("position", "title", "key", "topic_count")
    readonly_fields = ("key", "topic_count")
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural = _("stages, in order")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stage]:
        living = Count("topics", filter=Q(topics__archived_at=None))
        stages: QuerySet[Stage] = super().get_queryset(request).filter(archived_at=None)
        return stages.annotate(living_topics=living)

    @admin.display(description=_("topics"))
    def topic_count(self, stage: Any) -> str:
        """How many it has, and the way to the page where they are put in order."""
        count = ngettext("%(count)d topic", "%(count)d topics", stage.living_topics)
        said = count % {"count": stage.living_topics}
        try:
            page = reverse("admin:authoring_stage", args=[stage.pk])
        except NoReverseMatch:  # a house without the authors' room
            return said
        label = gettext("Build %(stage)s") % {"stage": stage}
        return format_html('<a href="{}" aria-label="{}, {}">{}</a>', page, label, said, said)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BackgroundsInline(admin.TabularInline):  # type: ignore[type-arg]  # as above
    model = Background
    form = BackgroundForm
    fields = ("position", "title", "key", "months_low", "months_high", "leads_to")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Background]:
        return super().get_queryset(request).select_related("roadmap")


class FaqInline(admin.StackedInline):  # type: ignore[type-arg]  # as above
    model = Faq
    form = FaqForm
    fields = (("question", "key", "position"), "answer")
    extra = 0
    classes = ("collapse",)


class RelatedInline(admin.StackedInline):  # type: ignore[type-arg]  # as above
    model = Related
    fields = (("title", "key", "position"), "choose_when", "difference")
    extra = 0
    classes = ("collapse",)


@admin.register(Roadmap)
class RoadmapAdmin(DraftAdmin):
    """Roads as drafts, with the edition that learners study."""

    form = RoadmapForm
    list_display = ("title", "studied", "stage_count", "level", "is_public", "position")
    list_filter = (InUseFilter, "level", "is_public")
    search_fields = ("title", "key")
    search_help_text = _("Title or key")
    inlines = (StagesInline, BackgroundsInline, FaqInline, RelatedInline)
    fieldsets = (
        (
            _("The road"),
            {
                "fields": (
                    ("title", "key"),
                    ("level", "language", "position"),
                    "summary",
                    "audience",
                    "choose_when",
                    ("hours_per_week", "last_updated_on"),
                    "is_public",
                )
            },
        ),
        (_("What learners get"), {"fields": ("learn", "recommended"), "classes": ("collapse",)}),
    )
    readonly_fields = ("source", "source_ref", "licence", "notice")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Where it came from is shown of a road that came from elsewhere."""
        if obj is None or not (obj.source or obj.notice):
            return self.fieldsets
        return ((_("Where it came from"), {"fields": self.readonly_fields}), *self.fieldsets)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.markdown))
        return [path("markdown/", view, name="roadmap_markdown"), *super().get_urls()]

    def markdown(self, request: HttpRequest) -> HttpResponse:
        """Markdown (POST text) as learners see it, for fields that show it while one types; of a book its beginning."""
        drawn = rendering.html.__wrapped__  # what is half typed is not worth remembering
        return HttpResponse(drawn(request.POST.get("text", "")[:LONGEST_SHOWN]))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Roadmap]:
        living = Count("stages", filter=Q(stages__archived_at=None))
        roads: QuerySet[Roadmap] = super().get_queryset(request)
        studied = roads.select_related("current_edition").defer("current_edition__document")
        return studied.annotate(living_stages=living)

    @admin.display(description=_("learners see"))
    def studied(self, road: Roadmap) -> str:
        edition = road.current_edition
        if edition is None:
            return gettext("nothing yet: a draft")
        day = date_format(edition.published_at, "j M Y")
        return gettext("edition %(number)d of %(day)s") % {"number": edition.number, "day": day}

    @admin.display(description=_("stages"))
    def stage_count(self, road: Any) -> int:
        count: int = road.living_stages
        return count
