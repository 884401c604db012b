"""Publishing a draft: what would change, what stops it, and the act."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext

from accounts import clock
from accounts.models import User
from authoring import frozen
from authoring.admin.road import RoadPages
from authoring.difference import Change, changes
from authoring.faults import stopping
from authoring.forms import PublishForm
from authoring.models import Draft, DraftHasFaultsError
from authoring.words import change_rows, fault_rows
from progress.models import Enrollment
from roadmap.document import RoadDocument
from roadmap.models import Edition, Roadmap


class PublishPage(RoadPages):
    """The page on which a draft becomes an edition."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [path("<int:pk>/publish/", view(self.publish), name="authoring_publish"), *super().get_urls()]

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a publish would change and what stops it; POST publishes."""
        road = self.find_road(request, pk)
        if not self.has_change_permission(request, road):
            raise PermissionDenied
        form = PublishForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                return self._publish(request, road, form.cleaned_data["changelog"])
            except DraftHasFaultsError:
                form.add_error(None, gettext("Nothing was published: the faults below stop it."))
        context = {**self._publishing(road), "form": form, "title": gettext("Publish")}
        return self.page(request, road, "authoring/publish.html", context, 422 if form.errors else 200)

    def _publish(self, request: HttpRequest, road: Roadmap, changelog: str) -> HttpResponse:
        draft = Draft(road)
        if not draft.is_changed():
            said = gettext("Nothing was published: learners see all of this draft already.")
            self.message_user(request, said, messages.WARNING)
            return redirect("admin:authoring_publish", road.pk)
        by = request.user if isinstance(request.user, User) else None
        edition = draft.publish(by=by, changelog=changelog, now=clock.now())
        self.log_change(request, road, gettext("Published edition %(n)d.") % {"n": edition.number})
        said = gettext("Edition %(n)d is published. Learners see it from now on.") % {"n": edition.number}
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:authoring_editions", road.pk)

    def _publishing(self, road: Roadmap) -> dict[str, Any]:
        draft = Draft(road)
        checked = draft.checked()
        stops = stopping(checked.faults)
        faults = sorted(checked.faults, key=lambda fault: not fault.stops)
        found = [] if checked.road is None else _changes(road, draft, frozen.document(checked.road))
        return {
            "edition": road.current_edition,
            "faults": fault_rows(road, faults),
            "stop_count": len(stops),
            "warn_count": len(faults) - len(stops),
            "can_compare": checked.road is not None,
            "changes": change_rows(found),
            "can_publish": bool(found) and not stops,
            "learners": Enrollment.objects.current().on(road.key).count(),
        }


def _changes(road: Roadmap, draft: Draft, new: RoadDocument) -> list[Change]:
    current = road.current_edition_id
    old = Edition.objects.document(current) if current else None
    return [
        *changes(old, new),
        *(Change("edited", "quiz", quiz.title) for quiz in draft.changed_quizzes()),
    ]
