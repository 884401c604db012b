"""How a text becomes the words that it is found by, and how what somebody types becomes a question. No Django.

PostgreSQL stems words and leaves out those that say nothing; all else is decided here, the same for texts and
questions: é is e, ü is u (and found by ue), C++ and C# are words, `nn.Module` and `train_test_split` are their parts
in a row.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 200  # characters of a question that are read
MOST_TERMS = 12
SHORTEST_BEGINNING = 3  # letters of a last word that may stand for all words that begin so
_SPELLED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)
_OUTSPOKEN = {"ä": "ae", "ö": "oe", "ü": "ue"}
_SIGN = re.compile(r"[+#]|\.net")
_SIGNS = [
    (re.compile(r"(?<![^\W_])([a-z])\+\+"), r"\1plusplus"),
    (re.compile(r"(?<![^\W_])([acfj])#"), r"\1sharp"),
    (re.compile(r"(?<![\w.])\.net\b"), "dotnet"),
]
_POINT_OF_A_NUMBER = re.compile(r"(?<=\d)[.,](?=\d)")
_WORD = re.compile(r"[^\W_]+(?:\.\d+)*")
_HYPHEN = re.compile("[-‐‑]")
_HYPHENED = re.compile(r"[^\W_]+(?:[-‐‑][^\W_]+)+")
_HUMPED = re.compile(r"\b[^\W_]*[a-z][A-Z][^\W_]*")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TERM = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_MARKUP = re.compile(
    r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)|^[ \t]*(?:#+|>|```\w*|[-*+])[ \t]*|[*`~$]+", re.MULTILINE
)


def fold(text: str) -> str:
    """Small letters without accents, words parted by single spaces; empty when the text has no word."""
    small = text.casefold()
    if not small.isascii():
        # Taken apart, a sign may have great letters again: ℠ is SM.
        small = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", small).casefold()).translate(
            _SPELLED
        )
        small = "".join(sign for sign in small if not unicodedata.combining(sign))
    if _SIGN.search(small):
        for sign, word in _SIGNS:
            small = sign.sub(word, small)
    return " ".join(_WORD.findall(_POINT_OF_A_NUMBER.sub(".", small)))


def indexed(text: str) -> str:
    """The folded text, and after it other spellings it is found by: parts of CamelCase, pre-trained as one word."""
    return " ".join(filter(None, [fold(text), *sorted(_other_spellings(text))]))


def flat(text: str) -> str:
    """The text folded sign by sign, so that a place in it is the same place in the text."""
    return "".join(map(_flat_sign, text))


def plain(markdown: str) -> str:
    """A Markdown text as it reads aloud: links by their words, no marks."""
    return " ".join(_MARKUP.sub(lambda found: found[1] or " ", markdown).split())


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for. `web` is for websearch_to_tsquery; `begun` may go on, after the whole words of `head`.

    `words` are the plain words that must be there, for another spelling when nothing is found.
    """

    web: str = ""
    head: str = ""
    begun: str = ""
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.web)


def question(typed: str, *, shortest_beginning: int = SHORTEST_BEGINNING) -> Question:
    """Read what was typed: "two words" in a row, -without, one or another. Nothing that is typed is an error."""
    terms = _terms(typed.replace("\x00", " ")[:LONGEST])
    if not any(words and not without for without, words in terms):
        terms = [(False, words) for _without, words in terms]  # only what it shall not say is no question
    said = [_said(without, words) for without, words in terms if words]
    if not said:
        return Question()
    without, last = next(term for term in reversed(terms) if term[1])
    begun = "" if without or typed.rstrip().endswith('"') or len(last[-1]) < shortest_beginning else last[-1]
    head = [*said[:-1], *([_said(False, last[:-1])] if last[:-1] else [])] if begun else []
    words = tuple(dict.fromkeys(word for out, term in terms for word in term if not out and word != "or"))
    return Question(" ".join(said), " ".join(head), begun, words)


def respelled(typed: str, other: dict[str, str]) -> str:
    """What was typed with other words for some of its words, as it would be typed."""
    return " ".join(
        " ".join(other.get(word, word) for word in fold(part).split())
        if set(fold(part).split()) & set(other)
        else part
        for part in typed.replace("\x00", " ")[:LONGEST].split()
    )


def _terms(typed: str) -> list[tuple[bool, list[str]]]:
    """(without?, words in a row) for each term."""
    found = []
    for sign, quoted, bare in list(_TERM.findall(typed))[:MOST_TERMS]:
        without = sign == "-" or (bare.startswith("-") and len(bare) > 1)
        found.append((without, fold(quoted or bare).split()))
    return found


def _said(without: bool, words: list[str]) -> str:
    phrase = " ".join(words)
    return ("-" if without else "") + (f'"{phrase}"' if len(words) > 1 else phrase)


def _other_spellings(text: str) -> set[str]:
    others = set()
    if _HYPHEN.search(text):
        others |= {fold("".join(_HYPHEN.split(word))) for word in _HYPHENED.findall(text)}
    if _HUMP.search(text):
        others |= {fold(" ".join(_HUMP.split(word))) for word in _HUMPED.findall(text)}
    if text.isascii():
        return others
    composed = unicodedata.normalize("NFC", text.casefold())
    for word in set(_WORD.findall(composed)):
        if not _OUTSPOKEN.keys().isdisjoint(word):
            others.add(fold("".join(_OUTSPOKEN.get(sign, sign) for sign in word)))
    return others


@lru_cache(4096)
def _flat_sign(sign: str) -> str:
    small = [part for part in unicodedata.normalize("NFKD", sign.lower()) if not unicodedata.combining(part)]
    folded = small[0].translate(_SPELLED)[0] if small else " "
    return folded if folded.isalnum() else " "
