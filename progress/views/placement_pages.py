"""What the pages of a placement show: the rule, what an attempt says of each stage, and the choice to walk one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from progress import words
from progress.known import LEAST_QUESTIONS, PlacementFact, Share
from progress.models.enrollment import Position
from progress.standing import StageStanding
from progress.views import quiz_pages
from quizzes.models import Attempt, Quiz
from quizzes.models.quiz import Purpose


def cover(position: Position, quiz: Quiz, now: datetime) -> dict[str, Any]:
    """What the quiz asks and what it is for, whether an attempt may begin, and what the newest one says."""
    newest = max(position.standing.facts.placements, key=lambda fact: fact.finished_at, default=None)
    return {
        **quiz_pages.cover(position, quiz, now),
        "rule": rule_words(quiz.current_version.sheet.pass_percent) if quiz.current_version else "",
        "stages": stage_rows(position, newest.attempt) if newest else [],
    }


def rule_words(pass_percent: int) -> str:
    """When a stage is known, as the page says it."""
    return ngettext(
        "A stage is known when you earn at least %(mark)d %% of the points of its questions, "
        "and at least %(least)d of its questions was asked.",
        "A stage is known when you earn at least %(mark)d %% of the points of its questions, "
        "and at least %(least)d of its questions were asked.",
        LEAST_QUESTIONS,
    ) % {"mark": pass_percent, "least": LEAST_QUESTIONS}


def is_placement(attempt: Attempt) -> bool:
    return attempt.quiz.purpose == Purpose.PLACEMENT


def headline(position: Position, attempt: Attempt) -> str:
    """3 of 5 stages known; empty for an attempt at any other quiz, or one that says nothing."""
    fact = _fact(position, attempt.pk)
    if fact is None:
        return ""
    known = sum(fact.says(position.document, key) for key in position.document.stage_by_key)
    said = ngettext("%(known)d of %(all)d stage known", "%(known)d of %(all)d stages known", known)
    return said % {"known": known, "all": len(position.document.stages)}


def stage_rows(position: Position, attempt: int) -> list[dict[str, Any]]:
    """What this attempt says of each stage of the road; nothing unless it is a placement that counts."""
    fact = _fact(position, attempt)
    if fact is None:
        return []
    shares = fact.by_stage(position.document)
    return [_row(position, place, fact, shares[place.stage.key]) for place in position.standing.stages]


def _row(position: Position, place: StageStanding, fact: PlacementFact, share: Share) -> dict[str, Any]:
    state, word = _verdict(place, fact, share)
    return {
        "place": place,
        "href": words.stage_url(position.document.key, place.stage.key),
        "score": _score(share),
        "state": state,
        "word": word,
        **_walk(position, place, fact),
    }


def _score(share: Share) -> str:
    if not share.questions:
        return "–"
    return gettext("%(points)s of %(possible)s, %(percent)d %%") % {
        "points": quiz_pages.plain_number(share.points),
        "possible": share.possible,
        "percent": share.percent,
    }


def _verdict(place: StageStanding, fact: PlacementFact, share: Share) -> tuple[str, str]:
    """The state of a stage's row, and the word beside it."""
    key = place.stage.key
    if place.is_passed:
        return "passed", words.state_word(place) or gettext("Passed")
    if key in fact.walked:
        return "open", gettext("You walk it")
    if place.is_known:
        return "underway", gettext("Known; counts once the stage opens")
    if key in fact.reopened:
        return "open", gettext("Asked again since")
    if share.questions < LEAST_QUESTIONS:
        return "open", gettext("Too few questions") if share.questions else gettext("Not asked")
    return "open", gettext("Not known yet")


# The choice to walk a stage all the same


def stage_notice(position: Position, place: StageStanding) -> dict[str, Any] | None:
    """What the page of a stage says of a placement: that it is known, or that she walks it all the same."""
    if place.is_known:
        title, text = gettext("You know this stage by placement."), ""
        if place.passed_at:
            day = words.moment_day(position, place.passed_at)
            text = gettext("It counts as passed since %(day)s.") % {"day": day}
        elif not place.is_open:
            text = gettext("It counts as passed once it opens.")
        return {"title": title, "text": text, **_choice(position, place, walks=True)}
    placements = position.standing.facts.placements
    is_walked = any(
        place.stage.key in fact.walked and fact.says(position.document, place.stage.key)
        for fact in placements
    )
    if is_walked and not place.is_passed:
        title = gettext("You walk this stage, though a placement says you know it.")
        return {"title": title, "text": "", **_choice(position, place, walks=False)}
    return None


def _walk(position: Position, place: StageStanding, fact: PlacementFact) -> dict[str, Any]:
    """The choice that is left for this stage; none where it was walked, or is not known."""
    if place.is_known:
        return _choice(position, place, walks=True)
    says = fact.says(position.document, place.stage.key)
    if place.stage.key in fact.walked and says and not place.is_passed:
        return _choice(position, place, walks=False)
    return {"choice_url": ""}


def _choice(position: Position, place: StageStanding, *, walks: bool) -> dict[str, Any]:
    return {
        "choice_url": reverse("progress:walk", args=[position.document.key, place.stage.key]),
        "walks": int(walks),
        "choice": gettext("I want to walk it anyway") if walks else gettext("Let it count as known"),
        "stage_title": place.stage.title,
    }


def _fact(position: Position, attempt: int) -> PlacementFact | None:
    placements = position.standing.facts.placements
    return next((fact for fact in placements if fact.attempt == attempt), None)
