"""The house as it stands keeps the rules that import-linter and ruff cannot see."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from django.apps import apps

from lms import mailbox_urls
from tests.house import addresses, code, pages, relations
from tests.house.files import FLOORS, HOUSE, house_files, python_files, templates, text

# Each exception has its reason.
MAY_IMPORT_INSIDE = {
    "quizzes/bodies.py": "finds the types of question by the names of their folders, plain ones only",
    "quizzes/forms.py": "finds the editors of the types in the same way",
    "reminders/kinds/__init__.py": "finds the kinds of letters, a file each",
    "reminders/views/events.py": "of a library's views only that of the provider who called is read",
    "tests/lms/test_settings.py": "asks the library whether it has what the settings name",
    "tests/reminders/test_every_letter.py": "finds the samples of the kinds by their names",
    "manage.py": "the settings module must be named first",
    "tests/test_doors.py": "the models' names stand in the table of doors",
    "roadmap/admin/history.py": "a union of many histories names the model of each row",
    "tests/services.py": "the servers must run before settings are read",
}
MAY_ASK_THE_TIME = {
    "accounts/clock.py": "it is the clock",
    "api/throttling.py": "counts requests in real minutes, wherever a drill has moved the clock",
}
MAY_ASK_THE_CLOCK = {
    "accounts/models/history.py": "only where something is written is a moment needed, and the door has no say in it",
    "roadmap/models/link_round.py": "a round lasts, and its leases are by the database's clock at each step",
    "accounts/models/user.py": "create_user is called by Django's own commands, which know no clock",
}
DOORS = {"views", "admin", "tasks", "management", "forms", "emails", "adapter", "authentication", "urls"}
MAY_CLIMB = {
    ("roadmap/drawings/plan.py", "ticks"): "the marks on an axis, no rows",
    ("templates/components/deskbar.html", "quizzes"): "perms.quizzes asks what a person may do, no row",
}
MAY_SAY = {
    ("accounts/permissions.py", "has_module_perms"): "Django asks for it by this name",
    ("roadmap/structured.py", "course"): "schema.org’s terms, which leave the house",
    ("roadmap/models/resource.py", "COURSE"): "a resource elsewhere may be a course",
    ("roadmap/models/resource.py", "Course"): "as above",
}
STANDS_ALONE = {"templates/500.html": "is shown when nothing else works, so it carries its own style"}


def complaints(paths: Iterable[Path], rule: Callable[[str], Iterator[str]]) -> list[str]:
    return [f"{path}:{complaint}" for path in paths for complaint in rule(text(path))]


def said(found: list[str]) -> str:
    return "\n" + "\n".join(found)


def test_no_import_hides_in_a_function():
    paths = [path for path in house_files() if path.suffix == ".py" and str(path) not in MAY_IMPORT_INSIDE]
    ours = [
        path
        for path in paths
        if path.parts[0] in {*FLOORS, "tests", "bench"} and "migrations" not in path.parts
    ]
    found = complaints(ours, code.hidden_imports)
    assert not found, said(found)


def test_no_rule_asks_the_time():
    found = complaints(
        (path for path in python_files() if str(path) not in MAY_ASK_THE_TIME), code.own_clocks
    )
    assert not found, said(found)


def test_only_doors_ask_the_clock():
    inside = [path for path in python_files() if not DOORS.intersection(Path(path).with_suffix("").parts)]
    found = complaints((path for path in inside if str(path) not in MAY_ASK_THE_CLOCK), code.clock_in_a_rule)
    assert not found, said(found)


def test_no_function_is_long():
    found = complaints(python_files(), code.long_functions)
    assert not found, said(found)


def test_every_model_says_what_a_row_is():
    found = complaints(python_files(), code.models_that_do_not_say_what_a_row_is)
    assert not found, said(found)


def test_every_word_is_ours_in_code():
    found = complaints(python_files(), code.forbidden_words)
    excused = [(f"{path}:", word) for path, word in MAY_SAY]
    left = [one for one in found if not any(one.startswith(path) and word in one for path, word in excused)]
    assert not left, said(left)


def test_every_word_is_ours_on_pages():
    found = complaints(templates(), pages.forbidden_words_on_page)
    assert not found, said(found)


def test_signposts_point_to_their_own_views():
    signposts = [path for path in python_files() if path.name == "urls.py"]
    found = [f"{path}:{said}" for path in signposts for said in code.others_views(text(path), path.parts[0])]
    assert not found, said(found)


def test_every_room_has_a_name_that_says_something():
    ours = [path for path in house_files() if path.parts[0] in {*FLOORS, "bench"} and path.suffix == ".py"]
    found = [complaint for path in ours if (complaint := code.forbidden_room(path.parts))]
    assert not found, said(found)


def test_every_migration_has_a_name():
    migrations = [path for path in python_files(with_migrations=True) if "migrations" in path.parts]
    unnamed = [str(path) for path in migrations if re.match(r"\d{4}_auto", path.name)]
    assert migrations
    assert not unnamed, f"Say in the name what each does: {unnamed}"


def test_no_floor_climbs_a_reverse_relation_in_code():
    above = relations.names_from_above()
    found = [
        f"{path}:{complaint}"
        for path in python_files()
        for complaint in relations.climbed_in_code(text(path), _forbidden_at(path, path.parts[0], above))
    ]
    assert not found, said(found)


def test_no_floor_climbs_a_reverse_relation_in_a_template():
    above = relations.names_from_above()
    found = [
        f"{path}:{complaint}"
        for path in templates()
        for complaint in relations.climbed_in_page(text(path), _forbidden_at(path, _floor_of(path), above))
    ]
    assert not found, said(found)


def test_every_text_of_a_page_is_translated():
    letters = [path for path in house_files() if path.parts[0] == "templates" and path.suffix == ".txt"]
    found = complaints([*templates(), *letters], pages.untranslated)
    assert not found, said(found)


def test_no_page_carries_style_or_script_of_its_own():
    letters = ("email", "letters")
    ours = [p for p in templates() if not set(letters) & set(p.parts) and str(p) not in STANDS_ALONE]
    found = complaints(ours, pages.inline_code)
    assert not found, said(found)


def test_no_page_fetches_from_another_host():
    ours = [
        path
        for path in house_files()
        if path.parts[0] in {"templates", "static"}
        and path.suffix in {".html", ".css", ".js", ".svg"}
        and "vendor" not in path.parts
    ]
    found = [f"{path}:{said}" for path in ours for said in pages.foreign_addresses(text(path), path.suffix)]
    assert not found, said(found)


def test_no_file_names_a_package_registry():
    hosts = "|".join(
        re.escape(f"{name}.{end}")
        for name, end in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry.npmjs", "org"),
            ("registry.yarnpkg", "com"),
            ("registry.npmmirror", "com"),
            ("crates", "io"),
            ("proxy.golang", "org"),
            ("conda.anaconda", "org"),
        )
    )
    pattern = re.compile(rf"(?<![\w-])(?:{hosts})\b".encode(), re.IGNORECASE)
    found = [str(path) for path in house_files() if pattern.search((HOUSE / path).read_bytes())]
    assert not found, f"Leave the address out: {found}"


def test_files_of_others_are_what_their_checksums_say():
    homes = [home for home in (HOUSE / "static" / "vendor").iterdir() if home.is_dir()]
    assert homes
    for home in homes:
        lines = (home / "SHA256SUMS").read_text().splitlines()
        listed = {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}
        found = {str(path.relative_to(home)): path for path in home.rglob("*") if path.is_file()}
        assert listed.keys() == found.keys() - {"SHA256SUMS"}
        for name, path in found.items():
            if name != "SHA256SUMS":
                assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name], f"{path} was changed"


def test_every_plain_module_is_held_to_know_no_django():
    contracts = tomllib.loads(text(Path("pyproject.toml")))["tool"]["importlinter"]["contracts"]
    rooms = [contract for contract in contracts if contract["name"].startswith("Rooms of")]
    plain = {
        f"{contract['containers'][0]}.{name.strip('()')}"
        for contract in rooms
        if contract["layers"][-1] != "models"
        for name in contract["layers"][-1].split(" : ")
    }
    (held,) = [contract for contract in contracts if contract["name"] == "Plain modules know no Django"]
    rooms_held = {
        ".".join(name.split(".")[:2]) for name in held["source_modules"]
    }  # a room may be held by its parts
    assert plain - {"accounts.clock"} == rooms_held


@pytest.mark.parametrize("floor", FLOORS)
def test_every_floor_is_installed(floor):
    assert apps.is_installed(floor)


def _floor_of(template: Path) -> str:
    """The floor that a template is named after, as in templates/admin/quizzes; shared ones are the ground's."""
    return next((part for part in template.parts if part in FLOORS), "accounts")


def _forbidden_at(path: Path, floor: str, above: dict[str, dict[str, str]]) -> dict[str, str]:
    names = relations.forbidden_on(floor, above)
    return {name: label for name, label in names.items() if (str(path), name) not in MAY_CLIMB}


def test_every_address_that_is_named_exists():
    known = addresses.existing() | {f"mailbox:{pattern.name}" for pattern in mailbox_urls.urlpatterns}
    pages_ = [(path, name) for path in templates() for name in addresses.named_on_page(text(path))]
    code_ = [(path, name) for path in python_files() for name in addresses.named_in_code(text(path))]

    found = [f"{path}: {name!r} names no page" for path, name in pages_ + code_ if name not in known]
    assert not found, said(found)
