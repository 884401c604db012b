"""Rules about Python code. Each takes a file's text and yields `line: what is wrong and what to do`."""

import ast
import re
from collections.abc import Iterator

LONGEST_FUNCTION = 50
FORBIDDEN_WORDS = {"course", "lesson", "module", "assignment", "enrolment", "approve"}
FORBIDDEN_ROOMS = {"utils", "helpers", "common", "core", "services", "selectors", "signals"}
_HIDING = {"import_module", "__import__", "import_string", "get_model"}
_CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("timezone", "now"),
    ("timezone", "localdate"),
    ("timezone", "localtime"),
    ("time", "time"),
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def hidden_imports(source: str) -> Iterator[str]:
    """Imports inside a function, and imports by name, which no contract sees."""
    tree = ast.parse(source)
    for function in (node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"{node.lineno}: an import inside {function.name}(). Put it at the top of the file."
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if _name(call.func) in _HIDING:
            yield f"{call.lineno}: {_name(call.func)}() hides an import. Import at the top of the file."


def own_clocks(source: str) -> Iterator[str]:
    """Anything that asks what time it is other than accounts.clock."""
    remedy = "Take `now` in the door from accounts.clock and pass it on."
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and (_name(node.value), node.attr) in _CLOCKS:
            yield f"{node.lineno}: {_name(node.value)}.{node.attr} asks the time. {remedy}"
        elif isinstance(node, ast.Call) and _name(node.func) in {"Now", "TransactionNow"}:
            yield f"{node.lineno}: {_name(node.func)}() asks the time in SQL. Pass `now` into the query."
        elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            yield f"{node.lineno}: {node.arg} asks the time. Write the field in the act, from the door's `now`."


def clock_in_a_rule(source: str) -> Iterator[str]:
    """accounts.clock outside a door: a rule receives the time."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and (_name(node.value), node.attr) in {
            ("clock", "now"),
            ("clock", "database_now"),
        }:
            yield f"{node.lineno}: a rule asks the clock. Let the door ask, and take `now` as an argument."


def long_functions(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _FUNCTIONS):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.lineno}: {node.name}() has {lines} lines, {LONGEST_FUNCTION} are allowed. Divide it."


def models_that_do_not_say_what_a_row_is(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and _is_model(node) and not ast.get_docstring(node):
            yield f"{node.lineno}: {node.name} has no docstring. Say what one row means."


def forbidden_words(source: str) -> Iterator[str]:
    """Words of other products in names that we give and in what people read."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for name in _given_names(node):
            for word in FORBIDDEN_WORDS.intersection(_words(name)):
                yield f"{getattr(node, 'lineno', 0)}: `{name}` says {word}. docs/words.md has our word for it."
        for said in _said_to_people(node):
            for word in forbidden_words_in(said):
                yield f"{getattr(node, 'lineno', 0)}: “{said[:40]}” says {word}. docs/words.md has our word for it."


def forbidden_words_in(sentence: str) -> set[str]:
    plain = re.sub(r"\bof course\b", "", sentence.lower())
    return {word for word in FORBIDDEN_WORDS if re.search(rf"\b{word}(s|d|ed|ing)?\b", plain)}


def others_views(source: str, app: str) -> Iterator[str]:
    """Signposts of one app that point into another's views."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            origin = node.module.split(".")
            names = {alias.name for alias in node.names}
            if origin[0] != app and ("views" in origin or "views" in names):
                yield f"{node.lineno}: signposts of {app} point into {node.module}. Include that app's urls instead."


def forbidden_room(parts: tuple[str, ...]) -> str | None:
    """Why a file of this path may not be, as in ("roadmap", "utils.py")."""
    for part in parts:
        if part.removesuffix(".py") in FORBIDDEN_ROOMS:
            return f"{'/'.join(parts)}: {part} says nothing. Name the file by its subject."
    return None


def _given_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id


def _said_to_people(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and _name(node.func) in {
        "_",
        "gettext",
        "gettext_lazy",
        "ngettext",
        "pgettext",
    }:
        for argument in node.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def _words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


def _is_model(node: ast.ClassDef) -> bool:
    bases = [ast.unparse(base) for base in node.bases]
    return any(base in {"models.Model", "Model"} for base in bases)


def _name(node: ast.AST) -> str:
    """`now` of `now`, of `clock.now` and of `a.clock.now`."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
