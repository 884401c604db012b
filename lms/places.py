"""Where Waymark's servers are, told by one URL each and read into what each library wants. No Django here."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

import dj_database_url


class PlaceError(Exception):
    """A folder that Waymark needs cannot be used; the message says why and what to do."""


def make_writable(folder: Path) -> None:
    """Make the folder that holds all data; raise PlaceError where this user may not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise PlaceError(_unusable(folder, trouble.strerror or "it cannot be made")) from trouble
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PlaceError(_unusable(folder, "it belongs to another user"))


def secret_in(file: Path, make: str) -> str:
    """Return what `file` holds, writing `make` into it first where it is missing; readable by its owner only."""
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as fresh:
        fresh.write(make)
    return make


def database(database_url: str) -> dict[str, Any]:
    """Django's entry for a PostgreSQL URL; `?host=` names a socket's directory, as in libpq's own URLs."""
    entry: dict[str, Any] = {**dj_database_url.parse(database_url)}
    if not entry.get("HOST"):
        entry["HOST"] = entry.get("OPTIONS", {}).pop("host", "")
    return entry


def broker_url(redis_url: str) -> str:
    """The Celery broker in the Redis database that `redis_url` names (0 where it names none)."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return f"{parts.scheme}://{parts.netloc}/{_database(redis_url)}"
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={_database(redis_url)}"


def cache_url(redis_url: str) -> str:
    """The cache in the Redis database after the broker's."""
    parts = urlsplit(redis_url)
    after = _database(redis_url) + 1
    if parts.scheme != "unix":
        return f"{parts.scheme}://{parts.netloc}/{after}"
    return f"unix://{parts.netloc}{parts.path}?db={after}"


_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_MAIL = {  # scheme: what Django wants, and the port that is meant when none is named
    "smtp": ({"use_tls": False, "use_ssl": False}, 25),
    "submission": ({"use_tls": True, "use_ssl": False}, 587),
    "smtps": ({"use_tls": False, "use_ssl": True}, 465),
}
PROVIDERS = (
    *(
        "amazon-ses",
        "brevo",
        "mailersend",
        "mailgun",
        "mailjet",
        "mailtrap",
        "mandrill",
        "postal",
        "postmark",
    ),
    *("resend", "scaleway", "sendgrid", "sparkpost", "unisender-go"),
)
_ANYMAIL = "anymail+"


def mail(url: str) -> dict[str, Any]:
    """Backend and options of a mail server or provider, as `get_connection` takes them; raises PlaceError."""
    parts = urlsplit(url)
    if parts.scheme.startswith(_ANYMAIL):
        return _provider(parts.scheme.removeprefix(_ANYMAIL), parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme == "dummy":  # goes to nobody: for measuring
        return {"backend": "django.core.mail.backends.dummy.EmailBackend"}
    if parts.scheme not in _MAIL or not parts.hostname:
        raise PlaceError(
            "A mail server is named as in submission://user:password@mail.example.org:587 (STARTTLS), "
            "smtps://… (TLS), smtp://… (neither), or anymail+postmark:?server_token=… for a provider."
        )
    options, port = _MAIL[parts.scheme]
    return {
        "backend": _SMTP,
        "host": parts.hostname,
        "port": parts.port or port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        **options,
    }


def anymail(env: Mapping[str, str], url: str) -> dict[str, Any]:
    """django-anymail's settings: every variable ANYMAIL_…, and what `url` says of its provider."""
    found = {
        name.removeprefix("ANYMAIL_"): _value(value)
        for name, value in env.items()
        if name.startswith("ANYMAIL_")
    }
    named = mail(url) if url.startswith(_ANYMAIL) else {}
    backend = named.pop("backend", "..").split(".")[2]
    return found | {f"{backend}_{name}".upper(): value for name, value in named.items()}


def _provider(name: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    if name not in PROVIDERS:
        raise PlaceError(f"{name!r} is no mail provider known here; there are {', '.join(PROVIDERS)}.")
    backend = f"anymail.backends.{name.replace('-', '_')}.EmailBackend"
    return {"backend": backend, **{key: _value(value) for key, value in options}}


def _value(text: str) -> str | bool:
    return {"true": True, "false": False}.get(text.lower(), text)


def socket_redis_url(socket: Path, password: str, database: int = 0) -> str:
    return f"unix://:{quote(password, safe='')}@{quote(str(socket))}?db={database}"


def socket_database_url(directory: Path, user: str, password: str, name: str) -> str:
    """A URL that psycopg and Django both read, for a PostgreSQL whose socket is in `directory`."""
    host = quote(str(directory), safe="")
    return f"postgresql://{quote(user)}:{quote(password, safe='')}@/{quote(name)}?host={host}"


def _unusable(folder: Path, why: str) -> str:
    return f"Waymark cannot keep its data in {folder}: {why}. Set WAYMARK_VAR to a folder of yours."


def _database(redis_url: str) -> int:
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        return int(parse_qs(parts.query).get("db", ["0"])[0])
    return int(parts.path.strip("/") or 0)
