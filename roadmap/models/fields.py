"""Field shapes that several drafts share."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from roadmap.keys import MAX_LENGTH, PATTERN


def key_field(*, unique: bool = False) -> models.CharField[str, str]:
    """The lasting name of a row: never changed once published, never used again for another thing."""
    return models.CharField(
        _("key"),
        max_length=MAX_LENGTH,
        unique=unique,
        validators=[
            RegexValidator(
                rf"\A{PATTERN}\Z",
                _("Use lower-case letters, digits and single hyphens, as in “math-basics”."),
            )
        ],
        help_text=_("Lower-case letters, digits and hyphens. It can't change once published."),
    )


def position_field() -> models.PositiveIntegerField[int, int]:
    """Place in its list, counted from 1; gaps are fine."""
    return models.PositiveIntegerField(_("position"), default=1)


def refuse_bad_hours(hours: object) -> None:
    """Raise ValidationError unless `hours` maps each background key to [low, high], 0 <= low <= high."""
    if not isinstance(hours, dict):
        raise ValidationError(_("Hours are written per background, as low and high."))
    for background, span in hours.items():
        if not _is_span(span):
            raise ValidationError(
                _("Hours of “%(background)s” need a low and a high whole number, low first."),
                params={"background": background},
            )


def _is_span(span: object) -> bool:
    return (
        isinstance(span, list)
        and len(span) == 2
        and all(isinstance(hours, int) and not isinstance(hours, bool) for hours in span)
        and 0 <= span[0] <= span[1]
    )


def refuse_bad_lines(lines: object) -> None:
    """Raise ValidationError unless `lines` is a list of non-empty texts."""
    if not isinstance(lines, list) or not all(isinstance(line, str) and line.strip() for line in lines):
        raise ValidationError(_("This is a list of texts, none of them empty."))
