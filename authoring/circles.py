"""Finds circles in "waits for" relations between keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Waits = Mapping[str, Sequence[str]]


def circles(waits: Waits) -> list[list[str]]:
    """Circles such as ["a", "b", "a"]; keys that are not in `waits` wait for nothing."""
    found: list[list[str]] = []
    done: set[str] = set()
    for start in waits:
        found += _walk(start, waits, done)
    return found


def stuck_behind(waits: Waits, circular: set[str]) -> dict[str, str]:
    """What waits for a circle without being in it, over however many others: key -> what it waits for."""
    stuck: dict[str, str] = {}
    is_growing = True
    while is_growing:
        is_growing = False
        for key, others in waits.items():
            if key in circular or key in stuck:
                continue
            blocked = next((other for other in others if other in circular or other in stuck), None)
            if blocked is not None:
                stuck[key], is_growing = blocked, True
    return stuck


def _walk(start: str, waits: Waits, done: set[str]) -> list[list[str]]:
    """Depth first, with its own stack, so that long chains don't run into Python's limit."""
    found: list[list[str]] = []
    path: list[str] = []
    ahead = [(start, False)]
    while ahead:
        key, is_left = ahead.pop()
        if is_left:
            done.add(path.pop())
        elif key in path:
            found.append([*path[path.index(key) :], key])
        elif key not in done:
            path.append(key)
            ahead.append((key, True))
            ahead += [(other, False) for other in waits.get(key, ()) if other in waits]
    return found
