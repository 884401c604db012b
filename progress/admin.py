from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.opened import OpenedAdmin
from progress.forms import EnrollmentForm, IntoCohortForm
from progress.models import Cohort, Enrollment


@admin.register(Cohort)
class CohortAdmin(OpenedAdmin):
    """Groups that start a road together; mentors are given to them as mentorships."""

    list_display = ("title", "roadmap", "starts_on", "hours_per_week")
    list_filter = ("roadmap",)
    list_select_related = ("roadmap",)
    search_fields = ("title",)
    search_help_text = _("Title")
    list_per_page = 50
    fields = ("roadmap", "title", "starts_on", "hours_per_week")

    def get_fields(self, request: HttpRequest, obj: Cohort | None = None) -> Any:
        return (*self.fields, "members") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Cohort | None = None) -> Any:
        """A cohort stays on its road: its members are there."""
        return ("roadmap", "members") if obj else ()

    @admin.display(description=_("members"))
    def members(self, cohort: Cohort) -> str:
        """How many, leading to the list of them."""
        count = Enrollment.objects.current().filter(cohort=cohort).count()
        said = ngettext("%(n)d learner", "%(n)d learners", count) % {"n": count}
        url = reverse("admin:progress_enrollment_changelist")
        return format_html('<a href="{}?cohort__id__exact={}">{}</a>', url, cohort.pk, said)


@admin.register(Enrollment)
class EnrollmentAdmin(OpenedAdmin):
    """Who is on which road, to find people and to put them into cohorts; everything else is the learner's own."""

    form = EnrollmentForm
    list_display = ("person", "roadmap", "shown_background", "cohort", "enrolled_on", "last_active")
    list_filter = ("roadmap", ("cohort", admin.RelatedOnlyFieldListFilter))
    search_fields = ("person__email", "person__name")
    search_help_text = _("Name or e-mail address")
    autocomplete_fields = ("cohort",)
    fields = ("person", "roadmap", "shown_background", "enrolled_on", "last_active", "cohort")
    readonly_fields = fields[:-1]
    ordering = ("-enrolled_at", "-id")
    list_per_page = 50
    actions = ("put_into_cohort",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrollment]:
        """Those who are on a road now."""
        return Enrollment.objects.current().select_related("person", "roadmap", "cohort", "standing_row")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Cohorts are made on their own pages and only chosen here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for button in ("can_add_related", "can_change_related", "can_view_related"):
            setattr(getattr(field, "widget", None), button, False)
        return field

    @admin.display(description=_("background"))
    def shown_background(self, enrollment: Enrollment) -> str:
        """Its title in the edition that is studied, else the key it was chosen by."""
        titles = {background.key: background.title for background in enrollment.document.backgrounds}
        return titles.get(enrollment.background, enrollment.background)

    @admin.display(description=_("enrolled"), ordering="enrolled_at")
    def enrolled_on(self, enrollment: Enrollment) -> str:
        return date_format(enrollment.enrolled_at, "j M Y")

    @admin.display(
        description=_("last active"), ordering=F("standing_row__last_active_on").asc(nulls_first=True)
    )
    def last_active(self, enrollment: Enrollment) -> str:
        row = getattr(enrollment, "standing_row", None)
        return date_format(row.last_active_on, "j M Y") if row and row.last_active_on else "–"

    def save_model(self, request: HttpRequest, obj: Enrollment, form: Any, change: bool) -> None:
        Enrollment.objects.filter(pk=obj.pk).join(obj.cohort)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People enroll themselves."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Enrollment | None = None) -> bool:
        return False

    @admin.action(description=_("Put into a cohort …"), permissions=["change"])
    def put_into_cohort(self, request: HttpRequest, chosen: QuerySet[Enrollment]) -> HttpResponse | None:
        """Ask which one; then put those of the chosen into it who are on its road."""
        roads = chosen.order_by().values_list("roadmap", flat=True).distinct()
        is_answered = "confirmed" in request.POST
        form = IntoCohortForm(request.POST if is_answered else None, roads=list(roads))
        if not (is_answered and form.is_valid()):
            return self._ask_for_cohort(request, form, chosen.count())
        cohort, asked = form.cleaned_data["cohort"], chosen.count()
        count = Enrollment.objects.filter(pk__in=chosen.order_by().values("pk")).join(cohort)
        self.message_user(request, _joined_sentence(count, cohort), messages.SUCCESS)
        if count < asked:
            left = ngettext("%(n)d is on another road.", "%(n)d are on other roads.", asked - count)
            self.message_user(request, left % {"n": asked - count}, messages.WARNING)
        return None

    def _ask_for_cohort(self, request: HttpRequest, form: IntoCohortForm, count: int) -> HttpResponse:
        is_all = request.POST.get("select_across") == "1"
        picked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Put into a cohort"),
            "form": form,
            "count": count,
            "opts": self.opts,
            "checkbox": ACTION_CHECKBOX_NAME,
            "picked": picked[:1] if is_all else picked,
            "is_all": is_all,
        }
        status = 422 if form.is_bound else 200
        return render(request, "progress/into_cohort.html", context, status=status)


def _joined_sentence(count: int, cohort: Cohort | None) -> str:
    if cohort is None:
        said = ngettext("%(n)d learner is in no cohort now.", "%(n)d learners are in no cohort now.", count)
        return said % {"n": count}
    said = ngettext("%(n)d learner is in “%(cohort)s” now.", "%(n)d learners are in “%(cohort)s” now.", count)
    return said % {"n": count, "cohort": cohort}
