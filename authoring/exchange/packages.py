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
MANIFEST = "imsmanifest.xml"


def is_zip(data: bytes) -> bool:
    """Whether a file is packed, by its first bytes."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


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
