from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import clock
from authoring.exchange import formats
from authoring.exchange.questions import UnreadableError
from authoring.models import Placing, Plan, QuestionImport, QuestionsCrossedError
from quizzes.models import Quiz
from roadmap.models import Roadmap, Topic


class Command(BaseCommand):
    help = "Take the questions of a file in as drafts, all of them or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="GIFT, Aiken, CSV, QTI, our YAML …")
        parser.add_argument("--format", default="", choices=["", *(one.name for one in formats.READABLE)])
        parser.add_argument("--road", default="", help="key of the road whose topics categories may name")
        parser.add_argument("--topic", default="", help="key of the topic of all others; needs --road")
        parser.add_argument(
            "--quiz", default="", help="key of the quiz whose paper they go onto; needs --road"
        )
        parser.add_argument("--points", type=int, default=1, help="where the file gives none")
        parser.add_argument("--difficulty", type=int, default=3, choices=range(1, 6))
        parser.add_argument("--tags", default="", help="for all of them, parted by commas")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be written and write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            found, reading = formats.read(path.read_bytes(), name=path.name, format_name=options["format"])
        except OSError as missing:
            raise CommandError(f"{path} can't be read: {missing.strerror}.") from missing
        except UnreadableError as refused:
            place = f"{refused.place}: " if refused.place else ""
            raise CommandError(f"{place}{refused.what} Nothing was imported.") from refused
        act = QuestionImport(reading, self._placing(options), path.name)
        self.stdout.write(f"Read as {found.title}.")
        try:
            self._tell(act.plan() if options["dry_run"] else act.save(clock.now()))
        except QuestionsCrossedError as crossed:
            raise CommandError(
                "Somebody wrote the same questions just now. Nothing was imported."
            ) from crossed
        if options["dry_run"]:
            self.stdout.write("This was a dry run: nothing was written.")

    def _placing(self, options: dict[str, Any]) -> Placing:
        road = self._row("road", Roadmap.objects.filter(key=options["road"]), options)
        tags = tuple(tag.strip() for tag in options["tags"].split(",") if tag.strip())
        if not 1 <= options["points"] <= 32_767:
            raise CommandError("Points are whole numbers from 1.")
        return Placing(
            road,
            self._row(
                "topic", Topic.objects.unarchived().filter(roadmap=road, key=options["topic"]), options
            ),
            self._row("quiz", Quiz.objects.unarchived().filter(roadmap=road, key=options["quiz"]), options),
            options["points"],
            options["difficulty"],
            tags,
        )

    def _row(self, name: str, rows: Any, options: dict[str, Any]) -> Any:
        found = rows.first() if options[name] else None
        if options[name] and found is None:
            raise CommandError(
                f"There is no {name} “{options[name]}”; topics and quizzes are those of --road."
            )
        return found

    def _tell(self, plan: Plan) -> None:
        for row in plan.new:
            faults = f"; to be written: {'; '.join(map(str, row.faults))}" if row.faults else ""
            self.stdout.write(f"new: {row.key} ({row.carried.type}, {row.carried.place}){faults}")
        for row in plan.here:
            self.stdout.write(f"here already: {row.here} ({row.carried.place})")
        for left in plan.left:
            how = "left out" if left.is_whole else "carried without"
            self.stderr.write(f"{how}: {' '.join(filter(None, [left.place, left.name]))}: {left.what}")
        self.stdout.write(
            f"{len(plan.new)} new, {len(plan.here)} here already, {len(plan.left)} things left."
        )
