"""Settings: each is told to whoever runs the house, and a production start refuses weak ones by name."""

import re
import secrets
from pathlib import Path

import pytest

from lms.places import PlaceError, make_writable
from lms.strength import weaknesses
from tests.house.files import text

STRONG = {
    "WAYMARK_SECRET_KEY": secrets.token_urlsafe(64),
    "WAYMARK_SITE_URL": "https://learn.example.org",
    "WAYMARK_EMAIL_URL": "submission://u:p@mail.example.org:587",
}


def test_every_setting_is_in_the_example_and_in_the_manual():
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text(Path("lms/settings.py"))))
    assert len(read) > 20
    for document in (".env.example", "docs/operating.md"):
        missing = [name for name in sorted(read) if not re.search(rf"\b{name}\b", text(Path(document)))]
        assert not missing, f"{document} does not tell {missing}."


def test_strong_settings_are_let_through():
    assert weaknesses(STRONG) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WAYMARK_SECRET_KEY", ""),
        ("WAYMARK_SECRET_KEY", "short"),
        ("WAYMARK_SECRET_KEY", "a" * 80),
        ("WAYMARK_SITE_URL", ""),
        ("WAYMARK_SITE_URL", "http://learn.example.org"),
        ("WAYMARK_SITE_URL", "https://"),
        ("WAYMARK_ALLOWED_HOSTS", "learn.example.org, *"),
        ("WAYMARK_EMAIL_URL", ""),
        ("WAYMARK_DEBUG", "on"),
        ("WAYMARK_CLOCK_OFFSET", "3d"),
    ],
)
def test_a_weak_setting_is_refused_by_name(name, value):
    (refusal,) = weaknesses({**STRONG, name: value})
    assert name in refusal


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PlaceError, match="WAYMARK_VAR"):
        make_writable(tmp_path / "file" / "var")
