"""The clock that drills may move."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts import clock
from accounts.spans import span


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("3d", timedelta(days=3)),
        ("36h", timedelta(hours=36)),
        ("1d12h", timedelta(days=1, hours=12)),
        ("-2h30m", -timedelta(hours=2, minutes=30)),
        ("45s", timedelta(seconds=45)),
    ],
)
def test_spans_read_as_people_type_them(text, length):
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "3", "d3", "3w", "three days", "3d and more", "--3d"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(ValueError, match="span of time"):
        span(text)


@pytest.mark.django_db
class TestMoving:
    def ahead(self) -> timedelta:
        return clock.now() - datetime.now(UTC)  # noqa: TID251  # the real time, to compare with

    def test_moving_adds_up_and_reset_ends_it(self):
        call_command("clock", move="3d")
        call_command("clock", move="12h")
        moved = self.ahead()
        call_command("clock", reset=True)

        assert timedelta(days=3, hours=11, minutes=59) < moved < timedelta(days=3, hours=12, minutes=1)
        assert abs(self.ahead()) < timedelta(minutes=1)

    def test_the_databases_clock_moves_with_it(self):
        call_command("clock", set="5d")

        assert abs(clock.database_now() - clock.now()) < timedelta(seconds=5)

    def test_the_environment_sets_it(self, settings):
        settings.CLOCK_OFFSET = "2d"

        call_command("clock", from_environment=True)

        assert clock.offset() == timedelta(days=2)

    def test_an_empty_environment_leaves_it(self, settings):
        settings.CLOCK_OFFSET = ""
        call_command("clock", set="2d")

        call_command("clock", from_environment=True)

        assert clock.offset() == timedelta(days=2)

    def test_it_says_what_time_it_is(self, capsys):
        call_command("clock", set="1d")

        assert "1 day, 0:00:00 ahead of the real time" in capsys.readouterr().out

    def test_nonsense_is_refused_in_words(self):
        with pytest.raises(CommandError, match="span of time"):
            call_command("clock", set="soon")

    def test_production_refuses(self, settings):
        settings.CLOCK_MAY_MOVE = False

        with pytest.raises(CommandError, match="only be moved in development"):
            call_command("clock", set="1d")

        assert clock.offset() == timedelta(0)
