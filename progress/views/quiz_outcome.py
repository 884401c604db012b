"""What the result page of a quiz shows: headline, topics, questions with reasons, and what to go back to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from accounts.models import User
from accounts.words import said
from progress import words
from progress.forms import AppealForm
from progress.models.enrollment import Position
from progress.pages import known_rows
from progress.views import placement_pages, quiz_appeals, quiz_pages
from quizzes.marking import is_given
from quizzes.models import Attempt
from quizzes.result import Answered, Result
from quizzes.review import EVERYTHING, ITEM_NAMES, WINDOW_NAMES, Item, Window
from roadmap import rendering
from roadmap.document import RoadDocument
from roadmap.models import Resource
from roadmap.models.resource import Cost, ResourceType
from roadmap.templatetags.resources import length_words

RESOURCES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class GoBack:
    """A resource that explains what was missed, and where it stands on the road (else at its own address)."""

    key: str
    title: str
    href: str
    url: str
    line: str
    time: str


def outcome(
    position: Position, attempt: Attempt, now: datetime, appeal: AppealForm | None = None
) -> dict[str, Any]:
    """Everything the result page shows of a finished attempt; `appeal` is what was typed and could not be taken."""
    document, person = position.document, position.enrollment.person
    seen = attempt.seen(now)
    result, is_placement = attempt.result(seen), placement_pages.is_placement(attempt)
    attempts = quiz_pages.earlier(person, document.key, attempt.quiz)
    resources = resources_of(document, [answer.slot.resource for answer in result.answered])
    rows = [_row(document, answer, resources) for answer in result.answered]
    missed = [row for row in rows if row["is_right"] is False]
    return {
        "position": position,
        "attempt": attempt,
        "crumbs": _crumbs(document, attempt),
        "headline": placement_pages.headline(position, attempt) or headline(attempt, result.waiting),
        "stages": placement_pages.stage_rows(position, attempt.pk),
        "rule": placement_pages.rule_words(attempt.pass_percent),
        "is_placement": is_placement,
        "remarks": remarks(attempt, result, person),
        "compared": _compared(attempt, attempts),
        "topics": _topics(document, result) if Item.CORRECTNESS in seen and not is_placement else [],
        "known": _known(position, result, now) if Item.CORRECTNESS in seen else [],
        "missed": missed,
        "right": [row for row in rows if row["is_right"]],
        "unsaid": [row for row in rows if row["is_right"] is None],
        "hidden": hidden_words(attempt, seen),
        "attempts": quiz_pages.attempt_rows(person, document.key, attempts),
        "receipt": _receipt(position, attempt, result),
        "appeals": quiz_appeals.panel(position, attempt, result, appeal),
        **(
            _after_passing(position, attempt)
            if attempt.is_passed or is_placement
            else _before_the_next(position, attempt, missed, now)
        ),
    }


def headline(attempt: Attempt, waiting: int) -> str:
    """15 of 20. One short of passing."""
    if attempt.points is None:
        return gettext("Handed in. Your result is being worked out.")
    if waiting:
        waits = ngettext(
            "%(score)s so far. One answer waits for a mentor.",
            "%(score)s so far. %(waiting)d answers wait for a mentor.",
            waiting,
        )
        return waits % {"score": quiz_pages.score(attempt), "waiting": waiting}
    if attempt.is_passed:
        return gettext("%(score)s. You passed.") % {"score": quiz_pages.score(attempt)}
    needed = attempt.points_possible * attempt.pass_percent / 100
    short = max(1, ceil(needed - (attempt.points or 0)))
    said = ngettext(
        "%(score)s. One point short of passing.", "%(score)s. %(short)d points short of passing.", short
    )
    return said % {"score": quiz_pages.score(attempt), "short": short}


def remarks(attempt: Attempt, result: Result, person: User) -> list[str]:
    """What is unusual about an attempt, a sentence each."""
    said_so = []
    if attempt.is_abandoned:
        said_so.append(gettext("It was not handed in in time, so it earns nothing. Your answers are kept."))
    if attempt.set_aside_at is not None:
        values = {
            "day": quiz_pages.moment_words(attempt.set_aside_at, person),
            "reason": attempt.set_aside_reason,
        }
        said_so.append(gettext("Set aside on %(day)s: it counts for nothing. %(reason)s") % values)
    corrections = attempt.gradings.filter(number__gt=1).exclude(reason="").order_by("number")
    for grading in corrections if result.gradings > 1 else ():
        values = {"day": quiz_pages.moment_words(grading.graded_at, person), "reason": grading.reason}
        said_so.append(gettext("Your result was corrected on %(day)s: %(reason)s") % values)
    if late := sum(is_given(answer.late) for answer in result.answered):
        said_so.append(
            ngettext(
                "One answer came after time was over: kept, not counted.",
                "%(count)d answers came after time was over: kept, not counted.",
                late,
            )
            % {"count": late}
        )
    return said_so


def hidden_words(attempt: Attempt, seen: frozenset[Item]) -> str:
    """When more of the result will be shown; empty where all is."""
    missing = EVERYTHING - seen
    if not missing:
        return ""
    policy = attempt.review_policy
    windows = ((policy.passed, Window.PASSED), (policy.closed, Window.CLOSED))
    lines = [
        gettext("%(when)s: %(what)s.")
        % {
            "when": said(WINDOW_NAMES[window]).capitalize(),
            "what": ", ".join(said(ITEM_NAMES[item]) for item in Item if item in missing and item in shown),
        }
        for shown, window in windows
        if missing & frozenset(shown)
    ]
    return " ".join([gettext("Not all is shown yet."), *lines]) if lines else gettext("More is not shown.")


def _crumbs(document: RoadDocument, attempt: Attempt) -> list[tuple[str, str]]:
    stage = document.stage_of_quiz(attempt.quiz.key)
    road = (document.title, reverse("progress:road", args=[document.key]))
    crumbs = [road, (stage.title, words.stage_url(document.key, stage.key))] if stage else [road]
    is_asked = stage is not None or attempt.quiz.key == document.placement
    return (
        [*crumbs, (attempt.quiz.title, words.quiz_url(document.key, attempt.quiz.key))]
        if is_asked
        else crumbs
    )


def _compared(attempt: Attempt, attempts: Sequence[Attempt]) -> str:
    """Up from 14 in the attempt before; nothing for a first attempt."""
    before = next((a for a in attempts if a.number == attempt.number - 1 and a.points is not None), None)
    if before is None or before.percent is None or attempt.percent is None:
        return ""
    values = {"score": quiz_pages.score(before)}
    if attempt.percent > before.percent:
        return gettext("Up from %(score)s in the attempt before.") % values
    if attempt.percent < before.percent:
        return gettext("Down from %(score)s in the attempt before.") % values
    return gettext("As in the attempt before.")


def _topics(document: RoadDocument, result: Result) -> list[dict[str, Any]]:
    return [
        {
            "name": quiz_pages.topic_title(document, topic.topic) or gettext("Other questions"),
            "right": quiz_pages.plain_number(topic.points),
            "of": topic.possible,
        }
        for topic in result.topics
    ]


def _known(position: Position, result: Result, now: datetime) -> list[dict[str, Any]]:
    return known_rows(position, now, {topic.topic for topic in result.topics})


def _receipt(position: Position, attempt: Attempt, result: Result) -> list[tuple[str, str]]:
    person = position.enrollment.person
    given = sum(answer.is_given for answer in result.answered)
    return [
        (gettext("Name"), str(person)),
        (gettext("Quiz"), attempt.quiz.title),
        (gettext("Attempt"), str(attempt.number)),
        (gettext("Started"), quiz_pages.moment_words(attempt.started_at, person)),
        (gettext("Handed in"), quiz_pages.moment_words(attempt.finished_at or attempt.started_at, person)),
        (
            gettext("Answers received"),
            gettext("%(given)d of %(all)d") % {"given": given, "all": len(result.answered)},
        ),
        (gettext("Score, pass mark"), f"{int(attempt.percent or 0)} %, {attempt.pass_percent} %"),
        (
            gettext("Checked now"),
            gettext("what is stored fits this number")
            if attempt.receipt_fits(result.values)
            else gettext("what is stored does not fit this number"),
        ),
    ]


def _after_passing(position: Position, attempt: Attempt) -> dict[str, Any]:
    stage = position.document.stage_of_quiz(attempt.quiz.key)
    place = position.standing.by_key[stage.key] if stage else None
    return {
        "sign": words.next_sign(position),
        "gate": words.gate_panel(position, place) if place else None,
    }


def _before_the_next(
    position: Position, attempt: Attempt, missed: Sequence[dict[str, Any]], now: datetime
) -> dict[str, Any]:
    """What to study again, most missed first, and when the next attempt may begin."""
    again = [row["resource"] for row in missed if row["resource"]]
    keys = list(dict.fromkeys(resource.key for resource in again))
    keys.sort(key=lambda key: -sum(resource.key == key for resource in again))
    by_key = {resource.key: resource for resource in again}
    document = position.document
    fact = position.standing.facts.quizzes.get(attempt.quiz.key)
    is_asked = document.stage_of_quiz(attempt.quiz.key) is not None and not (fact and fact.passed_at)
    return {
        "study": [by_key[key] for key in keys[:RESOURCES_SHOWN]],
        "next": _next_words(position, attempt, now) if is_asked else "",
    }


def _next_words(position: Position, attempt: Attempt, now: datetime) -> str:
    refused = quiz_pages.next_attempt_words(position, attempt.quiz, now)
    return refused or gettext("You can try again whenever you like. Questions are drawn anew.")


# One question


def _row(document: RoadDocument, answer: Answered, resources: dict[str, GoBack]) -> dict[str, Any]:
    body, slot = answer.body, answer.slot
    legend, blocks = quiz_pages.stem(body.stem)
    stage = next((s for s in document.stages if any(t.key == slot.topic for t in s.topics)), None)
    return {
        "slot": slot.slot,
        "is_right": answer.is_right if answer.shows(Item.CORRECTNESS) and not answer.mark.waits else None,
        "waits": answer.mark.waits,
        "comment": answer.mark.comment,
        "is_given": answer.is_given,
        "is_partial": answer.shows(Item.CORRECTNESS) and 0 < answer.mark.points < answer.mark.possible,
        "points": quiz_pages.plain_number(answer.mark.points),
        "possible": answer.mark.possible,
        "title": quiz_pages.short_stem(body.stem),
        "stem": legend,
        "blocks": blocks,
        "topic": quiz_pages.topic_title(document, slot.topic),
        "topic_href": f"{words.stage_url(document.key, stage.key)}#topic-{slot.topic}" if stage else "",
        "template": f"quizzes/types/{body.type}/review.html",
        "shown": answer.shown,
        "given": said(body.said(answer.value)) if answer.is_given else "",
        "feedback": [as_html(text) for text in answer.feedback.values()],
        "explanation": as_html(answer.explanation),
        "resource": resources.get(slot.resource or ""),
        "late": said(body.said(answer.late)) if is_given(answer.late) else "",
        "overtaken": said(body.said(answer.overtaken)) if is_given(answer.overtaken) else "",
    }


# Resources


def resources_of(document: RoadDocument, keys: Iterable[str | None]) -> dict[str, GoBack]:
    """The resources to go back to by key; those that left the road are read from the library, in one query."""
    wanted = {key for key in keys if key}
    found = {key: _of_road(document, key) for key in wanted if key in document.resources}
    if missing := wanted - found.keys():
        for row in Resource.objects.filter(key__in=missing):
            line = f"{ResourceType(row.type).label} · {Cost(row.cost).label}"
            found[row.key] = GoBack(row.key, row.title, row.url, row.url, line, "")
    return found


def _of_road(document: RoadDocument, key: str) -> GoBack:
    entry = document.resources[key]
    stage = next(
        (s for s in document.stages if any(p.resource == key for t in s.topics for p in t.resources)), None
    )
    href = f"{words.stage_url(document.key, stage.key)}#resource-{key}" if stage else entry.url
    line = f"{ResourceType(entry.type).label} · {Cost(entry.cost).label}"
    return GoBack(key, entry.title, href, entry.url, line, length_words(entry.minutes))


def as_html(text: str) -> SafeString:
    """Markdown of an author."""
    return _safe(rendering.html(text))


def _safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308  # rendered by roadmap.rendering
