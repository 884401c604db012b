"""Cards: from which answers they come, what an answer to one does, how it is taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.models import User
from quizzes import memory
from quizzes.memory import Rating
from quizzes.models import (
    Attempt,
    Card,
    CardGathering,
    CardParameters,
    CardReview,
    CardSession,
    CardSettings,
    CardUndo,
    Grading,
    Question,
    Quiz,
)
from quizzes.refusals import CardMovedError, CardNotDueError, NothingToUndoError
from quizzes.review import Item
from tests import cast
from tests.cast import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def missed(learner: User, points: int = 8, now: datetime = NOW) -> list[Card]:
    """The cards of an attempt with so many of ten right."""
    cast.take_quiz(cast.enrolled(learner), "base-quiz", points=points, now=now)
    Card.objects.gather(now)
    return list(Card.objects.of(learner).order_by("id"))


def answered(learner: User, said: dict[int, tuple[object, int | None]], now: datetime = NOW) -> Attempt:
    """A finished attempt at the base quiz with these values and confidences by slot, the rest right and sure."""
    quiz = Quiz.objects.get(key="base-quiz")
    attempt = Attempt.objects.start(learner, quiz, now)
    items = [
        cast.answer(slot.slot, said.get(slot.slot, ("true", 3))[0]).model_copy(
            update={"confidence": said.get(slot.slot, ("true", 3))[1]}
        )
        for slot in attempt.slots
    ]
    attempt.save_answers(attempt.open(now), items, now)
    attempt.submit(now)
    return attempt


def questions(attempt: Attempt, *slots: int) -> set[str]:
    return {slot.question for slot in attempt.slots if slot.slot in slots}


def keys(learner: User) -> set[str]:
    return set(Card.objects.of(learner).values_list("question__key", flat=True))


@pytest.fixture
def ines() -> User:
    """On the road, and free to try its first quiz again at once."""
    cast.enrolled(cast.ines())
    changed(Quiz.objects.get(key="base-quiz"), cooldown_hours=0)
    return cast.ines()


def changed(quiz: Quiz, **fields: object) -> None:
    Quiz.objects.filter(pk=quiz.pk).update(**fields)
    Quiz.objects.get(pk=quiz.pk).publish(None, NOW)


class TestGathering:
    def test_missed_guessed_and_unsure_questions_become_cards_and_no_other(self, ines):
        attempt = answered(
            ines, {1: ("false", 3), 2: ("true", 2), 3: ("true", 1), 4: ("true", None), 5: (None, None)}
        )

        assert Card.objects.gather(LATER) == 4

        assert keys(ines) == questions(attempt, 1, 2, 3, 5)
        assert set(Card.objects.filter(was_missed=True).values_list("slot", flat=True)) == {1, 5}

    def test_submitting_makes_no_card_and_opening_the_page_makes_hers_only(self, ines):
        other = cast.person("Lena Other", "learner")
        cast.enrolled(other)
        for learner in (ines, other):
            answered(learner, {1: ("false", None)})
        assert not Card.objects.exists()

        Card.objects.gather_of(ines, LATER)

        assert Card.objects.get().person == ines

    def test_gathering_again_changes_nothing(self, ines):
        cards = missed(ines)
        before = list(Card.objects.values())

        for hours in (0, 1, 2, 3, 30):
            assert Card.objects.gather(LATER + timedelta(hours=hours)) == 0
            Card.objects.gather_of(ines, LATER + timedelta(hours=hours))

        assert len(cards) == 2
        assert list(Card.objects.values()) == before
        assert CardGathering.objects.count() <= 3

    def test_what_was_marked_by_a_slow_transaction_is_found_at_the_next_look(self, ines):
        """Its number is lower than what was looked at already."""
        answered(ines, {1: ("false", None)})
        CardGathering.objects.create(upto=Grading.objects.latest("id").pk + 10, gathered_at=NOW)

        assert Card.objects.gather(NOW + timedelta(minutes=30)) == 1

    def test_small_chunks_find_the_same(self, ines, monkeypatch):
        monkeypatch.setattr("quizzes.models.card_gathering.CHUNK", 1)
        for number in range(3):
            answered(ines, {number + 1: ("false", None)}, NOW + timedelta(minutes=number))

        Card.objects.gather(LATER)

        assert 1 <= Card.objects.count() <= 3
        assert Card.objects.count() == len(keys(ines))

    def test_a_sure_and_right_answer_later_leaves_the_card_alone(self, ines):
        missed(ines, points=0)
        before = list(Card.objects.values())

        answered(ines, {}, LATER)
        Card.objects.gather(LATER)

        assert list(Card.objects.values()) == before

    def test_an_unsure_answer_later_leaves_a_card_that_is_there_alone(self, ines):
        missed(ines, points=0)
        before = list(Card.objects.values())

        answered(ines, dict.fromkeys(range(1, 11), ("true", 1)), LATER)
        Card.objects.gather(LATER)

        assert list(Card.objects.values()) == before

    def test_a_miss_later_brings_a_known_card_back(self, ines):
        missed(ines, points=0)
        for card in Card.objects.select_related("person"):
            card.review(Rating.EASY, 0, NOW)
        known = {card.pk: card.stability for card in Card.objects.all()}

        attempt = answered(ines, {1: ("false", None)}, LATER)
        Card.objects.gather(LATER)

        card = Card.objects.get(question__key__in=questions(attempt, 1))
        assert card.due_on <= ines.today(LATER)
        assert card.source == attempt
        assert card.stability == known[card.pk]
        assert Card.objects.filter(due_on__lte=ines.today(LATER)).count() == 1

    def test_a_miss_that_she_answered_since_does_not_bring_it_back_again(self, ines):
        missed(ines, points=0)
        attempt = answered(ines, {1: ("false", None)}, LATER)
        card = Card.objects.select_related("person").get(question__key__in=questions(attempt, 1))
        card.review(Rating.EASY, card.turn, LATER + timedelta(minutes=5))

        Card.objects.gather(LATER + timedelta(minutes=10))

        card.refresh_from_db()
        assert card.due_on > ines.today(LATER)

    def test_a_card_put_aside_stays_aside_when_it_is_missed_again(self, ines):
        missed(ines, points=0)
        for card in Card.objects.all():
            card.suspend(NOW)

        answered(ines, {1: ("false", None)}, LATER)
        Card.objects.gather(LATER)

        assert Card.objects.suspended().count() == 10

    @pytest.mark.parametrize("why", ["abandoned", "set aside", "waits", "placement"])
    def test_what_does_not_count_makes_no_card(self, ines, why):
        attempt = answered(ines, {1: ("false", None)})
        match why:
            case "abandoned":
                Attempt.objects.update(is_abandoned=True)
            case "set aside":
                Attempt.objects.update(set_aside_at=NOW)
            case "placement":
                Quiz.objects.filter(pk=attempt.quiz_id).update(purpose="placement")
            case _:
                first = Grading.objects.get()
                marks = {slot: {**mark, "waits": True} for slot, mark in first.marks.items()}
                Grading.objects.create(attempt=attempt, number=2, marks=marks, points=0, graded_at=NOW)

        assert Card.objects.gather(LATER) == 0

    def test_the_newest_marking_counts(self, ines):
        attempt = answered(ines, {1: ("false", None), 2: ("false", None)})
        first = Grading.objects.get()
        marks = {slot: {**mark, "points": str(mark["possible"])} for slot, mark in first.marks.items()}
        marks["2"]["points"] = "0.000"
        Grading.objects.create(attempt=attempt, number=2, marks=marks, points=9, graded_at=NOW)

        Card.objects.gather(LATER)

        assert keys(ines) == questions(attempt, 2)

    def test_a_card_is_veiled_until_her_result_shows_the_right_answer(self, ines):
        attempt = answered(ines, {1: ("false", None)})
        hides = {"handed_in": [], "passed": [], "closed": list(Item)}
        Attempt.objects.update(review=hides)
        Card.objects.gather_of(ines, LATER)
        card = Card.objects.select_related("person").get()
        assert card.rests()
        assert Card.objects.deck(ines, LATER).due == 0
        with pytest.raises(CardNotDueError):
            card.review(Rating.GOOD, 0, LATER)

        changed(attempt.quiz, attempts_limit=1)
        Card.objects.gather_of(ines, LATER)

        card.refresh_from_db()
        assert not card.rests()
        assert Card.objects.deck(ines, LATER).due == 1


class TestReviewing:
    def test_an_answer_moves_the_card_and_is_kept(self, ines):
        card = missed(ines)[0]

        review = card.review(Rating.GOOD, 0, LATER, seconds=12)

        card.refresh_from_db()
        assert (card.turn, card.reviewed_on, card.reviewed_at) == (1, date(2026, 11, 24), LATER)
        assert card.due_on == review.due_on == date(2026, 11, 26)
        assert (review.rating, review.seconds, review.on) == (3, 12, card.reviewed_on)

    def test_the_days_on_the_buttons_are_kept(self, ines):
        for card, rating in zip(missed(ines, points=6), Rating, strict=True):
            said = card.choices(LATER)[rating].due_on
            assert card.review(rating, 0, LATER).due_on == said

    def test_saying_it_twice_writes_it_once(self, ines):
        card = missed(ines)[0]

        first, second = (Card.objects.get(pk=card.pk).review(Rating.GOOD, 0, LATER) for _ in range(2))

        assert first == second
        assert CardReview.objects.count() == 1

    def test_a_second_tab_that_says_otherwise_is_refused(self, ines):
        card = missed(ines)[0]
        card.review(Rating.GOOD, 0, LATER)

        with pytest.raises(CardMovedError):
            Card.objects.get(pk=card.pk).review(Rating.NOT_YET, 0, LATER)

        assert CardReview.objects.count() == 1

    @pytest.mark.parametrize("why", ["not due", "aside", "open"])
    def test_a_card_that_is_not_asked_takes_no_answer(self, ines, why):
        card = missed(ines, points=0)[0]
        match why:
            case "not due":
                card.review(Rating.GOOD, 0, LATER)
            case "aside":
                card.suspend(LATER)
            case _:
                Attempt.objects.start(ines, Quiz.objects.get(key="base-quiz"), LATER)
        card.refresh_from_db()

        with pytest.raises(CardNotDueError):
            card.review(Rating.GOOD, card.turn, LATER)

    def test_cards_of_an_open_attempt_rest_until_it_is_over(self, ines):
        missed(ines, points=0)
        attempt = Attempt.objects.start(ines, Quiz.objects.get(key="base-quiz"), LATER)
        deck = Card.objects.deck(ines, LATER)
        assert (deck.due, deck.resting) == (0, 10)
        assert Card.objects.get_queryset().upcoming(ines, deck.on, deck) is None

        attempt.submit(LATER)

        assert Card.objects.deck(ines, LATER).due == 10

    def test_the_same_question_in_another_persons_attempt_does_not_matter(self, ines):
        other = cast.person("Lena Other", "learner")
        missed(ines, points=0)
        Attempt.objects.start(other, Quiz.objects.get(key="base-quiz"), LATER)

        assert Card.objects.deck(ines, LATER).due == 10

    def test_reviews_are_facts(self, ines):
        review = missed(ines)[0].review(Rating.GOOD, 0, LATER)

        for change in (lambda: CardReview.objects.update(rating=1), review.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()

    def test_her_own_parameters_and_wishes_hold(self, ines):
        card = missed(ines)[0]
        usual = card.choices(LATER)[Rating.EASY].due_on
        CardSettings.objects.change(ines, retention_percent=97)
        sooner = card.choices(LATER)[Rating.EASY].due_on
        own = [*memory.DEFAULTS[:3], 50.0, *memory.DEFAULTS[4:]]
        CardParameters.objects.create(
            person=ines,
            fitted_at=NOW,
            parameters=own,
            all_reviews=400,
            reviews=400,
            loss_before=1,
            loss_after=0.5,
        )

        assert sooner < usual < card.choices(LATER, memory.Rhythm(tuple(own)))[Rating.EASY].due_on
        assert CardSettings.objects.rhythm(ines) == memory.Rhythm(tuple(own), 0.97)


class TestUndoing:
    def test_the_card_is_exactly_as_it_was(self, ines):
        card = missed(ines)[0]
        card.review(Rating.GOOD, 0, NOW)
        before, later = Card.objects.values().get(pk=card.pk), NOW + timedelta(days=4)

        for rating in Rating:
            card.refresh_from_db()
            Card.objects.undo(ines, card.review(rating, card.turn, later).pk, later)

        after = Card.objects.values().get(pk=card.pk)
        assert after.pop("turn") == before.pop("turn") + 8
        assert after == before
        assert CardReview.objects.standing().count() == 1

    def test_undoing_twice_changes_nothing(self, ines):
        review = missed(ines)[0].review(Rating.GOOD, 0, LATER)

        for _ in range(2):
            Card.objects.undo(ines, review.pk, LATER)

        assert CardUndo.objects.count() == 1
        assert Card.objects.get(pk=review.card_id).turn == 2

    def test_only_the_last_answer_of_a_card_can_be_taken_back_and_only_by_her(self, ines):
        card = missed(ines)[0]
        first = card.review(Rating.NOT_YET, 0, LATER)
        second = card.review(Rating.GOOD, 1, LATER)

        for person, review in ((ines, first), (cast.stranger(), second)):
            with pytest.raises(NothingToUndoError):
                Card.objects.undo(person, review.pk, LATER)
        Card.objects.undo(ines, second.pk, LATER)
        Card.objects.undo(ines, first.pk, LATER)

        assert not CardReview.objects.standing().exists()

    def test_an_answer_taken_back_counts_for_no_cap_and_no_fit(self, ines):
        card = missed(ines)[0]
        Card.objects.undo(ines, card.review(Rating.GOOD, 0, LATER).pk, LATER)

        assert Card.objects.deck(ines, LATER).seen == 0
        assert Card.objects.deck(ines, LATER).due == 2


class TestDays:
    def test_the_day_is_that_of_her_calendar(self, ines):
        """Paris is an hour ahead of UTC in November: her day ends at 23:00."""
        card = missed(ines)[0]
        evening = datetime(2026, 11, 24, 22, 59, tzinfo=UTC)

        assert card.review(Rating.GOOD, 0, evening).due_on == date(2026, 11, 26)

        after = {
            minute: Card.objects.deck(ines, evening + timedelta(days=1, minutes=minute)) for minute in (0, 1)
        }
        assert [deck.left.known for deck in after.values()] == [0, 1]

    def test_who_travels_west_over_midnight_reviews_on_the_same_day_again(self, ines):
        card = missed(ines)[0]
        card.review(Rating.NOT_YET, 0, datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
        User.objects.get_queryset().filter(pk=ines.pk).update(time_zone="America/Los_Angeles")
        card = Card.objects.select_related("person").get(pk=card.pk)

        review = card.review(Rating.NOT_YET, 1, datetime(2026, 11, 24, 23, 40, tzinfo=UTC))

        assert review.on == date(2026, 11, 25)

    def test_the_cap_holds_over_the_day_and_is_new_the_next(self, ines):
        missed(ines, points=0)
        CardSettings.objects.change(ines, cards_a_day=4, new_a_day=3)

        def work_through(now: datetime) -> int:
            count = 0
            while (card := next_card(ines, now)) is not None:
                card.review(Rating.GOOD, card.turn, now)
                count += 1
            return count

        assert work_through(LATER) == 3
        assert work_through(LATER + timedelta(hours=3)) == 0
        assert work_through(LATER + timedelta(days=1)) == 3
        assert work_through(LATER + timedelta(days=2)) == 4

    def test_a_card_not_known_yet_comes_back_last_and_costs_no_cap(self, ines):
        missed(ines, points=0)
        CardSettings.objects.change(ines, cards_a_day=2, new_a_day=2)
        first = next_card(ines, LATER)
        first.review(Rating.NOT_YET, 0, LATER)
        second = next_card(ines, LATER)
        second.review(Rating.GOOD, 0, LATER)

        again = next_card(ines, LATER)

        assert second != first
        assert again == first
        assert Card.objects.deck(ines, LATER).due == 1

    def test_the_next_days_say_how_many_come_back(self, ines):
        for card in missed(ines, points=6):
            card.review(Rating.GOOD, 0, LATER)

        deck = Card.objects.deck(ines, LATER)

        assert dict(deck.days)[date(2026, 11, 26)] == 4
        assert (deck.this_week, deck.cards, deck.due) == (4, 4, 0)

    def test_what_the_cap_leaves_over_is_told_for_the_next_days(self, ines):
        missed(ines, points=0)
        CardSettings.objects.change(ines, cards_a_day=4, new_a_day=3)

        deck = Card.objects.deck(ines, LATER)

        assert [count for _, count in deck.days][:5] == [3, 3, 3, 1, 0]


def next_card(learner: User, now: datetime) -> Card | None:
    deck = Card.objects.deck(learner, now)
    return Card.objects.get_queryset().upcoming(learner, deck.on, deck)


class TestSessions:
    def test_one_is_under_way_for_its_minutes_and_begun_once(self, ines):
        first = CardSession.objects.begin(ines, NOW)

        assert CardSession.objects.begin(ines, NOW + timedelta(minutes=9)) == first
        assert first.minutes_left(NOW + timedelta(minutes=9, seconds=1)) == 1
        assert CardSession.objects.begin(ines, NOW + timedelta(minutes=10)) != first

    def test_it_lasts_as_long_as_she_wishes(self, ines):
        CardSettings.objects.change(ines, minutes=3)

        assert CardSession.objects.begin(ines, NOW).is_over(NOW + timedelta(minutes=3))


class TestWording:
    def test_it_is_the_one_she_saw_until_what_is_right_changes(self, ines):
        card = missed(ines)[0]
        seen = card.version_id
        question, quiz = card.question, Quiz.objects.get(key="base-quiz")

        def edit(**change: object) -> int:
            Question.objects.filter(pk=question.pk).update(draft={**question.draft, **change})
            quiz.publish(None, LATER)
            return Card.objects.select_related("version").get(pk=card.pk).shown_version()

        assert edit(stem="Said otherwise.") == seen
        corrected = edit(stem="Said otherwise.", answer=False)
        assert corrected != seen
        assert edit(stem="Said once more.", answer=False) > corrected


class TestFitting:
    def test_only_who_answered_enough_is_looked_at_and_not_again_at_once(self, ines, monkeypatch):
        monkeypatch.setattr(memory, "LEAST_REVIEWS", 4)
        monkeypatch.setattr(memory, "MOST_TRIALS", 3)
        other = cast.person("Lena Other", "learner")
        missed(other)[0].review(Rating.GOOD, 0, NOW)
        for card in missed(ines, points=6):
            card.review(Rating.GOOD, 0, NOW)
            card.review(Rating.GOOD, 1, NOW + timedelta(days=5))

        assert CardParameters.objects.fit_next(LATER) == 1
        assert CardParameters.objects.fit_next(LATER) == 0

        assert CardParameters.objects.get().person == ines
        assert CardParameters.objects.get().all_reviews == 8
