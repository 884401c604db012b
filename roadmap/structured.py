"""A road and a resource in schema.org's words, as JSON-LD: what search engines read of a public page.

Sources: schema.org (Course, CourseInstance, Syllabus, FAQPage, LearningResource) and what Google asks of each in its
documentation of structured data: a description, a provider, an offer with a category, an instance with its
workload. The terms are theirs; inside the house a road is a road. No Django.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from roadmap.document import Background, RoadDocument, StageEntry

_CONTEXT = "https://schema.org"
_LEVELS = {"beginner": "Beginner", "intermediate": "Intermediate", "advanced": "Advanced"}
_KINDS = {
    "video": "VideoObject",
    "book": "Book",
    "course": "Course",
    "article": "Article",
    "paper": "ScholarlyArticle",
    "tool": "SoftwareApplication",
    "dataset": "Dataset",
    "repository": "SoftwareSourceCode",
    "podcast": "PodcastSeries",
}
_LONGEST_DESCRIPTION = 500  # characters; what stands behind it is cut by readers anyway
Thing = dict[str, Any]


class Described(Protocol):
    """What is told of a resource, wherever it was read."""

    title: str
    author: str
    url: str
    type: str
    cost: str
    language: str
    level: str
    year: int | None
    why: str

    @property
    def minutes(self) -> tuple[int, int] | None: ...


@dataclass(frozen=True, slots=True)
class House:
    """Who publishes: a name and the address of the front page, without a slash at its end."""

    name: str
    url: str


def road(
    document: RoadDocument, *, url: str, picture: str, house: House, first: datetime, last: datetime
) -> Thing:
    """A road as a `Course`; `first` and `last` are when its first and its current edition were published."""
    return {
        "@context": _CONTEXT,
        "@type": "Course",
        "@id": url,
        "url": url,
        "name": document.title,
        "description": _short(document.summary),
        "image": [picture],
        "inLanguage": document.language,
        "educationalLevel": _LEVELS.get(document.level, document.level),
        "provider": _organization(house),
        "publisher": _organization(house),
        "datePublished": first.date().isoformat(),
        "dateModified": last.date().isoformat(),
        "isAccessibleForFree": True,
        "offers": [{"@type": "Offer", "category": "Free", "price": 0, "priceCurrency": "EUR"}],
        "teaches": [point for group in document.learn for point in group.points],
        "syllabusSections": [_section(document, stage) for stage in document.stages],
        "hasCourseInstance": [_instance(document, background) for background in document.backgrounds],
    }


def faq_page(document: RoadDocument, answers: dict[str, str], *, url: str) -> Thing | None:
    """The road's FAQ as a `FAQPage`; `answers` are safe HTML by key. None without questions."""
    if not document.faq:
        return None
    return {
        "@context": _CONTEXT,
        "@type": "FAQPage",
        "@id": f"{url}#faq",
        "mainEntity": [
            {
                "@type": "Question",
                "name": entry.question,
                "acceptedAnswer": {"@type": "Answer", "text": answers[entry.key]},
            }
            for entry in document.faq
        ],
    }


def resource(entry: Described, *, url: str) -> Thing:
    """A resource of the library as a `LearningResource`, of its own kind as well where schema.org has one."""
    kind = _KINDS.get(entry.type)
    about: Thing = {
        "@context": _CONTEXT,
        "@type": ["LearningResource", kind] if kind else "LearningResource",
        "@id": url,
        "name": entry.title,
        "url": entry.url,
        "inLanguage": entry.language,
        "educationalLevel": _LEVELS.get(entry.level, entry.level),
        "learningResourceType": entry.type,
        "isAccessibleForFree": entry.cost in {"free", "free-with-account"},
    }
    if entry.why:
        about["description"] = _short(entry.why)
    if entry.author:
        about["author"] = {"@type": "Person", "name": entry.author}
    if entry.minutes:
        about["timeRequired"] = _duration(sum(entry.minutes) / 120)
    if entry.year:
        about["datePublished"] = str(entry.year)
    return about


def script(thing: Thing) -> str:
    """JSON that may stand inside a `<script type="application/ld+json">`: nothing in it can close the element."""
    plain = json.dumps(thing, ensure_ascii=False, separators=(",", ":"))
    return plain.translate({ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def _section(document: RoadDocument, stage: StageEntry) -> Thing:
    section: Thing = {"@type": "Syllabus", "name": stage.title}
    if said := stage.summary or stage.why:
        section["description"] = _short(said)
    if hours := [stage.hours(background.key)[0] for background in document.backgrounds]:
        section["timeRequired"] = _duration(min(hours))
    return section


def _instance(document: RoadDocument, background: Background) -> Thing:
    low, high = document.hours(background.key)
    return {
        "@type": "CourseInstance",
        "name": background.title,
        "courseMode": "Online",
        "courseWorkload": _duration((low + high) / 2 or document.hours_per_week),
    }


def _organization(house: House) -> Thing:
    return {"@type": "Organization", "name": house.name, "sameAs": house.url, "url": house.url}


def _duration(hours: float) -> str:
    """ISO 8601, as PT45M or PT390H."""
    minutes = max(1, round(hours * 60))
    whole, rest = divmod(minutes, 60)
    return f"PT{f'{whole}H' if whole else ''}{f'{rest}M' if rest else ''}"


def _short(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) <= _LONGEST_DESCRIPTION:
        return plain
    return plain[:_LONGEST_DESCRIPTION].rsplit(" ", 1)[0] + " …"
