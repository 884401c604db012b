"""What a browser sends of form controls that nobody touched, read from their HTML."""

from __future__ import annotations

from html.parser import HTMLParser

_NEVER_SENT = frozenset(("button", "submit", "reset", "image", "file"))


def sent(html: str) -> list[tuple[str, str]]:
    """Names and values in order, as HTML's rules for submitting a form have them."""
    reader = _Controls()
    reader.feed(html)
    reader.close()
    return reader.pairs


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[tuple[str, str]] = []
        self.area: str | None = None
        self.text: list[str] = []
        self.select: str | None = None
        self.is_many = False
        self.options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "input":
                self._input(given)
            case "textarea":
                self.area, self.text = given.get("name"), []
            case "select":
                self.select, self.is_many, self.options = given.get("name"), "multiple" in given, []
            case "option":
                self.options.append((given.get("value", ""), "selected" in given))

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            self.pairs.append((self.area, "".join(self.text).removeprefix("\n")))
            self.area = None
        elif tag == "select" and self.select:
            self.pairs += [(self.select, value) for value in self._chosen()]
            self.select = None

    def _input(self, given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given.get("name")
        if not name or kind in _NEVER_SENT or "disabled" in given:
            return
        if kind in {"checkbox", "radio"}:
            if "checked" in given:
                self.pairs.append((name, given.get("value", "on")))
        else:
            self.pairs.append((name, given.get("value", "")))

    def _chosen(self) -> list[str]:
        """The chosen options; a list of one choice shows its first option when none is."""
        chosen = [value for value, is_chosen in self.options if is_chosen]
        if self.is_many:
            return chosen
        return chosen[-1:] or [value for value, _ in self.options[:1]]
