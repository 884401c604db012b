"""The comments of an item (`itemfeedback`): which is whose, told by the rules that show them."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.sentences import sentence as _
from authoring.exchange.drafting import Drafting, joined
from authoring.exchange.qti12.conditions import All, Other, Rule, Test
from authoring.exchange.qti12.item import Item, Response

_GENERAL = ("general_fb", "general", "general_feedback", "feedback")
_RIGHT = ("correct_fb", "correct", "general_correct_fb", "correct_feedback")
_WRONG = ("general_incorrect_fb", "incorrect_fb", "incorrect", "incorrect_feedback")


class Comments:
    """The comments of one item, each taken once; what nobody took is noted as lost."""

    def __init__(self, item: Item, rules: Sequence[Rule], drafting: Drafting) -> None:
        self.html = dict(item.comments)
        self.solutions = item.solutions | {"solution"}
        self.rules = rules
        self.drafting = drafting

    def of_options(self, response: Response, right: Sequence[str]) -> list[str]:
        """The comment of each option; where one is right, what is said of right and wrong answers stands there too."""
        said = [self._of(response, label.ident) for label in response.labels]
        if len(right) != 1:
            return said
        # Without another explanation, what is said of a right answer becomes it.
        on_right = self._take(*_RIGHT) if self._has((*_GENERAL, *self.solutions)) else ""
        on_wrong = self._take(*_WRONG)
        return [
            text or (on_right if label.ident in right else on_wrong)
            for label, text in zip(response.labels, said, strict=True)
        ]

    def explanation(self) -> str:
        """What is said to everybody afterwards: the general comment, the solution, what is said of a right answer."""
        return joined(self._take(*_GENERAL), self.solution(), self._take(*_RIGHT))

    def solution(self) -> str:
        """What is said to be a right answer."""
        return self._take(*sorted(self.solutions))

    def note_the_rest(self) -> None:
        """Says which comments have no place here."""
        if self._take(*_WRONG):
            self.drafting.lose(_("The comment on a wrong answer."))
        for name in list(self.html):
            if text := self._take(name):
                self.drafting.lose(_("The comment “%(text)s”.", text=text[:80]))

    def _has(self, names: Sequence[str]) -> bool:
        return any(name in self.html for name in names)

    def _of(self, response: Response, ident: str) -> str:
        """The comment that a rule shows for this option alone, or that bears its name."""
        for rule in self.rules:
            test = _alone(rule)
            if test and (test.response, test.value) in ((response.ident, ident), (ident, "")):
                for name in rule.shows:
                    if name in self.html and name not in (*_RIGHT, *_WRONG, *_GENERAL):
                        return self._take(name)
        return self._take(f"{ident}_fb")

    def _take(self, *names: str) -> str:
        found = [self.html.pop(name) for name in names if name in self.html]
        return joined(*(self.drafting.markdown(html) for html in found))


def _alone(rule: Rule) -> Test | None:
    """The one comparison that a rule makes."""
    condition = rule.condition
    if isinstance(condition, All) and len(condition.parts) == 1:
        condition = condition.parts[0]
    return condition if isinstance(condition, Test) and not isinstance(condition, Other) else None
