from mentoring.models.mentorship import Mentorship
from mentoring.models.reach import (
    mentored_appeals,
    mentored_attempts,
    mentored_enrollments,
    mentored_submissions,
    readable_versions,
)
from mentoring.models.review import Decision, Level, Review

__all__ = [
    "Decision",
    "Level",
    "Mentorship",
    "Review",
    "mentored_appeals",
    "mentored_attempts",
    "mentored_enrollments",
    "mentored_submissions",
    "readable_versions",
]
