"""Where a question stands, as Moodle writes it: names from the top, parted by slashes; a doubled one is in a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SLASH = re.compile(r"(?<!/)/(?!/)")
_CONTEXT = re.compile(r"\$\w+\$")


def parts(path_: str) -> tuple[str, ...]:
    """The names from the top, without what every path begins with: `$course$/top`."""
    named = [name for each in _SLASH.split(path_) if (name := each.replace("//", "/").strip())]
    if named and _CONTEXT.fullmatch(named[0]):
        named = named[1:]
    return tuple(named[named[:1] == ["top"] :])


def path(names: Sequence[str]) -> str:
    return "/".join(name.replace("/", "//") for name in ("$course$", "top", *names))
