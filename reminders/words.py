"""Says in the reader's language what a letter is about. Callers have switched to that language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from progress.models import StandingRow, Submission
from progress.words import evidence_url, stage_url
from quizzes.models import Attempt
from reminders.models.kinds.feedback import FeedbackMatter
from reminders.models.kinds.kind import Matter
from reminders.models.kinds.quiet import QuietMatter
from reminders.models.kinds.quiz_marked import QuizMarkedMatter
from roadmap.document import RoadDocument
from roadmap.models import Edition

QUOTED_CHARACTERS = 280
LISTED = 5


@dataclass(frozen=True, slots=True)
class Also:
    """One further thing that waits: its name and where it leads."""

    title: str
    link: str


@dataclass(frozen=True, slots=True)
class Content:
    """One letter in words: heading, sentence, the one next step, what stands below it, why it came."""

    subject: str
    preheader: str
    lead: str
    kicker: str
    step: str
    link: str
    why: str
    quote: str = ""
    quoted: str = ""  # whose words the quote is
    standing: str = ""
    percent: int = 0
    also: tuple[Also, ...] = ()
    more: str = ""
    note: str = ""


def content(matter: Matter) -> Content:
    """The letter about `matter`."""
    return _WRITERS[type(matter)](matter)


def absolute(path: str) -> str:
    """The address of a page for somebody outside: from the configured site, never from a request."""
    return f"{settings.SITE_URL}{path}"


def hello(matter: Matter) -> str:
    name = matter.reader.person.name.strip().split(" ")[0]
    return gettext("Hello %(name)s,") % {"name": name} if name else gettext("Hello,")


def _quiet(matter: QuietMatter) -> Content:
    road, standing = matter.document, matter.standing
    stage = _stage(road, standing)
    since = date_format(matter.since, "j F")
    last = gettext("This is the last letter of this kind until you are back.")
    return Content(
        subject=gettext("%(road)s: go on with %(stage)s") % {"road": road.title, "stage": stage[1]},
        preheader=gettext("Everything is where you left it on %(day)s.") % {"day": since},
        lead=gettext(
            "%(hello)s there has been no day of study since %(day)s. Everything is where you left it."
        )
        % {"hello": hello(matter), "day": since},
        kicker=gettext("Go on here"),
        step=stage[1],
        link=absolute(stage[0]),
        why=ngettext(
            "You get this after %(count)d day without study.",
            "You get this after %(count)d days without study.",
            matter.days,
        )
        % {"count": matter.days},
        standing=_standing(standing),
        percent=_percent(standing),
        note=last if matter.is_last else "",
    )


def _feedback(matter: FeedbackMatter) -> Content:
    newest, rest = matter.answers[0], matter.answers[1:]
    title, link = _task(newest)
    by = str(newest.state_by) if newest.state_by else gettext("Your mentor")
    listed = tuple(Also(*_task(row)) for row in rest[:LISTED])
    return Content(
        subject=gettext("%(mentor)s answered: %(task)s") % {"mentor": by, "task": title},
        preheader=gettext("The feedback waits to be read."),
        lead=gettext("%(hello)s %(mentor)s has read your evidence and written to you.")
        % {"hello": hello(matter), "mentor": by},
        kicker=gettext("Read the feedback"),
        step=title,
        link=link,
        why=gettext("You get this because there is feedback you have not opened."),
        quote=_beginning(matter.quote),
        quoted=by,
        also=listed,
        more=_more(len(rest) - len(listed)),
    )


def _quiz_marked(matter: QuizMarkedMatter) -> Content:
    newest, rest = matter.attempts[0], matter.attempts[1:]
    listed = tuple(Also(*_result(row)) for row in rest[:LISTED])
    title, link = _result(newest)
    return Content(
        subject=gettext("%(quiz)s: your mentor has answered") % {"quiz": title},
        preheader=gettext("Marks or an answer wait to be read."),
        lead=gettext("%(hello)s your mentor has looked at your answers in this quiz.")
        % {"hello": hello(matter)},
        kicker=gettext("See your result"),
        step=title,
        link=link,
        why=gettext("You get this because a mentor marked or answered something you have not opened."),
        also=listed,
        more=_more(len(rest) - len(listed)),
    )


_WRITERS: Mapping[type[Matter], Callable[..., Content]] = {
    QuietMatter: _quiet,
    FeedbackMatter: _feedback,
    QuizMarkedMatter: _quiz_marked,
}


def _result(attempt: Attempt) -> tuple[str, str]:
    """The quiz of an attempt, and where its result is."""
    road, quiz = attempt.quiz.roadmap.key, attempt.quiz
    return quiz.title, absolute(reverse("progress:quiz_result", args=[road, quiz.key, attempt.number]))


def _stage(road: RoadDocument, standing: StandingRow | None) -> tuple[str, str]:
    """Where to go on: the page and title of the stage the person is in, or of the road."""
    row = standing.current_stage if standing else None
    stage = road.stage_by_key.get(row.key) if row else None
    if stage is None:
        return reverse("progress:road", args=[road.key]), road.title
    return stage_url(road.key, stage.key), stage.title


def _standing(row: StandingRow | None) -> str:
    if row is None:
        return ""
    stages = ngettext(
        "%(passed)d of %(count)d stage passed,", "%(passed)d of %(count)d stages passed,", row.stages_total
    ) % {"passed": row.stages_passed, "count": row.stages_total}
    ticked = gettext("%(ticked)d of %(count)d core resources done.") % {
        "ticked": row.core_ticked,
        "count": row.core_total,
    }
    return f"{stages} {ticked}"


def _percent(row: StandingRow | None) -> int:
    return round(100 * row.core_ticked / row.core_total) if row and row.core_total else 0


def _task(row: Submission) -> tuple[str, str]:
    """Title and address of the page of an evidence task; a retired one keeps the title of its row."""
    road = Edition.objects.document(row.task.roadmap.studied_edition_id)
    task = road.task_by_key.get(row.task.key)
    return (task.title if task else row.task.title), absolute(evidence_url(road.key, row.task.key))


def _beginning(text: str) -> str:
    return str(Truncator(" ".join(text.split())).chars(QUOTED_CHARACTERS))


def _more(count: int) -> str:
    if count <= 0:
        return ""
    return ngettext("And %(count)d more.", "And %(count)d more.", count) % {"count": count}
