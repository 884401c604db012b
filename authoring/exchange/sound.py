"""Whether a question can be written for another house: its body fits its type, but may lack its explanation."""

from __future__ import annotations

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange.questions import Carried, Left
from quizzes import bodies

_SAID = "-"


def fault_of(question: Carried) -> Sentence | None:
    """What keeps a draft from being written at all; None when nothing does."""
    said = question.body.get("explanation")
    body = (
        dict(question.body)
        if isinstance(said, str) and said.strip()
        else {**question.body, "explanation": _SAID}
    )
    found = bodies.faults(question.type, body)
    return found[0].sentence() if found else None


def left_out(question: Carried, fault: Sentence) -> Left:
    """The question as one that is not in the file, for this fault of its draft."""
    return Left(question.place, question.name, _("Its draft has a fault: %(fault)s", fault=fault))


def said_for_all(
    questions: tuple[Carried, ...] | list[Carried], *, points: bool = False, difficulty: bool = False
) -> tuple[Left, ...]:
    """What a format has no place for in any question: said once for the file. `points`, `difficulty`: it has those."""
    lost = [
        _("points") if not points and any(one.points not in (None, 1) for one in questions) else None,
        _("difficulty")
        if not difficulty and any(one.difficulty not in (None, 3) for one in questions)
        else None,
        _("where to go back to") if any(one.resource for one in questions) else None,
    ]
    named = tuple(word for word in lost if word)
    if not named:
        return ()
    return (
        Left(
            "",
            "",
            _("This format has no place for these, so they are not in the file: %(parts)s.", parts=named),
            False,
        ),
    )
