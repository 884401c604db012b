"""What the pages of review cards show: the deck, a card's front and back, what came of a session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.paginator import Page
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from accounts.models import User
from accounts.words import said
from progress import words
from progress.models import Enrollment
from progress.views import quiz_outcome, quiz_pages
from quizzes.bodies import Body
from quizzes.memory import Memory, Rating
from quizzes.models import Card, CardReview, CardSession, CardSettings, QuestionVersion
from quizzes.models.deck import Deck
from quizzes.review import Item
from roadmap.document import RoadDocument
from roadmap.models import Edition

RATINGS = {
    Rating.NOT_YET: gettext_lazy("Not yet"),
    Rating.HARD: gettext_lazy("Hard"),
    Rating.GOOD: gettext_lazy("Good"),
    Rating.EASY: gettext_lazy("Easy"),
}
MARKS_SHOWN = 30  # of a session, so that they stay apart on a small screen


# The deck


def overview(person: User, put_aside: Page[Card], now: datetime) -> dict[str, Any]:
    deck = Card.objects.deck(person, now)
    bodies = QuestionVersion.objects.bodies(card.version_id for card in put_aside)
    return {
        **panel(deck),
        "deck": deck,
        "days": [(_day_name(day, deck.on), count) for day, count in deck.days],
        "page": put_aside,
        "rows": [
            {
                "card": card,
                "title": quiz_pages.short_stem(bodies[card.version_id].stem),
                "quiz": card.source.quiz.title,
            }
            for card in put_aside
        ],
    }


def panel(deck: Deck) -> dict[str, Any]:
    """What is due, in words, as Today shows it too."""
    minutes = deck.minutes(deck.due)
    about = ngettext("%(count)d due, about %(minutes)d min", "%(count)d due, about %(minutes)d min", deck.due)
    review = ngettext("Review %(count)d card", "Review %(count)d cards", deck.due)
    return {
        "cards_due": deck.due,
        "due_line": about % {"count": deck.due, "minutes": minutes},
        "start": review % {"count": deck.due},
    }


def _day_name(day: date, today: date) -> str:
    match (day - today).days:
        case 0:
            return gettext("Today")
        case 1:
            return gettext("Tomorrow")
        case _:
            return date_format(day, "l j F")


# A card


def front(card: Card, session: CardSession, deck: Deck, now: datetime) -> dict[str, Any]:
    """The question as it was asked, to be answered in the head or in its fields."""
    body, order = card.wording()
    asked = body.asked(order)
    return {
        **_frame(card, body, session, deck, now),
        "question": {
            "slot": card.slot,
            "id": f"q{card.slot}",
            "template": f"quizzes/types/{body.type}/player.html",
            "fields": type(body).fields(asked, None),
        },
        "how": said(type(body).how(asked)),
        "shown": int(now.timestamp()),
    }


def back(
    card: Card, session: CardSession | None, deck: Deck, *, given: object, shown: int, now: datetime
) -> dict[str, Any]:
    """What is right and why, where it comes from, and what each answer leads to."""
    body, order = card.wording()
    document = Edition.objects.document(card.source.quiz.roadmap.studied_edition_id)
    choices = card.choices(now)
    said_to = body.feedback(given) if Item.FEEDBACK in card.source.seen(now) else {}
    return {
        **_frame(card, body, session, deck, now),
        "back": {
            "template": f"quizzes/types/{body.type}/review.html",
            "shown": body.shown(given, order),
            "feedback": [quiz_outcome.as_html(text) for text in said_to.values()],
            "explanation": quiz_outcome.as_html(body.explanation),
        },
        "source": _source(card, document),
        "is_due": card.due_on <= deck.on,
        "answers": [
            (int(rating), RATINGS[rating], interval_words(after, card.day(now)))
            for rating, after in choices.items()
        ],
        "shown": shown,
    }


def interval_words(after: Memory, on: date) -> str:
    """In this session, in 12 days, in 3 months: when a card comes back."""
    days = (after.due_on - on).days
    if days <= 0:
        return gettext("in this session")
    if days < 60:
        return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}
    months = round(days / 30.4)
    return ngettext("in %(count)d month", "in %(count)d months", months) % {"count": months}


def _frame(card: Card, body: Body, session: CardSession | None, deck: Deck, now: datetime) -> dict[str, Any]:
    reviews = _reviews(session)
    legend, blocks = quiz_pages.stem(body.stem)
    number, total = len(reviews) + 1, len(reviews) + max(deck.due, 1)
    return {
        "card": card,
        "stem": legend,
        "blocks": blocks,
        "place": card.source.quiz.title,
        "seen": _seen(card),
        "line": _line(number, total, session, now),
        "trail": _trail(reviews, total),
        "trail_words": _trail_words(reviews, total),
        "last": _last(reviews, deck.on),
        "uses_keys": CardSettings.objects.of(card.person).uses_keys,
        "deck": deck,
        "days": deck.days[:2],
    }


def _seen(card: Card) -> str:
    if card.reviewed_on is None:
        return gettext("New")
    return gettext("Last seen on %(day)s") % {"day": date_format(card.reviewed_on, "j F")}


def _line(number: int, total: int, session: CardSession | None, now: datetime) -> str:
    if session is None or session.is_over(now):
        return ""
    return gettext("Card %(number)d of %(total)d, about %(left)d min left of %(minutes)d") % {
        "number": number,
        "total": total,
        "left": session.minutes_left(now),
        "minutes": session.minutes,
    }


def _reviews(session: CardSession | None) -> list[CardReview]:
    return list(session.reviews.standing().order_by("id")) if session else []


def _trail(reviews: Iterable[CardReview], total: int) -> list[str]:
    """A mark for each card of the session, those round the present one."""
    marks = ["again" if review.rating == Rating.NOT_YET else "ok" for review in reviews]
    here = len(marks)
    whole = [*marks, "here", *["open"] * (total - here - 1)]
    first = max(0, min(here - MARKS_SHOWN // 2, len(whole) - MARKS_SHOWN))
    return whole[first : first + MARKS_SHOWN]


def _trail_words(reviews: Iterable[CardReview], total: int) -> str:
    ratings = [review.rating for review in reviews]
    again = ratings.count(Rating.NOT_YET)
    parts = [
        gettext("Card %(number)d of %(total)d.") % {"number": len(ratings) + 1, "total": total},
        ngettext("%(count)d answered.", "%(count)d answered.", len(ratings)) % {"count": len(ratings)},
        ngettext("%(count)d not known yet.", "%(count)d not known yet.", again) % {"count": again},
    ]
    return " ".join(parts)


def _last(reviews: list[CardReview], on: date) -> dict[str, Any] | None:
    """The last answer of this session, which can be taken back."""
    if not reviews:
        return None
    review = reviews[-1]
    return {
        "id": review.pk,
        "number": len(reviews),
        "word": RATINGS[Rating(review.rating)],
        "again": date_format(review.due_on, "j F") if review.due_on > on else "",
    }


def _source(card: Card, document: RoadDocument) -> dict[str, Any]:
    """Where to read it again, and the question of the attempt from which the card was made."""
    place, quiz = card.place(), card.source.quiz
    is_on_road = Enrollment.objects.find(card.person, document.key) is not None
    stage = next((s for s in document.stages if any(t.key == place.topic for t in s.topics)), None)
    return {
        "resource": quiz_outcome.resources_of(document, [place.resource]).get(place.resource or ""),
        "topic": quiz_pages.topic_title(document, place.topic),
        "topic_href": f"{words.stage_url(document.key, stage.key)}#topic-{place.topic}" if stage else "",
        "href": f"{quiz_pages.result_url(document.key, card.source)}#q{card.slot}" if is_on_road else "",
        "made": gettext("question %(slot)d of attempt %(number)d at “%(quiz)s”")
        % {"slot": card.slot, "number": card.source.number, "quiz": quiz.title},
    }


# A session


def summary(person: User, session: CardSession, now: datetime) -> dict[str, Any]:
    """How many cards were answered how, and what is still due."""
    reviews, deck = _reviews(session), Card.objects.deck(person, now)
    known = {review.card_id for review in reviews if review.rating != Rating.NOT_YET}
    cards = {review.card_id for review in reviews}
    end = max((review.at for review in reviews), default=session.started_at)
    minutes = max(1, round((end - session.started_at) / timedelta(minutes=1)))
    return {
        **panel(deck),
        "deck": deck,
        "is_under_way": not session.is_over(now) and deck.due > 0,
        "last": _last(reviews, deck.on),
        "headline": ngettext("%(count)d card answered.", "%(count)d cards answered.", len(cards))
        % {"count": len(cards)},
        "facts": [
            (gettext("Known"), str(len(known))),
            (gettext("Not yet"), str(len(cards - known))),
            (gettext("Minutes"), str(minutes)),
            (gettext("Tomorrow"), str(deck.days[1][1])),
        ],
    }
