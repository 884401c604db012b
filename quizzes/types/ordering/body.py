from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal, Self

from pydantic import model_validator

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from quizzes.types.base import Asked, Body, Named, doubled, in_order, mixed, parts_given, worded
from quizzes.types.ordering.marking import placed, places, share

MOST_ITEMS = 10


class OrderedItem(Named):
    pass


class Ordering(Body):
    """Items to put in order; the body has them in the right one.

    A page calls them by handles, for their keys would often tell. The value of an answer is the list of handles in
    order, or {handle: place}, as the fields of the page send it.
    """

    type = "ordering"
    title = _("Putting in order")
    rank = 60
    items: tuple[OrderedItem, ...]
    credit: Literal["pairs", "all"] = "pairs"

    @model_validator(mode="after")
    def _items_make_sense(self) -> Self:
        if not 2 <= len(self.items) <= MOST_ITEMS:
            raise ValueError(
                _("There are 2 to %(most)s items, not %(count)s.", most=MOST_ITEMS, count=len(self.items))
            )
        if keys := doubled(item.key for item in self.items):
            raise ValueError(_("Item keys are given once; %(keys)s stands there twice.", keys=keys))
        if texts := doubled(item.text.strip() for item in self.items):
            raise ValueError(_("Two items read alike, so nobody can order them: %(texts)s.", texts=texts))
        return self

    def asked(self, order: Sequence[str] = ()) -> Asked:
        texts = self.named_parts()
        shown = in_order(mixed(texts), order)
        options = tuple((self.handle(key), texts[key]) for key in shown)
        return Asked(self.type, self.stem, options, more={"credit": self.credit})

    @classmethod
    def fields(cls, asked: Asked, value: object) -> list[dict[str, Any]]:
        """The items as they were put so far, each with the place that was typed; those without a place come last."""
        typed = parts_given(value) if isinstance(value, dict) else _places_of_list(value)
        rows = [
            {"handle": handle, "text": text, "place": typed.get(handle, "")} for handle, text in asked.options
        ]
        return sorted(rows, key=lambda row: int(row["place"]) if row["place"].isdecimal() else MOST_ITEMS + 1)

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        if asked.more["credit"] == "all":
            return _("Put them in order. Only the whole order counts.")
        return _("Put them in order. Each one that follows the right one counts.")

    def option_keys(self) -> tuple[str, ...]:
        return mixed(self.named_parts())

    def named_parts(self) -> dict[str, str]:
        return {item.key: item.text for item in self.items}

    def worded_as(self, before: Body) -> Self:
        items = worded(self.items, before.named_parts())
        return super().worded_as(before).model_copy(update={"items": items})

    def mark(self, value: object) -> Fraction:
        return share(self.right_value(), self.understood(value), pairs=self.credit == "pairs")

    def key(self) -> Any:
        return [[item.key for item in self.items], self.credit]

    def right_value(self) -> list[str]:
        return [self.handle(item.key) for item in self.items]

    def said(self, value: object) -> str:
        texts = {self.handle(item.key): item.text for item in self.items}
        return "; ".join(texts[handle] for handle in placed(self.understood(value)) if handle in texts)

    def shown(self, value: object, order: Sequence[str] = ()) -> dict[str, Any]:
        """The items as they were put, each with the place it belongs to; those not placed after them."""
        right = self.right_value()
        stood, texts = places(right, self.understood(value)), [item.text for item in self.items]
        rows = [
            {
                "text": text,
                "stood": stood.get(handle),
                "belongs": belongs,
                "is_right": stood.get(handle) == belongs,
            }
            for belongs, (handle, text) in enumerate(zip(right, texts, strict=True), 1)
        ]
        rows.sort(key=lambda row: (row["stood"] is None, row["stood"] or 0))
        return {"rows": rows if stood else [], "right": texts, "is_right": self.mark(value) == 1}


def _places_of_list(value: object) -> dict[str, str]:
    return (
        {item: str(place) for place, item in enumerate(placed(value), 1) if item}
        if isinstance(value, list)
        else {}
    )
