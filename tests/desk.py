"""The desk as a browser has it: a form's fields with the values they came with."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from accounts.controls import sent


class _Forms(HTMLParser):
    """The source of each form of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.lines = html.splitlines(keepends=True)
        self.began: int | None = None
        self.forms: list[str] = []
        self.html = html
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self.began = self._here()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.began is not None:
            self.forms.append(self.html[self.began : self._here()])
            self.began = None

    def _here(self) -> int:
        line, column = self.getpos()
        return sum(map(len, self.lines[: line - 1])) + column


def send(desk: Client, path: str, data: Any = None, **more: Any) -> Any:
    """Post as a browser does whose page was just opened: with what the page says the rows were."""
    drawn = desk.get(path.replace("/archive/", "/change/")).content.decode()
    found = re.search(r'name="opened" value="([^"]*)"', drawn)
    return desk.post(path, {**(data or {}), **({"opened": unescape(found[1])} if found else {})}, **more)


def opened(desk: Client, path: str) -> dict[str, Any]:
    """What a browser would send of the page's main form when nobody touched it."""
    return fields(desk.get(path).content.decode())


def fields(html: str, marker: str = 'class="stack gap-6"') -> dict[str, Any]:
    """The same of a page at hand; `marker` tells its form from others."""
    form = next(form for form in _Forms(html).forms if marker in form.partition(">")[0])
    found: dict[str, list[str]] = {}
    for name, value in sent(form):
        if "__prefix__" not in name:
            found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}
