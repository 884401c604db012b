"""The kinds of letters there are: each a file beside this one, found by itself."""

import importlib
import inspect
import pkgutil

from reminders.kinds.kind import Asked, Kind, Matter


def _found() -> list[Kind]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    classes = [thing for module in modules for thing in vars(module).values() if inspect.isclass(thing)]
    kinds = [
        found()
        for found in dict.fromkeys(classes)
        if issubclass(found, Kind) and not inspect.isabstract(found)
    ]
    return sorted(kinds, key=lambda kind: (kind.audience, kind.priority, kind.key))


KINDS: dict[str, Kind] = {kind.key: kind for kind in _found()}

__all__ = ["KINDS", "Asked", "Kind", "Matter"]
