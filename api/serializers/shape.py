"""What all shapes of answers share. A shape is what the API says; what it is told goes through forms."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Line = TypeVar("Line")


class Shape(BaseModel):
    """One kind of answer, frozen; built by name from a row or value that has the same attributes."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(Shape, Generic[Line]):
    """One page of a list."""

    count: int = Field(description="How many there are on all pages.")
    next: str | None = Field(description="Address of the next page.")
    previous: str | None = Field(description="Address of the page before.")
    results: list[Line]
