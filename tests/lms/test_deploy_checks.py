"""`check --deploy` prints nothing on a house set up as the manual says, and bites where it is not."""

import os
import subprocess
import sys

import pytest
from argon2 import Type
from django.core.checks import run_checks

from lms import checks
from tests.house.files import HOUSE
from tests.lms.test_settings import STRONG


def test_a_production_house_has_no_warning(tmp_path):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("WAYMARK_", "DJANGO_"))}
    ended = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=HOUSE,
        env={**environment, **STRONG, "WAYMARK_ENV": "production", "WAYMARK_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "no issues (0 silenced)" in ended.stdout


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MIDDLEWARE", [], "lms.E001"),
        ("CONTENT_SECURITY_POLICY", {"DIRECTIVES": {"default-src": ["'self'"]}}, "lms.E002"),
        (
            "CONTENT_SECURITY_POLICY",
            {"DIRECTIVES": {"default-src": ["'none'"], "script-src": ["'unsafe-inline'"]}},
            "lms.E002",
        ),
        ("ALLOWED_HOSTS", ["*"], "lms.E003"),
        ("PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"], "lms.E004"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "lms.E005"),
        ("SESSION_COOKIE_NAME", "sessionid", "lms.E006"),
    ],
)
def test_a_weakness_has_a_code(settings, name, value, said):
    setattr(settings, name, value)
    assert said in {found.id for found in run_checks(include_deployment_checks=True)}


def test_who_guesses_passwords_has_as_much_work_as_owasp_asks(work_for_passwords):
    work = work_for_passwords
    assert (work.type, work.time_cost, work.memory_cost, work.parallelism) == (Type.ID, 2, 19_456, 1)


def test_a_password_for_mail_in_the_clear_has_a_code(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_PASSWORD = "x"
    assert [found.id for found in checks.mail_travels_encrypted(None)] == ["lms.E007"]
    settings.EMAIL_USE_TLS = True
    assert not list(checks.mail_travels_encrypted(None))
