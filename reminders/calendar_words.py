"""Says in the reader's language what stands in her calendar. Callers have switched to that language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from progress.words import quiz_url, stage_url
from reminders import calendar
from reminders.calendar import Entry
from reminders.models.agenda import Agenda, ClosingQuiz, OpenAttempt, PlannedStage, PromisedReview
from reminders.words import absolute


def written(agenda: Agenda) -> bytes:
    """The file that her calendar programs read. Names of people stand in none of it: others may look into calendars."""
    zone = agenda.person.zone
    return calendar.written(
        calendar.within(_entries(agenda), agenda.today, zone),
        title="Waymark",
        about=gettext("What is due on your roads"),
        zone=agenda.person.time_zone,
        house=settings.SITE_HOST,
        now=agenda.now,
    )


def _entries(agenda: Agenda) -> Iterator[Entry]:
    for stage in agenda.stages:
        yield from _stage(stage)
    yield from map(_attempt, agenda.attempts)
    yield from map(_quiz, agenda.quizzes)
    yield from map(_review, agenda.reviews)
    yield from _cards(agenda)


def _stage(planned: PlannedStage) -> Iterator[Entry]:
    name = f"{planned.enrollment}-{planned.stage.key}"
    said = {"stage": planned.stage.title}
    for what, day, title, text in (
        (
            *("begins", planned.starts_on, gettext("%(stage)s begins")),
            gettext("The first day of this stage by your plan."),
        ),
        (
            *("due", planned.due_on, gettext("%(stage)s is due")),
            gettext("The day by which your plan has this stage passed."),
        ),
    ):
        yield Entry(
            name=f"stage-{what}-{name}",
            due=day,
            title=title % said,
            text=f"{planned.road.title}\n{text}",
            link=absolute(stage_url(planned.road.key, planned.stage.key)),
            changed_at=planned.planned_at,
            changes=planned.plan - 1,
        )


def _attempt(running: OpenAttempt) -> Entry:
    """The link leads to the page before the questions: opening those takes the attempt over."""
    return Entry(
        name=f"attempt-{running.attempt}",
        due=running.deadline_at,
        title=gettext("%(quiz)s: time ends") % {"quiz": running.title},
        text=gettext("Your attempt is under way, and can be handed in until then."),
        link=absolute(quiz_url(running.road.key, running.quiz)),
        changed_at=running.changed_at,
        changes=running.changes,
    )


def _quiz(closing: ClosingQuiz) -> Entry:
    return Entry(
        name=f"quiz-{closing.quiz}",
        due=closing.closes_at,
        title=gettext("%(quiz)s closes") % {"quiz": closing.title},
        text=f"{closing.road.title}\n{gettext('This quiz can be taken until then.')}",
        link=absolute(quiz_url(closing.road.key, closing.key)),
        changed_at=closing.published_at,
        changes=closing.version - 1,
    )


def _review(promised: PromisedReview) -> Entry:
    return Entry(
        name=f"review-{promised.submission}",
        due=promised.promised_on,
        title=gettext("Review: %(task)s") % {"task": promised.task.title},
        text=f"{promised.road.title}\n{gettext('An answer to this evidence was promised by this day.')}",
        link=absolute(reverse("mentoring:review", args=[promised.submission])),
        changed_at=promised.handed_in_at,
        changes=promised.versions - 1,
    )


def _cards(agenda: Agenda) -> Iterator[Entry]:
    """All that is due today and from before, as one entry of today; how many were seen today counts its changes."""
    deck, zone = agenda.cards, agenda.person.zone
    if deck is None or not deck.due:
        return
    title = ngettext("%(count)d review card", "%(count)d review cards", deck.due) % {"count": deck.due}
    minutes = deck.minutes(deck.due)
    text = ngettext("About %(count)d minute.", "About %(count)d minutes.", minutes) % {"count": minutes}
    yield Entry(
        name=f"cards-{agenda.person.pk}-{agenda.today.isoformat()}",
        due=agenda.today,
        title=title,
        text=text,
        link=absolute(reverse("progress:cards")),
        changed_at=datetime.combine(agenda.today, time(), zone).astimezone(UTC),
        changes=deck.seen,
    )
