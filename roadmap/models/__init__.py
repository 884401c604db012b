from roadmap.models.arrangement import ArrangedTopic, Arrangement
from roadmap.models.edition import Edition
from roadmap.models.evidence_task import EvidenceTask, RubricCriterion
from roadmap.models.link_check import LinkCheck, LinkState, Trouble
from roadmap.models.link_host import LinkHost
from roadmap.models.link_round import LinkTally, check_links
from roadmap.models.opinion import LinkReport, ResourceRating
from roadmap.models.resource import Placement, Resource
from roadmap.models.roadmap import Background, Faq, Related, Roadmap
from roadmap.models.search_entry import SearchEntry
from roadmap.models.search_word import SearchWord
from roadmap.models.stage import Gate, Stage
from roadmap.models.topic import Topic

__all__ = [
    "ArrangedTopic",
    "Arrangement",
    "Background",
    "Edition",
    "EvidenceTask",
    "Faq",
    "Gate",
    "LinkCheck",
    "LinkHost",
    "LinkReport",
    "LinkState",
    "LinkTally",
    "Placement",
    "Related",
    "Resource",
    "ResourceRating",
    "Roadmap",
    "RubricCriterion",
    "SearchEntry",
    "SearchWord",
    "Stage",
    "Topic",
    "Trouble",
    "check_links",
]
