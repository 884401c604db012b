"""What every test may ask for. The servers themselves come from tests/services.py."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import Parameters
from django.conf import settings
from django.core.cache import cache
from hypothesis import settings as examples

from lms.passwords import Argon2
from tests.services import TEMPLATE, migrate_template_once

examples.register_profile("house", deadline=None)  # a machine with much to do takes long for an example
examples.load_profile("house")
pytest_plugins = ["tests.fixtures.browser", "tests.fixtures.mail", "tests.fixtures.worker"]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Each test starts with an empty cache: rate limits and renders of the test before are gone."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def work_for_passwords() -> Iterator[Parameters]:
    """How much work there is for a password outside of tests. Here there is little: thousands of people are made."""
    honest = Argon2().params()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2, "time_cost", 1)
        patch.setattr(Argon2, "memory_cost", 8)
        yield honest


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Give each worker a copy of one migrated database. Here, since a plugin's fixture would not replace another's."""
    migrate_template_once(Path(os.environ["WAYMARK_VAR"]), settings.DATABASE_URL)
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = TEMPLATE
