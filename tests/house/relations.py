"""Reverse relations climbed: code below that asks a row for rows of a floor above, which no import shows."""

import ast
from collections.abc import Iterator

from django.apps import apps

from tests.house.files import FLOORS
from tests.house.pages import names_looked_up

HEIGHT = {floor: height for height, floor in enumerate(FLOORS)}
_TAKES_NAMES = {
    "annotate", "defer", "distinct", "exclude", "filter", "get", "only", "order_by", "prefetch_related",
    "select_related", "values", "values_list",
    "Count", "F", "Max", "Min", "Prefetch", "Q", "Sum", "attrgetter", "getattr",
}  # fmt: skip
REMEDY = "Read it on the floor that owns it, where a queryset starts from this row."


def names_from_above() -> dict[str, dict[str, str]]:
    """For each floor the names by which its rows reach rows above: {"accounts": {"ticks": "progress.Tick"}, …}."""
    above: dict[str, dict[str, str]] = {floor: {} for floor in FLOORS}
    for model in apps.get_models(include_auto_created=True):
        floor = model._meta.app_label
        for relation in model._meta.related_objects if floor in HEIGHT else ():
            owner = relation.related_model._meta
            accessor = relation.get_accessor_name()
            if accessor and HEIGHT.get(owner.app_label, -1) > HEIGHT[floor]:
                above[floor] |= {accessor: owner.label, relation.name: owner.label}
    return above


def forbidden_on(floor: str, above: dict[str, dict[str, str]]) -> dict[str, str]:
    """Names that code of this floor may not use: those that lead from any floor to one higher than this."""
    return {
        name: label
        for names in above.values()
        for name, label in names.items()
        if HEIGHT[label.split(".")[0]] > HEIGHT[floor]
    }


def climbed_in_code(source: str, forbidden: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        for name in _asked_for(node):
            if name in forbidden:
                yield f"{getattr(node, 'lineno', 0)}: `{name}` leads up to {forbidden[name]}. {REMEDY}"


def climbed_in_page(page: str, forbidden: dict[str, str]) -> Iterator[str]:
    for line, name in names_looked_up(page):
        if name in forbidden:
            yield f"{line}: `{name}` leads up to {forbidden[name]}. {REMEDY}"


def _asked_for(node: ast.AST) -> Iterator[str]:
    """Attribute names, and the words of look-ups, as in `filter(person__ticks__resource=1)`."""
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and _may_be_row(node.value):
        yield node.attr
    elif isinstance(node, ast.Call) and _called(node.func) in _TAKES_NAMES:
        for word in node.keywords:
            yield from (word.arg or "").split("__")
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield from argument.value.lstrip("-").split("__")


def _may_be_row(value: ast.AST) -> bool:
    """A module or class (`models.Attempt`, `Attempt.objects`) is no row; neither is a form's or document's own."""
    return not (isinstance(value, ast.Name) and value.id[:1].isupper())


def _called(function: ast.AST) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
