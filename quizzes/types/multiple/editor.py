from __future__ import annotations

from quizzes.types.choosing_editor import ChoiceEditor


class MultipleEditor(ChoiceEditor):
    type = "multiple"
