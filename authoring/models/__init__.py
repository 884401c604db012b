from authoring.models.draft import (
    Draft,
    DraftHasFaultsError,
    NothingToPublishError,
    Outlook,
    PublishedMeanwhileError,
)
from authoring.models.earlier_edition import EarlierEdition
from authoring.models.question_export import QuestionExport
from authoring.models.question_import import Placing, Plan, QuestionImport, QuestionsCrossedError
from authoring.models.question_origin import QuestionOrigin
from authoring.models.question_upload import QuestionUpload
from authoring.models.road_import import DraftChangedError, RoadImport, RoadImportRefusedError
from authoring.models.road_upload import RoadUpload
from authoring.models.roadmapsh_import import RoadmapshImport
from authoring.models.upload import UploadIsOverError

__all__ = [
    "Draft",
    "DraftChangedError",
    "DraftHasFaultsError",
    "EarlierEdition",
    "NothingToPublishError",
    "Outlook",
    "Placing",
    "Plan",
    "PublishedMeanwhileError",
    "QuestionExport",
    "QuestionImport",
    "QuestionOrigin",
    "QuestionUpload",
    "QuestionsCrossedError",
    "RoadImport",
    "RoadImportRefusedError",
    "RoadUpload",
    "RoadmapshImport",
    "UploadIsOverError",
]
