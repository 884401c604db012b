"""The player: its pages, and what becomes of a form that is sent whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.translation import gettext

from accounts.models import User
from accounts.words import said
from progress import words
from progress.forms import values_of
from progress.models import Enrollment
from progress.views.doors import SignedInRequest
from progress.views.quiz_pages import (
    attempt_url,
    over_words,
    player_url,
    result_url,
    short_stem,
    stem,
    submit_url,
    topic_title,
)
from quizzes.bodies import TYPES
from quizzes.marking import is_given
from quizzes.models import Answer, Attempt, Confidence, QuestionVersion
from quizzes.models.answer import Difference
from quizzes.paper import Overtime
from quizzes.refusals import FinishedError, TakenOverError
from quizzes.result import OnSheet
from roadmap.document import RoadDocument


def show(
    request: SignedInRequest,
    enrollment: Enrollment,
    attempt: Attempt,
    now: datetime,
    typed: Mapping[int, object] | None = None,
) -> HttpResponse:
    """The player; `typed` is what an overtaken page held, shown instead of the saved answers.

    Once its time is over it can only be read, where it may still be handed in; else its result is shown.
    """
    try:
        attempt.open(now)
    except FinishedError:
        attempt.refresh_from_db(fields=["finished_at"])
        if attempt.is_finished or attempt.is_overdue(now):
            return to_result(enrollment, attempt, now)
    context = player(enrollment, attempt, now, typed, request.GET.get("page", ""))
    return render(request, "progress/quiz.html", context, status=200 if typed is None else 409)


def keep_form(
    request: SignedInRequest, enrollment: Enrollment, attempt: Attempt, now: datetime
) -> HttpResponse | None:
    """Keep a form that was sent whole; None when it is kept, else the page that says why not."""
    form, epoch = request.POST, request.POST.get("epoch", "")
    if form.get("attempt", str(attempt.pk)) != str(attempt.pk):
        raise Http404  # typed by somebody else, who was signed in here before
    values = _values(form, attempt)
    sure = _confidences(form, attempt) if attempt.quiz_version.sheet.asks_confidence else None
    try:
        attempt.save_page(int(epoch) if epoch.isdecimal() and len(epoch) < 10 else 0, values, now, sure)
    except TakenOverError:
        return show(request, enrollment, attempt, now, values)
    except FinishedError:
        return None if _may_be_handed_in(attempt, now) else to_result(enrollment, attempt, now)
    return None


def to_result(enrollment: Enrollment, attempt: Attempt, now: datetime) -> HttpResponse:
    """Its result; what is not handed in yet is."""
    if not attempt.is_finished:
        enrollment.hand_in_quiz(attempt, now)
    return redirect(result_url(enrollment.roadmap.key, attempt))


def place_url(road: str, attempt: Attempt, slot: str) -> str:
    """The player at this question, on the page where it stands."""
    url, per_page = player_url(road, attempt), attempt.quiz_version.sheet.per_page
    if not slot.isdecimal() or len(slot) > 5:
        return url
    page = f"?page={_page(int(slot), per_page)}" if per_page else ""
    return f"{url}{page}#q{int(slot)}-title"


# What the pages show


def player(
    enrollment: Enrollment,
    attempt: Attempt,
    now: datetime,
    typed: Mapping[int, object] | None,
    page: str = "",
) -> dict[str, Any]:
    """All questions with what was answered so far (or `typed`), and the clock. Those of other pages are hidden."""
    document, road, paper = enrollment.document, enrollment.roadmap.key, attempt.quiz_version.sheet
    sure = attempt.confidences() if paper.asks_confidence else None
    pages = _page(len(attempt.slots), paper.per_page)
    here = min(max(int(page), 1), pages) if page.isdecimal() and len(page) < 6 else 1
    rows = [
        _question(document, row, row.value if typed is None else typed.get(row.slot.slot))
        | _place(row.slot.slot, attempt, paper.per_page, here, pages)
        | {"confidences": None if sure is None else _levels(sure.get(row.slot.slot))}
        for row in attempt.questions()
    ]
    return {
        **_bar(enrollment, attempt),
        "epoch": attempt.epoch,
        "rows": rows,
        "pages": pages,
        "answered": sum(row["is_done"] for row in rows),
        "flagged": len(attempt.flagged),
        "is_conflict": typed is not None,
        "differences": _differences(attempt, enrollment.person) if typed is None else [],
        "save_url": attempt_url("quiz_save", road, attempt),
        "state_url": attempt_url("quiz_state", road, attempt),
        "flag_url": attempt_url("quiz_flag", road, attempt),
        "timer": _timer(attempt, now, enrollment.person),
        "closed": _closed_words(attempt, enrollment.person, now),
        "over_words": over_words(Overtime(attempt.overtime), attempt.overtime_minutes),
        "hands_itself_in": attempt.overtime != Overtime.GRACE,
    }


def confirmation(enrollment: Enrollment, attempt: Attempt, now: datetime) -> dict[str, Any]:
    """What is still open or flagged before an attempt is handed in."""
    unanswered, road = set(attempt.unanswered()), enrollment.roadmap.key
    return {
        **_bar(enrollment, attempt),
        "unanswered": sorted(unanswered),
        "flagged": attempt.flagged,
        "listed": [
            {
                "slot": slot,
                "is_open": slot in unanswered,
                "is_flagged": slot in attempt.flagged,
                "href": place_url(road, attempt, str(slot)),
            }
            for slot in sorted(unanswered | set(attempt.flagged))
        ],
        "count": len(attempt.slots),
        "differences": _differences(attempt, enrollment.person),
        "closed": _closed_words(attempt, enrollment.person, now),
    }


def differing(enrollment: Enrollment, attempt: Attempt) -> dict[str, Any]:
    """Both versions of each answer that an overtaken page said otherwise."""
    return {**_bar(enrollment, attempt), "differences": _differences(attempt, enrollment.person)}


def _bar(enrollment: Enrollment, attempt: Attempt) -> dict[str, Any]:
    road, stage = enrollment.roadmap.key, enrollment.document.stage_of_quiz(attempt.quiz.key)
    return {
        "attempt": attempt,
        "title": attempt.quiz.title,
        "number": attempt.number,
        "player_url": player_url(road, attempt),
        "submit_url": submit_url(road, attempt),
        "differences_url": attempt_url("quiz_differences", road, attempt),
        "leave_url": words.stage_url(road, stage.key) if stage else reverse("progress:road", args=[road]),
    }


def _timer(attempt: Attempt, now: datetime, person: User) -> dict[str, Any] | None:
    if attempt.deadline_at is None:
        return None
    return {
        "seconds": max(0, int((attempt.deadline_at - now).total_seconds())),
        "total": int((attempt.deadline_at - attempt.started_at).total_seconds()),
        "until": gettext("until %(time)s") % {"time": _time(attempt.deadline_at, person)},
    }


def _closed_words(attempt: Attempt, person: User, now: datetime) -> str:
    """Until when an attempt that can no longer be changed may be handed in; empty while it can be."""
    is_up = (
        attempt.overtime == Overtime.GRACE and attempt.deadline_at is not None and attempt.deadline_at <= now
    )
    if attempt.closes_at is None or not (is_up or attempt.is_over(now)):
        return ""
    until = attempt.closes_at + timedelta(minutes=attempt.overtime_minutes)
    return gettext("Time is over. Answers can no longer be changed; hand in until %(time)s.") % {
        "time": _time(until, person)
    }


def _time(moment: datetime, person: User) -> str:
    return time_format(moment.astimezone(person.zone).time(), "H:i")


def _may_be_handed_in(attempt: Attempt, now: datetime) -> bool:
    """Whether its time is over, and its learner may still hand it in."""
    attempt.refresh_from_db(fields=["finished_at"])
    return not attempt.is_finished and not attempt.is_overdue(now)


# One question


def _question(document: RoadDocument, row: OnSheet, value: object) -> dict[str, Any]:
    asked, number = row.asked, row.slot.slot
    type_ = TYPES[asked.type]
    legend, blocks = stem(asked.stem)
    return {
        "slot": number,
        "id": f"q{number}",
        "template": f"quizzes/types/{asked.type}/player.html",
        "stem": legend,
        "blocks": blocks,
        "fields": type_.fields(asked, value),
        "topic": topic_title(document, row.slot.topic),
        "how": said(type_.how(asked)),
        "is_done": is_given(value),
    }


def _place(slot: int, attempt: Attempt, per_page: int | None, here: int, pages: int) -> dict[str, Any]:
    """Where a question stands among the pages, and what its buttons lead to."""
    page = _page(slot, per_page)
    return {
        "page": page,
        "is_here": page == here,
        "is_flagged": slot in attempt.flagged,
        "before": (page - 2) * (per_page or 0) + 1
        if page > 1 and _is_last(slot, attempt, per_page)
        else None,
        "after": page * (per_page or 0) + 1 if page < pages and _is_last(slot, attempt, per_page) else None,
    }


def _is_last(slot: int, attempt: Attempt, per_page: int | None) -> bool:
    """Whether it ends a page."""
    return slot == len(attempt.slots) or bool(per_page and slot % per_page == 0)


def _page(slot: int, per_page: int | None) -> int:
    return (slot - 1) // per_page + 1 if per_page else 1


def _levels(chosen: int | None) -> list[dict[str, Any]]:
    return [
        {"value": level.value, "label": level.label, "is_chosen": level.value == chosen}
        for level in Confidence
    ]


def _differences(attempt: Attempt, person: User) -> list[dict[str, Any]]:
    """Rows of the table of answers that differ: one query where there are none."""
    found = attempt.answers.differences()
    if not found:
        return []
    versions = {slot.slot: slot.version for slot in attempt.slots}
    bodies = QuestionVersion.objects.bodies(versions[row.slot] for row in found)
    return [_difference(row, bodies[versions[row.slot]], person) for row in found]


def _difference(row: Difference, body: Any, person: User) -> dict[str, Any]:
    return {
        "slot": row.slot,
        "title": short_stem(body.stem),
        "choice_id": row.choice_id,
        "versions": [
            _version("overtaken", row.overtaken, body, person),
            _version("counting", row.counting, body, person),
        ],
    }


def _version(name: str, answer: Answer | None, body: Any, person: User) -> dict[str, Any]:
    is_said = answer is not None and is_given(answer.value)
    return {
        "name": name,
        "words": said(body.said(answer.value)) if answer and is_said else gettext("no answer"),
        "at": _time(answer.saved_at, person) if answer else "",
        "value": json.dumps(answer.value if answer else None),
        "confidence": answer.confidence if answer else None,
    }


# What a form says


def _values(form: QueryDict, attempt: Attempt) -> dict[int, object]:
    """What the fields of the form say, by slot."""
    fields = {f"q{asked.slot}": asked.slot for asked in attempt.slots}
    return {fields[field]: value for field, value in values_of(form, fields).items()}


def _confidences(form: QueryDict, attempt: Attempt) -> dict[int, int | None]:
    """How sure the form says she is, by slot; anything but a known level says nothing."""
    levels = {str(level.value): level.value for level in Confidence}
    return {asked.slot: levels.get(form.get(f"c{asked.slot}", "")) for asked in attempt.slots}
