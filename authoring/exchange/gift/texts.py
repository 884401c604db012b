"""The texts of a GIFT question, each in the format it names or that of the question, as Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from accounts.sentences import Sentence
from authoring.exchange import html_text, plain_text
from authoring.exchange.budget import Budget
from authoring.exchange.gift.escapes import plain

_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
# What stands in < > is a tag only if it is one that people write: <stdio.h> is none.
TAG = re.compile(
    r"</?(?:p|br|b|i|u|em|strong|span|div|ul|ol|li|su[bp]|img|a|code|pre|table|t[rdh]|thead|tbody|font|h[1-6]|hr|"
    r"blockquote|script|iframe|video|audio)(?=[\s/>])[^<>]{0,2000}>|&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Texts:
    """`format` is that of the stem, which answers and feedback have too unless they say so; `left` is what was lost."""

    format: str = ""
    left: list[Sentence] = field(default_factory=list)
    budget: Budget = field(default_factory=Budget)

    def markdown(self, raw: str) -> str:
        """A text, escapes still put away, as Markdown."""
        said = _FORMAT.match(raw)
        format_ = said[1].lower() if said else self.format or "moodle"
        self.format = self.format or format_
        text = plain(raw[said.end() :] if said else raw).strip()
        if format_ == "markdown":
            return text
        if format_ == "plain" or (format_ == "moodle" and not TAG.search(text)):
            return plain_text.markdown(text)
        self.budget.spend(text)
        prose = html_text.markdown(text.replace("\n", "<br>") if format_ == "moodle" else text)
        self.left += [lost for lost in prose.lost if lost not in self.left]
        return prose.text

    def words(self, raw: str) -> str:
        """A text that learners type, which has no format."""
        said = _FORMAT.match(raw)
        return " ".join(plain(raw[said.end() :] if said else raw).split())
