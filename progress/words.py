"""Says in the reader's language what a standing means: gates, requirements, states, the next step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from progress import plan
from progress.models.enrollment import Position
from progress.standing import NextStep, Requirement, RequirementKind, StageStanding
from roadmap.document import RoadDocument


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of a gate: its state (passed, underway, open), what it asks, how far it is."""

    state: str
    text: str
    detail: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class GatePanel:
    """What opens the next stage; see templates/components/gate.html."""

    title: str
    summary: str
    rows: tuple[Row, ...]
    before: tuple[tuple[str, tuple[Row, ...]], ...]
    next_label: str
    next_href: str
    why: str


@dataclass(frozen=True, slots=True)
class RailStage:
    """One stage of the vertical trail; see templates/components/rail.html."""

    number: int
    name: str
    state: str
    line: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Sign:
    """The one next step of a page: where it leads and what stands on the board."""

    href: str
    kicker: str
    title: str
    time: str = ""
    sub: str = ""


def day(on: date) -> str:
    """A date as pages say it: 27 April 2026."""
    return date_format(on, "j F Y")


def moment_day(position: Position, moment: datetime) -> str:
    """The date of a moment on the learner's calendar."""
    return day(position.enrollment.person.today(moment))


def stage_url(road: str, stage: str) -> str:
    return reverse("progress:stage", args=[road, stage])


def evidence_url(road: str, task: str) -> str:
    return reverse("mentoring:evidence", args=[road, task])


def quiz_url(road: str, quiz: str) -> str:
    return reverse("progress:quiz_start", args=[road, quiz])


def rail(position: Position, current: str = "") -> tuple[RailStage, ...]:
    """The trail of a person's road; `current` is the key of the stage whose page this is."""
    return tuple(
        RailStage(
            place.number,
            place.stage.title,
            place.state,
            _rail_line(position, place),
            stage_url(position.document.key, place.stage.key),
            place.stage.key == current if current else place.state == "underway",
        )
        for place in position.standing.stages
    )


def _rail_line(position: Position, place: StageStanding) -> str:
    if place.is_passed:
        return passed_words(position, place)
    if not place.is_open:
        return gettext("Locked: %(first)s") % {"first": next(_gate_rows(position, place)).text}
    due = position.due.get(place.stage.key)
    return gettext("Planned until %(day)s") % {"day": day(due)} if due else ""


def passed_words(position: Position, place: StageStanding) -> str:
    """Since when a stage is passed, or known by placement; empty while no row says so."""
    if place.passed_at is None:
        return ""
    text = gettext("Known by placement %(day)s") if place.is_known else gettext("Passed %(day)s")
    return text % {"day": moment_day(position, place.passed_at)}


def state_word(place: StageStanding) -> str:
    """What is said beside the glyph of a stage in place of the usual word; empty where that is right."""
    return gettext("Known by placement") if place.is_known_passed else ""


def gate_panel(position: Position, place: StageStanding) -> GatePanel:
    """What a person still has to do to leave a stage, or to open it while it is locked."""
    rows = (*_gate_rows(position, place), *_requirement_rows(position, place))
    done = sum(row.state == "passed" for row in rows)
    following = _following(position, place)
    is_free = place.is_passed and following is not None and following.is_open
    return GatePanel(
        title=gettext("To leave this stage") if place.is_open else gettext("To open this stage"),
        summary=gettext("%(done)d of %(all)d done") % {"done": done, "all": len(rows)},
        rows=rows,
        before=_before(position, place, following),
        next_label=_next_label(following),
        next_href=stage_url(position.document.key, following.stage.key) if is_free and following else "",
        why=_why(place, following),
    )


def _following(position: Position, place: StageStanding) -> StageStanding | None:
    after = position.standing.stages[place.number :]
    return after[0] if after else None


def _next_label(following: StageStanding | None) -> str:
    return gettext("Go on to stage %(number)d") % {"number": following.number} if following else ""


def _why(place: StageStanding, following: StageStanding | None) -> str:
    if following is None or (place.is_passed and following.is_open):
        return ""
    return gettext("Opens when the points above are done. You can look ahead at any time.")


def _before(
    position: Position, place: StageStanding, following: StageStanding | None
) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """What the next stage asks besides this one being passed."""
    if following is None:
        return ()
    rows = tuple(_gate_rows(position, following, without=place.stage.key))
    title = gettext("Before stage %(number)d, %(title)s") % {
        "number": following.number,
        "title": following.stage.title,
    }
    return ((title, rows),) if rows else ()


def missing_rows(position: Position, place: StageStanding) -> list[Row]:
    """What must be done before a locked stage opens."""
    return [row for row in _gate_rows(position, place) if row.state != "passed"]


def _gate_rows(position: Position, place: StageStanding, without: str = "") -> Iterator[Row]:
    for gate in place.gates:
        if gate.kind is RequirementKind.STAGE_PASSED:
            yield from (_stage_row(position, key) for key in gate.keys if key != without)
        else:
            yield _evidence_row(position.document, gate)


def _stage_row(position: Position, key: str) -> Row:
    other = position.standing.by_key[key]
    detail = moment_day(position, other.passed_at) if other.passed_at else ""
    said = gettext("%(stage)s known by placement") if other.is_known_passed else gettext("%(stage)s passed")
    text = said % {"stage": other.stage.title}
    href = "" if other.is_passed else stage_url(position.document.key, key)
    return Row("passed" if other.is_passed else "open", text, detail or other.stage.title, href)


def _evidence_row(document: RoadDocument, gate: Requirement) -> Row:
    if gate.needed == 1 and len(gate.keys) == 1:
        text = gettext("“%(task)s” accepted") % {"task": document.task_by_key[gate.keys[0]].title}
    else:
        text = ngettext(
            "%(count)d piece of evidence accepted", "%(count)d pieces of evidence accepted", gate.needed
        )
        text %= {"count": gate.needed}
    detail = gettext("%(done)d of %(needed)d accepted") % {
        "done": min(gate.done, gate.needed),
        "needed": gate.needed,
    }
    return Row(_progress_state(gate), text, detail, evidence_url(document.key, gate.keys[0]))


def _requirement_rows(position: Position, place: StageStanding) -> Iterator[Row]:
    for requirement in place.requirements:
        if requirement.kind is RequirementKind.CORE_TICKED:
            yield _core_row(place, requirement)
        else:
            yield _quiz_row(position, requirement)


def _core_row(place: StageStanding, core: Requirement) -> Row:
    text = ngettext(
        "Finish the core resources of the %(count)d topic",
        "Finish the core resources of all %(count)d topics",
        len(place.stage.topics),
    ) % {"count": len(place.stage.topics)}
    detail = gettext("%(done)d of %(needed)d ticked") % {"done": core.done, "needed": core.needed}
    return Row(_progress_state(core), text, detail)


def _quiz_row(position: Position, quiz: Requirement) -> Row:
    (key,) = quiz.keys
    href, fact = quiz_url(position.document.key, key), position.standing.facts.quizzes.get(key)
    if fact and fact.is_with_mentor:
        detail = gettext("Handed in, with your mentor")
    elif quiz.met_at:
        detail = gettext("Passed %(day)s") % {"day": moment_day(position, quiz.met_at)}
    elif quiz.best_percent is not None:
        detail = gettext("Best so far %(percent)d %%") % {"percent": int(quiz.best_percent)}
    else:
        detail = gettext("Not tried yet")
    state = "passed" if quiz.is_met else "underway" if quiz.best_percent is not None else "open"
    return Row(state, gettext("Pass the stage quiz"), detail, href)


def _progress_state(requirement: Requirement) -> str:
    if requirement.is_met:
        return "passed"
    return "underway" if requirement.done else "open"


def next_sign(position: Position) -> Sign:
    """The Continue board: the one thing to go on with, or what is being waited for."""
    step = position.next_step
    road = position.document.key
    if step.stage is None:
        return _end_sign(position, step)
    kicker = gettext("Continue stage %(number)d, %(title)s") % {
        "number": position.document.number_of(step.stage.key),
        "title": step.stage.title,
    }
    if step.kind == "resource" and step.topic is not None:
        resource = position.document.resources[step.key]
        href = f"{stage_url(road, step.stage.key)}#resource-{step.key}"
        return Sign(href, kicker, resource.title, sub=step.topic.title)
    if step.kind == "quiz":
        return Sign(quiz_url(road, step.key), kicker, gettext("Take the stage quiz"))
    task = position.document.task_by_key[step.key]
    return Sign(evidence_url(road, step.key), kicker, task.title, sub=gettext("Evidence to hand in"))


def _end_sign(position: Position, step: NextStep) -> Sign:
    href = reverse("progress:road", args=[position.document.key])
    if step.kind == "finished":
        return Sign(href, position.document.title, gettext("You reached the end of this road"))
    href, title = reverse("mentoring:evidence_list"), gettext("Your evidence is with your mentor")
    if step.key:
        href = quiz_url(position.document.key, step.key)
        title = gettext("Your quiz answers are with your mentor")
    return Sign(href, position.document.title, title, sub=gettext("You can look ahead meanwhile."))


def months(hours: tuple[int, int], hours_per_week: Fraction) -> str:
    """Low and high months that hours take at a pace: 9–15 months."""
    low, high = (round(plan.months_needed(Fraction(side), hours_per_week)) for side in hours)
    span = str(low) if low == high else f"{low}–{high}"
    return ngettext("%(span)s month", "%(span)s months", high) % {"span": span}
