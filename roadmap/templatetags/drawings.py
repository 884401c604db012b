"""Template tags over roadmap/drawings: values in, safe SVG out. Each drawing escapes what it is given."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext

from roadmap.drawings import bars
from roadmap.drawings.days import Days
from roadmap.drawings.days import studydays as drawn_studydays
from roadmap.drawings.glyph import glyph as drawn_glyph
from roadmap.drawings.plan import Plan
from roadmap.drawings.plan import planstrip as drawn_planstrip
from roadmap.drawings.scale import scalebar as drawn_scalebar
from roadmap.drawings.trail import Waypoint
from roadmap.drawings.trail import mini_trail as drawn_mini_trail
from roadmap.drawings.trail import trail as drawn_trail

register = template.Library()

WORDS = {
    "locked": gettext_lazy("Locked"),
    "open": gettext_lazy("Open"),
    "underway": gettext_lazy("Under way"),
    "passed": gettext_lazy("Passed"),
    "skipped": gettext_lazy("Skipped"),
}


def _safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308  # the drawings escape every text they are given


@register.simple_tag
def glyph(state: str, number: int | None = None, label: str = "") -> SafeString:
    """The mark of a state alone. Without words beside it, give it a label."""
    return _safe(drawn_glyph(state, number, label))


@register.simple_tag
def state(name: str, word: str = "") -> SafeString:
    """Mark and word of a state, as every list shows it; `word` replaces the usual one."""
    return format_html('<span class="state">{}{}</span>', glyph(name), word or WORDS[name])


@register.filter
def state_word(name: str) -> str:
    return str(WORDS[name])


@register.simple_tag
def trail(stages: Sequence[Waypoint]) -> SafeString:
    return _safe(drawn_trail(stages))


@register.simple_tag
def mini_trail(stages: Sequence[Waypoint]) -> SafeString:
    return _safe(drawn_mini_trail(stages))


@register.simple_tag
def scalebar(hours: Sequence[int], names: Sequence[str]) -> SafeString:
    lengths = [gettext("%(hours)d h") % {"hours": length} for length in hours]
    whole = ngettext("%(hours)d hour", "%(hours)d hours", sum(hours)) % {"hours": sum(hours)}
    return _safe(drawn_scalebar(hours, names, lengths, whole))


@register.simple_tag
def planstrip(plan: Plan, width: int = 1180) -> SafeString:
    return _safe(drawn_planstrip(plan, width))


@register.simple_tag
def studydays(days: Days) -> SafeString:
    return _safe(drawn_studydays(days))


@register.simple_tag
def share(percent: float, sentence: str, tick: float | None = None, kind: str = "") -> SafeString:
    """A bar of 0 to 100 that says `sentence`; `tick` marks a goal, as the pass mark; kind low, ink or link."""
    return _safe(bars.bar(percent, sentence, tick, kind))


@register.simple_tag
def mastery_bar(topic: str, right: int, of: int, pass_percent: int) -> SafeString:
    """The bar of one topic's result, red below the pass mark, with the sentence for screen readers."""
    percent = round(100 * right / of) if of else 0
    sentence = gettext("%(topic)s: %(percent)d percent, pass mark %(mark)d") % {
        "topic": topic,
        "percent": percent,
        "mark": pass_percent,
    }
    return share(percent, sentence, pass_percent, "low" if percent < pass_percent else "")


@register.simple_tag
def likely(low: float, high: float, middle: float, sentence: str) -> SafeString:
    """A stretch of 0 to 100 that says `sentence`: where a share likely lies."""
    return _safe(bars.likely(low, high, middle, sentence))


@register.simple_tag
def daybar(planned: int, done: int = 0) -> SafeString:
    return _safe(bars.daybar(planned, done))


@register.simple_tag
def spark(values: Sequence[float], plan: float, sentence: str, alert: bool = False) -> SafeString:
    return _safe(bars.spark(values, plan, sentence, alert))


@register.simple_tag
def weekbars(
    hours: Sequence[float],
    plan: float,
    labels: Sequence[str],
    sentence: str,
    alert_from: int | None = None,
) -> SafeString:
    word = pgettext("line in a chart", "Plan")
    no_hours = gettext("%(hours)d h") % {"hours": 0}
    return _safe(bars.weekbars(bars.Weeks(hours, labels, plan, word, no_hours, sentence, alert_from)))


@register.simple_tag
def steps(states: Sequence[str], sentence: str) -> SafeString:
    return _safe(bars.steps(states, sentence))
