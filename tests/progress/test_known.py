"""progress.known and progress.standing: what a placement says, from numbers alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress.known import PlacementFact, Share, is_known, known_stages
from progress.standing import EvidenceFact, Facts, QuizFact, State, stand
from tests.documents import three_stage_document

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ROAD = three_stage_document()
BASE, RIDGE, SUMMIT = ROAD.stages


def placement(attempt: int = 1, *, walked: tuple[str, ...] = (), **topics: tuple[int, int]) -> PlacementFact:
    """Earned and asked by topic, a point each; 80 % pass."""
    shares = {key: Share(asked, Fraction(earned), asked) for key, (earned, asked) in topics.items()}
    return PlacementFact(attempt, NOW + timedelta(days=attempt), 80, shares, frozenset(walked))


@pytest.mark.parametrize(
    ("questions", "points", "possible", "known"),
    [
        (3, 3, 3, True),
        (2, 2, 2, False),  # too few, whatever was earned
        (5, 4, 5, True),  # just the mark
        (6, Fraction(47, 10), 6, False),  # just below it
        (4, 0, 0, False),  # nothing to earn
        (0, 0, 0, False),
    ],
)
def test_a_stage_is_known_by_share_and_by_number_of_questions(questions, points, possible, known):
    assert is_known(Share(questions, Fraction(points), possible), 80) is known


@given(st.integers(0, 12), st.integers(1, 12), st.integers(1, 100))
def test_percent_shown_never_reaches_a_mark_that_was_not_reached(points, possible, mark):
    share = Share(3, Fraction(points), possible)

    assert (share.percent >= mark) == is_known(share, mark)


def test_topics_of_a_stage_count_together():
    fact = placement(rocks=(2, 2), knots=(1, 1), wind=(2, 2))

    assert dict(known_stages(ROAD, [fact])) == {"base": 1}


def test_the_newest_attempt_that_says_so_is_named_and_a_worse_one_takes_nothing_away():
    good, better, bad = (placement(1, rocks=(3, 3)), placement(2, rocks=(4, 4)), placement(3, rocks=(0, 4)))

    assert known_stages(ROAD, [better, bad, good]) == {"base": 2}


def test_of_stages_that_are_walked_all_the_same_it_says_nothing():
    assert known_stages(ROAD, [placement(walked=("base",), rocks=(3, 3))]) == {}


def test_a_known_stage_counts_as_passed_and_opens_the_next():
    stands = stand(ROAD, Facts(placements=(placement(rocks=(3, 3)),)))

    assert [place.state for place in stands.stages] == [State.PASSED, State.UNDERWAY, State.LOCKED]
    assert [place.is_known_passed for place in stands.stages] == [True, False, False]


def test_evidence_gates_stay():
    knows_all = Facts(placements=(placement(rocks=(3, 3), wind=(3, 3), snow=(3, 3)),))
    accepted = replace(knows_all, evidence={"ridge-report": EvidenceFact("accepted", NOW)})

    before, after = stand(ROAD, knows_all), stand(ROAD, accepted)

    assert [place.state for place in before.stages] == [State.PASSED, State.PASSED, State.LOCKED]
    assert before.stages[2].is_known
    assert not before.is_finished
    assert after.is_finished


def test_core_resources_of_known_stages_are_no_open_work():
    nothing = stand(ROAD, Facts())
    known = stand(ROAD, Facts(placements=(placement(rocks=(3, 3)),)))

    assert known.core_total == nothing.core_total - len(BASE.core_keys())


def test_who_walks_a_known_stage_to_its_end_passed_it():
    walked = Facts(
        ticked=BASE.core_keys(),
        quizzes={BASE.quiz or "": QuizFact(attempts=1, best_percent=90, passed_at=NOW)},
        placements=(placement(rocks=(3, 3)),),
        passes={"base": NOW},
        placed=frozenset({"base"}),
    )

    assert stand(ROAD, walked).stages[0].is_walked
    assert not stand(ROAD, walked).stages[0].is_known


def test_a_pass_by_placement_stays_when_the_attempt_says_it_no_more():
    facts = Facts(passes={"base": NOW}, placed=frozenset({"base"}), placements=(placement(rocks=(0, 3)),))

    assert stand(ROAD, facts).stages[0].is_known_passed
