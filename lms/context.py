"""What every page's template may read besides its own values."""

from django.http import HttpRequest

from accounts.request import theme_of


def page(request: HttpRequest) -> dict[str, str]:
    return {"theme": theme_of(request)}
