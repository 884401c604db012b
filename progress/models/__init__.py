from progress.models.cohort import Cohort
from progress.models.enrollment import Enrollment
from progress.models.passes import Reopening, StagePass
from progress.models.plan import PlannedStage, PlanVersion
from progress.models.standing_row import StandingRow
from progress.models.submission import Submission, SubmissionVersion
from progress.models.tick import Tick
from progress.models.walk_choice import WalkChoice

__all__ = [
    "Cohort",
    "Enrollment",
    "PlanVersion",
    "PlannedStage",
    "Reopening",
    "StagePass",
    "StandingRow",
    "Submission",
    "SubmissionVersion",
    "Tick",
    "WalkChoice",
]
