from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authoring.exchange import formats
from authoring.models import QuestionExport
from quizzes.models import Question, Quiz
from roadmap.models import Roadmap


class Command(BaseCommand):
    help = "Write the questions of a road, or of one quiz of it, into a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that is not there yet")
        parser.add_argument("--format", default="yaml", choices=[one.name for one in formats.WRITABLE])
        parser.add_argument("--road", required=True, help="key of the road")
        parser.add_argument("--quiz", default="", help="key of one quiz of it: its paper, with its points")
        parser.add_argument("--force", action="store_true", help="replace a file that is there")

    def handle(self, *args: Any, **options: Any) -> None:
        export = self._export(options)
        writing = export.written(formats.BY_NAME[options["format"]])
        path: Path = options["file"]
        try:
            with path.open("wb" if options["force"] else "xb") as file:
                file.write(writing.data)
        except FileExistsError as there:
            raise CommandError(f"{path} is there already. Name another file, or use --force.") from there
        except OSError as refused:
            raise CommandError(f"{path} can't be written: {refused.strerror}.") from refused
        for left in writing.left:
            how = "left out" if left.is_whole else "written without"
            self.stderr.write(f"{how}: {left.name or 'the file'}: {left.what}")
        held = len(export.questions) - sum(left.is_whole for left in writing.left)
        self.stdout.write(f"{held} of {len(export.questions)} questions are in {path}.")

    def _export(self, options: dict[str, Any]) -> QuestionExport:
        road = Roadmap.objects.filter(key=options["road"]).first()
        if road is None:
            raise CommandError(f"There is no road “{options['road']}”.")
        if not options["quiz"]:
            rows = Question.objects.unarchived().filter(topic__roadmap=road).order_by("key")
            return QuestionExport.of_questions(rows.select_related("topic", "resource"))
        quiz = Quiz.objects.filter(roadmap=road, key=options["quiz"]).first()
        if quiz is None:
            raise CommandError(f"The road has no quiz “{options['quiz']}”.")
        return QuestionExport.of_quiz(quiz)
