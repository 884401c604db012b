"""progress.standing: where a person stands, from the document and her facts alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from progress.standing import EvidenceFact, Facts, QuizFact, State, next_step, stand
from tests.documents import document, stage, three_stage_document, topic

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ROAD = three_stage_document()
BASE, RIDGE, SUMMIT = ROAD.stages
(TASK,) = [task.key for stage in ROAD.stages for task in stage.evidence]


def passed_quiz(*keys: str | None) -> dict[str, QuizFact]:
    return {key: QuizFact(attempts=1, best_percent=90, passed_at=NOW) for key in keys if key}


def states(facts: Facts) -> list[State]:
    return [place.state for place in stand(ROAD, facts).stages]


def test_a_newcomer_is_under_way_on_the_first_stage_and_the_rest_is_locked():
    assert states(Facts()) == [State.UNDERWAY, State.LOCKED, State.LOCKED]


def test_ticks_alone_do_not_pass_a_stage_with_a_quiz():
    assert states(Facts(ticked=BASE.core_keys()))[0] is State.UNDERWAY


def test_a_quiz_alone_does_not_pass_a_stage_with_core_resources():
    assert states(Facts(quizzes=passed_quiz(BASE.quiz)))[0] is State.UNDERWAY


def test_ticks_and_quiz_pass_a_stage_and_open_the_next():
    facts = Facts(ticked=BASE.core_keys(), quizzes=passed_quiz(BASE.quiz))

    assert states(facts) == [State.PASSED, State.UNDERWAY, State.LOCKED]


def test_evidence_opens_the_last_stage_only_once_it_is_accepted():
    core = BASE.core_keys() | RIDGE.core_keys()
    quizzes = passed_quiz(BASE.quiz, RIDGE.quiz)
    waiting = Facts(ticked=core, quizzes=quizzes, evidence={TASK: EvidenceFact("waiting", NOW)})
    accepted = Facts(ticked=core, quizzes=quizzes, evidence={TASK: EvidenceFact("accepted", NOW)})

    assert states(waiting)[2] is State.LOCKED
    assert states(accepted)[2] is State.UNDERWAY


def test_a_pass_that_was_written_down_stays_when_ticks_are_withdrawn():
    assert states(Facts(passes={BASE.key: NOW}))[:2] == [State.PASSED, State.UNDERWAY]


def test_reading_ahead_in_a_locked_stage_does_not_pass_it():
    facts = Facts(ticked=RIDGE.core_keys(), quizzes=passed_quiz(RIDGE.quiz))

    assert states(facts)[1] is State.LOCKED


def test_the_gate_says_how_much_is_done_and_by_which_fact():
    facts = Facts(passes={BASE.key: NOW, RIDGE.key: NOW}, evidence={TASK: EvidenceFact("accepted", NOW)})
    gates = stand(ROAD, facts).by_key[SUMMIT.key].gates

    assert all(gate.is_met for gate in gates)
    assert {gate.met_at for gate in gates} == {NOW}


def test_the_road_is_finished_when_all_stages_are_passed_and_all_evidence_is_accepted():
    passes = {stage.key: NOW for stage in ROAD.stages}

    assert not stand(ROAD, Facts(passes=passes)).is_finished
    assert stand(ROAD, Facts(passes=passes, evidence={TASK: EvidenceFact("accepted", NOW)})).is_finished


def test_the_next_step_is_study_then_quiz_then_evidence_then_waiting_then_the_end():
    both = {BASE.key: NOW, RIDGE.key: NOW}
    sent_back = {TASK: EvidenceFact("changes_requested", NOW)}
    done = {TASK: EvidenceFact("accepted", NOW)}
    steps = [
        Facts(),
        Facts(ticked=BASE.core_keys()),
        Facts(passes=both),
        Facts(passes=both, evidence={TASK: EvidenceFact("waiting", NOW)}),
        Facts(passes=both, evidence=sent_back),
        Facts(passes={**both, SUMMIT.key: NOW}, evidence=done),
    ]

    assert [next_step(stand(ROAD, facts)).kind for facts in steps] == [
        "resource",
        "quiz",
        "evidence",
        "waiting",
        "evidence",
        "finished",
    ]


def test_while_a_quiz_waits_for_marks_the_next_step_is_what_else_there_is_to_do():
    handed_in, begun_anew = QuizFact(attempts=1, waiting=1), QuizFact(attempts=1, waiting=1, open_attempt=7)
    core, reviewed = BASE.core_keys() | RIDGE.core_keys(), {TASK: EvidenceFact("waiting", NOW)}
    beside = document(
        stage("base", topics=[*BASE.topics]), stage("knots", topics=[topic("bends", "r-bends")])
    )

    steps = [
        next_step(stand(road, facts))
        for road, facts in [
            (ROAD, Facts(quizzes={"base-quiz": handed_in})),
            (ROAD, Facts(ticked=core, quizzes={"base-quiz": handed_in})),
            (ROAD, Facts(ticked=core, quizzes={"base-quiz": begun_anew})),
            (ROAD, Facts(ticked=core, quizzes={"ridge-quiz": handed_in}, passes={"base": NOW})),
            (ROAD, Facts(core, {"ridge-quiz": handed_in}, evidence=reviewed, passes={"base": NOW})),
            (beside, Facts(ticked=core, quizzes={"base-quiz": handed_in})),
        ]
    ]

    assert [(step.kind, step.stage and step.stage.key, step.key) for step in steps] == [
        ("resource", "base", "r-rocks"),
        ("waiting", None, "base-quiz"),
        ("quiz", "base", "base-quiz"),
        ("evidence", "ridge", "ridge-report"),
        ("waiting", None, "ridge-quiz"),
        ("resource", "knots", "r-bends"),
    ]


all_resources = st.sets(st.sampled_from(sorted(ROAD.resources)))
some_stages = st.sets(st.sampled_from([stage.key for stage in ROAD.stages]))
some_quizzes = st.sets(st.sampled_from([stage.quiz for stage in ROAD.stages if stage.quiz]))
evidence_states = st.sampled_from([None, "waiting", "changes_requested", "accepted"])


@st.composite
def facts(draw):
    state = draw(evidence_states)
    return Facts(
        ticked=frozenset(draw(all_resources)),
        quizzes=passed_quiz(*draw(some_quizzes)),
        evidence={TASK: EvidenceFact(state, NOW)} if state else {},
        passes=dict.fromkeys(draw(some_stages), NOW),
    )


@given(facts())
def test_exactly_one_stage_is_under_way_or_none_is_left_open(known):
    found = states(known)

    assert found.count(State.UNDERWAY) <= 1
    assert State.OPEN not in found or State.UNDERWAY in found


@given(facts(), all_resources, st.booleans())
def test_more_facts_never_take_a_passed_stage_away(known, more, later):
    before = stand(ROAD, known)
    richer = Facts(
        ticked=known.ticked | more,
        quizzes=known.quizzes,
        evidence={TASK: EvidenceFact("accepted", NOW + timedelta(days=int(later)))},
        passes=known.passes,
    )
    after = stand(ROAD, richer)

    assert all(after.by_key[p.stage.key].is_passed for p in before.stages if p.is_passed)
