from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.request import SignedInRequest
from mentoring.models import readable_versions

log = logging.getLogger(__name__)


@login_required
@require_safe
def file(request: SignedInRequest, version_id: int) -> FileResponse:
    """The file of a version, as bytes to keep: no browser shows or runs what somebody uploaded."""
    version = get_object_or_404(readable_versions(request.user).exclude(file=""), pk=version_id)
    try:
        opened = version.file.open("rb")
    except FileNotFoundError as missing:
        log.exception("the file of a version is not in the storage", extra={"version": version_id})
        raise Http404 from missing
    response = FileResponse(
        opened, as_attachment=True, filename=version.file_name, content_type="application/octet-stream"
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
