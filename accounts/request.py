"""What doors may rely on: who is signed in, which theme a reader chose."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request behind login_required: its user is a person, never anonymous."""

    user: User


THEMES = ("light", "dark")


def theme_of(request: HttpRequest) -> str:
    """light, dark or empty; empty leaves the choice to the reader's device."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""
