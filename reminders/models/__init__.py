from reminders.models.letter import Letter
from reminders.models.wishes import LetterWishes

__all__ = ["Letter", "LetterWishes"]
