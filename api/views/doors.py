"""What the doors of this floor share: who asks, what was sent, which page of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.paginator import EmptyPage, Paginator
from django.core.paginator import Page as PageOfRows
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from api.refusals import InvalidError
from api.serializers.shape import Page, Shape
from progress.models import Enrollment

Row = TypeVar("Row", bound=Any)
LineShape = TypeVar("LineShape", bound=Shape)
Body = TypeVar("Body", bound=BaseModel)


class Door(APIView):
    """One address of the API. `operation` names it in the schema; `person` asks."""

    operation: str

    @property
    def person(self) -> User:
        """Who asks; only behind IsAuthenticated."""
        return cast("User", self.request.user)

    def enrollment(self, road_key: str) -> Enrollment:
        """The asking person's own enrollment on this road, knowing its person; Http404 when she is not on it."""
        found = (
            self.person.enrollments.current().select_related("roadmap").filter(roadmap__key=road_key).first()
        )
        if found is None:
            raise Http404
        return found


class PageForm(forms.Form):
    """Which page of a list, and how long pages are."""

    page = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)
    page_size = forms.IntegerField(required=False, min_value=1, max_value=100)


def filtered_by(request: Request, form_class: type[forms.Form]) -> dict[str, Any]:
    """The cleaned data of a form filled from the address; InvalidError with its sentences otherwise."""
    form = form_class(request.query_params)
    empty = {name: [_("Say which, or leave it out.")] for name in form.fields if form.data.get(name) == ""}
    if empty or not form.is_valid():
        raise InvalidError(errors_of(form) | empty)
    return form.cleaned_data


def page_of(request: Request, rows: QuerySet[Any, Row]) -> PageOfRows[Row]:
    """The page of rows that was asked for; Http404 behind the last, InvalidError for what is no page."""
    wanted = filtered_by(request, PageForm)
    try:
        return Paginator(rows, wanted["page_size"] or 20).page(wanted["page"] or 1)
    except EmptyPage as beyond:
        raise Http404 from beyond


def stretch_of(request: Request, read: Callable[[int, int], tuple[int, str]]) -> tuple[PageOfRows[Any], str]:
    """The same for lines that the database writes: `read(start, length)` gives the count of all and the lines."""
    wanted = filtered_by(request, PageForm)
    number, length = wanted["page"] or 1, wanted["page_size"] or 20
    count, lines = read((number - 1) * length, length)
    try:
        return Paginator(range(count), length).page(number), lines
    except EmptyPage as beyond:
        raise Http404 from beyond


def addresses(request: Request, page: PageOfRows[Any]) -> dict[str, Any]:
    """What a list says besides its results: count and the addresses of the neighbors."""
    return {
        "count": page.paginator.count,
        "next": _address(request, page.next_page_number()) if page.has_next() else None,
        "previous": _address(request, page.previous_page_number()) if page.has_previous() else None,
    }


def listed(
    request: Request, shape: type[Page[LineShape]], page: PageOfRows[Any], lines: list[LineShape]
) -> Page[LineShape]:
    return shape(**addresses(request, page), results=lines)


def _address(request: Request, number: int) -> str:
    query = request.query_params.copy()
    query["page"] = str(number)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def parsed(request: Request, shape: type[Body]) -> Body:
    """The body as this shape of a floor below; InvalidError naming each place that is wrong."""
    try:
        return shape.model_validate(request.data)
    except ValidationError as wrong:
        errors: dict[str, list[str]] = {}
        for fault in wrong.errors(include_url=False, include_input=False):
            place = ".".join(str(part) for part in fault["loc"][:3]) or "form"
            errors.setdefault(place, []).append(fault["msg"])
        raise InvalidError(errors) from wrong


def read(request: Request, form_class: type[forms.Form], **known: Any) -> dict[str, Any]:
    """The cleaned data of a form, filled from the request's body; InvalidError with its sentences otherwise.

    `known` is what the form must know besides. JSON has types and forms have text, so a value that is not of the
    field's type is refused here, and so is a field that the form does not have.
    """
    data = request.data
    if not isinstance(data, Mapping):
        raise InvalidError({"form": [_("Send an object with fields.")]})
    wrong = {} if isinstance(data, QueryDict) else _of_wrong_type(form_class, data)
    right = data if isinstance(data, QueryDict) else {name: data[name] for name in data if name not in wrong}
    form = form_class(right, request.FILES, **known)
    wrong |= {name: [_("There is no such field.")] for name in data if name not in form.fields}
    if wrong or not form.is_valid():
        raise InvalidError(errors_of(form) | wrong)
    return form.cleaned_data


def errors_of(form: forms.Form) -> dict[str, list[str]]:
    return {
        "form" if name == NON_FIELD_ERRORS else name: [str(error) for error in errors]
        for name, errors in form.errors.items()
    }


def _of_wrong_type(form: type[forms.Form], data: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        name: [_("This has the wrong type.")]
        for name, field in form.base_fields.items()
        if data.get(name) is not None and not _fits(field, data[name])
    }


def _fits(field: forms.Field, value: Any) -> bool:
    match field:
        case forms.JSONField():
            return True
        case forms.BooleanField():
            return isinstance(value, bool)
        case forms.IntegerField() | forms.DecimalField():  # FloatField is an IntegerField to Django
            return isinstance(value, int | float | str) and not isinstance(value, bool)
        case _:
            return isinstance(value, str)
