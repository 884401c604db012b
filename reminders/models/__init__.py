from reminders.models.breaker import Breaker
from reminders.models.calendar_feed import CalendarFeed
from reminders.models.domain_pace import DomainPace
from reminders.models.kind_state import KindState
from reminders.models.letter import Letter
from reminders.models.suppression import Suppression
from reminders.models.wishes import LetterWishes

__all__ = ["Breaker", "CalendarFeed", "DomainPace", "KindState", "Letter", "LetterWishes", "Suppression"]
