from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.serializers.shape import Shape


class Problem(Shape):
    """Why something was refused, for a person to read and a program to tell apart."""

    code: str = Field(description="A word for programs: not_found, invalid, cooling_down, …")
    detail: str = Field(description="A sentence for people, in their language.")
    errors: dict[str, list[str]] = Field(
        default={}, description="Sentences by field; `form` holds what concerns several fields."
    )
    until: datetime | None = Field(
        default=None, description="When it may be tried again, where that is known."
    )
    kept: list[int] = Field(
        default=[],
        description="Of answers that no longer count: the slots that are kept all the same, beside what counts.",
    )
