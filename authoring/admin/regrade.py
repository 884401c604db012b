"""Correcting results after a question's answer changed: what it would do, doing it, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext

from accounts import clock
from accounts.models import User
from accounts.words import said
from quizzes.admin import QuestionAdmin
from quizzes.forms import RegradeForm
from quizzes.models import Question, QuestionVersion, Regrade, regraded
from quizzes.models.question import EditKind
from quizzes.regrading import Outlook
from roadmap import rendering

AT_ONCE = 1000  # attempts that a page corrects itself; the clock goes on with the others
ON_A_PAGE = 20


class RegradePages(QuestionAdmin):
    """The page on which results follow a corrected key."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:question_id>/regrade/", view(self.regrade), name="authoring_regrade"),
            path("<int:question_id>/regrade/<int:pk>/undo/", view(self.undo), name="authoring_regrade_undo"),
            *super().get_urls(),
        ]

    def regrade(self, request: HttpRequest, question_id: int) -> HttpResponse:
        """Results after the answer changed; POST says what a correction would change (`look`), or corrects."""
        question = self._question(request, question_id)
        versions = _corrected(question)
        if not versions:
            return self._regrade_page(request, question, {"before": None})
        before, after = versions
        form = RegradeForm(request.POST or None, initial={"policy": "both", "never_lower": True})
        found = regraded.outlook(form.planned(before, after)) if _is_look(request, form) else None
        if request.method == "POST" and found is None and form.is_valid():
            planned = Regrade.objects.begin(
                before, after, **form.cleaned_data, by=_person(request), now=clock.now()
            )
            _say(request, planned, regraded.work(planned, clock.now(), most=AT_ONCE))
            return redirect("admin:authoring_regrade", question_id)
        context = {"before": before, "after": after, "form": form, **_told(before, after), **_found(found)}
        is_refused = request.method == "POST" and found is None
        return self._regrade_page(request, question, context, 422 if is_refused else 200)

    def undo(self, request: HttpRequest, question_id: int, pk: int) -> HttpResponse:
        """Take a regrade back; by POST only."""
        question = self._question(request, question_id)
        found = get_object_or_404(Regrade.objects.of(question), pk=pk)
        if request.method == "POST":
            found.undo(_person(request), clock.now())
            is_done = regraded.work(found, clock.now(), most=AT_ONCE)
            messages.success(
                request,
                gettext("The correction is undone.")
                if is_done
                else gettext("The correction is being undone; it goes on by itself."),
            )
        return redirect("admin:authoring_regrade", question_id)

    def _question(self, request: HttpRequest, question_id: int) -> Question:
        question = get_object_or_404(Question, pk=question_id)
        if not self.has_change_permission(request, question):
            raise PermissionDenied
        return question

    def _regrade_page(
        self, request: HttpRequest, question: Question, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        done = Regrade.objects.of(question).select_related("begun_by", "before", "after")
        page = Paginator(done, ON_A_PAGE).get_page(request.GET.get("page"))
        crumbs = [
            (gettext("Questions"), reverse("admin:quizzes_question_changelist")),
            (question.key, reverse("admin:quizzes_question_change", args=[question.pk])),
        ]
        told = {"title": gettext("Correct results"), "question": question, "page": page}
        return self.framed(request, "authoring/regrade.html", crumbs, told | context, status)


def _corrected(question: Question) -> tuple[QuestionVersion, QuestionVersion] | None:
    """The newest wording, and the one before its answer changed last; None while the answer never changed."""
    changed = question.versions.filter(edit_kind=EditKind.ANSWER).order_by("-number").first()
    if changed is None:
        return None
    before = question.versions.filter(number__lt=changed.number).order_by("-number").first()
    newest = question.versions.order_by("-number").first()
    if before is None or newest is None:
        raise Http404
    return before, newest


def _is_look(request: HttpRequest, form: RegradeForm) -> bool:
    """What would change is asked; the reason need not be written yet."""
    if "look" not in request.POST:
        return False
    form.fields["reason"].required = False
    return form.is_valid()


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _say(request: HttpRequest, planned: Regrade, is_done: bool) -> None:
    changed = ngettext("%(n)d result changed.", "%(n)d results changed.", planned.changed) % {
        "n": planned.changed
    }
    messages.success(
        request,
        changed if is_done else gettext("%(so_far)s The others follow by themselves.") % {"so_far": changed},
    )


def _told(before: QuestionVersion, after: QuestionVersion) -> dict[str, Any]:
    """What was right and what is right, in words."""
    bodies = QuestionVersion.objects.bodies([before.pk, after.pk])
    return {
        "stem": rendering.html(bodies[after.pk].stem),
        "was_right": said(bodies[before.pk].said(bodies[before.pk].right_value())),
        "is_right": said(bodies[after.pk].said(bodies[after.pk].right_value())),
    }


def _found(found: Outlook | None) -> dict[str, Any]:
    if found is None:
        return {"found": None}
    names = User.objects.get_queryset().in_bulk([change.person for change in found.changes])
    rows = [
        {
            "person": str(names[change.person]),
            "before": float(round(change.points[0], 3)),
            "after": float(round(change.points[1], 3)),
            "is_passed_now": change.passed == (False, True),
            "is_lost_now": change.passed == (True, False),
        }
        for change in found.changes
        if change.person in names
    ]
    return {"found": found, "rows": rows}
