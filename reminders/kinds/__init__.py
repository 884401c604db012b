"""The kinds of letters there are: each a file beside this one, found by itself."""

import inspect
from importlib import import_module
from pkgutil import iter_modules

from reminders.kinds.kind import Asked, Kind, Matter


def _found() -> list[Kind]:
    files = [import_module(f"{__name__}.{file.name}") for file in iter_modules(__path__)]
    classes = [thing for file in files for thing in vars(file).values() if inspect.isclass(thing)]
    kinds = [
        found()
        for found in dict.fromkeys(classes)
        if issubclass(found, Kind) and not inspect.isabstract(found)
    ]
    return sorted(kinds, key=lambda kind: (kind.audience, kind.priority, kind.key))


KINDS: dict[str, Kind] = {kind.key: kind for kind in _found()}

__all__ = ["KINDS", "Asked", "Kind", "Matter"]
