"""Which addresses of the web this house may ask: as they are written, and where a name really leads.

Authors write addresses, and servers elsewhere send on to others. Behind any of them may stand a machine that only this
house can reach. So an address is read strictly, by one reader, and a connection is made only to an IP address that
`is_public` lets through. Sources: the IANA special-purpose registries (RFC 6890), RFC 6761, 6762, 8375 (names of one's
own network), RFC 6052 and 3056 (IPv4 inside IPv6).
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, quote, urlsplit

import idna

from accounts.sentences import Sentence
from accounts.sentences import sentence as _

LONGEST = 2000
PORTS = {"http": 80, "https": 443}
# Left as they are in a path or query; everything else, such as letters of other scripts, is written as %XX.
_AS_WRITTEN = "%/:=&?~#+!$,;'@()*[]|"
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\\]")
_PLAIN_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Names that no public server has.
_OWN_ENDINGS = frozenset(
    [
        *("localhost", "localdomain", "local", "internal", "intranet", "private", "lan", "home", "corp"),
        *("arpa", "onion", "i2p", "test", "invalid", "example"),
    ]
)

_CLOSED_4 = [
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # this network, unspecified
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by customers of a provider; some clouds' metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # public by number, but the inside of one cloud
        "169.254.0.0/16",  # link-local, most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
]
# Of IPv6 only global unicast is open: what is mapped, translated (64:ff9b::), local or multicast lies outside of it.
_OPEN_6 = IPv6Network("2000::/3")
_CLOSED_6 = [
    IPv6Network(net)
    for net in (
        "2001::/23",  # protocols, with Teredo and ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]


class RefusedError(Exception):
    """An address that this house does not ask; `reason` says why."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Address:
    """An address that may be asked if its host leads to a public place.

    `host` is in ASCII, `target` is path and query.
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """The host as a Host header says it."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.origin}{self.target}"

    @property
    def literal(self) -> str:
        """The host if it is an IP address itself, else nothing."""
        return self.host if _ip(self.host) else ""


def read(url: str, ports: Container[int] = PORTS.values()) -> Address:
    """Take an address apart; RefusedError unless it is http or https to a name or address on one of the ports."""
    if len(url) > LONGEST:
        raise RefusedError(_("It is longer than %(most)d characters.", most=LONGEST))
    if _UNSEEN.search(url):
        raise RefusedError(_("It holds spaces, control characters or backslashes."))
    parts = _split(url)
    if parts.scheme not in PORTS:
        raise RefusedError(_("Only addresses that begin with http:// or https:// are asked."))
    if "@" in parts.netloc:
        raise RefusedError(_("It holds a user name or password."))
    port = parts.port if parts.port is not None else PORTS[parts.scheme]
    if port not in ports:
        raise RefusedError(_("Its port is not one that is asked."))
    path = quote(parts.path or "/", safe=_AS_WRITTEN)
    query = f"?{quote(parts.query, safe=_AS_WRITTEN)}" if parts.query else ""
    return Address(parts.scheme, _host(parts.hostname or ""), port, path + query)


def host_of(url: str) -> str:
    """The host of an address for keeping a distance between two questions, empty where it can't be asked at all."""
    try:
        return read(url, range(1, 65536)).host
    except RefusedError:
        return ""


def is_public(text: str) -> bool:
    """Whether this IP address is one of the public internet; an IPv6 address with a zone never is."""
    match _ip(text):
        case IPv4Address() as four:
            return not any(four in net for net in _CLOSED_4)
        case IPv6Address(scope_id=None) as six:
            return six in _OPEN_6 and not any(six in net for net in _CLOSED_6)
        case _:
            return False


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # asking raises where it is no number
    except ValueError as bad:
        raise RefusedError(_("It can't be read as an address.")) from bad
    return parts


def _host(written: str) -> str:
    """The host in ASCII, checked; the dot of the root behind a name is left out."""
    host = _ascii(written.removesuffix("."))
    literal = _ip(host)
    if literal is not None:
        if not is_public(host):
            raise RefusedError(_("It leads into a private or reserved network."))
        return str(literal)
    last = host.rpartition(".")[2]
    if _NUMBER.fullmatch(last):
        raise RefusedError(_("Its host is a number that only looks like a name."))
    if "." not in host or last in _OWN_ENDINGS:
        raise RefusedError(_("Its host is a name of a private network."))
    return host


def _ascii(host: str) -> str:
    """Other scripts as browsers write them (UTS 46), so that “１２７.０.０.１” is seen for what it is."""
    if _PLAIN_NAME.fullmatch(host) or _ip(host):
        return host
    try:
        name = idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as bad:
        raise RefusedError(_("Its host can't be read as a name.")) from bad
    if not _PLAIN_NAME.fullmatch(name):
        raise RefusedError(_("Its host can't be read as a name."))
    return name


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
