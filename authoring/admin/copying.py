"""A road copied to be adapted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext

from accounts import clock
from authoring.admin.road import RoadPages
from authoring.forms import CopyForm
from authoring.models.road_copy import RoadCopy


class CopyPage(RoadPages):
    """Asks for the copy's key and title, saying what is copied and what is shared; POST copies."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.copy_road)
        return [path("<int:pk>/copy/", view, name="authoring_copy"), *super().get_urls()]

    def copy_road(self, request: HttpRequest, pk: int) -> HttpResponse:
        road = self.find_road(request, pk)
        if not self.has_add_permission(request):
            raise PermissionDenied
        suggested = {
            "key": f"{road.key}-copy",
            "title": gettext("%(title)s, adapted") % {"title": road.title},
        }
        form = CopyForm(request.POST or None, initial=suggested)
        if request.method == "POST" and form.is_valid():
            try:
                copy = RoadCopy(road).save(form.cleaned_data["key"], form.cleaned_data["title"], clock.now())
            except IntegrityError:  # somebody took the key in the same moment
                form.add_error("key", gettext("Another road has this key."))
            else:
                self.log_addition(request, copy, gettext("Copied from “%(road)s”.") % {"road": road})
                said = gettext("“%(copy)s” is a draft of its own now; learners see nothing of it.") % {
                    "copy": copy
                }
                self.message_user(request, said, messages.SUCCESS)
                return redirect("admin:roadmap_roadmap_change", copy.pk)
        context = {"title": gettext("Copy"), "form": form}
        return self.page(request, road, "authoring/copy.html", context, 422 if form.errors else 200)
