"""A whole road as one Markdown text, to read offline, print or keep. No Django, no facts of any person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from roadmap.document import (
    Background,
    EvidenceAccepted,
    PlacedResource,
    ResourceEntry,
    RoadDocument,
    StageEntry,
    TaskEntry,
    TopicEntry,
)

_SIGNS = re.compile(r"([\\`*_\[\]<>$])")
ROLES = {
    "core": _("core"),
    "practice": _("practice"),
    "reference": _("reference"),
    "deep_dive": _("deep dive"),
    "alternative": _("alternative"),
}
Line = Sentence | str


def handout(document: RoadDocument, *, url: str, edition: int) -> Iterator[Line]:
    """Its lines; those that say something in the reader's language are sentences. `url` is the road's address."""
    yield f"# {_plain(document.title)}"
    yield from ("", _plain(document.summary), "")
    yield _("Edition %(number)d of <%(url)s>", number=edition, url=url)
    yield ""
    yield from (_pace(document, background) for background in document.backgrounds)
    for number, stage in enumerate(document.stages, 1):
        yield from _stage(document, number, stage)
    yield from _questions(document)


def _pace(document: RoadDocument, background: Background) -> Sentence:
    low, high = background.months
    return _(
        "- %(title)s: %(low)d to %(high)d months at %(hours)d hours a week",
        title=_plain(background.title),
        low=low,
        high=high,
        hours=document.hours_per_week,
    )


def _stage(document: RoadDocument, number: int, stage: StageEntry) -> Iterator[Line]:
    yield ""
    yield _("## Stage %(number)d: %(title)s", number=number, title=_plain(stage.title))
    for text in filter(None, (stage.summary, stage.why)):
        yield from ("", _plain(text))
    for gate in stage.gates:
        if gate.because:
            yield from ("", _("**Gate:** %(because)s", because=_plain(gate.because)))
        if isinstance(gate, EvidenceAccepted):
            names = ", ".join(_plain(document.task_by_key[key].title) for key in gate.tasks)
            yield ""
            yield _("Accepted before it opens, at least %(n)d: %(tasks)s", n=gate.at_least, tasks=names)
    for topic in stage.topics:
        yield from _topic(document, topic)
    for task in stage.evidence:
        yield from _task(task)


def _topic(document: RoadDocument, topic: TopicEntry) -> Iterator[Line]:
    yield from ("", f"### {_plain(topic.title)}")
    if topic.objective:
        yield from ("", f"*{_plain(topic.objective)}*")
    if topic.outcomes:
        yield ""
        yield from (f"- {_plain(outcome.text)}" for outcome in topic.outcomes)
    if topic.body.strip():
        yield from ("", _lowered(topic.body.strip(), by=3))
    if topic.resources:
        yield ""
        yield from (_resource(document.resources[placed.resource], placed) for placed in topic.resources)


def _resource(entry: ResourceEntry, placed: PlacedResource) -> Sentence:
    author = f", {_plain(entry.author)}" if entry.author else ""
    why = f" – {_plain(entry.why)}" if entry.why else ""
    return _(
        "- [ ] [%(title)s](<%(url)s>)%(author)s (%(role)s)%(why)s",
        title=_plain(entry.title),
        url=entry.url.replace(">", "%3E").replace("<", "%3C"),
        author=author,
        role=ROLES[placed.role],
        why=why,
    )


def _task(task: TaskEntry) -> Iterator[Line]:
    yield from (
        "",
        _("### Evidence: %(title)s", title=_plain(task.title)),
        "",
        _lowered(task.brief.strip(), by=3),
    )
    if task.rubric:
        yield ""
    for criterion in task.rubric:
        must = _(" (must be met)") if criterion.must_meet else ""
        yield _(
            "- **%(title)s**%(must)s: %(meets)s",
            title=_plain(criterion.title),
            must=must,
            meets=_plain(criterion.levels.meets),
        )


def _questions(document: RoadDocument) -> Iterator[Line]:
    if document.faq:
        yield from ("", _("## Questions and answers"))
    for entry in document.faq:
        yield from ("", f"### {_plain(entry.question)}", "", _lowered(entry.answer.strip(), by=3))


def _plain(text: str) -> str:
    """Text in which no sign is taken for Markdown, on one line."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def _lowered(markdown: str, *, by: int) -> str:
    """An author's Markdown with its headings below those around it; what stands in code stays."""
    lines, fence = [], ""
    for line in markdown.splitlines():
        mark = line.lstrip()[:3]
        if mark in {"```", "~~~"} and fence in {"", mark}:
            fence = "" if fence else mark
        heading = not fence and re.match(r"#{1,6} ", line)
        lines.append("#" * min(by, 7 - len(heading.group())) + line if heading else line)
    return "\n".join(lines)
