"""The road at the desk: roads, stages, topics, evidence tasks and the library, as drafts."""

from roadmap.admin.evidence_task import EvidenceTaskAdmin
from roadmap.admin.resource import ResourceAdmin
from roadmap.admin.roadmap import RoadmapAdmin
from roadmap.admin.stage import StageAdmin
from roadmap.admin.topic import TopicAdmin

__all__ = ["EvidenceTaskAdmin", "ResourceAdmin", "RoadmapAdmin", "StageAdmin", "TopicAdmin"]
