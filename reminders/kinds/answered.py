"""What the letters about answers to evidence share: the words of a mentor, which version, where they are read."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import CharField, OuterRef, Value
from django.db.models.functions import Cast, Concat

from mentoring.models import Review
from progress.models import Submission
from progress.words import evidence_url
from roadmap.models import Edition


def quotes(rows: Sequence[Submission]) -> dict[int, str]:
    """The feedback written with the newest decision on each of these."""
    reviews = Review.objects.filter(version__submission__in=rows).order_by("reviewed_at", "pk")
    return dict(reviews.values_list("version__submission", "feedback"))


def version_of(row: Submission) -> int:
    """The number of the newest version, which with_version() has asked for."""
    number: int = getattr(row, "version", 0)
    return number


def occurrence(row: Submission, step: str = "") -> str:
    """The name of the letter about the answer to this version."""
    return f"submission-{row.pk}/version-{version_of(row)}{step}"


def occurrence_of_outer(step: str = "") -> Concat:
    """The same name of the outer row's in a subquery."""
    pk, version = (Cast(OuterRef(name), CharField()) for name in ("pk", "version"))
    return Concat(
        Value("submission-"), pk, Value("/version-"), version, Value(step), output_field=CharField()
    )


def page_of(row: Submission) -> tuple[str, str]:
    """Title and address of the page of an evidence task; a retired one keeps the title of its row."""
    road = Edition.objects.document(row.task.roadmap.studied_edition_id)
    task = road.task_by_key.get(row.task.key)
    return (task.title if task else row.task.title), evidence_url(road.key, row.task.key)
