from __future__ import annotations

import base64
from collections.abc import Sequence

from pydantic import Field

from accounts.words import said
from api.serializers.shape import Shape
from authoring.exchange.formats import Format
from authoring.exchange.questions import Left, Writing
from authoring.models import Plan


class LeftLine(Shape):
    """Something of a file, or of a question, that could not be carried."""

    place: str = Field(description="Where in the file: a line, a row and column, an identifier.")
    name: str
    what: str = Field(description="What it is and why, for people.")
    is_whole: bool = Field(description="The question was left out; else it was carried without this part.")


class DraftLine(Shape):
    """A question of the file as a draft."""

    place: str
    name: str
    type: str
    key: str = Field(description="The key of its draft.")
    is_new: bool = Field(description="False when its content was here already: nothing is written then.")
    faults: list[str] = Field(description="What has to be written before it can be published.")


class QuestionsTaken(Shape):
    """What a file of questions holds, and whether it was written."""

    format: str
    written: bool = Field(description="False after a dry run.")
    questions: list[DraftLine]
    left: list[LeftLine]


class QuestionsWritten(Shape):
    """Questions in a format of another house, or in ours."""

    format: str
    file_name: str
    count: int = Field(description="How many questions were asked for; those left out are in `left`.")
    encoding: str = Field(description="What `content` is: text (UTF-8), or base64 of bytes.")
    content: str
    left: list[LeftLine]


def questions_taken(format_: Format, plan: Plan, *, written: bool) -> QuestionsTaken:
    lines = [
        DraftLine(
            place=row.carried.place,
            name=row.carried.name,
            type=row.carried.type,
            key=row.here or row.key,
            is_new=not row.here,
            faults=[] if row.here else [said(fault) for fault in row.faults],
        )
        for row in plan.rows
    ]
    return QuestionsTaken(format=format_.name, written=written, questions=lines, left=_left(plan.left))


def questions_written(format_: Format, writing: Writing, count: int) -> QuestionsWritten:
    try:
        content, encoding = writing.data.decode(), "text"
    except UnicodeDecodeError:
        content, encoding = base64.b64encode(writing.data).decode(), "base64"
    return QuestionsWritten(
        format=format_.name,
        file_name=f"questions.{format_.extension}",
        count=count,
        encoding=encoding,
        content=content,
        left=_left(writing.left),
    )


def _left(left: Sequence[Left]) -> list[LeftLine]:
    return [
        LeftLine(place=one.place, name=one.name, what=said(one.what), is_whole=one.is_whole) for one in left
    ]
