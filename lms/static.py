"""Static files for production: each under a name that says its content, compressed; and when they must be collected."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

# `from "./unsent.js"`, `import "./unsent.js"` and `import("./unsent.js")`
_OWN_IMPORT = r"""(?P<matched>(?P<lead>\b(?:from|import)\s*\(?\s*)["'](?P<url>\.{1,2}/[^"']+\.js)["'])"""


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise is untyped
    """Also writes hashed names into the imports of our own modules; Django's switch for it breaks other files."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((_OWN_IMPORT, '%(lead)s"%(url)s"'),)),
    )


def is_collection_due() -> bool:
    """True where hashed files are served and those collected are not made of today's sources."""
    if "HashedStaticFiles" not in settings.STORAGES["staticfiles"]["BACKEND"]:
        return False
    stamp = _stamp()
    return not stamp.exists() or stamp.read_text() != _sources()


def collect() -> None:
    sources = _sources()
    call_command("collectstatic", verbosity=0, interactive=False)
    _stamp().write_text(sources)


def _stamp() -> Path:
    return Path(settings.STATIC_ROOT) / ".sources"


def _sources() -> str:
    """A digest of every source file's name, size and time."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
