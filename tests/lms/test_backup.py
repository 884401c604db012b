"""The database in one file, and back."""

import subprocess

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from lms import dumps
from lms.places import socket_database_url
from tests.cast import ines


@pytest.fixture
def database_url(settings, transactional_db) -> str:
    """The test's own database, as the commands are told it."""
    entry = connection.settings_dict
    settings.DATABASE_URL = socket_database_url(
        entry["HOST"], entry["USER"], entry["PASSWORD"], entry["NAME"]
    )
    return settings.DATABASE_URL


def test_what_was_backed_up_comes_back(database_url, tmp_path, capsys):
    ines()
    call_command("backup", tmp_path / "house.dump")
    User.objects.get_queryset().update(name="Somebody else")
    connection.close()

    call_command("restore", tmp_path / "house.dump", replace=True)

    assert User.objects.get().name == "Ines Moreau"
    assert "house.dump" in capsys.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == ["house.dump"]


def test_a_backup_never_overwrites_another(tmp_path):
    (tmp_path / "house.dump").touch()
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", tmp_path / "house.dump")


def test_a_restore_must_be_meant(tmp_path):
    (tmp_path / "house.dump").touch()
    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", tmp_path / "house.dump")


def test_a_file_that_is_no_backup_changes_nothing(database_url, tmp_path):
    ines()
    (tmp_path / "house.dump").write_text("not a dump")
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("restore", tmp_path / "house.dump", replace=True)
    assert User.objects.count() == 1


def test_the_password_is_no_argument(monkeypatch, tmp_path):
    seen: list[list[str]] = []

    def run(command, **more):
        seen.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    dumps.read("postgresql://me:secret@db.example.org/house", tmp_path / "x")

    assert "db.example.org" in " ".join(map(str, seen[-1]))
    assert "secret" not in " ".join(map(str, seen[-1]))
