"""A content package: a zip of XML files, and what lies beside them, which another house packed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from accounts.sentences import sentence as _
from authoring import packing
from authoring.exchange.questions import UnreadableError

# Pictures, films and documents may lie in a package; only texts are ever unpacked.
PACKAGE = packing.Limits(
    files=20_000,
    total=64 * 1024 * 1024,
    one=16 * 1024 * 1024,
    wanted=re.compile(r".*\.(?:xml|qti|dat|html?|txt)", re.DOTALL | re.IGNORECASE),
    mends_names=True,
)
MAX_BYTES = 32 * 1024 * 1024  # of the zip itself, pictures and all
MANIFEST = "imsmanifest.xml"


def is_zip(data: bytes) -> bool:
    """Whether a file is packed, by its first bytes."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def is_xml(data: bytes) -> bool:
    """Whether a file may be XML, by its first sign."""
    return data[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")


def holds(data: bytes, *names: str) -> bool:
    """Whether one of these names stands in XML, or in a text of a package; a package that can't be read has none."""
    encoded = [name.encode(code) for name in names for code in ("utf-8", "utf-16-le", "utf-16-be")]
    if not is_zip(data):
        return is_xml(data) and any(name in data for name in encoded)
    try:
        texts = unpacked(data).files.values()
    except UnreadableError:
        return False
    return any(name in text for text in texts for name in encoded)


@dataclass(frozen=True, slots=True)
class Package:
    """The texts of a package by path; `manifest` is the path of the list of what is in it, empty without one."""

    files: Mapping[str, bytes]
    manifest: str = ""

    def at(self, href: str, beside: str = "") -> str | None:
        """The path that an address means, seen from the manifest or the folder of the file `beside`; None if none."""
        plain = unquote(href.partition("#")[0].partition("?")[0]).replace("\\", "/")
        top = posixpath.dirname(self.manifest)
        for start in (posixpath.dirname(beside), top) if beside else (top,):
            path = posixpath.normpath(posixpath.join(start, plain.lstrip("/")))
            if path in self.files:
                return path
        return None

    def texts(self) -> Iterator[tuple[str, bytes]]:
        """Every text but the manifest, in the order of their paths."""
        for path in sorted(self.files):
            if path != self.manifest:
                yield path, self.files[path]


def unpacked(data: bytes) -> Package:
    """The package of a zip. Raises UnreadableError when the zip is damaged, too large or made to harm."""
    unpacked = packing.unpack(data, PACKAGE)
    if unpacked.faults:
        fault = unpacked.faults[0]
        raise UnreadableError(fault.what, "" if fault.file == "zip" else fault.file)
    if not unpacked.files:
        raise UnreadableError(_("The package holds no XML files."))
    # Some pack the folder itself: the manifest that lies nearest to the top is the package's.
    manifests = [path for path in unpacked.files if posixpath.basename(path).casefold() == MANIFEST]
    return Package(unpacked.files, min(manifests, key=lambda path: (path.count("/"), path), default=""))
