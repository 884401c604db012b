"""What doors may rely on: who is signed in, which theme a reader chose, whether a form is ours; and public pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request behind login_required: its user is a person, never anonymous."""

    user: User


THEMES = ("light", "dark")


def theme_of(request: HttpRequest) -> str:
    """light, dark or empty; empty leaves the choice to the reader's device."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""


def is_from_our_page(request: HttpRequest) -> bool:
    """Whether the browser itself says that one of our own pages sent this; no page can make it say so of another."""
    origin = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == origin or request.headers.get("Sec-Fetch-Site") == "same-origin"


class PublicPage(HttpResponse):
    """A page that reads the same for everybody who is not signed in, for as long as `holds` says yes.

    It may differ by host, address, language and theme and by nothing else of a request. lms.middleware.PublicPages
    keeps it and asks `holds` before each answer, so `holds` must ask the database for all that the page can show
    otherwise tomorrow (docs/decisions/0006-what-is-cached.md).
    """

    def __init__(self, content: str, *, holds: Callable[[], bool]) -> None:
        super().__init__(content, headers={"Cache-Control": "no-cache"})
        self.holds = holds
