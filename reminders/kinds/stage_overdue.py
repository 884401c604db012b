from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reminders.kinds.kind import Matter
from reminders.kinds.planned_stage import StageKind, StageMatter, Step
from reminders.words import LISTED, Also, Content, hello, more


class StageOverdue(StageKind):
    """The day of the stage that is next in a plan went by two days ago, or fourteen; later nothing more is said."""

    key = "stage_overdue"
    name = _("Planned days that went by")
    hint = _("Two days and fourteen days after, with an offer to move the plan. Never more.")
    priority = 5
    steps = {"2d-after": Step(2, 5), "14d-after": Step(14, 5)}

    def concerns(self, due_on: date, today: date) -> bool:
        return due_on < today

    def says(self, matter: Matter) -> Content:
        assert isinstance(matter, StageMatter)  # noqa: S101  # matters() makes no other
        first, rest = matter.stages[0], matter.stages[1:]
        names = {"road": first.document.title, "stage": first.title, "number": first.number}
        names |= {"day": date_format(first.due_on, "j F"), "hello": hello(matter.reader.person)}
        listed = tuple(
            Also(
                x.document.title,
                x.plan_page,
                gettext("%(stage)s was planned until %(day)s")
                % {"stage": x.title, "day": date_format(x.due_on, "j F")},
            )
            for x in rest[:LISTED]
        )
        return Content(
            subject=gettext("%(road)s: new days for your plan?") % names,
            preheader=gettext("%(stage)s was planned until %(day)s.") % names,
            lead=gettext(
                "%(hello)s stage %(number)d, %(stage)s, was planned until %(day)s. Plans meet life; yours can be moved"
                " to days that suit you now. All you have done stays done."
            )
            % names,
            kicker=gettext("Move the plan"),
            step=first.document.title,
            link=first.plan_page,
            why=gettext(
                "You get this because stage %(number)d was planned until %(day)s and isn’t passed yet."
                " There are two such letters at most for a day of your plan."
            )
            % names,
            also=(
                Also(gettext("Go on with %(stage)s") % {"stage": first.work.stage.title}, first.page),
                *listed,
            ),
            more=more(len(rest) - len(listed)),
        )
