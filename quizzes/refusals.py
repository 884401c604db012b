"""Why the engine says no. Each refusal is a class of its own, so that a door can answer each in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts.sentences import Sentence


class AttemptRefusedError(Exception):
    """No attempt may begin now."""


class NotPublishedError(AttemptRefusedError):
    """The quiz has no published paper."""


class LimitReachedError(AttemptRefusedError):
    """All allowed attempts are used; `limit` says how many there are."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"All {limit} attempts are used.")
        self.limit = limit


class CoolingDownError(AttemptRefusedError):
    """The last attempt is too recent; the next may begin at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"The next attempt may begin at {until:%Y-%m-%d %H:%M} UTC.")
        self.until = until


class ClosedError(AttemptRefusedError):
    """The quiz could be taken until `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"The quiz could be taken until {at:%Y-%m-%d %H:%M} UTC.")
        self.at = at


class NeverAgainError(AttemptRefusedError):
    """The next attempt could begin at `until`, but the quiz closes before, at `at`."""

    def __init__(self, until: datetime, at: datetime) -> None:
        super().__init__(
            f"The next attempt could begin at {until:%Y-%m-%d %H:%M} UTC,"
            f" but the quiz closes at {at:%Y-%m-%d %H:%M} UTC."
        )
        self.until, self.at = until, at


class SaveRefusedError(Exception):
    """The answers of a request can't be kept."""


class TakenOverError(SaveRefusedError):
    """The attempt was opened elsewhere since; only the newest opening may save."""


class FinishedError(SaveRefusedError):
    """The attempt is finished."""


class UnknownSlotError(SaveRefusedError):
    """The attempt's paper has no such slot."""


class NotFinishedError(Exception):
    """The attempt is still open: nobody sees right answers yet."""


class MarkRefusedError(Exception):
    """The mark that a person gave is not taken; nothing was written."""


class MarkMovedError(MarkRefusedError):
    """Somebody else marked `slots` since the page was drawn."""

    def __init__(self, slots: Sequence[int]) -> None:
        super().__init__(f"marked elsewhere since: {', '.join(map(str, slots))}")
        self.slots = tuple(slots)


class OffScaleError(MarkRefusedError):
    """Points are whole or half, from 0 to `possible`."""

    def __init__(self, possible: int) -> None:
        super().__init__(f"Points go from 0 to {possible}, in halves.")
        self.possible = possible


class AppealRefusedError(Exception):
    """The answer can't be appealed: it is not marked, earned everything, or its result may not be seen."""


class TooManyAppealsError(AppealRefusedError):
    """The person appealed as often as one may in a day."""


class AppealAnsweredError(Exception):
    """Somebody answered the appeal already."""


class QuizHasFaultsError(Exception):
    """The draft of the quiz with this id can't be published; `faults` says each reason in one sentence."""

    def __init__(self, faults: Sequence[Sentence], quiz: int) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)
        self.quiz = quiz


class CardRefusedError(Exception):
    """The answer to a card can't be taken."""


class CardMovedError(CardRefusedError):
    """The card was answered or changed elsewhere since the page was drawn."""


class CardNotDueError(CardRefusedError):
    """The card is not asked now: it is not due, put aside, or rests while a quiz with its question is open."""


class NothingToUndoError(CardRefusedError):
    """There is no such review that could be taken back."""
