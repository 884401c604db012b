"""Keys, titles and addresses that come out the same at every import.

A topic's key is its id there, written in the letters that our keys have: `rs-` and base 32, which can be read back. So
a renamed topic keeps its key, and two ids that differ only in case have two.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from roadmap.keys import MAX_LENGTH, is_key

SOURCE = "roadmap.sh"
UNSORTED = "unsorted"

_MOST = (MAX_LENGTH - 3) * 5 // 8  # bytes that fit in a key; longer ids are hashed
_NOT_IN_SLUG = re.compile(r"[^a-z0-9_\- ]")
_PORTS = {"http": 80, "https": 443}


def slugify(label: str) -> str:
    """A label as it stands in file names there: hyphens are not collapsed."""
    return _NOT_IN_SLUG.sub("", label.lower()).strip().replace(" ", "-")


def words(slug: str) -> str:
    """A slug as a title, for want of a better one."""
    return " ".join(slug.replace("_", "-").replace("-", " ").split()).capitalize()


def road_key(slug: str) -> str:
    key = f"roadmap-sh-{slug}"
    return key if is_key(key) else f"roadmap-sh-x-{_digest(slug)[:24]}"


def part_key(source_id: str) -> str:
    """The key of a topic or stage by its id there."""
    data = source_id.encode("utf-8", "surrogatepass")
    return f"rs-{_base32(data)}" if 0 < len(data) <= _MOST else f"rs-x-{_digest(source_id)}"


def source_id(key: str) -> str | None:
    """The id there, None when the key is not of a topic that came from there; an id too long for a key is not known."""
    if not is_imported(key):
        return None
    packed = key.removeprefix("rs-").upper()
    try:
        return base64.b32decode(packed + "=" * (-len(packed) % 8)).decode("utf-8", "surrogatepass")
    except (binascii.Error, ValueError):
        return ""


def is_imported(key: str) -> bool:
    """Whether a topic, stage or resource has a key that an import made."""
    return key == UNSORTED or key.startswith("rs-")


@lru_cache(maxsize=100_000)
def normal(url: str) -> str | None:
    """The address by which a resource is known, however it is spelled; None when it is no address of the web."""
    if len(url) > 1000 or " " in url or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    spoken = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    query = urlencode([pair for pair in parse_qsl(parts.query, True) if not pair[0].startswith("utm_")])
    path = parts.path.rstrip("/")
    return urlunsplit(("https", host.removeprefix("www.") + spoken, path, query, parts.fragment))


@lru_cache(maxsize=100_000)
def resource_key(address: str) -> str:
    """The key of a resource by its normal address: its host for people, a hash for the rest."""
    host = re.sub(r"[^a-z0-9]+", "-", (urlsplit(address).hostname or "").lower()).strip("-")[:36].strip("-")
    return f"rs-{host}-{_digest(address)[:26]}" if host else f"rs-{_digest(address)[:26]}"


def _digest(text: str) -> str:
    return _base32(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()
