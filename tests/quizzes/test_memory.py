"""The rhythm of cards, without a database: days only, whatever the zone."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes import memory
from quizzes.memory import DEFAULTS, DailyCap, Memory, Phase, Rating, Rhythm, Waiting

TODAY = date(2026, 10, 24)  # the clocks of Europe go back in the night that follows
USUAL = Rhythm()

ratings = st.sampled_from(Rating)
walks = st.lists(st.tuples(ratings, st.integers(0, 400)), max_size=12)


def walked(steps: list[tuple[Rating, int]], rhythm: Rhythm = USUAL) -> tuple[Memory, date]:
    """A new card after these answers, so many days apart, and the day of the next."""
    card, on = Memory(TODAY), TODAY
    for rating, wait in steps:
        card = rhythm.after(card, rating, on, "seed")
        on += timedelta(days=wait)
    return card, on


@given(walks, ratings, st.integers())
def test_a_card_is_never_due_before_the_day_of_its_review(steps, rating, seed):
    card, on = walked(steps)

    after = USUAL.after(card, rating, on, seed)

    assert on <= after.due_on <= on + timedelta(days=memory.LONGEST_DAYS)
    assert after.reviewed_on == on
    assert after.stability > 0
    assert 1 <= after.difficulty <= 10


@given(walks, st.integers())
def test_a_better_answer_never_brings_a_card_back_sooner(steps, seed):
    card, on = walked(steps)

    days = [after.due_on for after in USUAL.choices(card, on, seed).values()]

    assert days == sorted(days)


@given(walks, ratings, st.integers())
def test_the_same_answer_on_the_same_day_leads_to_the_same_card(steps, rating, seed):
    card, on = walked(steps)

    assert USUAL.after(card, rating, on, seed) == Rhythm().choices(card, on, seed)[rating]


@given(walks)
def test_a_card_not_known_yet_comes_back_on_the_same_day(steps):
    card, on = walked(steps)

    after = USUAL.after(card, Rating.NOT_YET, on, 1)

    assert after.due_on == on
    assert after.phase in {Phase.LEARNING, Phase.RELEARNING}


@given(walks, st.integers(0, 500), st.integers(1, 500))
def test_what_is_remembered_fades(steps, soon, later):
    card, on = walked([*steps, (Rating.GOOD, 0)])

    first, second = (USUAL.recall(card, on + timedelta(days=days)) for days in (soon, soon + later))

    assert 0 <= second < first <= 1


def test_a_new_card_is_not_remembered_yet():
    assert USUAL.recall(Memory(TODAY), TODAY) == 0


def test_the_night_the_clocks_go_back_is_one_day():
    card = USUAL.after(Memory(TODAY), Rating.GOOD, TODAY, 1)

    assert card.due_on == date(2026, 10, 26)
    assert card.phase is Phase.KNOWN


def test_who_wants_to_remember_more_sees_cards_sooner():
    often, seldom = (walked([(Rating.GOOD, 3)] * 4, Rhythm(retention=share))[0] for share in (0.95, 0.8))

    assert often.due_on < seldom.due_on


@given(st.integers(1, 365), st.integers(1, 365), st.integers())
def test_spreading_keeps_the_order_and_stays_near(one, other, seed):
    short, long = sorted((one, other))

    near, far = memory.spread(short, seed), memory.spread(long, seed)

    assert near <= far
    assert abs(far - long) <= 2 + long // 5


def test_cards_of_one_quiz_are_spread_over_days():
    assert len({memory.spread(20, f"{card}/3") for card in range(50)}) > 3


counts = st.integers(0, 300)


@given(st.builds(Waiting, counts, counts, counts), st.builds(DailyCap, counts, counts), counts, counts)
def test_no_day_shows_more_than_its_cap(waiting, cap, seen, seen_new):
    left = cap.left(waiting, seen, seen_new)

    assert left.returning == waiting.returning
    assert 0 <= left.known <= waiting.known
    assert 0 <= left.new <= waiting.new
    assert left.known + left.new <= max(cap.cards - seen, 0)
    assert left.new <= max(cap.new - seen_new, 0)


def learner(half_life: float) -> dict[int, list[tuple[date, Rating]]]:
    """A learner who forgets by half in so many days, whatever she did before; FSRS expects another."""
    lot = Random(3)
    histories: dict[int, list[tuple[date, Rating]]] = {}
    for number in range(60):
        on, card = TODAY + timedelta(days=number), Memory(TODAY)
        history: list[tuple[date, Rating]] = []
        histories[number] = history
        for _review in range(8):
            asked = (on - history[-1][0]).days if history else half_life
            rating = Rating.NOT_YET if lot.random() > 0.5 ** (asked / half_life) else Rating.GOOD
            history.append((on, rating))
            card = USUAL.after(card, rating, on, number)
            on = card.due_on
    return histories


def test_a_fit_learns_from_a_learner_who_forgets_fast(monkeypatch):
    monkeypatch.setattr(memory, "MOST_TRIALS", 60)

    fit = memory.fit(learner(3))

    assert fit is not None
    assert fit.is_better
    assert fit.loss_after < 0.8 * fit.loss_before
    assert fit.reviews == 480
    grown = [walked([(Rating.GOOD, 3)] * 4, Rhythm(p))[0].stability for p in (fit.parameters, DEFAULTS)]
    assert grown[0] < grown[1]


def test_few_reviews_say_nothing():
    assert memory.fit({1: [(TODAY + timedelta(days=n), Rating.GOOD) for n in range(399)]}) is None


def test_a_fit_looks_at_the_newest_reviews_only(monkeypatch):
    monkeypatch.setattr(memory, "MOST_TRIALS", 1)
    long = {n: [(TODAY + timedelta(days=n + d), Rating.GOOD) for d in range(10)] for n in range(1000)}

    fit = memory.fit(long)

    assert fit is not None
    assert fit.reviews == memory.MOST_REVIEWS
    assert not fit.is_better


@pytest.mark.parametrize("place", range(21))
def test_a_moved_parameter_stays_within_its_bounds(place):
    for way in (-5.0, 5.0):
        Rhythm(memory._moved(DEFAULTS, place, way)).after(Memory(TODAY), Rating.GOOD, TODAY, 1)
