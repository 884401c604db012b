"""What is typed at the desk about a road, between a page and the drafts."""

from roadmap.forms.drafts import (
    BackgroundForm,
    DraftForm,
    EvidenceTaskForm,
    ResourceForm,
    RoadmapForm,
    StageForm,
    TopicForm,
)
from roadmap.forms.fields import LinesField

__all__ = [
    "BackgroundForm",
    "DraftForm",
    "EvidenceTaskForm",
    "LinesField",
    "ResourceForm",
    "RoadmapForm",
    "StageForm",
    "TopicForm",
]
