"""Circles are found where there are some, and nowhere else."""

from graphlib import CycleError, TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from authoring.circles import circles, stuck_behind

keys = st.sampled_from("abcdef")
relations = st.dictionaries(keys, st.lists(keys, max_size=3), max_size=6)


def has_circle(waits: dict[str, list[str]]) -> bool:
    try:
        list(TopologicalSorter(waits).static_order())
    except CycleError:
        return True
    return False


@given(relations)
def test_a_circle_is_found_when_there_is_one(waits):
    assert bool(circles(waits)) == has_circle(waits)


@given(relations)
def test_every_circle_found_is_one(waits):
    for circle in circles(waits):
        assert circle[0] == circle[-1]
        assert all(after in waits[before] for before, after in zip(circle, circle[1:], strict=False))


@given(relations)
def test_without_what_is_circular_or_stuck_nothing_waits_for_ever(waits):
    circular = {key for circle in circles(waits) for key in circle}
    stuck = stuck_behind(waits, circular)

    rest = {key: others for key, others in waits.items() if key not in circular and key not in stuck}

    assert not has_circle(rest)
    assert all(other not in circular and other not in stuck for others in rest.values() for other in others)


def test_a_long_chain_is_no_matter():
    waits = {str(n): [str(n + 1)] for n in range(5000)}

    assert circles(waits) == []
    assert circles({**waits, "5000": ["0"]})
