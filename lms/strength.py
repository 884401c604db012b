"""What makes a production start refuse: settings too weak to serve people with. No Django here."""

from collections.abc import Mapping
from urllib.parse import urlsplit

SHORTEST_SECRET = 50
SHORTEST_WEBHOOK_PASSWORD = 20
FEWEST_DIFFERENT_SIGNS = 12


def weaknesses(env: Mapping[str, str]) -> list[str]:
    """Name every environment variable that is too weak for production, each with what to do about it."""
    found = (
        _weak_secret(env.get("WAYMARK_SECRET_KEY", "")),
        _weak_site(env.get("WAYMARK_SITE_URL", "")),
        _weak_hosts(env.get("WAYMARK_ALLOWED_HOSTS", "")),
        _weak_mail(env.get("WAYMARK_EMAIL_URL", "")),
        _weak_webhook(env.get("WAYMARK_WEBHOOK_SECRET", "")),
        _weak_debug(env.get("WAYMARK_DEBUG", "")),
        _weak_clock(env.get("WAYMARK_CLOCK_OFFSET", "")),
    )
    return [weakness for weakness in found if weakness]


def _weak_secret(value: str) -> str:
    if not value:
        return "WAYMARK_SECRET_KEY is not set: give it 50 or more random characters."
    if len(value) < SHORTEST_SECRET or len(set(value)) < FEWEST_DIFFERENT_SIGNS:
        return "WAYMARK_SECRET_KEY is too easy to guess: give it 50 or more random characters."
    return ""


def _weak_site(value: str) -> str:
    address = urlsplit(value)
    if address.scheme != "https" or not address.hostname:
        return "WAYMARK_SITE_URL must be the site's address and start with https://."
    return ""


def _weak_hosts(value: str) -> str:
    if "*" in [host.strip() for host in value.split(",")]:
        return (
            "WAYMARK_ALLOWED_HOSTS must not hold *: name the hosts, or leave it out to allow the site's own."
        )
    return ""


def _weak_mail(value: str) -> str:
    if not value:
        return "WAYMARK_EMAIL_URL is not set: name the mail server, as in submission://user:password@mail.example.org:587."
    return ""


def _weak_webhook(value: str) -> str:
    name, colon, password = value.partition(":")
    if value and (not name or not colon or len(password) < SHORTEST_WEBHOOK_PASSWORD):
        return "WAYMARK_WEBHOOK_SECRET must be name:password, with a password of 20 or more random letters."
    return ""


def _weak_debug(value: str) -> str:
    if value.strip().lower() not in {"", "0", "false", "no", "off"}:
        return "WAYMARK_DEBUG must be off: it shows strangers how the site is made."
    return ""


def _weak_clock(value: str) -> str:
    if value.strip() not in {"", "0"}:
        return "WAYMARK_CLOCK_OFFSET must not be set: the clock is moved in drills only."
    return ""
