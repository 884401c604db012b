"""The small road of these tests, as a folder that a test may spoil, and ways to read and import it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from authoring.checked import Checked
from authoring.folder import read_folder
from authoring.models import RoadImport
from roadmap.models import Roadmap
from tests.cast import EARLIER

THREE_STAGES = Path(__file__).parents[1] / "fixtures" / "roads" / "three-stages"
MACHINE_LEARNING = Path(__file__).parents[2] / "content" / "machine-learning"


def copy(to: Path) -> Path:
    """The three-stage road as a folder of one's own."""
    return Path(shutil.copytree(THREE_STAGES, to / "three-stages"))


def swap(folder: Path, file: str, old: str, new: str) -> None:
    """Replace a text that stands once or more in a file."""
    edit(folder, file, lambda text: text.replace(old, new))


def edit(folder: Path, file: str, change: Callable[[str], str]) -> None:
    path = folder / file
    before = path.read_text()
    after = change(before)
    assert after != before
    path.write_text(after)


def line_of(folder: Path, file: str, text: str) -> int:
    """The line, counted from 1, on which a text first stands in a file."""
    lines = (folder / file).read_text().split("\n")
    return next(number for number, line in enumerate(lines, 1) if text in line)


def told(checked: Checked) -> list[str]:
    """Faults as people see them: place, what, remedy."""
    return [str(fault) for fault in checked.faults]


def saved(folder: Path = THREE_STAGES) -> Roadmap:
    """The road of a folder as draft rows."""
    checked = read_folder(folder)
    RoadImport(checked).save(EARLIER)
    assert checked.road
    return Roadmap.objects.get(key=checked.road.road.key)


def published(folder: Path = THREE_STAGES) -> Roadmap:
    checked = read_folder(folder)
    RoadImport(checked).publish(by=None, changelog="First edition.", now=EARLIER)
    assert checked.road
    return Roadmap.objects.get(key=checked.road.road.key)
