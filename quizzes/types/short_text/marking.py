from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import re2

from quizzes.types.reading import normalised, plain, without_accents

_MEMORY = 1024 * 1024  # bytes that a compiled pattern may take


def is_right(
    value: object,
    answers: Sequence[str],
    *,
    case_sensitive: bool = False,
    ignore_accents: bool = False,
    pattern: str | None = None,
) -> bool:
    """Whether a typed text is one of the answers, or fits the pattern as a whole.

    Compared without regard to spaces, form and (mostly) case; nothing is guessed at.
    """
    if not isinstance(value, str):
        return False
    said = normalised(value, case_sensitive=case_sensitive, ignore_accents=ignore_accents)
    if said in {normalised(a, case_sensitive=case_sensitive, ignore_accents=ignore_accents) for a in answers}:
        return True
    return pattern is not None and _fits(value, pattern, case_sensitive, ignore_accents)


def fault_of_pattern(pattern: str) -> str:
    """Why re2 can't read a pattern, in its words; empty when it can."""
    try:
        _compiled(pattern, True)
    except re2.error as wrong:
        reason = wrong.args[0] if wrong.args else ""
        return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    return ""


def _fits(value: str, pattern: str, case_sensitive: bool, ignore_accents: bool) -> bool:
    said = plain(value)
    return (
        _compiled(pattern, case_sensitive).fullmatch(without_accents(said) if ignore_accents else said)
        is not None
    )


@lru_cache(512)
def _compiled(pattern: str, case_sensitive: bool) -> Any:
    """RE2 takes time linear in the text, so no answer can hang it."""
    options = re2.Options()
    options.case_sensitive = case_sensitive
    options.log_errors = False
    options.max_mem = _MEMORY
    return re2.compile(pattern, options=options)
