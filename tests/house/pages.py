"""Rules about templates, styles, scripts. Each takes a text and yields `line: what is wrong and what to do`."""

import re
from collections.abc import Iterator

from tests.house.code import forbidden_words_in

_TAGS = re.compile(r"\{[%{#].*?[%}#]\}", re.DOTALL)
_COMMENTS = re.compile(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}|<!--.*?-->", re.DOTALL)
_INLINE = (
    (re.compile(r"<style\b"), "a <style> in the page. Put it into static/css."),
    (re.compile(r"<[^>]*\sstyle\s*="), "a style attribute. Use a class, or an SVG length attribute."),
    (re.compile(r"<[^>]*\son[a-z]+\s*="), "an on…= attribute. Write a behaviour in static/js."),
    (
        re.compile(r"(?:href|src|action)\s*=\s*[\"']javascript:"),
        "a javascript: address. Write a behaviour in static/js.",
    ),
    (
        re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*type=\"application/(?:ld\+)?json\")"),
        "a script in the page. Put it into static/js.",
    ),
)
_FOREIGN_IN_PAGE = re.compile(
    r"<(?!a\b)[a-z][^>]*\b(?:src|href|action|srcset|data|poster)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE
)
_FOREIGN_IN_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", re.IGNORECASE)
_FOREIGN_IN_SCRIPT = re.compile(
    r"(?:from|import|fetch\(|open\(|import\()\s*[\"'`](?:https?:)?//", re.IGNORECASE
)


def inline_code(page: str) -> Iterator[str]:
    """What the content security policy would stop."""
    without_tags = _blanked(_TAGS, _blanked(_COMMENTS, page))
    for pattern, complaint in _INLINE:
        for found in pattern.finditer(without_tags):
            yield f"{_line(page, found.start())}: {complaint}"


def foreign_addresses(text: str, suffix: str) -> Iterator[str]:
    """Files that a page would fetch from another host; links that a reader may follow are no fetch."""
    pattern = {".css": _FOREIGN_IN_STYLE, ".js": _FOREIGN_IN_SCRIPT}.get(suffix, _FOREIGN_IN_PAGE)
    for found in pattern.finditer(text):
        yield f"{_line(text, found.start())}: something fetched from another host. Keep it in static/."


def forbidden_words_on_page(page: str) -> Iterator[str]:
    """Words of other products in what a page says: its text and its translated strings."""
    plain = _blanked(_COMMENTS, page)
    said = re.sub(r"<[^>]*>", " ", _blanked(_TAGS, plain))
    translated = " ".join(re.findall(r"\{% trans(?:late)? [\"'](.*?)[\"']", plain))
    for word in sorted(forbidden_words_in(f"{said} {translated}")):
        yield f"the page says {word}. docs/words.md has our word for it."


def names_looked_up(page: str) -> Iterator[tuple[int, str]]:
    """`(line, name)` for every name after a dot in a template's tags, as `ticks` in `{{ person.ticks }}`."""
    for tag in _TAGS.finditer(_blanked(_COMMENTS, page)):
        for name in re.findall(r"\.([a-z_]+)", re.sub(r"[\"'].*?[\"']", "", tag.group())):
            yield _line(page, tag.start()), name


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """The text with what the pattern finds made blank, so that lines stay where they are."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


_TRANSLATED = re.compile(r"\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}", re.DOTALL)
# Blocks that hold names of classes, places or attributes, never a text.
_NAMES = re.compile(
    r"\{% block (?:nav_current|body_attrs|coltype|\w*class) %\}.*?\{% endblock[ \w]*%\}", re.DOTALL
)
_CODE = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)
_READ_OUT = re.compile(r"\s(?:aria-label|alt|title|placeholder|label)\s*=\s*\"([^\"]*)\"")
_MARKUP = re.compile(r"<[^>]*>|&#?\w+;", re.DOTALL)
_OUR_NAME = re.compile(r"\bWaymark\b")


def untranslated(page: str) -> Iterator[str]:
    """Texts of a page that stand outside the tags of translation."""
    plain = page
    for pattern in (_COMMENTS, _TRANSLATED, _NAMES, _TAGS, _CODE, _OUR_NAME):
        plain = _blanked(pattern, plain)
    for found in _READ_OUT.finditer(plain):
        if re.search(r"[^\W\d_]", found.group(1)):
            yield f"{_line(page, found.start())}: {found.group().strip()}. Put it into translate."
    for number, line in enumerate(_blanked(_MARKUP, plain).split("\n"), 1):
        if re.search(r"[^\W\d_]", line):
            yield f"{number}: “{line.strip()}”. Put it into translate or blocktranslate."
