from authoring.models.draft import Draft, DraftHasFaultsError
from authoring.models.road_import import RoadImport, RoadImportRefusedError

__all__ = ["Draft", "DraftHasFaultsError", "RoadImport", "RoadImportRefusedError"]
