from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from accounts.sentences import Sentence, ngettext
from accounts.sentences import sentence as _
from quizzes.types.base import WRONG, Asked, Body, is_unset

Words = Annotated[int | None, Field(ge=1, le=5000, strict=True, exclude_if=is_unset)]


class LongText(Body):
    """A text of some length, which a mentor marks. The value of an answer is the text as typed, read as Markdown.

    `guide` is Markdown for who marks it; no learner ever sees it. How many words are asked for is told and counted,
    but a text of another length is handed in all the same.
    """

    type = "long_text"
    title = _("A text that a mentor marks")
    rank = 110
    is_marked_by_hand = True
    guide: Annotated[str, Field(max_length=20_000)] = ""
    min_words: Words = None
    max_words: Words = None

    @model_validator(mode="after")
    def _words_make_sense(self) -> Self:
        if self.min_words and self.max_words and self.min_words > self.max_words:
            raise ValueError(_("At least as many words as at most can’t be written; swap the two numbers."))
        return self

    def asked(self, order: Sequence[str] = ()) -> Asked:
        return Asked(self.type, self.stem, more={"min_words": self.min_words, "max_words": self.max_words})

    @classmethod
    def fields(cls, asked: Asked, value: object) -> dict[str, Any]:
        text = value if isinstance(value, str) else ""
        return {"value": text, "words": words(text)}

    @classmethod
    def how(cls, asked: Asked) -> Sentence:
        least, most = asked.more.get("min_words"), asked.more.get("max_words")
        if least and most:
            return _("Write %(least)s to %(most)s words. A mentor marks it.", least=least, most=most)
        if least:
            return ngettext(
                "Write at least %(count)s word. A mentor marks it.",
                "Write at least %(count)s words. A mentor marks it.",
                least,
            )
        if most:
            return _("Write at most %(most)s words. A mentor marks it.", most=most)
        return _("Write as much as it takes. A mentor marks it.")

    def mark(self, value: object) -> Fraction:
        return WRONG

    def key(self) -> Any:
        return []

    def right_value(self) -> None:
        return None

    def shown(self, value: object, order: Sequence[str] = ()) -> dict[str, Any]:
        text = value if isinstance(value, str) else ""
        return {"value": text, "words": words(text)}


def words(text: str) -> int:
    """How many words a text has, as js/quiz-words.js counts them."""
    return len(text.split())
