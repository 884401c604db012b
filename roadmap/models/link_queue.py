"""Which links an author should look at, and why."""

from __future__ import annotations

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet, Subquery

from roadmap.models.link_check import LinkCheck, LinkState
from roadmap.models.opinion import FEWEST_RATINGS, LOW_AVERAGE, LinkReport, ResourceRating

DEAD = Q(state__in=[LinkState.BROKEN, LinkState.QUARANTINED]) | Q(state=LinkState.FAILING, failures__gte=2)


def queue(part: str = "") -> QuerySet[LinkCheck]:
    """Links of resources in use that want an author: all of them, or one part of the queue."""
    links = LinkCheck.objects.filter(resource__archived_at=None).select_related("resource", "host")
    return links.filter(_parts().get(part, _anything()))


def with_opinions(links: QuerySet[LinkCheck]) -> QuerySet[LinkCheck]:
    """The same links with `open_reports` and `stars` (None without ratings)."""
    reports = LinkReport.objects.open().filter(resource=OuterRef("resource")).order_by().values("resource")
    ratings = ResourceRating.objects.filter(resource=OuterRef("resource")).order_by().values("resource")
    return links.annotate(
        open_reports=Subquery(reports.annotate(count=Count("pk")).values("count")),
        stars=Subquery(
            ratings.annotate(mean=Avg("stars"), people=Count("pk"))
            .filter(people__gte=FEWEST_RATINGS)
            .values("mean")
        ),
    )


def _parts() -> dict[str, Q]:
    low = (
        ResourceRating.objects.order_by()
        .values("resource")
        .annotate(mean=Avg("stars"), people=Count("pk"))
        .filter(people__gte=FEWEST_RATINGS, mean__lte=LOW_AVERAGE)
        .values("resource")
    )
    return {
        "dead": DEAD,
        "moved": Q(state=LinkState.MOVED),
        "soft_404": Q(state=LinkState.SOFT_404),
        "guarded": Q(state=LinkState.GUARDED),
        "reported": Q(Exists(LinkReport.objects.open().filter(resource=OuterRef("resource")))),
        "low": Q(resource__in=low),
        "all": Q(),
    }


def _anything() -> Q:
    parts = _parts()
    return parts["dead"] | parts["moved"] | parts["soft_404"] | parts["reported"] | parts["low"]
