"""Shapes of review cards. What is right stands in CardBack only, which is read at an address of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import Field

from api.serializers.quizzes import OptionShown
from api.serializers.shape import Page, Shape
from quizzes.bodies import Body
from quizzes.memory import Memory
from quizzes.models import Card, CardReview, CardSettings
from quizzes.models.deck import Deck


class CardLine(Shape):
    """One review card, as it stands."""

    id: int
    question: str = Field(description="Key of the question.")
    turn: int = Field(description="Grows with every answer. Answer the turn you were shown.")
    due_on: date = Field(description="A day of your calendar.")
    reviewed_at: datetime | None = Field(description="Null while it is new.")
    was_missed: bool = Field(description="Or else you were right, but not sure.")


class CardPage(Page[CardLine]):
    """My cards that are due today, those seen longest ago first."""


class DayAhead(Shape):
    on: date
    cards: int


class DeckShape(Shape):
    """What my cards ask of me today and in the next days."""

    on: date
    due: int = Field(description="What is shown today from now on, within the daily cap.")
    seen: int = Field(description="Cards answered today.")
    cards: int
    put_aside: int
    resting: int = Field(description="Not shown while a quiz with their question is open.")
    days: list[DayAhead]


class CardFront(CardLine):
    """A card as it is asked."""

    type: str
    stem: str = Field(description="Markdown.")
    options: list[OptionShown]
    unit: str
    more: dict[str, Any]


class CardBack(CardFront):
    """A card with what is right and why, and the day on which each answer would bring it back."""

    right: Any = Field(description="What is right, in the shape of the type.")
    explanation: str = Field(description="Markdown.")
    resource: str | None = Field(description="Key of a resource to go back to.")
    topic: str | None
    quiz: str
    attempt: int
    slot: int
    choices: dict[str, date] = Field(description="Day on which it is due again, by answer.")


class CardAnswered(Shape):
    """One answer to a card."""

    id: int
    turn: int
    rating: str
    at: datetime
    due_on: date


class CardWishes(Shape):
    """How many cards a day, how long at a time, how much to remember."""

    cards_a_day: int
    new_a_day: int
    minutes: int
    retention_percent: int
    uses_keys: bool


def deck_shape(deck: Deck) -> DeckShape:
    return DeckShape(
        on=deck.on,
        due=deck.due,
        seen=deck.seen,
        cards=deck.cards,
        put_aside=deck.put_aside,
        resting=deck.resting,
        days=[DayAhead(on=day, cards=count) for day, count in deck.days],
    )


def card_line(card: Card) -> CardLine:
    """Needs the card's question."""
    return CardLine(
        id=card.pk,
        question=card.question.key,
        turn=card.turn,
        due_on=card.due_on,
        reviewed_at=card.reviewed_at,
        was_missed=card.was_missed,
    )


def card_front(card: Card, body: Body, order: tuple[str, ...]) -> CardFront:
    asked = body.asked(order)
    return CardFront(
        **card_line(card).model_dump(),
        type=asked.type,
        stem=asked.stem,
        options=[OptionShown(key=key, text=text) for key, text in asked.options],
        unit=asked.unit,
        more=dict(asked.more),
    )


def card_back(card: Card, body: Body, order: tuple[str, ...], choices: dict[str, Memory]) -> CardBack:
    """Needs the card's source with its quiz."""
    place = card.place()
    return CardBack(
        **card_front(card, body, order).model_dump(),
        right=body.right(),
        explanation=body.explanation,
        resource=place.resource,
        topic=place.topic,
        quiz=card.source.quiz.key,
        attempt=card.source.number,
        slot=card.slot,
        choices={name: after.due_on for name, after in choices.items()},
    )


def card_answered(review: CardReview, rating: str) -> CardAnswered:
    return CardAnswered(id=review.pk, turn=review.turn, rating=rating, at=review.at, due_on=review.due_on)


def card_wishes(wishes: CardSettings) -> CardWishes:
    return CardWishes.model_validate(wishes)
