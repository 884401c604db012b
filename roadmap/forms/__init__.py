"""What is typed at the desk about a road, between a page and the drafts."""

from roadmap.forms.drafts import (
    BackgroundForm,
    DraftForm,
    EvidenceTaskForm,
    FaqForm,
    ResourceForm,
    RoadmapForm,
    StageForm,
    TopicForm,
)
from roadmap.forms.fields import LinesField
from roadmap.forms.markdown import MarkdownWidget
from roadmap.forms.stage_page import StagePage, TopicRow

__all__ = [
    "BackgroundForm",
    "DraftForm",
    "EvidenceTaskForm",
    "FaqForm",
    "LinesField",
    "MarkdownWidget",
    "ResourceForm",
    "RoadmapForm",
    "StageForm",
    "StagePage",
    "TopicForm",
    "TopicRow",
]
