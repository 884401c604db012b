from mentoring.models.mentorship import Mentorship
from mentoring.models.review import Review

__all__ = ["Mentorship", "Review"]
