"""The whole database in one file, and back, by PostgreSQL's own programs. No Django here."""

import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lms.private_servers import ServiceError, postgres_programs


class DumpError(Exception):
    """The file was not written or not read; the message holds what PostgreSQL said."""


def write(database_url: str, file: Path) -> None:
    """Write a compressed dump; the file appears when it is complete."""
    part = file.with_name(f"{file.name}.part")
    _run("pg_dump", database_url, "--format=custom", "--no-owner", "--file", str(part))
    part.rename(file)


def read(database_url: str, file: Path) -> None:
    """Replace what the database holds by the dump, wholly or not at all."""
    how = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
    _run("pg_restore", database_url, *how, str(file))


def _run(program: str, database_url: str, *arguments: str) -> None:
    """The password goes by the environment: other people on the machine can read arguments."""
    where = {name: str(value) for name, value in conninfo_to_dict(database_url).items()}
    environment = {**os.environ, "PGPASSWORD": where.pop("password", "")}
    command = [_found(program), "--dbname", make_conninfo(**where), *arguments]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # a path we found
    if ended.returncode:
        raise DumpError(f"{program} failed: {ended.stderr.strip()}")


def _found(program: str) -> str:
    """Beside the private server's programs, else on PATH."""
    try:
        beside = postgres_programs() / program
    except ServiceError:
        beside = Path(program)
    found = shutil.which(beside) or shutil.which(program)
    if found is None:
        raise DumpError(f"{program} was not found. Install PostgreSQL's client programs.")
    return found
