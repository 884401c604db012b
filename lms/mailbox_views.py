"""The pages of the development mailbox; lms.urls leaves them out everywhere else."""

from csp.decorators import csp_replace, csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from lms import mailbox


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    return render(request, "mailbox/letters.html", {"letters": mailbox.newest_first()})


@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # csp types views without arguments only
@require_safe
def letter(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "mailbox/letter.html", {"letter": _found(name)})


@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]  # as above
    {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups"],
    }
)
@require_safe
def html(request: HttpRequest, name: str) -> HttpResponse:
    """The letter's own HTML, for a frame: mail is made of inline styles, so this page alone allows them."""
    return HttpResponse(_found(name).html)


def _found(name: str) -> mailbox.Mail:
    letter = mailbox.named(name)
    if letter is None:
        raise Http404
    return letter
