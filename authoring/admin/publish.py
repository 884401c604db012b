"""Publishing a draft or an earlier edition: what would change, whom it touches, what stops it, and the act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from accounts import clock
from accounts.models import User
from accounts.words import said
from authoring import frozen
from authoring.admin.road import RoadPages
from authoring.faults import Fault, stopping
from authoring.forms import PublishForm
from authoring.models import (
    Draft,
    DraftHasFaultsError,
    EarlierEdition,
    NothingToPublishError,
    Outlook,
    PublishedMeanwhileError,
    RoadImportRefusedError,
)
from authoring.words import fault_rows
from progress.models import Enrollment
from quizzes.models import QuestionVersion
from roadmap.models import Edition, Roadmap
from roadmap.words import change_rows

CORRECTIONS_SAID = 5


class PublishPage(RoadPages):
    """The pages on which a draft, or an earlier edition, becomes what learners study."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        again = "<int:pk>/editions/<int:number>/again/"
        return [
            path("<int:pk>/publish/", view(self.publish), name="authoring_publish"),
            path(again, view(self.publish_again), name="authoring_publish_again"),
            *super().get_urls(),
        ]

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a publish would change and what stops it; POST publishes."""
        road = self._changeable(request, pk)
        form = _form(request, road)
        if request.method == "POST" and form.is_valid():
            answer = self._answer(request, road, form, Draft(road).publish)
            if answer is not None:
                return answer
        draft = Draft(road)
        checked = draft.checked()
        context = {"title": gettext("Publish"), "impact": None, **self._faults(road, checked.faults)}
        if checked.road is not None:
            document = frozen.document(checked.road)
            context |= _shown(draft.outlook(document, draft.drafted_quizzes(), clock.now()))
        return self._publish_page(request, road, form, context)

    def publish_again(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """What going back to an earlier edition would change; POST publishes it once more."""
        road = self._changeable(request, pk)
        found = get_object_or_404(Edition.objects.of(road).select_related("roadmap"), number=number)
        earlier = EarlierEdition(found)
        form = _form(request, road)
        if request.method == "POST" and form.is_valid():
            answer = self._answer(request, road, form, earlier.publish_again)
            if answer is not None:
                return answer
        context = {
            "title": gettext("Publish edition %(n)d again") % {"n": number},
            "earlier": found,
            **self._faults(road, []),
            **_shown(earlier.outlook(clock.now())),
        }
        return self._publish_page(request, road, form, context)

    # Helpers

    def _changeable(self, request: HttpRequest, pk: int) -> Roadmap:
        road = self.find_road(request, pk)
        if not self.has_change_permission(request, road):
            raise PermissionDenied
        return road

    def _answer(
        self, request: HttpRequest, road: Roadmap, form: PublishForm, act: Callable[..., Edition]
    ) -> HttpResponse | None:
        """Publish and go to the editions; None when the page is to be shown again with what was in the way."""
        try:
            edition = act(
                by=request.user if isinstance(request.user, User) else None,
                changelog=form.cleaned_data["changelog"],
                now=clock.now(),
                against=form.cleaned_data["against"],
                reason=form.asked_again_because(),
            )
        except DraftHasFaultsError:
            form.add_error(None, gettext("Nothing was published: the faults below stop it."))
        except RoadImportRefusedError as refused:
            for fault in refused.faults:
                form.add_error(None, gettext("Nothing was published: %(why)s") % {"why": said(fault.what)})
        except NothingToPublishError:
            form.add_error(None, gettext("Nothing was published: learners see all of this already."))
        except PublishedMeanwhileError as meanwhile:
            form.add_error(None, _meanwhile(meanwhile.edition))
            form.show_against(meanwhile.edition.number if meanwhile.edition else 0)
        else:
            self.log_change(request, road, gettext("Published edition %(n)d.") % {"n": edition.number})
            text = gettext("Edition %(n)d is published. Learners see it from now on.")
            self.message_user(request, text % {"n": edition.number}, messages.SUCCESS)
            for version in QuestionVersion.objects.corrected(edition.published_at)[:CORRECTIONS_SAID]:
                self.message_user(request, _corrected(version), messages.WARNING)
            return redirect("admin:authoring_editions", road.pk)
        return None

    def _faults(self, road: Roadmap, faults: list[Fault]) -> dict[str, Any]:
        stops = stopping(faults)
        return {
            "faults": fault_rows(road, sorted(faults, key=lambda fault: not fault.stops)),
            "stop_count": len(stops),
            "warn_count": len(faults) - len(stops),
            "checked_at": clock.now(),
        }

    def _publish_page(
        self, request: HttpRequest, road: Roadmap, form: PublishForm, context: dict[str, Any]
    ) -> HttpResponse:
        road.refresh_from_db(fields=["current_edition"])
        edition = road.current_edition
        learners = Enrollment.objects.current().on(road.key).count()
        changes = context.get("changes")
        shown = {
            "form": form,
            "edition": edition,
            "next_number": edition.number + 1 if edition else 1,
            "learners": learners,
            "can_publish": changes is not None and changes.count > 0 and not context["stop_count"],
            "headline": _headline(changes.count, learners) if changes is not None else context["title"],
        }
        status = 422 if form.errors else 200
        return self.page(request, road, "authoring/publish.html", {**context, **shown}, status)


def _form(request: HttpRequest, road: Roadmap) -> PublishForm:
    edition = road.current_edition
    number = edition.number if edition else 0
    return PublishForm(request.POST or None, initial={"against": number, "choice": "keep"})


def _shown(outlook: Outlook) -> dict[str, Any]:
    changes, impact = outlook
    return {"changes": change_rows(changes), "impact": impact, "effects": list(impact.rows())}


def _headline(changes: int, learners: int) -> str:
    return gettext("%(changes)s, %(learners)s") % {
        "changes": ngettext("%(count)d change", "%(count)d changes", changes) % {"count": changes},
        "learners": ngettext("%(count)d learner", "%(count)d learners", learners) % {"count": learners},
    }


def _corrected(version: QuestionVersion) -> SafeString:
    text = gettext(
        "The right answer of “%(question)s” changed. Results that were marked by the old one stay."
    )
    href = reverse("admin:authoring_regrade", args=[version.question_id])
    return format_html(
        "{} <a href='{}'>{}</a>", text % {"question": version.question.key}, href, gettext("Correct them …")
    )


def _meanwhile(edition: Edition | None) -> str:
    if edition is None:
        return gettext("Nothing was published: this road has no edition. Look again at what changes.")
    text = gettext(
        "Nothing was published now: edition %(n)d was published on %(time)s by %(who)s, after this page was opened. "
        "What is said here is compared with it."
    )
    time = date_format(edition.published_at, "j F Y, H:i")
    who = edition.published_by or gettext("somebody")
    return text % {"n": edition.number, "time": time, "who": who}
