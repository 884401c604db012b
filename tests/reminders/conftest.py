import pytest

from reminders.kinds import KINDS


@pytest.fixture
def three_kinds(monkeypatch):
    """Only letters about quiet, feedback and marks: tests of the engine know what there is to count."""
    for key in KINDS.keys() - {"quiet", "feedback", "quiz_marked"}:
        monkeypatch.delitem(KINDS, key)
