from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from api.refusals import ConflictError
from api.schema import PAGING
from api.serializers.cards import (
    CardAnswered,
    CardBack,
    CardFront,
    CardPage,
    CardWishes,
    DeckShape,
    card_answered,
    card_back,
    card_front,
    card_line,
    card_wishes,
    deck_shape,
)
from api.serializers.problem import Problem
from api.views.doors import Door, listed, page_of, read
from progress.forms import CardAnswerForm, CardSettingsForm
from quizzes.memory import Rating
from quizzes.models import Card, CardSettings
from quizzes.refusals import CardMovedError, CardNotDueError

NOT_NOW = OpenApiResponse(
    Problem,
    description="The card rests while a quiz with its question is open (resting), is not due (not_due), or this turn"
    " was answered otherwise (already_answered).",
)


class CardDoor(Door):
    """A door to one card of mine."""

    def card(self, card_id: int) -> Card:
        card: Card = get_object_or_404(Card.objects.of(self.person).with_source(), pk=card_id)
        card.person = self.person
        return card


class Cards(Door):
    operation = "cards"

    @extend_schema(parameters=PAGING, responses={200: CardPage})
    def get(self, request: Request) -> Response:
        """List my review cards that are due today; the daily cap is not applied here, see the deck."""
        now = clock.now()
        due = Card.objects.get_queryset().due(self.person, self.person.today(now))
        page = page_of(request, due.select_related("question").order_by("due_on", "id"))
        return Response(listed(request, CardPage, page, [card_line(card) for card in page]))


class OwnDeck(Door):
    operation = "deck"

    @extend_schema(responses={200: DeckShape})
    def get(self, request: Request) -> Response:
        """Say what my cards ask of me today and in the next days."""
        now = clock.now()
        Card.objects.gather_of(self.person, now)
        return Response(deck_shape(Card.objects.deck(self.person, now)))


class OneCard(CardDoor):
    operation = "card"

    @extend_schema(responses={200: CardFront})
    def get(self, request: Request, card_id: int) -> Response:
        """Read a card as it is asked."""
        card = self.card(card_id)
        return Response(card_front(card, *card.wording()))


class Back(CardDoor):
    operation = "card_back"

    @extend_schema(responses={200: CardBack, 409: NOT_NOW})
    def get(self, request: Request, card_id: int) -> Response:
        """Read what is right, why, and when each answer would bring the card back."""
        now, card = clock.now(), self.card(card_id)
        if card.rests():
            raise ConflictError("resting", gettext("The card rests while a quiz with its question is open."))
        choices = {rating.name.lower(): after for rating, after in card.choices(now).items()}
        return Response(card_back(card, *card.wording(), choices))


class Reviews(CardDoor):
    operation = "card_reviews"

    @extend_schema(request=CardAnswerForm, responses={200: CardAnswered, 409: NOT_NOW})
    def post(self, request: Request, card_id: int) -> Response:
        """Answer the turn of a card that I was shown; sending it twice writes it once."""
        card = self.card(card_id)
        said = read(request, CardAnswerForm)
        rating: Rating = said["rating"]
        try:
            review = card.review(rating, said["turn"], clock.now(), seconds=said["seconds"])
        except CardMovedError as moved:
            raise ConflictError(
                "already_answered",
                gettext("This turn of the card was answered otherwise, or is not its turn."),
            ) from moved
        except CardNotDueError as early:
            raise ConflictError("not_due", gettext("The card is not due, put aside, or rests.")) from early
        return Response(card_answered(review, rating.name.lower()))


class OwnCardSettings(Door):
    operation = "card_settings"

    @extend_schema(responses={200: CardWishes})
    def get(self, request: Request) -> Response:
        """Read how I review."""
        return Response(card_wishes(CardSettings.objects.of(self.person)))

    @extend_schema(request=CardSettingsForm, responses={200: CardWishes})
    def put(self, request: Request) -> Response:
        """Say how I review: all settings at once."""
        said = read(request, CardSettingsForm)  # type: ignore[arg-type]  # filled as any form is
        return Response(card_wishes(CardSettings.objects.change(self.person, **said)))
