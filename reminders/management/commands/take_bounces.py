import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import clock
from reminders.bounces import MOST_BYTES, read
from reminders.models import Suppression

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Read reports of mail servers that could not deliver letters, and complaints; suppress addresses that fail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "places", nargs="*", default=["-"], metavar="FILE", help="a message, a Maildir, or - (default)"
        )
        parser.add_argument(
            "--delete", action="store_true", help="remove each file that was a report, once it is taken"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        broken = []
        for name, raw in _messages(options["places"]):
            try:
                self._take(name, raw, delete=options["delete"])
            except Exception:  # one report that cannot be taken must not keep the others
                log.exception("a report could not be taken", extra={"file": name})
                broken.append(name)
        if broken:
            raise CommandError(f"Could not be taken, the log says why: {', '.join(broken)}")

    def _take(self, name: str, raw: bytes, *, delete: bool) -> None:
        notices = read(raw)
        for notice in notices:
            taken = Suppression.objects.take(notice, clock.now())
            self.stdout.write(f"{name}: {notice.fate} {notice.message_id or 'no Message-ID'}: {taken}")
        if not notices:
            self.stdout.write(f"{name}: not a report of a failure or a complaint")
        elif delete and name != "-":
            Path(name).unlink()


def _messages(places: list[str]) -> Iterator[tuple[str, bytes]]:
    """Name and content of each message; of a Maildir those in new and cur."""
    for place in places:
        if place == "-":
            yield place, sys.stdin.buffer.read(MOST_BYTES)
            continue
        path = Path(place)
        if not path.exists():
            raise CommandError(f"There is no file or folder {place}.")
        for file in _files(path):
            with file.open("rb") as opened:
                yield str(file), opened.read(MOST_BYTES)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    inside = [folder for folder in (path / "new", path / "cur") if folder.is_dir()]
    return sorted(file for folder in inside or [path] for file in folder.iterdir() if file.is_file())
