from roadmap.models.edition import Edition
from roadmap.models.evidence_task import EvidenceTask, RubricCriterion
from roadmap.models.resource import Placement, Resource
from roadmap.models.roadmap import Background, Faq, Related, Roadmap
from roadmap.models.stage import Gate, Stage
from roadmap.models.topic import Topic

__all__ = [
    "Background",
    "Edition",
    "EvidenceTask",
    "Faq",
    "Gate",
    "Placement",
    "Related",
    "Resource",
    "Roadmap",
    "RubricCriterion",
    "Stage",
    "Topic",
]
