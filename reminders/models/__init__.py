from reminders.models.calendar_feed import CalendarFeed
from reminders.models.kind_state import KindState
from reminders.models.letter import Letter
from reminders.models.wishes import LetterWishes

__all__ = ["CalendarFeed", "KindState", "Letter", "LetterWishes"]
