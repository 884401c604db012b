"""Questions in and out at the desk: a file is read, looked at, and then goes into drafts; chosen ones are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import User
from accounts.words import said
from authoring.admin.question_rows import drawn, left_rows
from authoring.exchange import formats
from authoring.exchange.questions import UnreadableError
from authoring.forms import PlacingForm, QuestionFileForm
from authoring.models import (
    Placing,
    Plan,
    QuestionExport,
    QuestionsCrossedError,
    QuestionUpload,
    UploadIsOverError,
)
from quizzes.admin import QuestionAdmin
from quizzes.models import Question

PER_PAGE = 20
LEFT_SHOWN = 200
MOST_EXPORTED = 2000
WRITES = ("quizzes.add_question", "quizzes.change_quiz")


class QuestionPages(QuestionAdmin):
    """The list of questions with the ways in and out of it."""

    actions = ("export_questions", *QuestionAdmin.actions)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.upload_questions), name="authoring_import_questions"),
            path(
                "import/<int:question_upload>/",
                view(self.confirm_questions),
                name="authoring_confirm_questions",
            ),
            *super().get_urls(),
        ]

    # In

    def upload_questions(self, request: HttpRequest) -> HttpResponse:
        """Takes a file; what can't be read is said at once, and a readable one is kept until its author's word."""
        author = _author(request)
        is_post = request.method == "POST"
        form = QuestionFileForm(request.POST, request.FILES) if is_post else QuestionFileForm()
        if is_post and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                kept = QuestionUpload.objects.receive(
                    author, file.name, file.read(), form.cleaned_data["format"], clock.now()
                )
            except UnreadableError as refused:
                words = said(refused.what)
                form.add_error("file", f"{refused.place}: {words}" if refused.place else words)
            else:
                return redirect("admin:authoring_confirm_questions", kept.pk)
        context = {"form": form, "title": gettext("Import questions"), "formats": formats.READABLE}
        return self._exchange_page(
            request, "authoring/questions_import.html", context, 422 if form.errors else 200
        )

    def confirm_questions(self, request: HttpRequest, question_upload: int) -> HttpResponse:
        """What an upload holds, its confirmation, and afterwards what was written."""
        author, now = _author(request), clock.now()
        kept = get_object_or_404(QuestionUpload.objects.of(author).living(now), pk=question_upload)
        if kept.imported_at:
            return self._exchange_done(request, kept)
        form = PlacingForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                kept.confirm(form.placing(), now)
            except QuestionsCrossedError:
                words = gettext(
                    "Nothing was imported: somebody wrote the same questions just now. Look at it again."
                )
                form.add_error(None, words)
            except UploadIsOverError:
                return redirect("admin:authoring_confirm_questions", kept.pk)
            else:
                return redirect("admin:authoring_confirm_questions", kept.pk)
        return self._exchange_preview(request, kept, form)

    def _exchange_preview(
        self, request: HttpRequest, kept: QuestionUpload, form: PlacingForm
    ) -> HttpResponse:
        placing = form.placing() if form.is_bound and form.is_valid() else Placing()
        try:
            plan = kept.plan(placing)
        except (UploadIsOverError, UnreadableError) as over:
            raise Http404 from over
        page = Paginator(plan.rows, PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "upload": kept,
            "form": form,
            "title": gettext("What the file holds"),
            "format": formats.BY_NAME[kept.format],
            "plan": plan,
            "counted": _counted(plan),
            "page": page,
            "questions": [drawn(row, page.start_index() + place) for place, row in enumerate(page)],
            "left": left_rows(plan.left[:LEFT_SHOWN]),
            "more_left": max(0, len(plan.left) - LEFT_SHOWN),
        }
        return self._exchange_page(
            request, "authoring/questions_preview.html", context, 422 if form.errors else 200
        )

    def _exchange_done(self, request: HttpRequest, kept: QuestionUpload) -> HttpResponse:
        outcome: dict[str, Any] = kept.outcome
        rows = Question.objects.filter(key__in=outcome.get("unfinished", ())[:LEFT_SHOWN])
        context = {
            "upload": kept,
            "title": gettext("Imported"),
            "count": len(outcome.get("new", ())),
            "here": outcome.get("here", ()),
            "unfinished": rows.order_by("pk"),
            "unfinished_count": len(outcome.get("unfinished", ())),
            "left_count": outcome.get("left", 0),
        }
        return self._exchange_page(request, "authoring/questions_done.html", context)

    # Out

    @admin.action(description=_("Write into a file …"), permissions=["view"])
    def export_questions(self, request: HttpRequest, chosen: QuerySet[Question]) -> HttpResponse | None:
        """First which format holds what; then the file of the chosen one."""
        rows = list(chosen.order_by("key").select_related("topic", "resource")[: MOST_EXPORTED + 1])
        if len(rows) > MOST_EXPORTED:
            words = gettext("Choose at most %(most)d questions.") % {"most": MOST_EXPORTED}
            self.message_user(request, words, messages.ERROR)
            return None
        export = QuestionExport.of_questions(rows)
        format_ = formats.BY_NAME.get(request.POST.get("into", ""))
        if format_ is not None and format_.write is not None:
            answer = HttpResponse(export.written(format_).data, content_type=format_.media_type)
            answer["Content-Disposition"] = f'attachment; filename="questions.{format_.extension}"'
            return answer
        context = {
            "title": gettext("Write questions into a file"),
            "count": len(rows),
            "chosen": [row.pk for row in rows],
            "ways": [_way(export, format_, len(rows)) for format_ in formats.WRITABLE],
        }
        return self._exchange_page(request, "authoring/questions_export.html", context)

    def _exchange_page(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        crumbs = [(gettext("Questions"), reverse("admin:quizzes_question_changelist"))]
        if "upload" in context:
            crumbs.append((gettext("Import questions"), reverse("admin:authoring_import_questions")))
        return self.framed(request, template, crumbs, context, status)


def _author(request: HttpRequest) -> User:
    """Who may write questions and papers."""
    person = request.user
    if not isinstance(person, User) or not person.has_perms(WRITES):
        raise PermissionDenied
    return person


def _counted(plan: Plan) -> Sequence[tuple[str, int]]:
    whole = sum(one.is_whole for one in plan.left)
    return [
        (gettext("New drafts"), len(plan.new)),
        (gettext("Something to be written"), len(plan.unfinished)),
        (gettext("Here already"), len(plan.here)),
        (gettext("Left out"), whole),
        (gettext("Parts left out"), len(plan.left) - whole),
    ]


def _way(export: QuestionExport, format_: formats.Format, count: int) -> dict[str, Any]:
    """What one format holds of the chosen questions."""
    left = export.written(format_).left
    return {
        "name": format_.name,
        "title": format_.title,
        "held": count - sum(one.is_whole for one in left),
        "left": left_rows(left[:LEFT_SHOWN]),
        "left_count": len(left),
    }
