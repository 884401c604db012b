"""The marks of the five states of a stage, also used for topics, gates and evidence."""

from roadmap.drawings.svg import drawing, text

STATES = ("locked", "open", "underway", "passed", "skipped")

_RING = '<circle cx="12" cy="12" r="9"/>'
_DIAMOND = '<rect x="5" y="5" width="14" height="14" transform="rotate(45 12 12)"/>'
_WHOLE = {
    "locked": _RING + '<path d="M9 11.4h6v4.6H9z"/>'
    '<path d="M12 7.6a2.3 2.3 0 0 0-2.3 2.3v2h1.3v-2a1 1 0 0 1 2 0v2h1.3v-2A2.3 2.3 0 0 0 12 7.6z"/>',
    "open": _RING,
    "underway": _DIAMOND + '<circle cx="12" cy="12" r="2.5"/>',
    "passed": '<circle cx="12" cy="12" r="10"/><path d="m7.6 12.3 3.1 3.1 5.8-6.3"/>',
    "skipped": _RING + '<path d="m8.4 8.6 3.4 3.4-3.4 3.4M12.6 8.6 16 12l-3.4 3.4"/>',
}
_WITH_ROOM_FOR_NUMBER = {"locked": _RING, "open": _RING, "underway": _DIAMOND}


def glyph(state: str, number: int | None = None, label: str = "") -> str:
    """The mark of a state; `number` stands inside it while the stage is ahead; `label` names it when it is alone."""
    inside = _WHOLE[state]
    if number is not None and state in _WITH_ROOM_FOR_NUMBER:
        inside = _WITH_ROOM_FOR_NUMBER[state] + text("rail-num", (12, 12.4), str(number), "middle")
    return drawing(f"st st--{state}", (24, 24), [inside], label)
