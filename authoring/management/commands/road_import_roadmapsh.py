from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import clock
from authoring import packing
from authoring.models import RoadImportRefusedError, RoadmapshImport
from authoring.models.upsert import Changes
from authoring.roadmapsh import layouts, reading
from authoring.roadmapsh.layouts import Found, Source
from authoring.roadmapsh.reading import SourceRoad
from authoring.roadmapsh.report import KINDS
from authoring.words import told_run

MOST_OF_A_GRAPH = 16 * 1024 * 1024


class Command(BaseCommand):
    help = (
        "Write roads of a roadmap.sh checkout into drafts, each wholly or not at all: private, with its source. "
        "What is there already is updated in place."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "path", type=Path, help="a checkout, one of its folders roadmaps/<slug>, or a zip of one"
        )
        parser.add_argument("--road", nargs="+", default=[], metavar="SLUG", help="only these roads")
        parser.add_argument("--graph", type=Path, help="the drawing of one road, as JSON: order and stages")
        parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        source = self._source(options["path"])
        chosen = self._chosen(layouts.roads(source), options["road"])
        drawing = self._drawing(options["graph"], chosen)
        refused = 0
        for found in chosen:
            road = reading.read(source, found, drawing, str(options["graph"] or ""))
            try:
                self._act(RoadmapshImport(road), found, dry_run=options["dry_run"])
            except RoadImportRefusedError as error:
                refused += 1
                for fault in error.faults:
                    self.stderr.write(f"{'fault' if fault.stops else 'warning'}: {fault}")
        written = len(chosen) - refused
        self.stdout.write(f"{written} of {len(chosen)} roads {'read' if options['dry_run'] else 'imported'}.")
        if refused:
            raise CommandError(f"{refused} could not be imported; see above.")

    def _source(self, path: Path) -> Source:
        if path.is_dir():
            return layouts.Disk(path)
        if not path.is_file():
            raise CommandError(f"{path} is not there. Name a checkout, a folder roadmaps/<slug> or a zip.")
        unpacked = packing.unpack(path.read_bytes(), packing.CHECKOUT)
        if unpacked.faults:
            raise CommandError("\n".join(str(fault) for fault in unpacked.faults))
        return layouts.Memory(unpacked.files, path.stem)

    def _chosen(self, found: list[Found], slugs: list[str]) -> list[Found]:
        if not found:
            raise CommandError(
                "No road was found. Its topics are files such as roadmaps/<slug>/content/name@id.md."
            )
        if unknown := sorted(set(slugs) - {road.slug for road in found}):
            raise CommandError(f"There is no road {', '.join(unknown)} here.")
        first: dict[str, Found] = {}
        for road in found:
            if road.slug in first:
                self.stderr.write(
                    f"warning: {road.root}: {road.slug} lies in {first[road.slug].root} too; left out."
                )
            elif not slugs or road.slug in slugs:
                first[road.slug] = road
        return list(first.values())

    def _drawing(self, path: Path | None, chosen: list[Found]) -> bytes | None:
        if path is None:
            return None
        if len(chosen) != 1:
            raise CommandError("A graph is of one road: name it with --road.")
        try:
            with path.open("rb") as file:
                return file.read(MOST_OF_A_GRAPH)
        except OSError as error:
            raise CommandError(f"{path} can't be read: {error.strerror}.") from error

    def _act(self, road: RoadmapshImport, found: Found, *, dry_run: bool) -> None:
        now = clock.now()
        run = road.dry_run(now) if dry_run else None
        changes = run.changes if run else road.save(now)
        self.stdout.write(f"{found.slug} (layout {found.layout}), {len(road.source.topics)} topics:")
        self._tell_changes(changes)
        self._tell_report(road.source)
        for before, after in road.renamed:
            self.stdout.write(f"  renamed: “{before}” is now “{after}”")
        for guess in road.guesses:
            where = f"“{guess.topic}” in “{guess.stage}”, because {guess.because}"
            self.stdout.write(f"  inferred - please check: {where}")
        if run:
            for line in told_run(run):
                self.stdout.write(f"  {line}")
        self.stdout.write(f"  {road.folder.road.notice}")

    def _tell_changes(self, changes: Changes) -> None:
        for act, kinds in changes.by_act.items():
            counted = ", ".join(f"{len(names)} × {kind}" for kind, names in kinds.items())
            self.stdout.write(f"  {act}: {counted}")
        if not changes:
            self.stdout.write("  The draft says the same already.")

    def _tell_report(self, road: SourceRoad) -> None:
        counts = Counter(note.kind for note in road.notes)
        if counts:
            self.stdout.write("  " + ", ".join(f"{count} × {KINDS[kind]}" for kind, count in counts.items()))
        for note in road.notes:
            self.stderr.write(f"warning: {note.fault()}")
