"""Doors to what a person decides about herself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock
from accounts.forms import PauseForm, ProfileForm, ThemeForm
from accounts.models import Pause, User
from accounts.request import SignedInRequest, is_from_our_page

A_YEAR = 365 * 24 * 3600


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: SignedInRequest) -> HttpResponse:
    """Name, time zone and language, and what else a person may set."""
    now = clock.now()
    if request.method != "POST":
        return _page(request, request.user, now, status=200)
    form = ProfileForm(request.POST, instance=User.objects.get(pk=request.user.pk))
    if not form.is_valid():
        return _page(request, request.user, now, status=422, profile=form)
    form.save()
    messages.success(request, gettext("Saved."))
    return _in_language(redirect("accounts:settings"), form.cleaned_data["language"])


@login_required
@require_POST
def pause(request: SignedInRequest) -> HttpResponse:
    """Declare a pause for all roads."""
    now = clock.now()
    form = PauseForm(request.POST, today=request.user.today(now))
    if form.is_valid() and _declared(request.user, form):
        messages.success(request, gettext("Your pause is noted. Plans move with it."))
        return _to_pauses()
    return _page(request, request.user, now, status=422, pause=form)


@login_required
@require_POST
def end_pause(request: SignedInRequest, pause_id: int) -> HttpResponse:
    """Come back today; a pause that has not begun is taken back."""
    found = get_object_or_404(Pause.objects.of(request.user), pk=pause_id)
    found.end(request.user.today(clock.now()))
    messages.success(request, gettext("Your pause is over."))
    return _to_pauses()


@csrf_exempt
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark on this device, or forget it; also for people without an account.

    The button is on every public page, and a token in it would make each of them somebody's own. So the browser's
    word is enough that one of our pages sent it; whoever lacks that word needs a token as everywhere.
    """
    remember = _remember_theme if is_from_our_page(request) else csrf_protect(_remember_theme)
    return remember(request)


def _remember_theme(request: HttpRequest) -> HttpResponse:
    form = ThemeForm(request.POST)
    answer = HttpResponseRedirect(_safe_next(request))
    if form.is_valid() and form.cleaned_data["theme"] != "device":
        answer.set_cookie(
            "theme",
            form.cleaned_data["theme"],
            max_age=A_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    elif form.is_valid():
        answer.delete_cookie("theme", samesite="Lax")
    return answer


def _page(
    request: HttpRequest,
    person: User,
    now: datetime,
    *,
    status: int,
    profile: ProfileForm | None = None,
    pause: PauseForm | None = None,
) -> HttpResponse:
    today = person.today(now)
    context = {
        "profile": profile or ProfileForm(instance=person),
        "pause_form": pause or PauseForm(today=today, initial={"starts_on": today}),
        "local_time": now.astimezone(person.zone),
        "address": person.email,
        **_pauses(person, today),
    }
    return render(request, "accounts/settings.html", context, status=status)


def _pauses(person: User, today: date) -> dict[str, Any]:
    """The pause that covers today, those ahead, and the last few that are over."""
    pauses = list(Pause.objects.of(person))
    return {
        "pauses_ahead": [
            {"pause": pause, "is_now": pause.starts_on <= today} for pause in pauses if pause.ends_on > today
        ],
        "pauses_over": [pause for pause in pauses if pause.ends_on <= today][-5:],
    }


def _declared(person: User, form: PauseForm) -> bool:
    try:
        Pause.objects.declare(person, form.cleaned_data["starts_on"], form.cleaned_data["ends_on"])
    except ValidationError as refusal:
        form.add_error(None, refusal)
    return form.is_valid()


def _to_pauses() -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('accounts:settings')}#pauses")


def _in_language(answer: HttpResponse, language: str) -> HttpResponse:
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def _safe_next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and is_ours else "/"
