"""What the pages of a quiz show: values for the templates, made from attempts, results and the road's document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from accounts.models import User
from accounts.words import said
from progress import words
from progress.models.enrollment import Position
from progress.standing import QuizFact, StageStanding
from quizzes.models import Accommodation, Attempt, Quiz
from quizzes.models.quiz import Purpose
from quizzes.paper import Allowance, Overtime, Paper
from quizzes.refusals import (
    AttemptRefusedError,
    ClosedError,
    CoolingDownError,
    LimitReachedError,
    NeverAgainError,
)
from quizzes.review import ITEM_NAMES, WINDOW_NAMES, Item, ReviewPolicy, Window
from roadmap import rendering
from roadmap.document import RoadDocument

ATTEMPTS_SHOWN = 10


def player_url(road: str, attempt: Attempt) -> str:
    return attempt_url("quiz", road, attempt)


def submit_url(road: str, attempt: Attempt) -> str:
    return attempt_url("quiz_submit", road, attempt)


def result_url(road: str, attempt: Attempt) -> str:
    return attempt_url("quiz_result", road, attempt)


def attempt_url(name: str, road: str, attempt: Attempt) -> str:
    """A door of this attempt."""
    return reverse(f"progress:{name}", args=[road, attempt.quiz.key, attempt.number])


# The cover


def cover(position: Position, quiz: Quiz, now: datetime) -> dict[str, Any]:
    """What the quiz asks, whether an attempt may begin, and the attempts so far."""
    place = _place(position.document, position, quiz.key)
    fact = position.standing.facts.quizzes.get(quiz.key, QuizFact())
    allowance = Accommodation.objects.allowance(position.enrollment.person, quiz)
    refusal = _refusal(quiz, fact, now, allowance)
    attempts = earlier(position.enrollment.person, position.document.key, quiz)
    open_attempt = next((attempt for attempt in attempts if not attempt.is_finished), None)
    return {
        "position": position,
        "place": place,
        "quiz": quiz,
        "facts": _asks(quiz, fact, allowance, position.enrollment.person),
        "how": _how(quiz),
        "is_passed": fact.passed_at is not None,
        "missing": []
        if place is None or place.is_open or open_attempt
        else words.missing_rows(position, place),
        "refusal": "" if open_attempt else _refusal_words(refusal, position.enrollment.person),
        "is_offered": open_attempt is None and refusal is None and (place is None or place.is_open),
        "go_on": player_url(position.document.key, open_attempt) if open_attempt else "",
        "attempts": attempt_rows(position.enrollment.person, position.document.key, attempts),
    }


def next_attempt_words(position: Position, quiz: Quiz, now: datetime) -> str:
    """Why no further attempt may begin now, in words; empty when one may."""
    person, fact = position.enrollment.person, position.standing.facts.quizzes.get(quiz.key, QuizFact())
    allowance = Accommodation.objects.allowance(person, quiz)
    return _refusal_words(_refusal(quiz, fact, now, allowance), person)


def _refusal(quiz: Quiz, fact: QuizFact, now: datetime, allowance: Allowance) -> AttemptRefusedError | None:
    finished = [fact.last_finished_at] * fact.attempts if fact.last_finished_at else []
    return quiz.refusal(finished, now, allowance)


def _place(document: RoadDocument, position: Position, quiz_key: str) -> StageStanding | None:
    """The quiz's stage; None for the quiz for placement."""
    stage = document.stage_of_quiz(quiz_key)
    return position.standing.by_key[stage.key] if stage else None


def _asks(quiz: Quiz, fact: QuizFact, allowance: Allowance, person: User) -> list[tuple[str, str]]:
    """What the paper asks, with what this person is given beyond everybody."""
    if quiz.current_version is None:
        return []
    paper = quiz.current_version.sheet
    limit, hours = paper.attempts_limit, paper.cooldown_hours
    all_of = (limit or 0) + allowance.extra_attempts
    used = gettext("%(used)d of %(limit)d used") % {"used": fact.attempts, "limit": all_of}
    end = moment_words(paper.available_until, person) if paper.available_until else ""
    return [
        (gettext("Questions"), str(paper.drawn)),
        (gettext("Pass mark"), f"{paper.pass_percent} %"),
        _time_asked(paper, allowance),
        (gettext("Attempts"), used if limit else gettext("As many as you like")),
        *([(gettext("Between attempts"), _wait_words(hours))] if hours else []),
        *([(gettext("Can be taken until"), end)] if end else []),
    ]


def _wait_words(hours: int) -> str:
    """So many hours; whole days from two on."""
    days, rest = divmod(hours, 24)
    if days > 1 and not rest:
        return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}


def _time_asked(paper: Paper, allowance: Allowance) -> tuple[str, str]:
    usual, mine = paper.time_limit_minutes, paper.minutes(allowance)
    if usual is None or mine is None:
        return gettext("Time"), gettext("No limit")
    if mine == usual:
        return gettext("Time"), gettext("%(minutes)d minutes") % {"minutes": usual}
    values = {"minutes": mine, "usual": usual}
    return gettext("Your time"), gettext("%(minutes)d minutes instead of %(usual)d") % values


def _how(quiz: Quiz) -> list[str]:
    """What a result will show and when, and what happens when time is over."""
    if quiz.current_version is None:
        return []
    paper = quiz.current_version.sheet
    over = [over_words(paper.overtime, paper.overtime_minutes)] if paper.time_limit_minutes else []
    return [*_shows(paper.review), *over]


def _shows(policy: ReviewPolicy) -> list[str]:
    """From when on a result shows what: one sentence, or one for each moment that shows more."""
    if policy.shows_all_at_once:
        return [gettext("Right answers and reasons are shown once you hand in.")]
    lines, seen = [], set()
    for window in Window:
        new = [item for item in getattr(policy, window.value) if item not in seen]
        seen |= set(new)
        shown = ", ".join(str(said(ITEM_NAMES[item])) for item in Item if item in new)
        values = {"when": said(WINDOW_NAMES[window]), "what": shown}
        if new:
            lines.append(gettext("Shown %(when)s: %(what)s.") % values)
    hidden = ", ".join(str(said(ITEM_NAMES[item])) for item in Item if item not in seen)
    return [*lines, gettext("Never shown: %(what)s.") % {"what": hidden}] if hidden else lines


def over_words(overtime: Overtime, minutes: int) -> str:
    """What happens when time is over."""
    match overtime:
        case Overtime.ABANDON:
            return gettext("An attempt that you don’t hand in by 0:00 earns nothing.")
        case Overtime.GRACE:
            said_so = ngettext(
                "At 0:00 answers can no longer be changed; you can hand in for %(minutes)d minute more.",
                "At 0:00 answers can no longer be changed; you can hand in for %(minutes)d minutes more.",
                minutes,
            )
            return said_so % {"minutes": minutes}
        case _:
            return gettext("At 0:00 what is saved is handed in.")


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
        case ClosedError():
            return gettext("This quiz could be taken until %(moment)s.") % {
                "moment": moment_words(refusal.at, person)
            }
        case NeverAgainError():
            values = {
                "moment": moment_words(refusal.until, person),
                "end": moment_words(refusal.at, person),
            }
            never = gettext(
                "No further attempt is possible: it could begin on %(moment)s, and the quiz closes on %(end)s."
            )
            return never % values
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
            **_result_state(attempt),
        }
        for attempt in attempts
        if attempt.finished_at is not None
    ]


def _result_state(attempt: Attempt) -> dict[str, str]:
    if attempt.is_passed is None:
        return {"state": "underway", "word": gettext("Waits for marks")}
    if attempt.quiz.purpose == Purpose.PLACEMENT:
        return {"state": "passed", "word": gettext("Handed in")}
    if attempt.is_passed:
        return {"state": "passed", "word": gettext("Passed")}
    return {"state": "open", "word": gettext("Not passed")}


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


# Questions


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
