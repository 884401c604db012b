"""A handed-in file and its row come and go together; what a killed process leaves is swept."""

import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from accounts import clock
from progress.models import Enrollment, Submission, SubmissionVersion
from progress.models.submission import AlreadyAcceptedError
from tests.cast import NOW, enrolled, hand_in, ines, opened, tomas

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def kept_in(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def hand_in_file() -> SubmissionVersion:
    enrollment = enrolled(ines())
    file = SimpleUploadedFile("report.txt", b"It was windy.")
    return Submission.objects.hand_in(enrollment, opened(enrollment), kind="file", file=file, now=NOW)


def files(kept_in) -> list[str]:
    return sorted(str(path.relative_to(kept_in)) for path in kept_in.rglob("*") if path.is_file())


def swept(*words: str) -> str:
    out = StringIO()
    call_command("sweep_files", *words, stdout=out)
    return out.getvalue()


def lost(kept_in, name: str, days: int):
    """A file without a row, stored so many days ago."""
    path = kept_in / "evidence" / "2026" / "11" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Nobody's.")
    at = (clock.now() - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))
    return path


def test_a_file_stays_with_its_version(kept_in):
    version = hand_in_file()

    assert files(kept_in) == [version.file.name]
    assert version.file_name == "report.txt"
    assert (kept_in / version.file.name).read_bytes() == b"It was windy."


def test_a_file_is_gone_when_its_version_could_not_be_written(kept_in, monkeypatch):
    enrolled(ines())
    seen = []

    def fails(*_args):
        seen.extend(files(kept_in))
        raise ConnectionError

    monkeypatch.setattr(Enrollment, "settle", fails)

    with pytest.raises(ConnectionError):
        hand_in_file()

    assert len(seen) == 1  # it was stored before the failure
    assert files(kept_in) == []
    assert not Submission.objects.exists()


def test_a_refused_file_is_not_stored(kept_in):
    version = hand_in(enrolled(ines()))
    version.submission.accept(tomas(), NOW)

    with pytest.raises(AlreadyAcceptedError):
        hand_in_file()

    assert files(kept_in) == []


def test_sweeping_names_old_files_without_a_row_and_deletes_when_asked(kept_in):
    version = hand_in_file()
    os.utime(kept_in / version.file.name, (0, 0))
    old, young = lost(kept_in, "old.txt", days=2), lost(kept_in, "young.txt", days=0)

    listed = swept()
    assert listed == "evidence/2026/11/old.txt\n1 files found; --delete removes them.\n"
    assert old.exists()

    assert "1 files deleted." in swept("--delete")
    assert not old.exists()
    assert young.exists()
    assert (kept_in / version.file.name).exists()


def test_sweeping_where_nothing_was_ever_stored_finds_nothing():
    assert swept() == "0 files found; --delete removes them.\n"
