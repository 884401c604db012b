"""Comments of QTI 2 (`modalFeedback`, `feedbackInline`): whose they are, told by trying answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lxml import etree

from accounts.sentences import sentence as _
from authoring.exchange.drafting import Drafting, joined
from authoring.exchange.qti2.item import html, words
from authoring.exchange.qti2.processing import Given, Processing
from authoring.exchange.qti2.values import NotUnderstoodError

# Of each comment, the tries that show it.
Shown: TypeAlias = Mapping[etree._Element, frozenset[str]]  # noqa: SLF001  # lxml calls it so


class Comments:
    """The comments of one item. `tries` are answers by name: `right`, and others that are not right."""

    def __init__(self, item: etree._Element, processing: Processing, drafting: Drafting) -> None:
        self.drafting = drafting
        self.processing = processing
        self.modal = [
            one
            for one in item.iterchildren("modalFeedback")
            if words(one) or next(one.iter("img", "object"), None) is not None
        ]

    def settle(self, tries: Mapping[str, Given], options: Sequence[str] = ()) -> tuple[str, dict[str, str]]:
        """The explanation, and the comment of each option; `tries` has an entry for `right`, and for each option."""
        explanation, on_right, by_option = [], [], dict.fromkeys(options, "")
        for comment, shown in self._shown(tries).items():
            text = self.drafting.markdown(html(comment))
            wrong = [
                name for name in tries if name not in ("right", "nothing") and tries[name] != tries["right"]
            ]
            if "right" in shown and all(name in shown for name in wrong):
                explanation.append(text)
            elif options and len(shown & set(options)) == 1:
                (option,) = shown & set(options)
                if option in wrong or comment.get("identifier") == option:
                    by_option[option] = joined(by_option[option], text)
                else:
                    on_right.append((option, text))
            elif "right" in shown and not any(name in shown for name in wrong):
                on_right.append(("", text))
            elif options and wrong and all(name in shown for name in wrong):
                by_option |= {name: joined(by_option[name], text) for name in wrong if name in by_option}
            else:
                self.drafting.lose(_("The comment “%(text)s”.", text=text[:80]))
        return self._explained(explanation, on_right, by_option)

    def _explained(
        self, explanation: list[str], on_right: list[tuple[str, str]], by_option: dict[str, str]
    ) -> tuple[str, dict[str, str]]:
        """What is said of a right answer stands at the right option, or explains it where nothing else does."""
        has_other = bool(explanation)
        for option, text in on_right:
            if option and has_other:
                by_option[option] = joined(by_option[option], text)
            else:
                explanation.append(text)
        return joined(*explanation), by_option

    def _shown(self, tries: Mapping[str, Given]) -> Shown:
        if not self.modal:
            return {}
        try:
            outcomes = {name: self.processing.shown(given) for name, given in tries.items()}
        except NotUnderstoodError:
            self.drafting.lose(_("Its comments, whose rules are not understood."))
            return {}
        return {
            comment: frozenset(
                name
                for name, values in outcomes.items()
                if ((comment.get("outcomeIdentifier", ""), comment.get("identifier", "")) in values)
                == (comment.get("showHide", "show") != "hide")
            )
            for comment in self.modal
        }
