"""A page of the desk as it was opened: a short digest of each field's value, signed, and compared when it is saved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Literal

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.boundfield import BoundField

# Row to field to digest; the page's own row is "", one below it is "topics:12".
Sheet = dict[str, dict[str, str]]

# What two people did to one value: only one of them changed it, or both did, differently.
Verdict = Literal["same", "theirs", "mine", "both"]

ROOT = ""
ARCHIVED = "archived_at"
_SALT = "waymark.opened"


@dataclass(frozen=True)
class Opened:
    """What a page's rows were at the moment it was drawn. An empty one knows nothing: all may have changed since."""

    at: datetime | None
    sheet: Sheet

    @classmethod
    def read(cls, token: str, row: Model) -> Opened:
        """The contents of a hidden field of this row's page; empty when it is missing, forged or another row's."""
        try:
            kept = signing.loads(token, salt=_salt(row))
        except signing.BadSignature:
            return cls(None, {})
        return cls(datetime.fromisoformat(kept["at"]), kept["sheet"])

    def token(self, row: Model) -> str:
        kept = {"at": self.at.isoformat() if self.at else "", "sheet": self.sheet}
        return signing.dumps(kept, salt=_salt(row), compress=True)


@dataclass(frozen=True)
class Page:
    """The forms of one page: that of its row, and those of the rows below it."""

    form: forms.ModelForm[Any]
    formsets: Sequence[Any]

    def sheet(self) -> Sheet:
        """The digests of all fields as the rows have them now, whatever was typed."""
        found = {name: _digests(form) for name, form in self.rows()}
        archived = getattr(self.form.instance, ARCHIVED, None)
        found[ROOT][ARCHIVED] = digest(archived is not None)
        return found

    def rows(self) -> Iterator[tuple[str, Any]]:
        yield ROOT, self.form
        for formset in self.formsets:
            for form in formset.initial_forms:
                yield f"{formset.prefix}:{form.instance.pk}", form


def fields(form: Any) -> Iterator[BoundField]:
    """The fields that a person may change; what only says which row it is is left out."""
    which = {"DELETE", form.instance._meta.pk.name}  # noqa: SLF001  # Django documents it
    for bound in form:
        is_which = bound.name in which or isinstance(bound.field, forms.models.InlineForeignKeyField)
        if not is_which and not bound.field.disabled:
            yield bound


def kept(bound: BoundField) -> str:
    """The digest of a field's value as the row has it."""
    if isinstance(bound.field, _MANY):
        return digest(sorted(map(str, map(_plain, bound.initial or []))))
    return digest(bound.initial)


def typed(bound: BoundField) -> str:
    """The digest of what was typed into a field, the same as that of the value when it was left alone."""
    field, raw = bound.field, bound.data
    if isinstance(field, _MANY):
        return digest(sorted(map(str, raw or [])))
    if isinstance(field, forms.ModelChoiceField):
        return digest(raw)
    try:
        return digest(field.clean(raw))
    except ValidationError:
        return digest({"unreadable": raw})


def weigh(was: str | None, theirs: str, mine: str) -> Verdict:
    """Whose value stands, given the digests of what there was, what the other saved and what she typed."""
    if mine == theirs:
        return "same"
    if mine == was:
        return "theirs"
    return "mine" if theirs == was else "both"


def digest(value: object) -> str:
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode(), digest_size=6).hexdigest()


_MANY = (forms.ModelMultipleChoiceField, forms.MultipleChoiceField)


def _digests(form: Any) -> dict[str, str]:
    return {bound.name: kept(bound) for bound in fields(form)}


def _plain(value: object) -> Any:  # noqa: PLR0911  # a line a type
    """The value in JSON; what reads the same is the same: no value and an empty one, 3 and 3.0, CRLF and LF."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return f"{Decimal(str(value)).normalize():f}"
        case str():
            return value.replace("\r\n", "\n").strip()
        case Model():
            return str(value.pk)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Mapping():
            parts = {str(key): _plain(part) for key, part in value.items()}
            return {key: part for key, part in parts.items() if part not in ("", "false", [], {})}
        case QuerySet() | list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return str(value)


def _salt(row: Model) -> str:
    return f"{_SALT}.{row._meta.label_lower}.{row.pk}"  # noqa: SLF001  # Django documents it
