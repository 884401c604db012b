"""A road's folder as a zip: packs one, and reads one that a stranger packed. Other zips of strangers are read here too.

A zip is read in memory and never unpacked onto a disk, so a name can lead nowhere. It is refused all the same when it
tries to: names that lead out, links, two names that are one on some machines, entries that grow beyond what a road
needs, are encrypted, damaged, or zips themselves. What is refused is named, with what mends it.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from accounts.sentences import NOTHING, Sentence, ngettext
from accounts.sentences import sentence as _
from authoring.checked import Checked
from authoring.faults import Fault, FilePlace
from authoring.folder import MAX_BYTES, MAX_FAULTS, MAX_FILES, read_files

MAX_TOTAL = 64 * 1024 * 1024  # of all texts together: twenty times the longest road we know
MAX_RATIO = 200  # texts come to about 4; what comes to more than this was made to grow
MAX_NAME = 300
_SMALL = 64 * 1024  # what is this small may repeat itself as it likes
_A_DIRECTORY_ENTRY = 46 + MAX_NAME + 200
_END = struct.Struct("<4s4H2LH")

_ZIP = b"PK\x03\x04"
_ARCHIVES = (
    _ZIP,
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
)
_DRIVE = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF_8 = 0x800


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The plain files of a zip by their path from road.yaml on, without hidden ones; none when a fault stops it."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a zip may hold; of a checkout, most files are none of ours and are not read.

    With `mends_names`, names as old packers wrote them are read: folders parted by “\\”, letters that are not UTF-8.
    """

    files: int = MAX_FILES
    total: int = MAX_TOTAL
    one: int = MAX_BYTES
    wanted: re.Pattern[str] = re.compile(r".*", re.DOTALL)
    mends_names: bool = False


ROAD = Limits()
CHECKOUT = Limits(
    files=100_000,
    total=512 * 1024 * 1024,
    one=16 * 1024 * 1024,
    wanted=re.compile(r"(?:.*/)?(?:content/.+\.md|[^/]+\.(?:md|json))", re.DOTALL),
)


def pack(texts: Mapping[str, str], folder: str) -> bytes:
    """A zip of the files in one folder, or at its top when that has no name: equal texts give equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(texts):
            entry = zipfile.ZipInfo(f"{folder}/{name}" if folder else name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, texts[name].encode())
    return stream.getvalue()


def read(data: bytes) -> Checked:
    """The road of a zip, checked as its folder would be."""
    return checked(unpack(data))


def checked(unpacked: Unpacked) -> Checked:
    """The road of unpacked files, or what was wrong with their zip."""
    if unpacked.faults:
        return Checked(None, list(unpacked.faults))
    return read_files(unpacked.files)


def unpack(data: bytes, limits: Limits = ROAD) -> Unpacked:
    """The files of a zip, or what is wrong with it. No more than the limits allow is ever unpacked."""
    if fault := _wrong_from_afar(data, limits):
        return Unpacked(faults=[fault])
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _Reader(archive, limits).unpacked()
    except UnicodeDecodeError:
        return Unpacked(faults=[_archive_fault(_NOT_UTF_8, _RENAME)])
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error, OverflowError):
        return Unpacked(faults=[_archive_fault(_DAMAGED, _PACK_AGAIN)])


_PACK_AGAIN = _("Pack the folder again and upload that zip.")
_DAMAGED = _("The zip is damaged.")
_NOT_UTF_8 = _("A name in the zip is not UTF-8.")
_RENAME = _("Name files with letters, digits and hyphens only.")
_LEADS_OUT = _("The name leads out of the folder.")
_PACK_INSIDE = _("Pack the folder itself, with nothing from outside.")
_TWICE = _("Two entries have this name.")
_TWICE_ON_SOME = _("On some machines this is the same file as “%(other)s”.")
_KEEP_ONE = _("Keep one of the two.")
_MOST_FILES = _("There are more than %(most)s files.")


def _wrong_from_afar(data: bytes, limits: Limits) -> Fault | None:
    """What is wrong with a zip before its list of entries is read, which a short zip can make very long."""
    if not data.startswith(_ZIP):
        return _archive_fault(
            _("This is not a zip of files."), _("Pack the folder that holds road.yaml as a zip.")
        )
    start = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if start < 0 or len(data) - start < _END.size:
        return _archive_fault(_DAMAGED, _PACK_AGAIN)
    _sign, _disk, _first, _here, count, size, _offset, _note = _END.unpack_from(data, start)
    if count > limits.files or size > limits.files * _A_DIRECTORY_ENTRY:
        return _archive_fault(_MOST_FILES.filled(most=limits.files), _("Pack the folder of one road."))
    if b"PK\x06\x07" in data[max(0, start - 20) : start]:
        return _archive_fault(_("The zip is of the kind for files of many gigabytes."), _PACK_AGAIN)
    return None


class _Reader:
    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self.archive = archive
        self.limits = limits
        self.faults: list[Fault] = []
        self.total = 0

    def unpacked(self) -> Unpacked:
        entries = self.archive.infolist()
        if self.limits.mends_names:
            for entry in entries:
                entry.filename = _mended(entry)
        if len(entries) > self.limits.files:
            fault = _archive_fault(
                _MOST_FILES.filled(most=self.limits.files), _("Pack the folder of one road.")
            )
            return Unpacked(faults=[fault])
        for entry in entries:
            self._look_at(entry)
        self._refuse_same_names(entries)
        self._refuse_shared_bytes(entries)
        plain = [entry for entry in entries if not entry.is_dir() and not _is_hidden(entry.filename)]
        plain = [entry for entry in plain if self.limits.wanted.fullmatch(entry.filename)]
        self._refuse_sizes(entries if self.limits is ROAD else plain)
        top = _top([entry.filename for entry in plain])
        files = {} if self.faults else dict(self._read(plain, top))
        return Unpacked({} if self.faults else files, self.faults[:MAX_FAULTS])

    def _look_at(self, entry: zipfile.ZipInfo) -> None:
        is_mended, mode = self.limits.mends_names, entry.external_attr >> 16
        name = entry.filename if is_mended else entry.orig_filename
        if what := _wrong_name(name, is_utf_8=is_mended or bool(entry.flag_bits & _UTF_8)):
            self._note(name, *what)
        if stat.S_ISLNK(mode):
            self._note(name, _("This is a link."), _("Put the file itself here."))
        elif stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            self._note(name, _("This is neither a file nor a folder."), _("Take it out."))
        if entry.flag_bits & _ENCRYPTED:
            self._note(name, _("The entry is encrypted."), _("Pack the folder without a password."))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self._note(
                name, _("The entry is packed in a way that is not read here."), _("Pack it as a plain zip.")
            )

    def _refuse_same_names(self, entries: Sequence[zipfile.ZipInfo]) -> None:
        """Names that are equal, equal but for case or accents, or a file that is a folder elsewhere."""
        seen: dict[str, str] = {}
        for entry in entries:
            name = entry.filename.rstrip("/")
            folded = name if self.limits.mends_names else unicodedata.normalize("NFC", name).casefold()
            if folded in seen and seen[folded] == name:
                self._note(name, _TWICE, _KEEP_ONE)
            elif folded in seen:
                self._note(name, _TWICE_ON_SOME.filled(other=_shown(seen[folded])), _KEEP_ONE)
            seen[folded] = name
        files = {entry.filename for entry in entries if not entry.is_dir()}
        for name in sorted(files):
            if inside := next((part for part in _folders(name) if part in files), None):
                self._note(
                    inside, _("This is a file, and “%(other)s” lies in it.", other=_shown(name)), _KEEP_ONE
                )

    def _refuse_shared_bytes(self, entries: Sequence[zipfile.ZipInfo]) -> None:
        """Entries that lie over each other: the same bytes, unpacked many times."""
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                self._note(entry.orig_filename, _("The entry lies over another one."), _PACK_AGAIN)
            end = entry.header_offset + 30 + len(entry.orig_filename) + entry.compress_size

    def _refuse_sizes(self, entries: Sequence[zipfile.ZipInfo]) -> None:
        for entry in entries:
            if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
                self._note(
                    entry.filename,
                    _("The entry would grow to more than %(ratio)s times its size.", ratio=MAX_RATIO),
                    _("Take it out; texts never do."),
                )
            elif entry.file_size > self.limits.one:
                self._note(entry.filename, self._too_large(), _("Split or shorten it."))
        if sum(entry.file_size for entry in entries) > self.limits.total:
            self.faults.append(_too_much(self.limits))

    def _read(self, entries: Sequence[zipfile.ZipInfo], top: str) -> Iterator[tuple[str, bytes]]:
        for entry in entries:
            data = self._bytes(entry)
            if self.total > self.limits.total:
                self.faults.append(_too_much(self.limits))
                return
            if data is not None:
                yield entry.filename.removeprefix(top), data

    def _bytes(self, entry: zipfile.ZipInfo) -> bytes | None:
        """What the entry holds, read no further than it said it goes."""
        try:
            with self.archive.open(entry) as stream:
                data = stream.read(self.limits.one + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError):
            self._note(entry.filename, _("The entry is damaged."), _PACK_AGAIN)
            return None
        self.total += len(data)
        if len(data) > self.limits.one:
            self._note(entry.filename, self._too_large(), _("Split or shorten it."))
        elif data.startswith(_ARCHIVES):
            self._note(
                entry.filename,
                _("This is an archive inside the archive."),
                _("Put the files themselves here."),
            )
        return data

    def _too_large(self) -> Sentence:
        return _("The file is larger than %(most)s MB.", most=self.limits.one // 1024 // 1024)

    def _note(self, name: str, what: Sentence, remedy: Sentence = NOTHING) -> None:
        self.faults.append(FilePlace(_shown(name), _shown(name)).fault((), what, remedy))


def _mended(entry: zipfile.ZipInfo) -> str:
    """A name as its packer meant it; what can't be told stays as it was read."""
    name = entry.orig_filename
    if not entry.flag_bits & _UTF_8 and not name.isascii():
        try:
            name = name.encode("cp437").decode()
        except UnicodeError:
            name = entry.orig_filename
    return name.replace("\\", "/").removeprefix("./")


def _wrong_name(name: str, *, is_utf_8: bool) -> tuple[Sentence, Sentence] | None:
    """The first thing that is wrong with a name, and the remedy."""
    parts = name.removesuffix("/").split("/")
    wrong = (
        (not is_utf_8 and not name.isascii(), _NOT_UTF_8, _RENAME),
        (not all(map(_is_seen, name)), _("The name has a character that is not seen."), _RENAME),
        ("\\" in name, _("The name has a backslash."), _("Pack it with a tool that parts folders by “/”.")),
        (name.startswith("/") or _DRIVE.match(name) or ".." in parts, _LEADS_OUT, _PACK_INSIDE),
        ("" in parts or "." in parts, _("The name has an empty part."), _PACK_AGAIN),
        (
            len(name) > MAX_NAME,
            _("The name is too long."),
            _("Shorten it to %(most)s characters.", most=MAX_NAME),
        ),
    )
    return next(((what, remedy) for is_wrong, what, remedy in wrong if is_wrong), None)


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _is_hidden(name: str) -> bool:
    """Files of editors and of the packing machine: passed over, as in a folder."""
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _top(names: Sequence[str]) -> str:
    """`bread/` when all files lie in one folder that holds road.yaml, nothing when road.yaml is at the top."""
    tops = {name.partition("/")[0] for name in names}
    if len(tops) == 1 and (top := f"{tops.pop()}/road.yaml") in names:
        return top.removesuffix("road.yaml")
    return ""


def _folders(name: str) -> Iterator[str]:
    """The folders that a file lies in, as names."""
    parts = name.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def _shown(name: str) -> str:
    """A name that a stranger chose, fit to be shown."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in name)
    return plain if len(plain) <= 120 else f"{plain[:117]}…"


def _too_much(limits: Limits) -> Fault:
    most = limits.total // 1024 // 1024
    what = ngettext(
        "The files come to more than %(count)s MB.", "The files come to more than %(count)s MB.", most
    )
    return _archive_fault(what, _("Pack the folder of one road."))


def _archive_fault(what: Sentence, remedy: Sentence) -> Fault:
    return FilePlace(_("zip"), "zip").fault((), what, remedy)
