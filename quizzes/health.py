"""What an author should look at in her questions, and why: numbers in, alerts out, each with its reason in words.

No Django: the sentences are said later, in the reader's language. Nothing is said below ten people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from accounts.sentences import Sentence, ngettext
from accounts.sentences import sentence as _
from quizzes.statistics import ENOUGH, ItemNumbers, WholeNumbers

LOOK, LOOK_NOW = 1, 2

HARD, EASY = 0.1, 0.95
CHANCE = 0.05  # an option counts as shunned when chance alone would leave it out less often than this
SLOW_TIMES, SLOW_BY_SECONDS, SLOW_AMONG = 2, 45, 4
GOOD, WEAK = 0.3, 0.1
RELIABLE, UNRELIABLE = 0.75, 0.64
RIGHT_MEANS, RIGHT_SPREADS = (0.5, 0.75), (0.12, 0.18)


class Alert(NamedTuple):
    """Something to look at: `code` names it, `weight` is LOOK or LOOK_NOW, `values` are numbers or options' letters."""

    code: str
    weight: int
    values: Mapping[str, Any]


def alerts(
    numbers: ItemNumbers, options: Mapping[str, bool], usual_seconds: float | None = None
) -> tuple[Alert, ...]:
    """What to look at, the gravest first. `options` says of each key, in the author's order, whether it is right."""
    if not numbers.is_enough:
        return ()
    found = (
        _wrong_key(numbers, options),
        _strong_fail(numbers),
        _sure_but_wrong(numbers),
        _too_hard_or_easy(numbers),
        _shunned(numbers, options),
        _slow(numbers, usual_seconds),
    )
    return tuple(sorted((alert for alert in found if alert), key=lambda alert: -alert.weight))


def usual_seconds(medians: Sequence[int | None]) -> float | None:
    """What a question of this quiz usually takes; None where too few are known."""
    known = [seconds for seconds in medians if seconds is not None]
    return float(median(known)) if len(known) >= SLOW_AMONG else None


def letter(place: int) -> str:
    """The letter of an option, counted from 0: A, B, C."""
    return chr(ord("A") + place) if place < 26 else str(place + 1)


def _wrong_key(numbers: ItemNumbers, options: Mapping[str, bool]) -> Alert | None:
    """A wrong option that the best choose more often than the right one, and more often than the weakest do."""
    right = [key for key, is_right in options.items() if is_right]
    if len(right) != 1 or not numbers.top or not numbers.bottom:
        return None
    key = _chosen(numbers, right[0])[0]
    for place, option in enumerate(options):
        top, bottom = _chosen(numbers, option)
        if option != right[0] and top >= key + 2 and top * numbers.bottom > bottom * numbers.top:
            share = round(100 * top / numbers.top)
            return Alert("wrong_key", LOOK_NOW, {"option": letter(place), "percent": share})
    return None


def _chosen(numbers: ItemNumbers, key: str) -> tuple[int, int]:
    found = numbers.choices.get(key)
    return (found.top, found.bottom) if found else (0, 0)


def _strong_fail(numbers: ItemNumbers) -> Alert | None:
    tells_apart = numbers.discrimination
    if tells_apart is None or tells_apart >= -0.005:  # what is printed as 0.00 is not said to be below 0
        return None
    return Alert("strong_fail", LOOK_NOW, {"figure": round(tells_apart, 2)})


def _sure_but_wrong(numbers: ItemNumbers) -> Alert | None:
    sure = numbers.confidence.get(3)
    if sure is None or sure.all < ENOUGH or 2 * sure.right >= sure.all:
        return None
    return Alert("sure_but_wrong", LOOK_NOW, {"wrong": sure.all - sure.right, "all": sure.all})


def _too_hard_or_easy(numbers: ItemNumbers) -> Alert | None:
    if numbers.facility is None or HARD < numbers.facility < EASY:
        return None
    percent = round(100 * numbers.facility)
    return Alert("hard" if numbers.facility <= HARD else "easy", LOOK, {"percent": percent})


def _shunned(numbers: ItemNumbers, options: Mapping[str, bool]) -> Alert | None:
    """Wrong options that nobody chose, where that many wrong choices would hardly leave one out by chance."""
    wrong = [key for key, is_right in options.items() if not is_right]
    picked = sum(numbers.choices[key].all for key in wrong if key in numbers.choices)
    if len(wrong) < 2 or (1 - 1 / len(wrong)) ** picked >= CHANCE:
        return None
    letters = [
        letter(place)
        for place, (key, is_right) in enumerate(options.items())
        if not is_right and key not in numbers.choices
    ]
    return Alert("shunned", LOOK, {"options": letters}) if letters else None


def _slow(numbers: ItemNumbers, usual: float | None) -> Alert | None:
    seconds = numbers.median_seconds
    if seconds is None or usual is None:
        return None
    if seconds < SLOW_TIMES * usual or seconds - usual < SLOW_BY_SECONDS:
        return None
    return Alert("slow", LOOK, {"seconds": seconds, "usual": round(usual)})


# In words

_HEADLINES = {
    "wrong_key": _("Strong learners choose %(option)s rather than the right answer"),
    "strong_fail": _("Strong learners miss it more often"),
    "sure_but_wrong": _("Most who were sure got it wrong"),
    "hard": _("Nearly everybody gets it wrong"),
    "easy": _("Nearly everybody gets it right"),
    "slow": _("Takes %(seconds)s; others take %(usual)s"),
}
_REASONS = {
    "wrong_key": _(
        "%(percent)s %% of the best did. Most likely the key is wrong, or there are two readings."
    ),
    "strong_fail": _(
        "It tells apart with %(figure)s. Key wrong, two readings, or a trap for who knows more."
    ),
    "sure_but_wrong": _("%(wrong)s of %(all)s. A belief to teach against, or a wrong key."),
    "hard": _(
        "%(percent)s %% right. Asked before it is taught, a wrong key, or words that hide what is meant."
    ),
    "easy": _("%(percent)s %% right. Little is learned from it; keep it where everybody has to know it."),
    "shunned": _("Nobody believes it: make it a mistake that learners really make, or leave it out."),
    "slow": _("Long text or long code for what is asked? The time that it takes is missing elsewhere."),
}


def headline(alert: Alert) -> Sentence:
    """What is the matter."""
    values = dict(alert.values)
    if alert.code == "shunned":
        letters = values["options"]
        return ngettext(
            "Nobody picks %(options)s",
            "Nobody picks %(count)s of the answers: %(options)s",
            len(letters),
            options=", ".join(letters),
        )
    if alert.code == "slow":
        values = {name: duration(seconds) for name, seconds in values.items()}
    return _HEADLINES[alert.code].filled(**values)


def reason(alert: Alert) -> Sentence:
    """What it most likely means, and what an author can do."""
    said = _REASONS[alert.code]
    if alert.code in {"shunned", "slow"}:
        return said
    if alert.code == "strong_fail":
        return said.filled(figure=f"{alert.values['figure']:.2f}".replace("-", "−"))
    return said.filled(**alert.values)


def tells_apart(discrimination: float | None) -> Sentence:
    """How well a question tells those who know from those who don't."""
    if discrimination is None:
        return _("can't be said")
    if discrimination < -0.005:
        return _("wrong way round")
    if discrimination < WEAK:
        return _("weak")
    return _("good") if discrimination >= GOOD else _("fair")


def repeatable(consistency: float | None) -> Sentence:
    """How likely the same people would get the same results again. The bounds are those of Moodle's handbook."""
    if consistency is None:
        return _("can't be said")
    if consistency > RELIABLE:
        return _("well")
    return _("hardly") if consistency < UNRELIABLE else _("fairly")


def remarks(whole: WholeNumbers) -> tuple[Sentence, ...]:
    """What is unusual about the results of a quiz, by the same handbook: mean 50 to 75 %, spread 12 to 18 %."""
    if whole.mean is None or whole.deviation is None:
        return ()
    said = []
    if whole.mean < RIGHT_MEANS[0]:
        said.append(_("Results are low: below %(percent)s %% in a first attempt.", percent=50))
    if whole.mean > RIGHT_MEANS[1]:
        said.append(
            _(
                "Results are high: above %(percent)s %% in a first attempt. Fine where all of it has to be known.",
                percent=75,
            )
        )
    if whole.deviation < RIGHT_SPREADS[0]:
        said.append(_("Results lie close together, so small differences between people say little."))
    if whole.consistency is not None and whole.consistency < UNRELIABLE:
        said.append(
            _(
                "Another day might give other results: more questions, or questions that tell apart, would help."
            )
        )
    return tuple(said)


def duration(seconds: float) -> Sentence:
    """1 min 40, or 25 s below a minute."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("%(seconds)s s", seconds=rest)
    return _("%(minutes)s min %(seconds)s", minutes=minutes, seconds=f"{rest:02d}")
