from __future__ import annotations

from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reminders.kinds.kind import Matter
from reminders.kinds.planned_stage import NextStage, StageKind, StageMatter, Step
from reminders.words import LISTED, Also, Content, hello, more

FIRST_DAYS = 7


class StageDue(StageKind):
    """The day of the stage that is next in a plan comes in seven days or in one, and the stage is not passed."""

    key = "stage_due"
    name = _("Planned days that come")
    hint = _("Seven days and one day before a stage of your plan is due, unless you have passed it.")
    priority = 3
    steps = {f"{FIRST_DAYS}d": Step(-FIRST_DAYS, 4), "1d": Step(-1, 2)}

    def concerns(self, due_on: date, today: date) -> bool:
        return today <= due_on <= today + timedelta(days=FIRST_DAYS)

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, StageMatter)  # noqa: S101  # matters() makes no other
        first, rest = matter.stages[0], matter.stages[1:]
        names = {"road": first.document.title, "stage": first.title, "number": first.number}
        names |= {"day": date_format(first.due_on, "j F"), "hello": hello(matter.reader.person)}
        listed = tuple(
            Also(x.title, x.page, gettext("planned until %(day)s") % {"day": date_format(x.due_on, "j F")})
            for x in rest[:LISTED]
        )
        return Content(
            subject=gettext("%(road)s: %(stage)s is planned until %(day)s") % names,
            preheader=_missing(first),
            lead=gettext(
                "%(hello)s by your plan you pass stage %(number)d, %(stage)s, by %(day)s."
                " If that day no longer suits you, move it: the plan is yours."
            )
            % names,
            kicker=gettext("Go on here"),
            step=first.work.stage.title,
            link=first.page,
            why=_why(first) % names,
            also=(*listed, Also(gettext("Move the plan"), first.plan_page)),
            more=more(len(rest) - len(listed)),
        )


def _missing(stage: NextStage) -> str:
    """What is missing yet, in one short sentence."""
    if not stage.place.is_open:
        return gettext("It opens after %(stage)s.") % {"stage": stage.work.stage.title}
    if stage.lacks_quiz_only:
        return gettext("Only its quiz is left.")
    return gettext("%(done)d of %(count)d core resources are done.") % {
        "done": stage.place.core_done,
        "count": stage.place.core_total,
    }


def _why(stage: NextStage) -> str:
    if not stage.place.is_open:
        return gettext(
            "You get this because stage %(number)d is planned until %(day)s and isn’t open to you yet."
        )
    if stage.lacks_quiz_only:
        return gettext(
            "You get this because stage %(number)d is planned until %(day)s and its quiz isn’t passed yet."
        )
    return gettext(
        "You get this because stage %(number)d is planned until %(day)s and not all its core resources are done yet."
    )
