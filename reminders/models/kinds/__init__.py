"""The kinds of letters there are. A new kind is a file beside these, named here."""

from reminders.models.kinds.feedback import Feedback
from reminders.models.kinds.kind import Kind, Matter
from reminders.models.kinds.quiet import Quiet
from reminders.models.kinds.quiz_marked import QuizMarked

KINDS: dict[str, Kind] = {kind.key: kind for kind in (Quiet(), Feedback(), QuizMarked())}

__all__ = ["KINDS", "Kind", "Matter"]
