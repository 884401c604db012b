"""Which answers of QTI 2 are right: tried by the rules of the item, never only taken from what it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from accounts.sentences import sentence as _
from authoring.exchange.drafting import NOT_TOLD, CannotBeCarriedError, Drafting
from authoring.exchange.qti2.item import Declared
from authoring.exchange.qti2.processing import Processing
from quizzes.types.choosing import MOST_OPTIONS

_ALL_OF_IT = _("That only all of it together counts; here each part counts by itself.")


def declared_right(one: Declared) -> Sequence[str]:
    """An answer that the declaration gives as right."""
    return one.correct or tuple(one.mapping)[:1]


class Right:
    """The rules of one item, asked what is right. All raise CannotBeCarriedError, or NotUnderstoodError of a rule."""

    def __init__(self, responses: Mapping[str, Declared], processing: Processing, drafting: Drafting) -> None:
        self.responses = responses
        self.processing = processing
        self.drafting = drafting

    def score(self, one: Declared, given: Sequence[str]) -> float:
        """What an answer earns while all others are right."""
        others = {other.identifier: declared_right(other) for other in self.responses.values()}
        return self.processing.score({**others, one.identifier: given})

    def best_of(self, one: Declared, names: Sequence[str]) -> str:
        """The one option that is right alone."""
        if len(names) > MOST_OPTIONS:
            raise CannotBeCarriedError(_("It has more than %(most)s options.", most=MOST_OPTIONS))
        if len(set(names)) != len(names) or not names:
            raise CannotBeCarriedError(NOT_TOLD)
        earned = {name: self.score(one, [name]) for name in names}
        best, nothing = max(earned.values()), self.score(one, [])
        right = [name for name in names if earned[name] == best]
        if best <= max(nothing, 0.0) or (
            one.correct and set(one.correct) & set(names) and right[0] not in one.correct
        ):
            raise CannotBeCarriedError(NOT_TOLD)
        if len(right) > 1:
            raise CannotBeCarriedError(_("Each of several options is right alone, which no type here knows."))
        if any(nothing < value < best for value in earned.values()):
            self.drafting.lose(_("Points for an answer that is partly right."))
        return right[0]

    def best_set(self, one: Declared, names: Sequence[str]) -> list[str]:
        """The set that earns most: without any of it less, with any more no more."""
        if len(names) > MOST_OPTIONS * 2:
            raise CannotBeCarriedError(_("It has more than %(most)s options.", most=MOST_OPTIONS))
        positive = [name for name in names if one.mapping.get(name, (0.0, False))[0] > 0]
        for right in ([name for name in names if name in one.correct], positive):
            best = self.score(one, right)
            if not right or best <= 0:
                continue
            less = (self.score(one, [other for other in right if other != name]) for name in right)
            more = (self.score(one, [*right, name]) for name in names if name not in right)
            if all(value < best for value in less) and all(value <= best for value in more):
                if len(right) > 1 and self.score(one, right[1:]) <= 0:
                    self.drafting.lose(_ALL_OF_IT)
                return right
        raise CannotBeCarriedError(NOT_TOLD)

    def pairs(self, one: Declared, lefts: Sequence[str], rights: Sequence[str]) -> list[tuple[str, str]]:
        listed = one.correct or tuple(pair for pair, (value, _case) in one.mapping.items() if value > 0)
        pairs = [tuple(pair.split()) for pair in listed]
        known = [
            (pair[0], pair[1]) for pair in pairs if len(pair) == 2 and pair[0] in lefts and pair[1] in rights
        ]
        all_of_them = [" ".join(pair) for pair in known]
        best = self.score(one, all_of_them)
        if len(known) != len(pairs) or not known or best <= 0 or len(known) > MOST_OPTIONS:
            raise CannotBeCarriedError(NOT_TOLD)
        if any(self.score(one, [p for p in all_of_them if p != pair]) >= best for pair in all_of_them):
            raise CannotBeCarriedError(NOT_TOLD)
        return known

    def weight(self, one: Declared) -> int:
        """How many points a gap counts, where all count whole points."""
        if len(self.responses) < 2:
            return 1
        others = [self._worth(other) for other in self.responses.values()]
        least = min((worth for worth in others if worth > 0), default=1.0)
        weight = self._worth(one) / least
        return round(weight) if abs(weight - round(weight)) < 1e-6 and 1 <= weight <= 20 else 1

    def _worth(self, one: Declared) -> float:
        return self.score(one, declared_right(one)) - self.score(one, ())

    def note_all_or_nothing(self, ones: Sequence[Declared]) -> None:
        """A gap counts by itself here, also where the file asks for all of them."""
        if (
            len(ones) > 1
            and self._worth(ones[0]) + self._worth(ones[1])
            > self.score(ones[0], declared_right(ones[0])) + 1e-9
        ):
            self.drafting.lose(_ALL_OF_IT)
