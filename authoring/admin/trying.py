"""The draft of a quiz, answered and marked by its author: nothing of it is ever written, so it can't count."""

from __future__ import annotations

from secrets import randbelow
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from accounts.words import said
from progress.forms import values_of
from quizzes.admin import QuizAdmin
from quizzes.bodies import TYPES
from quizzes.models import Quiz, Trial
from quizzes.result import Answered, OnSheet
from quizzes.review import WINDOW_NAMES, Item, ReviewPolicy, Standing, Window, may_see
from roadmap import rendering

MOST_SEEDS = 10**6
# What a learner stands at in each window, beside having handed in.
STANDINGS = {
    Window.HANDED_IN: Standing(is_passed=False, is_closed=False),
    Window.PASSED: Standing(is_passed=True, is_closed=False),
    Window.CLOSED: Standing(is_passed=False, is_closed=True),
}


class TryPage(QuizAdmin):
    """A quiz with a page on which its draft is tried."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:quiz_id>/try/", view(self.try_quiz), name="authoring_try_quiz"),
            *super().get_urls(),
        ]

    def try_quiz(self, request: HttpRequest, quiz_id: int) -> HttpResponse:
        """A paper drawn from the draft; posted, the same paper with what a learner would see in the chosen window."""
        quiz = get_object_or_404(self.get_queryset(request), pk=quiz_id)
        if not self.has_view_permission(request, quiz):
            raise PermissionDenied
        context: dict[str, Any] = {"faults": [said(fault) for fault in quiz.faults()]}
        if not context["faults"]:
            context |= _tried(request, quiz) if request.method == "POST" else _begun(quiz)
        crumbs = [*self.crumbs(quiz), (str(quiz), reverse("admin:quizzes_quiz_change", args=[quiz.pk]))]
        told = {"title": gettext("Try this quiz"), "quiz": quiz}
        return self.framed(request, "authoring/try.html", crumbs, told | context)


def _begun(quiz: Quiz) -> dict[str, Any]:
    seed = randbelow(MOST_SEEDS)
    trial = Trial.of(quiz, seed)
    return {**_paper(trial, seed, {}), "window": None}


def _tried(request: HttpRequest, quiz: Quiz) -> dict[str, Any]:
    text = request.POST.get("seed", "")
    seed = int(text) if text.isdecimal() and len(text) < 8 else 0
    trial = Trial.of(quiz, seed)
    if trial.digest != request.POST.get("digest"):
        return {**_begun(quiz), "is_changed": True}
    fields = {f"q{slot.slot}": slot.slot for slot in trial.slots}
    values = {fields[name]: value for name, value in values_of(request.POST, fields).items()}
    chosen = request.POST.get("window", "")
    window = Window(chosen) if chosen in set(Window) else Window.HANDED_IN
    return {**_paper(trial, seed, values), **_marked(trial, values, window)}


def _paper(trial: Trial, seed: int, values: dict[int, object]) -> dict[str, Any]:
    return {
        "seed": seed,
        "digest": trial.digest,
        "rows": [{"question": _asked(row)} for row in trial.questions(values)],
        "windows": [(window.value, said(WINDOW_NAMES[window])) for window in Window],
    }


def _marked(trial: Trial, values: dict[int, object], window: Window) -> dict[str, Any]:
    """The paper once more, each question with what is shown of it, and what it all earned."""
    policy: ReviewPolicy = trial.sheet.review
    result = trial.result(values, may_see(policy, STANDINGS[window]))
    earned = sum(answer.mark.points for answer in result.answered)
    possible = sum(answer.mark.possible for answer in result.answered)
    questions = trial.questions(values)
    return {
        "window": window.value,
        "rows": [
            {"question": _asked(row), "review": _review(answer)}
            for row, answer in zip(questions, result.answered, strict=True)
        ],
        "points": f"{round(earned, 2).normalize():f}" if earned else "0",
        "possible": possible,
        "is_passed": 100 * earned >= trial.sheet.pass_percent * possible,
        "pass_percent": trial.sheet.pass_percent,
        "waiting": result.waiting,
    }


def _asked(row: OnSheet) -> dict[str, Any]:
    """One question as components/question.html shows it."""
    asked, number = row.asked, row.slot.slot
    first, _blank, rest = asked.stem.strip().partition("\n\n")
    is_code = first.lstrip().startswith("```")
    return {
        "slot": number,
        "id": f"q{number}",
        "template": f"quizzes/types/{asked.type}/player.html",
        "stem": _safe(rendering.inline(gettext("Look at this:") if is_code else first)),
        "blocks": _html(asked.stem if is_code else rest),
        "fields": TYPES[asked.type].fields(asked, row.value),
        "how": said(TYPES[asked.type].how(asked)),
    }


def _review(answer: Answered) -> dict[str, Any]:
    """What a learner would see of one answer."""
    is_said = answer.shows(Item.CORRECTNESS) and not answer.mark.waits
    return {
        "template": f"quizzes/types/{answer.body.type}/review.html",
        "shown": answer.shown,
        "is_given": answer.is_given,
        "is_right": answer.is_right if is_said else None,
        "waits": answer.mark.waits,
        "points": f"{round(answer.mark.points, 2).normalize():f}" if answer.mark.points else "0",
        "possible": answer.mark.possible,
        "given": said(answer.body.said(answer.value)) if answer.is_given else "",
        "feedback": [_html(text) for text in answer.feedback.values()],
        "explanation": _html(answer.explanation),
        "shows_nothing": not answer.seen,
    }


def _html(text: str) -> SafeString:
    return _safe(rendering.html(text) if text.strip() else "")


def _safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308  # rendered by roadmap.rendering
