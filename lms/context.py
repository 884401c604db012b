"""What every page's template may read besides its own values."""

from django.http import HttpRequest

THEMES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, str]:
    """`theme` is light, dark or empty; empty leaves the choice to the reader's device."""
    chosen = request.COOKIES.get("theme", "")
    return {"theme": chosen if chosen in THEMES else ""}
