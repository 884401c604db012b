"""Watches a page in use: no breach of its policy, no error, no request to another host, nothing that axe-core finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from accounts.models import User

AXE = Path(__file__).resolve().parent.parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Watch:
    """What went wrong on a page so far; `home` is the one host it may ask."""

    page: Page
    home: str
    faults: list[str] = field(default_factory=list)
    _expected: int = 200

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._note(f"script error: {error}"))
        self.page.on("request", self._request)

    def open(self, path: str, status: int = 200) -> None:
        """Go there; an answer with another status is a fault."""
        self._expected = status
        answer = self.page.goto(f"{self.home}{path}")
        if answer is None or answer.status != status:
            self._note(f"answered {answer.status if answer else 'nothing'}")

    def look(self) -> None:
        """What a person who can't see well, or has a narrow window, would stumble over on this page."""
        self.page.evaluate(_axe())
        result = self.page.evaluate(
            # preloading would copy imported style sheets into the page, which the content security policy stops
            "rules => axe.run(document, {"
            "runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'], preload: false})",
            RULES,
        )
        for violation in result["violations"]:
            places = ", ".join(str(node["target"][0]) for node in violation["nodes"][:3])
            self._note(f"axe {violation['id']} ({violation['impact']}): {violation['help']} at {places}")
        overflow = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if overflow > 0:
            self._note(f"wider than its window by {overflow} px")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and f"status of {self._expected} " not in message.text:
            self._note(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).scheme in {"http", "https"} and not request.url.startswith(self.home):
            self._note(f"asked another host: {request.url}")

    def _note(self, fault: str) -> None:
        self.faults.append(f"{urlsplit(self.page.url).path}: {fault}")


def sign_in(context: BrowserContext, person: User, home: str) -> None:
    """Give the browser a session of this person, without passing through the sign-in page."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "accounts.permissions.SignIn"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    context.add_cookies([{"name": "sessionid", "value": session.session_key or "", "url": home}])


@cache
def _axe() -> str:
    return AXE.read_text()
