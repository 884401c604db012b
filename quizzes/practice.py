"""Which questions may be practised, and which comes next: facts in, verdicts out.

No Django. Practice tells the right answer at once, so it must never ask what its person may still be asked in a quiz.
`may_practise` is the only place that decides it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

TAG = "practice"


@dataclass(frozen=True, slots=True)
class Practicable:
    """What is known of one question for one person.

    `is_answer_seen`: some finished attempt of hers shows her the right answer of the version that would be practised.
    `is_on_paper`: a paper that learners take, on any road, asks it or may draw it. `stands_in_attempt`: some attempt
    of hers asks it; `stands_open`: one that is not finished.
    """

    is_archived: bool = False
    is_marked_by_hand: bool = False
    has_practice_tag: bool = False
    is_on_paper: bool = False
    stands_in_attempt: bool = False
    stands_open: bool = False
    is_answer_seen: bool = False
    is_outdated: bool = False


def may_practise(known: Practicable) -> bool:
    """Whether this person may practise this question, and so be told its right answer.

    Either she sees the right answer already, or nobody is asked it in any quiz and she never was. What stands in an
    open attempt of hers is never practised, nor what a mentor marks, nor what is archived or was corrected since.
    """
    if known.is_archived or known.is_marked_by_hand or known.stands_open or known.is_outdated:
        return False
    is_free = known.has_practice_tag and not known.is_on_paper and not known.stands_in_attempt
    return known.is_answer_seen or is_free


@dataclass(frozen=True, slots=True)
class Practised:
    """How a question went when it was practised last; never yet where `last_at` is None."""

    last_at: datetime | None = None
    was_missed: bool = False


def rank(practised: Practised) -> tuple[int, float]:
    """What comes first: what was never practised, then what was missed, then what was practised longest ago."""
    if practised.last_at is None:
        return 0, 0.0
    return 1 if practised.was_missed else 2, practised.last_at.timestamp()
