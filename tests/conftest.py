"""What every test may ask for. The servers themselves come from tests/services.py."""

import pytest
from django.core.cache import cache

pytest_plugins = ["tests.fixtures.browser", "tests.fixtures.mail", "tests.fixtures.worker"]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Each test starts with an empty cache: rate limits and renders of the test before are gone."""
    cache.clear()
