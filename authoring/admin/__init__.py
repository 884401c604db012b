"""The road's page at the desk, with what authors do to a draft as a whole: look at it, publish it, look back.

One module a group of pages; each is a class over `RoadPages` that adds its own addresses.
"""

from django.contrib import admin

from authoring.admin.copying import CopyPage
from authoring.admin.editions import EditionPages
from authoring.admin.imports import ImportPages
from authoring.admin.links import LinkQueue
from authoring.admin.preview import PreviewPages
from authoring.admin.publish import PublishPage
from authoring.admin.stage import StageAtTheDesk
from roadmap.models import Roadmap

admin.site.unregister(Roadmap)


@admin.register(Roadmap)
class RoadAtTheDesk(CopyPage, PublishPage, PreviewPages, EditionPages, ImportPages):
    """A road with preview, publish page, its editions, and zips in and out."""


__all__ = ["LinkQueue", "RoadAtTheDesk", "StageAtTheDesk"]
