"""Asking a server elsewhere whether an address still answers, without being led anywhere this house should not go.

A name is resolved once. Every address it has must be public, and the connection goes to the very address that was
looked at: nothing is resolved a second time, so a name that leads elsewhere by then (DNS rebinding) changes nothing.
TLS and the Host header go by the name. Each redirect is a new question with the same checks. Nothing is unpacked,
little is read, and the whole chain has one deadline that holds even if a server sends a byte now and then.

urllib3 speaks the protocol. Connecting to one address and verifying another name is part of its public interface
(`server_hostname`), it follows nothing and reads no proxy from the environment unless told, and it is locked anyway.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from http.client import HTTPException
from threading import Timer
from time import monotonic
from typing import Literal
from urllib.parse import urljoin

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from roadmap.addresses import PORTS, Address, RefusedError, is_public, read

Trouble = Literal["", "refused", "name", "timeout", "tls", "connection", "redirects"]
Method = Literal["HEAD", "GET"]
REDIRECTS = frozenset({301, 302, 303, 307, 308})
ASKS_FOR_PATIENCE = frozenset({429, 503})  # is not asked a second time
_HTML = re.compile(r"(text/html|application/xhtml\+xml)\b", re.IGNORECASE)
_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one waits and how much is read, at most; `total_seconds` counts over all redirects."""

    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 25.0
    bytes: int = 64 * 1024
    redirects: int = 5
    addresses: int = 3  # of one name, tried one after the other


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect: with which status, and to where."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking: a status, or none and the trouble; `page` is the beginning of an HTML page that was read.

    `detail` says more of the trouble, in the words of the machine.
    """

    url: str
    status: int | None = None
    trouble: Trouble = ""
    detail: str = ""
    hops: tuple[Hop, ...] = ()
    retry_after: str = ""
    is_page: bool = False
    page: str = ""

    @property
    def is_fine(self) -> bool:
        return self.status is not None and self.status < 400


def resolve(host: str, port: int) -> list[str]:
    """Every IP address of a name, as the machine's resolver gives them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def trust() -> ssl.SSLContext:
    """The machine's own certificates and those that Mozilla trusts; names are verified."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class _TroubleError(Exception):
    def __init__(self, trouble: Trouble, detail: object = "") -> None:
        super().__init__(trouble)
        self.trouble: Trouble = trouble
        self.detail = str(detail)[:200]


@dataclass(frozen=True)
class Fetcher:
    """Asks addresses on behalf of a house that says who it is.

    `may_connect(ip, port)` decides at the last moment. Outside of tests nobody passes another one than `is_public`:
    no setting does.
    """

    agent: str
    ports: frozenset[int] = frozenset(PORTS.values())
    limits: Limits = Limits()
    resolve: Callable[[str, int], list[str]] = resolve
    may_connect: Callable[[str, int], bool] = field(default=lambda ip, _port: is_public(ip))
    trust: Callable[[], ssl.SSLContext] = trust

    def ask(self, url: str) -> Answer:
        """HEAD, then GET where HEAD says nothing certain or the page has to be seen. Raises nothing."""
        deadline = monotonic() + self.limits.total_seconds
        first = self._follow("HEAD", url, (), deadline)
        if first.trouble in {"refused", "name", "redirects"} or first.status in ASKS_FOR_PATIENCE:
            return first
        if first.is_fine and not first.is_page:
            return first
        second = self._follow("GET", first.url, first.hops, deadline)
        return first if first.is_fine and second.trouble else second

    def _follow(self, method: Method, url: str, hops: tuple[Hop, ...], deadline: float) -> Answer:
        while True:
            try:
                answer = self._once(method, read(url, self.ports), deadline)
            except RefusedError as refused:
                return Answer(url, trouble="refused", detail=str(refused), hops=hops)
            except _TroubleError as met:
                return Answer(url, trouble=met.trouble, detail=met.detail, hops=hops)
            if answer.status not in REDIRECTS or not answer.detail:
                return replace(answer, hops=hops, detail="")
            url = _joined(answer.url, answer.detail)
            hops += (Hop(answer.status, url),)
            if len(hops) > self.limits.redirects:
                return Answer(url, trouble="redirects", hops=hops)

    def _once(self, method: Method, address: Address, deadline: float) -> Answer:
        """One question; `detail` of the answer is where it redirects to."""
        connection = self._connected(address, deadline)
        try:
            with _cut_off(connection.sock, deadline) as is_cut:
                try:
                    return self._exchange(connection, method, address, is_cut)
                except (HTTPError, HTTPException, OSError, ValueError) as bad:
                    raise _met(bad, timed_out=is_cut()) from bad
        finally:
            connection.close()

    def _exchange(
        self, connection: HTTPConnection, method: Method, address: Address, is_cut: Callable[[], bool]
    ) -> Answer:
        headers = {
            "Host": address.origin,
            "User-Agent": self.agent,
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        connection.request(
            method, address.target, headers=headers, preload_content=False, decode_content=False
        )
        with connection.getresponse() as response:
            if is_cut():  # what looks like the end of the headers is the deadline
                raise TimeoutError
            said = response.headers
            is_page = bool(_HTML.match(said.get("Content-Type", "")))
            is_packed = said.get("Content-Encoding", "identity").lower() != "identity"
            page = self._beginning(response, is_cut) if is_page and not is_packed and method == "GET" else b""
            return Answer(
                url=address.url,
                status=response.status,
                detail=said.get("Location", "").strip().replace("\x00", "%00")[:4000],
                retry_after=said.get("Retry-After", "")[:100],
                is_page=is_page,
                page=page.decode("utf-8", "replace"),
            )

    def _beginning(self, response: BaseHTTPResponse, is_cut: Callable[[], bool]) -> bytes:
        """As much as may be read. Where it breaks off, what came counts: the status is known already."""
        read_so_far = b""
        with suppress(HTTPError, HTTPException, OSError, ValueError):
            while len(read_so_far) < self.limits.bytes and not is_cut():
                piece = response.read(min(_CHUNK, self.limits.bytes - len(read_so_far)), decode_content=False)
                if not piece:
                    break
                read_so_far += piece
        return read_so_far

    def _connected(self, address: Address, deadline: float) -> HTTPConnection:
        """A connection to the first of the host's checked addresses that takes one."""
        trouble = _TroubleError("connection")
        for ip in self._addresses(address)[: self.limits.addresses]:
            left = deadline - monotonic()
            if left <= 0:
                raise _TroubleError("timeout")
            connection = self._connection(ip, address, min(self.limits.connect_seconds, left))
            try:
                connection.connect()
            except (HTTPError, OSError) as bad:
                connection.close()
                trouble = _met(bad)
            else:
                connection.timeout = min(self.limits.read_seconds, max(0.1, deadline - monotonic()))
                return connection
        raise trouble

    def _addresses(self, address: Address) -> list[str]:
        """All addresses of the host. One that is not public spoils the others: a public server has none."""
        try:
            found = [address.literal] if address.literal else self.resolve(address.host, address.port)
        except (OSError, UnicodeError) as bad:
            raise _TroubleError("name", bad) from bad
        if not found:
            raise _TroubleError("name")
        if not all(self.may_connect(ip, address.port) for ip in found):
            raise _TroubleError("refused", "It leads into a private or reserved network.")
        return found

    def _connection(self, ip: str, address: Address, seconds: float) -> HTTPConnection:
        if address.scheme == "https":
            return HTTPSConnection(
                ip, address.port, timeout=seconds, ssl_context=self.trust(), server_hostname=address.host
            )
        return HTTPConnection(ip, address.port, timeout=seconds)


def _joined(base: str, location: str) -> str:
    """Where a redirect leads; what can't be read as an address is kept as it came, to be refused as such."""
    try:
        return urljoin(base, location)
    except ValueError:
        return location


def _met(bad: Exception, *, timed_out: bool = False) -> _TroubleError:
    chain: list[BaseException] = [bad]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    if timed_out or any(isinstance(link, TimeoutError) for link in chain):
        return _TroubleError("timeout", bad)
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return _TroubleError("tls", bad)
    return _TroubleError("connection", bad)


@contextmanager
def _cut_off(wire: socket.socket | None, deadline: float) -> Iterator[Callable[[], bool]]:
    """Ends the talk at the deadline, whoever is speaking. A read timeout alone never comes if bytes trickle in."""
    cut: list[bool] = []

    def shut() -> None:
        cut.append(True)
        if wire is not None:
            with suppress(OSError):  # of the plain socket: TLS would have to say goodbye first
                socket.socket.shutdown(wire, socket.SHUT_RDWR)

    timer = Timer(max(0.0, deadline - monotonic()), shut)
    timer.daemon = True
    timer.start()
    try:
        yield lambda: bool(cut)
    finally:
        timer.cancel()
