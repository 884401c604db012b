"""Roads as zips: one is downloaded; one is uploaded, looked at in a dry run, and then goes into its draft."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext

from accounts import clock
from accounts.models import User
from authoring import packing, writing
from authoring.admin.road import RoadPages
from authoring.faults import Fault, stopping
from authoring.forms import ConfirmImportForm, RoadZipForm
from authoring.models import (
    Draft,
    DraftChangedError,
    DraftHasFaultsError,
    RoadImport,
    RoadImportRefusedError,
    RoadmapshImport,
    RoadUpload,
    UploadIsOverError,
)
from authoring.words import counted, file_fault_rows, guess_rows, written_rows
from roadmap.words import change_rows

GUESSES_SHOWN = 200
WRITES = ("roadmap.add_roadmap", "roadmap.change_roadmap", "quizzes.add_question", "quizzes.change_question")


class ImportPages(RoadPages):
    """Zips of roads, in and out."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.upload_road), name="authoring_import"),
            path("import/<int:upload>/", view(self.confirm_import), name="authoring_confirm_import"),
            path("<int:pk>/zip/", view(self.download), name="authoring_zip"),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The draft as a zip that can be uploaded again."""
        road = self.find_road(request, pk)
        try:
            texts = writing.files(Draft(road).folder())
        except DraftHasFaultsError:
            said = gettext("The draft has faults, so it can't be packed. Mend them first.")
            self.message_user(request, said, messages.ERROR)
            return redirect("admin:authoring_publish", road.pk)
        answer = HttpResponse(packing.pack(texts, road.key), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="{road.key}.zip"'
        return answer

    def upload_road(self, request: HttpRequest) -> HttpResponse:
        """Takes a zip; what is wrong with it is said at once, and a sound one is kept for its dry run."""
        author = _author(request)
        is_post = request.method == "POST"
        form = RoadZipForm(request.POST, request.FILES) if is_post else RoadZipForm()
        faults: list[Fault] = []
        data = b""
        if is_post and form.is_valid():
            data = form.cleaned_data["zip"].read()
            try:
                upload = RoadUpload.objects.receive(author, form.cleaned_data["zip"].name, data, clock.now())
            except RoadImportRefusedError as refused:
                faults = refused.faults
            else:
                return redirect("admin:authoring_confirm_import", upload.pk)
        context = {"form": form, "title": gettext("Import a road"), **_faults(faults, data)}
        refused_it = faults or form.errors
        return self._import_page(request, "authoring/import.html", context, 422 if refused_it else 200)

    def confirm_import(self, request: HttpRequest, upload: int) -> HttpResponse:
        """The dry run of an upload, its confirmation, and afterwards what was written."""
        author, now = _author(request), clock.now()
        kept = get_object_or_404(RoadUpload.objects.of(author).living(now).select_related("road"), pk=upload)
        if kept.imported_at:
            return self._done(request, kept)
        form = ConfirmImportForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                kept.confirm(**form.cleaned_data, now=now)
            except DraftChangedError:
                form = _again(
                    form, gettext("Nothing was imported: the draft changed since. Look at it again.")
                )
            except DraftHasFaultsError:
                form = _again(form, gettext("Nothing was imported: the faults below stop publishing."))
            except RoadImportRefusedError:
                form = _again(form, gettext("Nothing was imported: the faults below stop it."))
            except UploadIsOverError:
                return redirect("admin:authoring_confirm_import", kept.pk)
            else:
                self.log_change(request, kept.road, gettext("Imported %(file)s.") % {"file": kept.name})
                return redirect("admin:authoring_confirm_import", kept.pk)
        return self._dry_run(request, kept, form, now)

    def _dry_run(
        self, request: HttpRequest, kept: RoadUpload, form: ConfirmImportForm, now: datetime
    ) -> HttpResponse:
        status = 422 if form.errors else 200
        context: dict[str, Any] = {"upload": kept, "title": gettext("Dry run")}
        try:
            road_import = kept.road_import()
            run = road_import.dry_run(now)
        except RoadImportRefusedError as refused:
            context |= {"form": form, **_faults(refused.faults, bytes(kept.data))}
            return self._import_page(request, "authoring/import_run.html", context, status)
        except UploadIsOverError as over:
            raise Http404 from over
        form.show(run.seen)
        context |= {
            "form": form,
            "run": run,
            "counted": counted(run.changes.by_act),
            "written": written_rows(run.changes.by_act),
            "changes": change_rows(run.difference),
            "effects": list(run.impact.rows()) if run.impact else [],
            **_faults([*road_import.warnings, *run.faults], bytes(kept.data)),
            **_from_elsewhere(road_import),
        }
        return self._import_page(request, "authoring/import_run.html", context, status)

    def _done(self, request: HttpRequest, kept: RoadUpload) -> HttpResponse:
        context = {
            "upload": kept,
            "road": kept.road,
            "edition": kept.outcome.get("edition"),
            "written": written_rows(kept.outcome.get("changes", {})),
            "title": gettext("Imported"),
        }
        return self._import_page(request, "authoring/import_done.html", context)

    def _import_page(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> HttpResponse:
        crumbs = [(gettext("Roads"), reverse("admin:roadmap_roadmap_changelist"))]
        if "upload" in context:
            crumbs.append((gettext("Import a road"), reverse("admin:authoring_import")))
        return self.framed(request, template, crumbs, context, status)


def _author(request: HttpRequest) -> User:
    """Who may write a whole road, its questions included."""
    person = request.user
    if not isinstance(person, User) or not person.has_perms(WRITES):
        raise PermissionDenied
    return person


def _faults(faults: list[Fault], data: bytes) -> dict[str, Any]:
    ordered = sorted(faults, key=lambda fault: not fault.stops)
    stops = stopping(faults)
    files = packing.unpack(data).files if faults else {}
    return {
        "faults": file_fault_rows(ordered, files),
        "stop_count": len(stops),
        "warn_count": len(faults) - len(stops),
    }


def _from_elsewhere(road_import: RoadImport) -> dict[str, Any]:
    """What only a road from roadmap.sh has: its terms, and where its topics would stand on a guess."""
    if not isinstance(road_import, RoadmapshImport):
        return {}
    return {
        "origin": road_import.folder.road,
        "guesses": guess_rows(road_import.guesses[:GUESSES_SHOWN]),
        "guess_count": len(road_import.guesses),
        "more_guesses": max(0, len(road_import.guesses) - GUESSES_SHOWN),
    }


def _again(form: ConfirmImportForm, said: str) -> ConfirmImportForm:
    form.add_error(None, said)
    return form
