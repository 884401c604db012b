"""What the page of practice shows: a question, what is right and why, or that there is nothing to practise yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from accounts.words import said
from progress import pages, words
from progress.views import quiz_outcome, quiz_pages
from quizzes.models import PracticeAnswer, PracticeQuestion
from roadmap.document import RoadDocument, StageEntry


@dataclass(frozen=True, slots=True)
class Here:
    """A topic of a road, and the questions of it that its reader may practise, the next one first."""

    document: RoadDocument
    topic: str
    questions: Sequence[PracticeQuestion]

    @property
    def url(self) -> str:
        return pages.practice_url(self.document, self.topic)


def front(here: Here, asked: PracticeQuestion, client_id: UUID, *, is_empty: bool = False) -> dict[str, Any]:
    """The question with its fields; `is_empty` when it was sent without an answer."""
    body = asked.body()
    sheet = body.asked(asked.order())
    return {
        **_frame(here),
        **_stem(body.stem),
        "question": {
            "slot": 1,
            "id": "q1",
            "template": f"quizzes/types/{body.type}/player.html",
            "fields": type(body).fields(sheet, None),
        },
        "how": said(type(body).how(sheet)),
        "version": asked.version,
        "client_id": client_id,
        "is_empty": is_empty,
    }


def back(here: Here, asked: PracticeQuestion, given: PracticeAnswer) -> dict[str, Any]:
    """What was answered, what is right and why, and what to go back to."""
    body = asked.body()
    resources = quiz_outcome.resources_of(here.document, [asked.resource])
    state, word = _verdict(given)
    return {
        **_frame(here),
        **_stem(body.stem),
        "back": {
            "template": f"quizzes/types/{body.type}/review.html",
            "shown": body.shown(given.value, asked.order()),
            "feedback": [quiz_outcome.as_html(text) for text in body.feedback(given.value).values()],
            "explanation": quiz_outcome.as_html(body.explanation),
        },
        "verdict": {"state": state, "word": word},
        "is_card": not given.is_right and asked.attempt is not None,
        "resource": resources.get(asked.resource or ""),
    }


def nothing(here: Here) -> dict[str, Any]:
    """That there is nothing to practise, with the quiz after which there is."""
    stage = _stage(here)
    return _frame(here) | {"quiz_url": words.quiz_url(here.document.key, stage.quiz) if stage.quiz else ""}


def _frame(here: Here) -> dict[str, Any]:
    stage, road = _stage(here), here.document.key
    left = sum(question.practised.last_at is None for question in here.questions)
    known = ngettext("%(all)d question to practise", "%(all)d questions to practise", len(here.questions))
    fresh = ngettext("%(left)d not practised yet", "%(left)d not practised yet", left)
    stage_url = words.stage_url(road, stage.key)
    return {
        "topic": here.document.topic_by_key[here.topic],
        "crumbs": [
            (here.document.title, reverse("progress:road", args=[road])),
            (stage.title, stage_url),
        ],
        "topic_url": f"{stage_url}#topic-{here.topic}",
        "url": here.url,
        "line": ", ".join(
            [known % {"all": len(here.questions)}, *([fresh % {"left": left}] if left else [])]
        ),
    }


def _stage(here: Here) -> StageEntry:
    return next(s for s in here.document.stages if any(t.key == here.topic for t in s.topics))


def _stem(text: str) -> dict[str, Any]:
    legend, blocks = quiz_pages.stem(text)
    return {"stem": legend, "blocks": blocks}


def _verdict(given: PracticeAnswer) -> tuple[str, str]:
    if given.is_right:
        return "passed", gettext("Right")
    if given.fraction > 0:
        return "underway", gettext("In part right")
    return "open", gettext("Not right") if given.value is not None else gettext("Here is the answer")
