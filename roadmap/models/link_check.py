from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Self

from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from roadmap import addresses, verdicts
from roadmap.fetching import Answer
from roadmap.models.link_host import PAUSE, LinkHost
from roadmap.models.resource import Resource

CHUNK = 1000
KEPT = 12  # results in the history of a link


class LinkState(models.TextChoices):
    UNCHECKED = "unchecked", _("not checked yet")
    OK = "ok", pgettext_lazy("of a link", "answers")
    MOVED = "moved", _("moved for good")
    SOFT_404 = "soft_404", _("answers, but seems to be gone")
    GUARDED = "guarded", _("lets no machine in")
    FAILING = "failing", _("does not answer for now")
    BROKEN = "broken", _("broken")
    QUARANTINED = "quarantined", _("in quarantine")


class Trouble(models.TextChoices):
    """Why a link gave no answer at all."""

    REFUSED = "refused", _("its address is not one that is asked")
    NAME = "name", _("its host name is not known")
    TIMEOUT = "timeout", _("it took too long")
    TLS = "tls", _("its certificate is not valid")
    CONNECTION = "connection", _("no connection")
    REDIRECTS = "redirects", _("too many redirects")


class LinkCheckQuerySet(models.QuerySet["LinkCheck"]):
    def unanswered(self) -> Self:
        """Links that readers are warned of: those that did not answer once may be well again by now."""
        return self.filter(
            Q(state__in=[LinkState.BROKEN, LinkState.QUARANTINED])
            | Q(state=LinkState.FAILING, failures__gte=2)
        )

    def of_keys(self, keys: Iterable[str]) -> Self:
        return self.filter(resource__key__in=list(keys))

    def unanswered_among(self, keys: Iterable[str]) -> dict[str, LinkCheck]:
        """Those of the resources with these keys that do not answer, by key; one query."""
        found = self.unanswered().of_keys(keys).select_related("resource")
        return {check.resource.key: check for check in found}

    def catch_up(self, now: datetime, most: int = 10 * CHUNK) -> int:
        """Give resources that are new, or have a new address, their check; how many there were, `most` at most."""
        stale = Resource.objects.unarchived().filter(Q(link_check=None) | ~Q(link_check__url=F("url")))
        count = 0
        while count < most:
            chunk = list(stale.order_by("pk").only("pk", "url")[:CHUNK])
            self.begin(chunk, now)
            count += len(chunk)
            if len(chunk) < CHUNK:
                break
        return count

    @transaction.atomic
    def begin(self, resources: Sequence[Resource], now: datetime) -> None:
        """Write down that these are to be checked under the address that they have now, whatever was known before."""
        names = {resource.pk: addresses.host_of(resource.url) for resource in resources}
        LinkHost.objects.bulk_create(
            (LinkHost(name=name, next_at=now) for name in sorted(set(names.values()))), ignore_conflicts=True
        )
        hosts = {host.name: host.pk for host in LinkHost.objects.filter(name__in=set(names.values()))}
        self.bulk_create(
            [
                LinkCheck(
                    resource_id=resource.pk,
                    url=resource.url,
                    host_id=hosts[names[resource.pk]],
                    next_check_at=now,
                )
                for resource in resources
            ],
            update_conflicts=True,
            unique_fields=["resource"],
            update_fields=_ANEW,
        )
        LinkHost.objects.filter(pk__in=hosts.values()).expect(now)

    def claim(self, now: datetime, limit: int) -> list[LinkCheck]:
        """Up to `limit` links that are due, each of another host, which nobody else asks until it is settled."""
        hosts = LinkHost.objects.claim(now, limit)
        first = self.filter(host=OuterRef("pk"), next_check_at__lte=now).order_by("next_check_at", "pk")
        due = LinkHost.objects.filter(pk__in=hosts).annotate(due=Subquery(first.values("pk")[:1]))
        claimed = list(self.filter(pk__in=due.values_list("due", flat=True)).select_related("resource"))
        LinkHost.objects.filter(pk__in=set(hosts) - {check.host_id for check in claimed}).rest(now)
        return claimed


# What is said of a link anew when its address changed.
_ANEW = [
    *("url", "host", "state", "status", "trouble", "final_url", "moved_to", "failures", "failing_since"),
    *("checked_at", "next_check_at", "fine_until", "history"),
]


class LinkCheck(models.Model):
    """How the link of one resource stands: what came of asking `url`, and when it is asked again.

    `url` is the address that was asked; once the resource has another, the check begins anew. `history` holds the last
    results, newest first, as {at, state, status, trouble}.
    """

    resource = models.OneToOneField(Resource, models.CASCADE, related_name="link_check")
    host = models.ForeignKey(LinkHost, models.PROTECT, related_name="checks")
    url = models.URLField(_("address"), max_length=1000)
    state = models.CharField(
        _("state"), max_length=12, choices=LinkState.choices, default=LinkState.UNCHECKED
    )
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    trouble = models.CharField(_("trouble"), max_length=12, choices=Trouble.choices, blank=True)
    final_url = models.CharField(_("led to"), max_length=4000, blank=True)
    moved_to = models.CharField(_("new address"), max_length=1000, blank=True)
    failures = models.PositiveIntegerField(_("bad answers in a row"), default=0)
    failing_since = models.DateTimeField(_("has not answered since"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last checked"), null=True, blank=True)
    next_check_at = models.DateTimeField(_("checked again"))
    fine_until = models.DateField(_("held to be fine until"), null=True, blank=True)
    history = models.JSONField(_("results"), default=list, blank=True)

    objects = LinkCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        indexes = [
            models.Index(fields=["host", "next_check_at", "id"], name="links_of_a_host_by_due"),
            models.Index(fields=["state", "id"], name="links_by_state"),
            models.Index(
                fields=["resource"],
                condition=Q(state__in=["broken", "failing", "quarantined"]),
                name="links_that_do_not_answer",
            ),
        ]

    def __str__(self) -> str:
        return str(self.resource)

    # Acts

    @transaction.atomic
    def settle(self, answer: Answer, now: datetime) -> str:
        """Write down what came of asking, and let the host rest. An address that changed meanwhile is left alone.

        The state that the answer gives.
        """
        past = verdicts.Past(_state(self.state), self.failures, self.failing_since)
        verdict = verdicts.judge(self.url, answer, past, now, spread=self._spread())
        mine = LinkCheck.objects.filter(pk=self.pk, url=self.url)
        mine.update(
            state=verdict.state,
            status=answer.status,
            trouble=answer.trouble,
            final_url=answer.url[:4000] if answer.hops else "",
            moved_to=verdict.moved_to if len(verdict.moved_to) <= 1000 else "",
            failures=verdict.failures,
            failing_since=verdict.failing_since,
            checked_at=now,
            next_check_at=verdict.next_check_at,
            history=[_result(now, verdict.state, answer), *self.history][:KEPT],
        )
        asks_for_patience = answer.status in {429, 503}
        LinkHost.objects.filter(pk=self.host_id).rest(
            verdict.next_check_at if asks_for_patience else now + PAUSE
        )
        return verdict.state

    def put_off(self, now: datetime) -> None:
        """Do not ask this time: its resource is in the archive."""
        LinkCheck.objects.filter(pk=self.pk).update(next_check_at=now + verdicts.WHEN_FINE)
        LinkHost.objects.filter(pk=self.host_id).rest(now)

    @transaction.atomic
    def check_again(self, now: datetime) -> None:
        """Ask next, whatever somebody said of it before."""
        self.fine_until, self.next_check_at = None, now
        self.save(update_fields=["fine_until", "next_check_at"])
        LinkHost.objects.filter(pk=self.host_id).expect(now)

    def hold_fine(self, until: datetime) -> None:
        """An author looked herself: it is not asked again before then, and readers are told nothing."""
        self.state, self.failures, self.failing_since = LinkState.OK, 0, None
        self.fine_until, self.next_check_at = until.date(), until
        self.save(update_fields=["state", "failures", "failing_since", "fine_until", "next_check_at"])

    @transaction.atomic
    def take_new_address(self, now: datetime) -> bool:
        """Write the address that the server gives for good into the draft; False when there is none (any more)."""
        resource = Resource.objects.select_for_update(no_key=True).get(pk=self.resource_id)
        if not self.moved_to or resource.url != self.url:
            return False
        self._replace(resource, self.moved_to, now)
        return True

    @transaction.atomic
    def replace(self, url: str, now: datetime) -> bool:
        """Write another address into the draft; False when somebody else changed it since. Raises ValidationError."""
        resource = Resource.objects.select_for_update(no_key=True).get(pk=self.resource_id)
        if resource.url != self.url:
            return False
        self._replace(resource, url, now)
        return True

    # Questions

    @property
    def is_unanswered(self) -> bool:
        """Whether readers are warned: the rule of `unanswered()` for one row."""
        one_bad_night = self.state == LinkState.FAILING and self.failures < 2
        return (
            self.state in {LinkState.BROKEN, LinkState.QUARANTINED, LinkState.FAILING} and not one_bad_night
        )

    @property
    def said(self) -> str:
        """What came of the last question in a few words: “answers 404”, “it took too long”."""
        if self.trouble:
            return str(Trouble(self.trouble).label)
        if self.status is not None and self.status >= 400:
            return gettext("answers %(status)d") % {"status": self.status}
        return str(LinkState(self.state).label)

    # Helpers

    def _replace(self, resource: Resource, url: str, now: datetime) -> None:
        resource.move_to(url)
        LinkCheck.objects.begin([resource], now)
        self.refresh_from_db()

    def _spread(self) -> float:
        """From 0 to 1, the same for this link at all times."""
        return hashlib.blake2b(str(self.resource_id).encode(), digest_size=2).digest()[0] / 255


def _state(state: str) -> verdicts.State:
    found: verdicts.State = LinkState(state).value  # type: ignore[assignment]  # the choices are the states
    return found


def _result(now: datetime, state: str, answer: Answer) -> dict[str, Any]:
    return {"at": now.isoformat(), "state": state, "status": answer.status, "trouble": answer.trouble}
