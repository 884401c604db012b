"""Aiken: a question on its lines, options `A.` or `A)`, and `ANSWER: A` below them. It says nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import plain_text
from authoring.exchange.decoding import decode
from authoring.exchange.questions import Carried, Left, Reading, UnreadableError, shortened

MOST_QUESTIONS = 5000
_OPTION = re.compile(r"([A-Za-z])[.)]\s+(\S.*)")
_BARE = re.compile(r"[A-Za-z][.)]")
_ANSWER = re.compile(r"ANSWER\s*:\s*(.*)", re.IGNORECASE)
_FEEDBACK = re.compile(r"(?:FEEDBACK|EXPLANATION)\s*:\s*(.*)", re.IGNORECASE)  # some tools add it


def read(data: bytes) -> Reading:
    """The questions of an Aiken file; raises UnreadableError for what is no text, or has no answer in it."""
    decoded = decode(data)
    reader = _Reader()
    for number, line in enumerate(decoded.text.split("\n"), 1):
        reader.take(number, line.strip())
    reader.end()
    if not reader.questions and not any(left.is_whole for left in reader.left):
        raise UnreadableError(_("There is no question in this file: no line begins with “ANSWER:”."))
    return Reading(tuple(reader.questions), (*decoded.left(), *reader.left))


@dataclass(slots=True)
class _Draft:
    """A question while its lines are read.

    `behind` are the lines below its last option; the first `gap` of them stand above a blank one.
    """

    line: int
    words: list[str] = field(default_factory=list)
    options: list[tuple[str, list[str]]] = field(default_factory=list)
    faults: list[Sentence] = field(default_factory=list)
    behind: list[tuple[int, str]] = field(default_factory=list)
    gap: int | None = None

    def add(self, letter: str, words: str) -> None:
        self.options.append((letter, [words]))
        self.behind, self.gap = [], None

    def part(self) -> None:
        """A blank line: what comes below it may be another question."""
        self.gap = len(self.behind) if self.gap is None else self.gap

    def next_words(self, letter: str) -> list[tuple[int, str]]:
        """The lines of another question, whose options begin with this letter; none where there is no other."""
        begins_anew = len(self.options) > 1 and letter == self.options[0][0]
        return self.behind[self.gap or 0 :] or self.behind if begins_anew else []

    @property
    def name(self) -> str:
        return shortened(" ".join(self.words))


@dataclass(slots=True)
class _Reader:
    questions: list[Carried] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    draft: _Draft | None = None
    answered: bool = False

    def take(self, number: int, line: str) -> None:
        if not line:
            if self.draft is not None:
                self.draft.part()
            return
        if (answer := _ANSWER.fullmatch(line)) and self.draft is not None:
            self._answer(answer[1])
        elif (said := _FEEDBACK.fullmatch(line)) and self.draft is None and self.answered:
            last = self.questions[-1]
            self.questions[-1] = Carried(
                last.place, last.name, last.type, {**last.body, "explanation": plain_text.markdown(said[1])}
            )
        elif (option := _OPTION.fullmatch(line)) and self.draft is not None:
            self._option(self.draft, option[1].upper(), option[2])
        elif self.draft is not None and self.draft.options:
            self._further(number, line)
        else:
            self._words(number, line)

    def end(self) -> None:
        """What is begun and has no answer."""
        if self.draft is not None:
            self._leave(_NO_ANSWER)

    def _words(self, number: int, line: str) -> None:
        if self.draft is None:
            if len(self.questions) + len(self.left) >= MOST_QUESTIONS:
                what = _("The file has more than %(most)s questions. Split it.", most=MOST_QUESTIONS)
                raise UnreadableError(what, f"line {number}")
            self.draft, self.answered = _Draft(number), False
        self.draft.words.append(line)

    def _option(self, draft: _Draft, letter: str, words: str) -> None:
        """An option; where they begin anew, the question above has no answer, and only that one is left."""
        if lines := draft.next_words(letter):
            del draft.options[-1][1][-len(lines) :]
            self._leave(_NO_ANSWER)
            for number, line in lines:
                self._words(number, line)
        if self.draft is not None:
            self.draft.add(letter, words)

    def _further(self, number: int, line: str) -> None:
        """A line behind the options: of an option that goes on, or of the next question."""
        draft = self.draft
        if draft is None:
            return
        if _BARE.fullmatch(line):
            draft.faults.append(_("Option %(letter)s has no text.", letter=line[0].upper()))
        else:
            draft.options[-1][1].append(line)
            draft.behind.append((number, line))

    def _answer(self, letters: str) -> None:
        draft = self.draft
        if draft is None:
            return
        known = [letter for letter, _words in draft.options]
        right = [letter.upper() for letter in re.findall(r"[A-Za-z]+", letters)]
        if len(right) == 1 and right[0] not in known and set(right[0]) <= set(known):
            right = list(right[0])  # ANSWER: AC
        if fault := _fault(draft, known, right, letters):
            self._leave(fault)
            return
        options = [
            {"key": letter.lower(), "text": plain_text.markdown("\n".join(words)), "right": letter in right}
            for letter, words in draft.options
        ]
        body = {"stem": plain_text.markdown("\n".join(draft.words)), "options": options}
        type_ = "single" if len(right) == 1 else "multiple"
        self.questions.append(Carried(f"line {draft.line}", draft.name, type_, body))
        self.left += [Left(f"line {draft.line}", draft.name, fault, is_whole=False) for fault in draft.faults]
        self.draft, self.answered = None, True

    def _leave(self, what: Sentence) -> None:
        if self.draft is not None:
            self.left.append(Left(f"line {self.draft.line}", self.draft.name, what))
        self.draft = None


_NO_ANSWER = _("It has no line “ANSWER:”.")


def _fault(draft: _Draft, known: list[str], right: list[str], said: str) -> Sentence | None:
    if len(draft.options) < 2:
        return _("It has fewer than two options (lines such as “A. text”).")
    if len(set(known)) != len(known):
        return _("Two of its options have the same letter; is an “ANSWER:” missing between two questions?")
    if not right or not set(right) <= set(known):
        return _("Its answer “%(said)s” names none of its options.", said=said[:40])
    return None
