"""What a rubric asks, whatever it looks like."""

from hypothesis import given
from hypothesis import strategies as st

from mentoring.models import Level
from mentoring.rubric import (
    LEVELS,
    in_the_way,
    is_met,
    missing,
    not_yet,
    too_many_developing,
    unknown,
    unmet,
)
from mentoring.tally import by_topic
from roadmap.document import Criterion, Levels

WORDS = Levels(not_yet="No.", developing="Nearly.", meets="Yes.", exceeds="More.")
KEYS = st.sampled_from(["clear", "honest", "tested", "short", "useful"])


@st.composite
def rubrics(draw):
    keys = draw(st.lists(KEYS, unique=True))
    return [Criterion(key=key, title=key, must_meet=draw(st.booleans()), levels=WORDS) for key in keys]


levels = st.dictionaries(KEYS, st.sampled_from([*LEVELS, "", "wonderful"]))


@given(rubrics(), levels)
def test_every_criterion_is_either_missing_or_has_one_of_the_four_levels(rubric, chosen):
    gone = {criterion.key for criterion in missing(rubric, chosen)}

    assert all((chosen.get(c.key) in LEVELS) == (c.key not in gone) for c in rubric)


@given(rubrics(), levels)
def test_unmet_names_exactly_the_rows_that_must_be_met_and_are_not(rubric, chosen):
    named = {criterion.key for criterion in unmet(rubric, chosen)}

    assert named == {c.key for c in rubric if c.must_meet and chosen.get(c.key) not in {"meets", "exceeds"}}


@given(rubrics(), levels, KEYS)
def test_a_better_level_never_makes_more_rows_unmet(rubric, chosen, key):
    better = {**chosen, key: "exceeds"}

    assert len(unmet(rubric, better)) <= len(unmet(rubric, chosen))


@given(rubrics(), levels)
def test_it_is_acceptable_exactly_when_the_three_sentences_of_the_rule_hold(rubric, chosen):
    at = {c.key: chosen.get(c.key) for c in rubric}
    others = [at[c.key] for c in rubric if not c.must_meet]
    is_acceptable = (
        all(at[c.key] in {"meets", "exceeds"} for c in rubric if c.must_meet)
        and all(level in LEVELS and level != "not_yet" for level in others)
        and others.count("developing") <= 1
    )

    assert (in_the_way(rubric, chosen) == []) == is_acceptable


@given(rubrics(), levels)
def test_what_is_in_the_way_is_in_the_way_for_one_reason(rubric, chosen):
    reasons = [found(rubric, chosen) for found in (unmet, not_yet, too_many_developing)]

    named = [criterion.key for found in reasons for criterion in found]
    assert sorted(named) == sorted(criterion.key for criterion in in_the_way(rubric, chosen))


@given(rubrics(), levels, KEYS)
def test_a_better_level_never_takes_acceptance_away(rubric, chosen, key):
    is_acceptable = in_the_way(rubric, chosen) == []
    level = chosen.get(key)
    better = LEVELS[min(LEVELS.index(level) + 1, 3)] if level in LEVELS else "exceeds"

    assert not is_acceptable or in_the_way(rubric, {**chosen, key: better}) == []


def test_one_row_may_be_developing_two_may_not():
    rubric = [
        Criterion(key=key, title=key, must_meet=key == "must", levels=WORDS) for key in ("must", "a", "b")
    ]

    assert in_the_way(rubric, {"must": "meets", "a": "developing", "b": "exceeds"}) == []
    assert [c.key for c in in_the_way(rubric, {"must": "meets", "a": "developing", "b": "developing"})] == [
        "a",
        "b",
    ]
    assert [c.key for c in in_the_way(rubric, {"must": "meets", "a": "not_yet", "b": "meets"})] == ["a"]
    assert [c.key for c in in_the_way(rubric, {"must": "developing", "a": "meets", "b": "meets"})] == ["must"]


@given(rubrics(), levels)
def test_unknown_keys_are_those_the_rubric_lacks(rubric, chosen):
    assert set(unknown(rubric, chosen)) == set(chosen) - {criterion.key for criterion in rubric}


def test_the_words_cover_the_levels_in_their_order():
    assert tuple(Level.values) == LEVELS


def test_met_means_meets_or_more():
    assert [is_met(level) for level in LEVELS] == [False, False, True, True]
    assert not is_met("")


def slot(number: int, topic: str | None) -> dict[str, object]:
    return {"slot": number, "topic": topic}


def test_topics_are_tallied_over_attempts_the_weakest_first():
    first = (
        [slot(1, "wind"), slot(2, "snow"), slot(3, None)],
        {"1": {"fraction": 1.0}, "2": {"fraction": 0.5}},
    )
    second = ([slot(1, "wind"), slot(2, "snow")], {"1": {"fraction": 0}, "2": {"fraction": 0}})

    said = [(tally.topic, tally.right, tally.of) for tally in by_topic([first, second])]

    assert said == [("snow", 0, 2), ("wind", 1, 2)]


def test_a_slot_without_a_mark_is_not_right():
    assert by_topic([([slot(1, "wind")], {})])[0].right == 0


@given(
    st.lists(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.floats(0, 1)), max_size=8), max_size=5)
)
def test_no_topic_is_right_more_often_than_asked(papers):
    attempts = [
        (
            [slot(n, topic) for n, (topic, _) in enumerate(paper, 1)],
            {str(n): {"fraction": fraction} for n, (_, fraction) in enumerate(paper, 1)},
        )
        for paper in papers
    ]

    tallies = by_topic(attempts)

    assert all(0 <= tally.right <= tally.of for tally in tallies)
    assert sum(tally.of for tally in tallies) == sum(topic is not None for p in papers for topic, _ in p)
