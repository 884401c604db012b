"""What the pages of a quiz show: values for the templates, made from attempts, results and the road's document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from accounts.models import User
from accounts.words import said
from progress import words
from progress.models import Enrollment
from progress.models.enrollment import Position
from progress.standing import QuizFact, StageStanding
from quizzes.bodies import TYPES
from quizzes.marking import is_given
from quizzes.models import Attempt, Quiz
from quizzes.refusals import AttemptRefusedError, CoolingDownError, LimitReachedError
from quizzes.result import OnSheet
from roadmap import rendering
from roadmap.document import RoadDocument

ATTEMPTS_SHOWN = 10


def player_url(road: str, attempt: Attempt) -> str:
    return _url("quiz", road, attempt)


def submit_url(road: str, attempt: Attempt) -> str:
    return _url("quiz_submit", road, attempt)


def result_url(road: str, attempt: Attempt) -> str:
    return _url("quiz_result", road, attempt)


def _url(name: str, road: str, attempt: Attempt) -> str:
    return reverse(f"progress:{name}", args=[road, attempt.quiz.key, attempt.number])


# The cover


def cover(position: Position, quiz: Quiz, now: datetime) -> dict[str, Any]:
    """What the quiz asks, whether an attempt may begin, and the attempts so far."""
    place = _place(position.document, position, quiz.key)
    fact = position.standing.facts.quizzes.get(quiz.key, QuizFact())
    refusal = _refusal(quiz, fact, now)
    attempts = earlier(position.enrollment.person, position.document.key, quiz)
    open_attempt = next((attempt for attempt in attempts if not attempt.is_finished), None)
    return {
        "position": position,
        "place": place,
        "quiz": quiz,
        "facts": _asks(quiz, fact),
        "is_passed": fact.passed_at is not None,
        "missing": [] if place.is_open or open_attempt else words.missing_rows(position, place),
        "refusal": "" if open_attempt else _refusal_words(refusal, position.enrollment.person),
        "is_offered": open_attempt is None and refusal is None and place.is_open,
        "go_on": player_url(position.document.key, open_attempt) if open_attempt else "",
        "attempts": attempt_rows(position.enrollment.person, position.document.key, attempts),
    }


def next_attempt_words(position: Position, quiz: Quiz, now: datetime) -> str:
    """Why no further attempt may begin now, in words; empty when one may."""
    fact = position.standing.facts.quizzes.get(quiz.key, QuizFact())
    return _refusal_words(_refusal(quiz, fact, now), position.enrollment.person)


def _refusal(quiz: Quiz, fact: QuizFact, now: datetime) -> AttemptRefusedError | None:
    finished = [fact.last_finished_at] * fact.attempts if fact.last_finished_at else []
    return quiz.refusal(finished, now)


def _place(document: RoadDocument, position: Position, quiz_key: str) -> StageStanding:
    stage = document.stage_of_quiz(quiz_key)
    return position.standing.by_key[stage.key] if stage else position.standing.stages[0]


def _asks(quiz: Quiz, fact: QuizFact) -> list[tuple[str, str]]:
    if quiz.current_version is None:
        return []
    paper = quiz.current_version.sheet
    limit, hours = paper.attempts_limit, paper.cooldown_hours
    used = gettext("%(used)d of %(limit)d used") % {"used": fact.attempts, "limit": limit or 0}
    wait = ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    minutes = paper.time_limit_minutes
    return [
        (gettext("Questions"), str(paper.drawn)),
        (gettext("Pass mark"), f"{paper.pass_percent} %"),
        (
            gettext("Time"),
            gettext("%(minutes)d minutes") % {"minutes": minutes} if minutes else gettext("No limit"),
        ),
        (gettext("Attempts"), used if limit else gettext("As many as you like")),
        *([(gettext("Between attempts"), wait)] if hours else []),
    ]


def _refusal_words(refusal: AttemptRefusedError | None, person: User) -> str:
    match refusal:
        case None:
            return ""
        case CoolingDownError():
            return gettext("The next attempt can begin on %(moment)s. Questions are drawn anew.") % {
                "moment": moment_words(refusal.until, person)
            }
        case LimitReachedError():
            used_up = ngettext(
                "You used the only attempt there is.", "You used all %(limit)d attempts.", refusal.limit
            )
            return used_up % {"limit": refusal.limit}
        case _:
            return gettext("This quiz is not published yet. Nothing is asked of you until it is.")


def moment_words(moment: datetime, person: User) -> str:
    """A moment on the person's clock: Wednesday 25 November, 10:30."""
    return date_format(moment.astimezone(person.zone), gettext("l j F, H:i"))


# Attempts


def earlier(person: User, road: str, quiz: Quiz) -> list[Attempt]:
    """The person's newest attempts at a quiz, the last first."""
    mine = Attempt.objects.of(person).at(road, quiz.key).select_related("quiz").defer("paper")
    return list(mine.order_by("-number")[:ATTEMPTS_SHOWN])


def attempt_rows(person: User, road: str, attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Rows of the table of attempts, finished ones only."""
    return [
        {
            "number": attempt.number,
            "href": result_url(road, attempt),
            "handed_in": moment_words(attempt.finished_at, person),
            "minutes": max(1, round((attempt.finished_at - attempt.started_at).total_seconds() / 60)),
            "score": score(attempt),
            "state": "passed" if attempt.is_passed else "open",
            "word": gettext("Passed") if attempt.is_passed else gettext("Not passed"),
        }
        for attempt in attempts
        if attempt.finished_at is not None
    ]


def score(attempt: Attempt) -> str:
    """15 of 20."""
    return gettext("%(points)s of %(possible)s") % {
        "points": plain_number(attempt.points or 0),
        "possible": plain_number(attempt.points_possible),
    }


def plain_number(points: Any) -> int | float:
    """Points as pages say them: whole where they are whole, else two decimals."""
    number = round(float(points), 2)
    return int(number) if number.is_integer() else number


# The player


def player(
    enrollment: Enrollment, attempt: Attempt, now: datetime, typed: Mapping[int, object] | None
) -> dict[str, Any]:
    """All questions with what was answered so far (or `typed`), and the clock."""
    document, road = enrollment.document, enrollment.roadmap.key
    questions = attempt.questions()
    rows = [
        _question(document, row, row.value if typed is None else typed.get(row.slot.slot))
        for row in questions
    ]
    return {
        **_bar(enrollment, attempt),
        "rows": rows,
        "answered": sum(row["is_done"] for row in rows),
        "is_conflict": typed is not None,
        "save_url": _url("quiz_save", road, attempt),
        "submit_url": submit_url(road, attempt),
        "timer": _timer(attempt, now, enrollment.person),
    }


def confirmation(enrollment: Enrollment, attempt: Attempt) -> dict[str, Any]:
    """What is still open before an attempt is handed in."""
    return {
        **_bar(enrollment, attempt),
        "unanswered": attempt.unanswered(),
        "count": len(attempt.slots),
        "submit_url": submit_url(enrollment.roadmap.key, attempt),
    }


def _bar(enrollment: Enrollment, attempt: Attempt) -> dict[str, Any]:
    stage = enrollment.document.stage_of_quiz(attempt.quiz.key)
    return {
        "attempt": attempt,
        "title": attempt.quiz.title,
        "number": attempt.number,
        "player_url": player_url(enrollment.roadmap.key, attempt),
        "leave_url": words.stage_url(enrollment.roadmap.key, stage.key)
        if stage
        else reverse("progress:road", args=[enrollment.roadmap.key]),
    }


def _timer(attempt: Attempt, now: datetime, person: User) -> dict[str, Any] | None:
    if attempt.deadline_at is None:
        return None
    until = time_format(attempt.deadline_at.astimezone(person.zone).time(), "H:i")
    left = max(0, int((attempt.deadline_at - now).total_seconds()))
    return {"seconds": left, "until": gettext("until %(time)s") % {"time": until}}


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


def stem(text: str) -> tuple[SafeString, SafeString]:
    """A stem as the phrases of a legend and the blocks (code, further paragraphs) that follow it."""
    first, _, rest = text.strip().partition("\n\n")
    if first.lstrip().startswith("```"):
        first, rest = gettext("Look at this:"), text
    return _safe(rendering.inline(first)), _safe(rendering.html(rest) if rest.strip() else "")


def topic_title(document: RoadDocument, key: str | None) -> str:
    """The topic's title as the road says it now; empty when it was retired or there is none."""
    topic = document.topic_by_key.get(key) if key else None
    return topic.title if topic else ""


def short_stem(text: str) -> str:
    """A stem as one plain line, for lists."""
    legend, _ = stem(text)
    return Truncator(strip_tags(legend)).words(16)


def _safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308  # rendered by roadmap.rendering
