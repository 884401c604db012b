"""What the player sends while somebody answers. A value that the database could not keep is refused here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from quizzes.marking import is_given

MOST_ITEMS = 200
LAST = 2**63 - 1  # no sequence is higher
LONGEST = 4000  # characters of one of several fields or ticks
LONGEST_TEXT = 20_000  # characters of an answer that is one text


def _without_nul(text: str) -> str:
    return text.replace("\x00", "")


Typed = Annotated[str, Field(max_length=LONGEST), AfterValidator(_without_nul)]
Part = Annotated[str, Field(max_length=40), AfterValidator(_without_nul)]
Value = (
    Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_without_nul)]
    | Annotated[list[Typed], Field(max_length=50)]
    | Annotated[
        dict[Part, Typed], Field(max_length=50)
    ]  # a question of several fields, by the names of its parts
    | bool
    | int
    | float
    | None
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False, strict=True)


class SavedItem(_Part):
    """One answer to one slot; `client_id` names this save, so that sending it twice writes it once.

    `confidence`: 1 guessed, 2 not sure, 3 sure, None where nothing was said.
    """

    slot: Annotated[int, Field(ge=1, le=32_767)]
    sequence: Annotated[int, Field(ge=0, le=LAST)]
    client_id: Annotated[UUID, Field(strict=False)]
    value: Value
    confidence: Annotated[int, Field(ge=1, le=3)] | None = None


class Save(_Part):
    """One request of the player: the epoch it was opened in and what changed since the last one.

    `attempt` is the id of the attempt that the page shows: where somebody else signed in since, it is not hers, and
    what the first one typed does not become an answer of the second.
    """

    epoch: Annotated[int, Field(ge=0, lt=2**31)]
    attempt: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    items: Annotated[list[SavedItem], Field(max_length=MOST_ITEMS)]


def newest_sequences(items: Iterable[SavedItem]) -> dict[int, int]:
    """By slot the highest sequence among these saves: what a page need not send again."""
    newest: dict[int, int] = {}
    for item in items:
        newest[item.slot] = max(item.sequence, newest.get(item.slot, 0))
    return newest


class PracticeSaid(_Part):
    """An answer while practising: the version that was asked, and a name for this answer, so that it is written once.

    The value null says that she does not know.
    """

    version: Annotated[int, Field(ge=1, lt=2**63)]
    client_id: Annotated[UUID, Field(strict=False)]
    value: Value


def changed(
    values: Mapping[int, object],
    known: Mapping[int, object],
    confidences: Mapping[int, int | None],
    sure: Mapping[int, int | None],
) -> list[SavedItem]:
    """A form that was sent whole as saves: what differs from the answers that count (`known`, `sure`), by slot."""
    return [
        SavedItem.model_validate(
            {
                "slot": slot,
                "sequence": 0,
                "client_id": uuid4(),
                "value": value,
                "confidence": confidences.get(slot),
            }
        )
        for slot, value in values.items()
        if confidences.get(slot) != sure.get(slot)
        or (value != known.get(slot) and (is_given(value) or is_given(known.get(slot))))
    ]
