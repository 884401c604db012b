"""The page on which a stage is built: its words, its topics in order, what is placed in them; how the draft stands."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext

from accounts import clock
from accounts.admin.opened import FIELD, Conflict
from accounts.admin.sheets import Opened
from authoring.admin import stage_merge
from authoring.admin.stage_rows import GAPS, Rows
from authoring.models.stage_state import StageState
from authoring.words import fault_rows
from quizzes.models import Quiz
from roadmap.admin import StageAdmin
from roadmap.forms import StagePage
from roadmap.models import Arrangement, Gate, Stage, Topic
from roadmap.models.resource import Role

admin.site.unregister(Stage)


@admin.register(Stage)
class StageAtTheDesk(StageAdmin):
    """A stage with the page on which it is built."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:stage_id>/build/", view(self.build), name="authoring_stage"),
            path("<int:stage_id>/state/", view(self.state), name="authoring_stage_state"),
            *super().get_urls(),
        ]

    def build(self, request: HttpRequest, stage_id: int) -> HttpResponse:
        """Show the stage, do what a button says (nothing is saved), or save all of it in one transaction."""
        stage = self._stage(request, stage_id)
        if request.method != "POST":
            page = StagePage(stage)
            return self._build_page(request, page, self._stamp(page))
        if not self.has_change_permission(request, stage):
            raise PermissionDenied
        data = _with_plain_lines(request.POST)
        if "_save" in data or "_continue" in data:
            return self._save(request, stage, data)
        page = StagePage(stage, data)
        said = page.perform(data.get("act", ""))
        return self._build_page(request, page, data.get(FIELD, ""), said=said, is_typed=True)

    def state(self, request: HttpRequest, stage_id: int) -> HttpResponse:
        """How the draft stands: changes in this stage and faults, the part that takes the whole road to say."""
        stage = self._stage(request, stage_id)
        state = StageState.of(stage)
        context = {"road": stage.roadmap, "state": state, "faults": fault_rows(stage.roadmap, state.here)}
        return render(request, "authoring/stage_state.html", context)

    def _stage(self, request: HttpRequest, pk: int) -> Stage:
        stages: QuerySet[Stage] = self.get_queryset(request).select_related("roadmap__current_edition")
        stage = get_object_or_404(stages.defer("roadmap__current_edition__document"), pk=pk)
        if not self.has_view_permission(request, stage):
            raise PermissionDenied
        return stage

    @transaction.atomic
    def _save(self, request: HttpRequest, stage: Stage, data: QueryDict) -> HttpResponse:
        Arrangement(stage).lock()
        now, laid = StagePage(self._stage(request, stage.pk)), stage_merge.Laid(data)
        opened = Opened.read(data.get(FIELD, ""), stage)
        stage_merge.lay_words(laid, opened.sheet, now)
        typed = StagePage(self._stage(request, stage.pk), data, saving=True)
        stage_merge.lay_rows(laid, opened.sheet, now, typed)
        if laid.is_conflict:
            token = self._stamp(now)
            conflict = Conflict(_said(stage, opened), laid.choices, laid.taken, laid.gone, token)
            typed = typed.unjudged(data)
            return self._build_page(request, typed, token, conflict=conflict, is_typed=True, status=409)
        if not typed.is_valid():
            return self._build_page(request, typed, data.get(FIELD, ""), is_typed=True, status=422)
        typed.save(clock.now())
        self.log_change(request, stage, gettext("Built: words, topics and resources."))
        self.message_user(request, gettext("The draft of this stage is saved."), messages.SUCCESS)
        if "_continue" in data:
            return redirect("admin:authoring_stage", stage.pk)
        return redirect("admin:roadmap_roadmap_change", stage.roadmap_id)

    def _stamp(self, page: StagePage) -> str:
        return Opened(clock.now(), stage_merge.sheet(page)).token(page.stage)

    def _build_page(
        self,
        request: HttpRequest,
        page: StagePage,
        token: str,
        *,
        conflict: Conflict | None = None,
        said: str = "",
        is_typed: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        page.fill_other_places()
        Rows().draw(page.rows)
        stage, road = page.stage, page.stage.roadmap
        numbers = {row.pk: place for place, row in enumerate(page.stages, 1)}
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Build the stage"),
            "opts": self.opts,
            "crumbs": self.crumbs(stage),
            "stage": stage,
            "road": road,
            "number": numbers.get(stage.pk),
            "edition": road.current_edition,
            "page": page,
            "blank_topic": page.new_row("__ref__"),
            "roles": Role.choices,
            "gaps": GAPS,
            "gates": Gate.objects.filter(stage=stage).prefetch_related("stages", "tasks"),
            "quiz": Quiz.objects.unarchived().filter(stage=stage).first(),
            "may_change": self.has_change_permission(request, stage),
            "opened": token,
            "conflict": conflict,
            "troubles": [] if conflict or status != 422 else page.troubles(),
            "said": said,
            "is_typed": is_typed,
            "suggest_url": reverse("admin:roadmap_resource_suggest"),
        }
        return render(request, "authoring/stage.html", context, status=status)


def _with_plain_lines(data: QueryDict) -> QueryDict:
    """A copy with texts as files have them: browsers end lines with two characters. A NUL can't be kept at all."""
    plain = data.copy()
    for name in plain:
        values = [str(value).replace("\r\n", "\n").replace("\x00", "") for value in plain.getlist(name)]
        plain.setlist(name, values)
    return plain


def _said(stage: Stage, opened: Opened) -> str:
    """Who saved the stage or one of its topics since, as the desk wrote it down."""
    topics = [str(pk) for pk in Topic.objects.filter(stage=stage).values_list("pk", flat=True)]
    mine = Q(content_type=ContentType.objects.get_for_model(Stage), object_id=str(stage.pk))
    below = Q(content_type=ContentType.objects.get_for_model(Topic), object_id__in=topics)
    entries = LogEntry.objects.filter(mine | below).select_related("user")
    last = entries.filter(action_time__gte=opened.at).first() if opened.at else None
    if last is None:
        return gettext("Changed since you opened this page")
    at = last.action_time.astimezone(get_current_timezone())
    said = gettext("Changed by %(name)s at %(time)s, since you opened this page")
    return said % {"name": last.user, "time": date_format(at, "H:i")}
