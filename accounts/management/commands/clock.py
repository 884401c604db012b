from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import clock
from accounts.spans import span


class Command(BaseCommand):
    help = "Show the clock that every rule goes by, or move it for a drill (never in production)."

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--move", metavar="SPAN", help="move it on by 3d, 36h, 1d12h; back by --move=-2h")
        how.add_argument("--set", metavar="SPAN", help="let it be so far ahead of the real time")
        how.add_argument("--reset", action="store_true", help="let it show the real time again")
        how.add_argument(
            "--from-environment", action="store_true", help="set it as WAYMARK_CLOCK_OFFSET says, if it says"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wanted = _wanted_offset(options)
            if wanted is not None:
                clock.move(wanted)
        except (ValueError, PermissionError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"It is {clock.now():%Y-%m-%d %H:%M} UTC, {_said(clock.offset())}.")


def _wanted_offset(options: dict[str, Any]) -> timedelta | None:
    """The offset to write, or None when the clock is only asked."""
    if options["move"]:
        return clock.offset() + span(options["move"])
    if options["set"]:
        return span(options["set"])
    if options["reset"]:
        return timedelta(0)
    if options["from_environment"] and settings.CLOCK_OFFSET:
        return span(settings.CLOCK_OFFSET)
    return None


def _said(offset: timedelta) -> str:
    if not offset:
        return "the real time"
    side = "ahead of" if offset > timedelta(0) else "behind"
    return f"{abs(offset)} {side} the real time"
