from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.request import SignedInRequest
from roadmap.forms.opinion import RatingForm, ReportForm
from roadmap.models import LinkReport, Resource, ResourceRating, Roadmap
from roadmap.models.library import Library
from roadmap.models.opinion import TooManyError
from roadmap.views.library import resource_page


@login_required
@require_POST
def report(request: SignedInRequest, resource_key: str) -> HttpResponse:
    """Say that something is wrong with a link; authors read it in their queue of links."""
    resource, form = _resource(request, resource_key), ReportForm(request.POST)
    if form.is_valid():
        try:
            LinkReport.objects.report(request.user, resource, **form.cleaned_data, now=clock.now())
        except TooManyError:
            form.add_error(None, gettext("That is a lot for one hour. Please go on later; nothing was sent."))
            return resource_page(request, resource_key, {"report_form": form}, 429)
        messages.success(request, gettext("Thank you. The authors see your report."))
        return redirect(_back(resource_key))
    return resource_page(request, resource_key, {"report_form": form}, 422)


@login_required
@require_POST
def rate(request: SignedInRequest, resource_key: str) -> HttpResponse:
    """Say how much a resource helped; saying it again replaces it."""
    resource, form = _resource(request, resource_key), RatingForm(request.POST)
    if form.is_valid():
        try:
            ResourceRating.objects.rate(request.user, resource, **form.cleaned_data, now=clock.now())
        except TooManyError:
            form.add_error(None, gettext("That is a lot for one hour. Please go on later; nothing was sent."))
            return resource_page(request, resource_key, {"rating_form": form}, 429)
        messages.success(request, gettext("Thank you. Your rating is kept; you can change it at any time."))
        return redirect(_back(resource_key))
    return resource_page(request, resource_key, {"rating_form": form}, 422)


def _resource(request: SignedInRequest, resource_key: str) -> Resource:
    """The resource, if it stands on a road that this reader may see."""
    if not Library(Roadmap.objects.findable_by(request.user)).places(resource_key):
        raise Http404
    return Resource.objects.get(key=resource_key)


def _back(resource_key: str) -> str:
    return f"{reverse('roadmap:resource', args=[resource_key])}#opinion"
