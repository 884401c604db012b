from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import clock
from progress.forms import CardAnswerForm, CardSettingsForm, values_of
from progress.views import card_pages
from progress.views.doors import SignedInRequest
from quizzes.memory import Rating
from quizzes.models import Card, CardSession, CardSettings
from quizzes.refusals import CardRefusedError, NothingToUndoError

PUT_ASIDE_SHOWN = 10


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cards(request: SignedInRequest) -> HttpResponse:
    """What is due and when the rest comes back, how many a day, and the cards put aside; POST keeps the settings."""
    now, person = clock.now(), request.user
    mine = CardSettings.objects.of(person)
    form = CardSettingsForm(request.POST or None, instance=mine)
    if request.method == "POST":
        if form.is_valid():
            CardSettings.objects.change(person, **form.cleaned_data)
            messages.success(request, gettext("Your settings are saved."))
            return redirect("progress:cards")
    else:
        Card.objects.gather_of(person, now)
    aside = Card.objects.of(person).suspended().order_by("-suspended_at", "-id")
    page = Paginator(aside.with_source(), PUT_ASIDE_SHOWN).get_page(request.GET.get("page"))
    context = card_pages.overview(person, page, now) | {"form": form}
    return render(request, "progress/cards.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: SignedInRequest) -> HttpResponse:
    """What came of the last session; POST begins one, or goes on with the one under way."""
    now, person = clock.now(), request.user
    if request.method == "POST":
        Card.objects.gather_of(person, now)
        CardSession.objects.begin(person, now)
        return redirect("progress:card_next")
    last = CardSession.objects.newest(person)
    if last is None:
        return redirect("progress:cards")
    return render(request, "progress/cards_session.html", card_pages.summary(person, last, now))


@login_required
@require_safe
def upcoming(request: SignedInRequest) -> HttpResponse:
    """The front of the next card of the session; its summary once it is over or nothing is due."""
    now, person = clock.now(), request.user
    under_way = CardSession.objects.newest(person)
    if under_way is None:
        return redirect("progress:cards")
    deck = Card.objects.deck(person, now)
    card = None if under_way.is_over(now) else Card.objects.get_queryset().upcoming(person, deck.on, deck)
    if card is None:
        return redirect("progress:card_session")
    context = card_pages.front(card, under_way, deck, now)
    return render(request, "progress/cards_card.html", context)


@login_required
@require_safe
def answer(request: SignedInRequest, card_id: int) -> HttpResponse:
    """The back of a card: what is right and why, where it comes from, and when each answer would bring it back."""
    now, card = clock.now(), _own(request, card_id)
    if card.rests():
        return _resting(request)
    given = values_of(request.GET, [f"q{card.slot}"])[f"q{card.slot}"]
    under_way = CardSession.objects.newest(request.user)
    deck = Card.objects.deck(request.user, now)
    context = card_pages.back(card, under_way, deck, given=given, shown=_shown(request.GET, now), now=now)
    return render(request, "progress/cards_card.html", context)


@login_required
@require_POST
def review(request: SignedInRequest, card_id: int) -> HttpResponse:
    """Keep what she says of the card she was shown; a second tab or click finds it answered and goes on."""
    now, card = clock.now(), _own(request, card_id)
    form = CardAnswerForm(_said(request.POST, now))
    if not form.is_valid():
        messages.error(request, gettext("Choose one of the four answers."))
        return redirect("progress:card_answer", card.pk)
    said = form.cleaned_data
    last = CardSession.objects.newest(request.user)
    try:
        card.review(
            said["rating"],
            said["turn"],
            now,
            seconds=said["seconds"],
            session=last if last and last.takes(now) else None,
        )
    except CardRefusedError:
        messages.info(request, gettext("This card was answered or moved meanwhile. Here is what comes next."))
    return redirect("progress:card_next")


@login_required
@require_POST
def suspension(request: SignedInRequest, card_id: int) -> HttpResponse:
    """Put a card aside, or with aside=0 take it back."""
    card = _own(request, card_id)
    if request.POST.get("aside") == "0":
        card.resume()
        messages.success(request, gettext("The card is back in your deck."))
        return redirect("progress:cards")
    card.suspend(clock.now())
    messages.info(request, gettext("The card is put aside. You find it below your review cards."))
    return redirect("progress:card_next")


@login_required
@require_POST
def undo(request: SignedInRequest) -> HttpResponse:
    """Take the last answer back; the card is shown again."""
    said = request.POST.get("review", "")
    try:
        Card.objects.undo(request.user, int(said) if said.isdecimal() and len(said) < 19 else 0, clock.now())
    except NothingToUndoError:
        messages.info(
            request, gettext("There is nothing to take back: the card was answered again meanwhile.")
        )
    return redirect("progress:card_next")


def _own(request: SignedInRequest, card_id: int) -> Card:
    """The person's card with its source, knowing its person."""
    card: Card = get_object_or_404(Card.objects.of(request.user).with_source(), pk=card_id)
    card.person = request.user
    return card


def _resting(request: SignedInRequest) -> HttpResponse:
    messages.info(
        request, gettext("This card rests: its question stands in a quiz that is not over for you.")
    )
    return redirect("progress:card_next")


def _said(form: QueryDict, now: datetime) -> dict[str, object]:
    """A number, as the buttons send it, by its name; the seconds since the front was shown."""
    number = form.get("rating", "")
    known = number in {str(int(one)) for one in Rating}
    shown = _shown(form, now)
    return {
        "rating": Rating(int(number)).name.lower() if known else "",
        "turn": form.get("turn", ""),
        "seconds": int(now.timestamp()) - shown,
    }


def _shown(form: QueryDict, now: datetime) -> int:
    """When the front of the card was drawn, in seconds; now where nobody says it."""
    said, latest = form.get("shown", ""), int(now.timestamp())
    shown = int(said) if said.isdecimal() and len(said) < 12 else latest
    return shown if latest - 86_400 < shown <= latest else latest
