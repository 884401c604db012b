"""Which files the house is made of, as Git sees them: tracked, and new ones that are not ignored."""

import subprocess
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent.parent
FLOORS = ("accounts", "roadmap", "quizzes", "progress", "mentoring", "reminders", "authoring", "api", "lms")


@cache
def house_files() -> tuple[Path, ...]:
    """Paths relative to the house."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE,
        capture_output=True,
        check=True,
    )
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return tuple(Path(name) for name in names if (HOUSE / name).is_file())


def python_files(*, with_migrations: bool = False) -> list[Path]:
    """The Python files of the floors."""
    return [
        path
        for path in house_files()
        if path.suffix == ".py"
        and path.parts[0] in FLOORS
        and (with_migrations or "migrations" not in path.parts)
    ]


def templates() -> list[Path]:
    return [path for path in house_files() if path.parts[0] == "templates" and path.suffix == ".html"]


def text(path: Path) -> str:
    return (HOUSE / path).read_text(encoding="utf-8")
