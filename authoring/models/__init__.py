from authoring.models.draft import (
    Draft,
    DraftHasFaultsError,
    NothingToPublishError,
    Outlook,
    PublishedMeanwhileError,
)
from authoring.models.earlier_edition import EarlierEdition
from authoring.models.road_import import DraftChangedError, RoadImport, RoadImportRefusedError
from authoring.models.road_upload import RoadUpload, UploadIsOverError
from authoring.models.roadmapsh_import import RoadmapshImport

__all__ = [
    "Draft",
    "DraftChangedError",
    "DraftHasFaultsError",
    "EarlierEdition",
    "NothingToPublishError",
    "Outlook",
    "PublishedMeanwhileError",
    "RoadImport",
    "RoadImportRefusedError",
    "RoadUpload",
    "RoadmapshImport",
    "UploadIsOverError",
]
