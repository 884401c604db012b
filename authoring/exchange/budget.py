"""How much markup one file may bring: a web process works on a million letters of it for several seconds."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.sentences import sentence as _
from authoring.exchange import html_text
from authoring.exchange.questions import UnreadableError

MOST = 1_500_000  # characters, pictures in them and plain words not counted


@dataclass(slots=True)
class Budget:
    """What is left of it while a file is read."""

    left: int = MOST

    def spend(self, fragment: str, place: str = "") -> None:
        """Before a piece of HTML is read. Raises UnreadableError when the file has had its share."""
        self.left -= html_text.cost(fragment)
        if self.left < 0:
            raise UnreadableError(
                _("This file holds more formatted text than is read at once. Split it."), place
            )
