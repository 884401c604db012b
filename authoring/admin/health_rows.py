"""The numbers of questions in words and figures, as pages of the desk show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext, pgettext

from accounts.words import said
from quizzes import health
from quizzes.bodies import Body
from quizzes.models import QuestionNumbers, QuizNumbers
from quizzes.statistics import Sureness
from roadmap import rendering

NOTHING = "–"
DAY = "j F Y"
_FENCE = "```"


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One thing to look at: what, why, and whether it is grave."""

    headline: str
    reason: str
    is_grave: bool


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option and who chose it; shares in percent, None where the group is empty."""

    letter: str
    text: SafeString
    is_right: bool
    count: int
    top: int | None
    bottom: int | None


def title(numbers: QuestionNumbers) -> str:
    """What is asked, as one plain line."""
    return short(numbers.version.body.get("stem", ""))


def short(stem: str) -> str:
    first = next((part for part in stem.split("\n\n") if not part.lstrip().startswith(_FENCE)), stem)
    return Truncator(strip_tags(rendering.inline(first.strip()))).words(14)


def alert_rows(numbers: QuestionNumbers) -> list[AlertRow]:
    return [
        AlertRow(said(health.headline(alert)), said(health.reason(alert)), alert.weight >= health.LOOK_NOW)
        for alert in numbers.to_look_at
    ]


def line(numbers: QuestionNumbers) -> dict[str, Any]:
    """One row of the list."""
    topic = numbers.version.question.topic
    return {
        "numbers": numbers,
        "title": title(numbers),
        "topic": str(topic) if topic else "",
        "right": percent(numbers.facility),
        "right_words": percent_words(numbers.facility),
        "tells_apart": figure(numbers.discrimination),
        "time": time_words(numbers.median_seconds),
        "alerts": alert_rows(numbers),
    }


def facts(numbers: QuestionNumbers) -> list[tuple[str, str]]:
    """The numbers of one version of a question; only how many there are while these are too few."""
    people = [(gettext("People"), str(numbers.people))]
    if not numbers.is_enough:
        return people
    words = {
        "figure": figure(numbers.discrimination),
        "word": said(health.tells_apart(numbers.discrimination)),
    }
    told = [
        (gettext("Right"), percent_words(numbers.facility)),
        (gettext("Spread"), percent_words(numbers.deviation)),
        (gettext("Tells apart"), gettext("%(figure)s, %(word)s") % words),
        (gettext("Middle time"), time_words(numbers.median_seconds)),
        (gettext("Left blank"), str(numbers.blanks)),
    ]
    if numbers.weight is not None:
        weights = {"weight": percent_words(numbers.weight), "of": percent_words(numbers.intended_weight)}
        told.append((gettext("Weight"), gettext("%(weight)s; points say %(of)s") % weights))
    return people + told


def quiz_facts(numbers: QuizNumbers) -> list[tuple[str, str]]:
    """What is known of a quiz."""
    people = str(numbers.people)
    if numbers.since:
        day = date_format(numbers.since, DAY)
        people = gettext("%(count)s, since %(day)s") % {"count": numbers.people, "day": day}
    told = [(gettext("First attempts"), people)]
    if numbers.whole.is_enough:
        repeats = numbers.consistency
        repeat_words = {"word": said(health.repeatable(repeats)), "figure": figure(repeats)}
        told += [
            (gettext("Passed at once"), percent_words(numbers.passed / numbers.people)),
            (gettext("Mean result"), percent_words(numbers.mean)),
            (gettext("Spread"), percent_words(numbers.deviation)),
            (gettext("Result is repeatable"), gettext("%(word)s, %(figure)s") % repeat_words),
        ]
    return told


def remarks(numbers: QuizNumbers) -> list[str]:
    return [said(remark) for remark in health.remarks(numbers.whole)]


def option_rows(numbers: QuestionNumbers, body: Body) -> list[OptionRow]:
    """Who chose what; empty for questions without options."""
    texts = dict(body.asked().options)
    rows = []
    for place, (key, is_right) in enumerate(body.counted().items()):
        count, top, bottom = numbers.choices.get(key, (0, 0, 0))
        rows.append(
            OptionRow(
                health.letter(place),
                _option_text(key, texts.get(key, "")),
                is_right,
                count,
                round(100 * top / numbers.top) if numbers.top else None,
                round(100 * bottom / numbers.bottom) if numbers.bottom else None,
            )
        )
    return rows


def _option_text(key: str, text: str) -> SafeString:
    """The option as learners read it; the two truths have no text of their own."""
    truths = {"true": gettext("True"), "false": gettext("False")}
    return safe(rendering.inline(text)) if text else safe(truths.get(key, ""))


def sureness_rows(numbers: QuestionNumbers) -> list[dict[str, Any]]:
    """How sure people were, and how many of them were right; empty where nobody was asked."""
    names = {
        1: pgettext("how sure", "Guessed"),
        2: pgettext("how sure", "Not sure"),
        3: pgettext("how sure", "Sure"),
    }
    known = numbers.numbers.confidence
    return [
        {
            "name": name,
            "count": known.get(key, Sureness()).all,
            "right": percent_words(known[key].right / known[key].all) if key in known else NOTHING,
        }
        for key, name in names.items()
        if known
    ]


def version_rows(all_numbers: list[QuestionNumbers]) -> list[dict[str, Any]]:
    """The versions of a question beside each other, the newest first."""
    return [
        {
            "number": row.version.number,
            "kind": row.version.get_edit_kind_display(),
            "day": date_format(row.version.published_at, DAY),
            "people": row.people,
            "right": percent_words(row.facility),
            "tells_apart": figure(row.discrimination),
            "time": time_words(row.median_seconds),
            "is_asked": row.is_on_paper,
        }
        for row in all_numbers
    ]


def line_of_alerts(count: int) -> str:
    """The one line on the pages of roads and quizzes."""
    return ngettext("%(count)d question needs a look", "%(count)d questions need a look", count) % {
        "count": count
    }


# Figures


def percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


def percent_words(share: float | None) -> str:
    return NOTHING if share is None else gettext("%(percent)d %%") % {"percent": round(100 * share)}


def figure(value: float | None) -> str:
    """Two digits, with a real minus sign."""
    if value is None:
        return NOTHING
    return number_format(abs(value) if abs(value) < 0.005 else value, 2).replace("-", "−")


def time_words(seconds: int | None) -> str:
    return NOTHING if seconds is None else said(health.duration(seconds))


def safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308  # rendered by roadmap.rendering
