"""Hashed static files: our modules import each other under the names that exist."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.staticfiles.finders import find

from lms import static
from lms.apps import StaticFiles


@pytest.fixture
def collected(settings, tmp_path, monkeypatch):
    """Static files as in production, but for the API viewer's and for compressing, which take long."""
    viewer = [*StaticFiles.ignore_patterns, "drf_spectacular_sidecar"]
    monkeypatch.setattr(apps.get_app_config("staticfiles"), "ignore_patterns", viewer)
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
        "css",
        "js",
        "svg",
        "html",
        "txt",
        "woff2",
        "map",
        "png",
        "md",
    )
    settings.STATIC_ROOT = str(tmp_path / "collected")
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "lms.static.HashedStaticFiles"}}
    assert static.is_collection_due()
    static.collect()
    return tmp_path / "collected"


def test_imports_of_our_modules_lead_to_hashed_files(collected):
    imports = [
        (script, name)
        for script in (collected / "js").glob("*.js")
        for name in re.findall(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""", script.read_text())
    ]
    assert imports
    for script, name in imports:
        assert re.search(r"\.[0-9a-f]{12}\.js$", name), f"{script.name} imports {name}"
        assert (script.parent / name).is_file()


def test_pages_are_given_hashed_names(collected):
    name = static.HashedStaticFiles().stored_name("css/base.css")
    assert re.fullmatch(r"css/base\.[0-9a-f]{12}\.css", name)
    assert (collected / name).is_file()


def test_nothing_is_collected_twice(collected):
    assert not static.is_collection_due()


def test_a_changed_source_is_collected_again(collected, settings, tmp_path):
    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, tmp_path / "more"]
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "new.css").write_text("p {}")
    assert static.is_collection_due()


def test_development_collects_nothing(settings):
    assert not static.is_collection_due()


def test_viewers_that_nobody_needs_stay_out():
    assert "redoc" in StaticFiles.ignore_patterns
    assert find("drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css")
    assert Path(str(find("css/base.css"))).is_file()
