"""Files of other houses, each named after the one thing it tries, and beside each what must be read from it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from authoring.exchange.questions import Carried, Reading
from tests.authoring.exchange.zips import packed

CORPUS = Path(__file__).parent / "corpus"


def names(family: str) -> list[str]:
    """The files and the folders, which are packages, of one family of formats."""
    return sorted(path.name for path in (CORPUS / family).iterdir() if path.suffix != ".json")


def data(family: str, name: str) -> bytes:
    """The bytes of one of them, folders packed."""
    path = CORPUS / family / name
    return packed(path) if path.is_dir() else path.read_bytes()


def expected(family: str, name: str) -> Any:
    """What must be read from it."""
    return json.loads((CORPUS / family / f"{name.removesuffix('.xml')}.json").read_text())


def said(reading: Reading) -> Any:
    """A reading as plain JSON, without what is empty."""
    questions = [_plain(asdict(question)) for question in reading.questions]
    left = [[note.name, str(note.what), "whole" if note.is_whole else "part"] for note in reading.left]
    return json.loads(json.dumps(_plain({"questions": questions, "left": left})))


def without_places(questions: tuple[Carried, ...]) -> Iterator[Carried]:
    """The questions, wherever they stood."""
    return (replace(question, place="", body=json.loads(json.dumps(question.body))) for question in questions)


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in fields.items() if value not in ("", (), [], None) and name != "place"
    }
