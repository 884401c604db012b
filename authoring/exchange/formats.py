"""The formats that questions come and go in. A further one is one more entry here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.sentences import Sentence
from accounts.sentences import sentence as _
from authoring.exchange import aiken, gift, moodle_xml, qti2, qti12, table, xml_text, yaml_file
from authoring.exchange.decoding import MOST_BYTES, decode
from authoring.exchange.packages import MAX_BYTES as PACKED
from authoring.exchange.questions import Carried, Reading, UnreadableError, Writing
from authoring.exchange.recognising import is_aiken, is_gift, is_table, is_yaml


@dataclass(frozen=True, slots=True)
class Format:
    """One format: `name` is what commands and the API call it, `title` what the desk does.

    `fits(file name, text)` says whether a text file is one; a format of packages or XML has `fits_bytes` instead.
    """

    name: str
    title: Sentence
    extension: str
    media_type: str
    read: Callable[[bytes], Reading] | None = None
    write: Callable[[Sequence[Carried]], Writing] | None = None
    fits: Callable[[str, str], bool] | None = None
    fits_bytes: Callable[[bytes], bool] | None = None
    most_bytes: int = MOST_BYTES


# In the order in which a file is tried: what tells itself clearly comes first.
FORMATS = (
    Format(
        "yaml", _("Waymark’s own YAML"), "yaml", "application/yaml", yaml_file.read, yaml_file.write, is_yaml
    ),
    Format("csv", _("Table (CSV)"), "csv", "text/csv", table.read, table.write, is_table),
    Format(
        "moodle-xml",
        _("Moodle XML"),
        "xml",
        "application/xml",
        moodle_xml.read,
        moodle_xml.write,
        fits_bytes=moodle_xml.fits,
        most_bytes=xml_text.MAX_BYTES,
    ),
    Format(
        "qti12",
        _("QTI 1.2, as Canvas and Blackboard write it"),
        "zip",
        "application/zip",
        qti12.read,
        fits_bytes=qti12.fits,
        most_bytes=PACKED,
    ),
    Format(
        "qti21",
        _("QTI 2.1 package; 2.2 is read too"),
        "zip",
        "application/zip",
        qti2.read,
        qti2.write,
        fits_bytes=qti2.fits,
        most_bytes=PACKED,
    ),
    Format("aiken", _("Aiken"), "txt", "text/plain", aiken.read, fits=is_aiken),
    Format("gift", _("GIFT, Moodle’s text format"), "gift", "text/plain", gift.read, gift.write, is_gift),
)
BY_NAME = {format_.name: format_ for format_ in FORMATS}
READABLE = tuple(format_ for format_ in FORMATS if format_.read)
WRITABLE = tuple(format_ for format_ in FORMATS if format_.write)
LARGEST = max(format_.most_bytes for format_ in READABLE)


def recognise(name: str, data: bytes) -> Format:
    """The format of a file, by what is in it and then by its name; raises UnreadableError when it is none of them."""
    for format_ in READABLE:
        if format_.fits_bytes and format_.fits_bytes(data):
            return format_
    text = decode(data).text
    for format_ in READABLE:
        if format_.fits and format_.fits(name.lower(), text):
            return format_
    known = tuple(format_.title for format_ in READABLE)
    raise UnreadableError(_("This is none of the formats that are read: %(formats)s.", formats=known))


def read(data: bytes, *, name: str = "", format_name: str = "") -> tuple[Format, Reading]:
    """The questions of a file in the format that is named, or else recognised; raises UnreadableError."""
    found = BY_NAME.get(format_name) if format_name else recognise(name, data)
    if found is None or found.read is None:
        names = ", ".join(format_.name for format_ in READABLE)
        raise UnreadableError(
            _("“%(name)s” is no format that is read: %(names)s.", name=format_name, names=names)
        )
    return found, found.read(data)
