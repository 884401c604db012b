"""Mail servers and a provider that do as they are told: refuse, hang, cut the line anywhere, with TLS or without."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HANG, CUT = "hang", "cut"
EXTENSIONS = ("8BITMIME", "SMTPUTF8", "SIZE 1000000")


@dataclass
class Rogue:
    """An SMTP server. `says`: its answers to verbs (GREET and END too) other than yes: a line, HANG or CUT.

    Like Postfix it takes no second MAIL before the first is ended, by an answer to the letter's end or by RSET.
    """

    says: dict[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = EXTENSIONS
    tls: ssl.SSLContext | None = None
    is_tls_at_once: bool = False
    port: int = 0
    commands: list[str] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class _Talk(socketserver.StreamRequestHandler):
    server: _Server
    in_letter = False

    def handle(self) -> None:
        rogue = self.server.rogue
        rogue.connections += 1
        if rogue.tls and rogue.is_tls_at_once and not self._to_tls(rogue.tls):
            return
        if self._answer("GREET", "220 here"):
            while (line := self.rfile.readline()) and self._obey(line.decode().strip(), rogue):
                pass

    def _obey(self, line: str, rogue: Rogue) -> bool:
        """Answer one command; whether to go on."""
        rogue.commands.append(line)
        verb = line[:4].upper().strip()
        if verb == "EHLO":
            lines = [
                "rogue",
                *(["STARTTLS"] if rogue.tls and not rogue.is_tls_at_once else []),
                *rogue.extensions,
            ]
            self.wfile.write(
                "".join(f"250-{x}\r\n" for x in lines[:-1]).encode() + f"250 {lines[-1]}\r\n".encode()
            )
            return True
        if verb == "STAR" and rogue.tls and self._answer("STAR", "220 go"):
            return self._to_tls(rogue.tls)
        if verb == "DATA":
            return self._answer("DATA", "354 go on") and self._take(rogue)
        if verb == "MAIL":
            return self._begin()
        self.in_letter = self.in_letter and verb != "RSET"
        return self._answer(verb, "221 bye" if verb == "QUIT" else "250 fine") and verb != "QUIT"

    def _begin(self) -> bool:
        if self.in_letter:
            self.wfile.write(b"503 5.5.1 Error: nested MAIL command\r\n")
            return True
        self.in_letter = self.server.rogue.says.get("MAIL", "250").startswith("250")
        return self._answer("MAIL", "250 fine")

    def _take(self, rogue: Rogue) -> bool:
        if rogue.says.get("DATA", "354")[:3] != "354":
            return True
        if rogue.says.get("BODY") == CUT:
            self.rfile.readline()
            return False
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line)
        rogue.contents.append(b"".join(lines))
        self.in_letter = False
        return self._answer("END", "250 taken")

    def _answer(self, verb: str, yes: str) -> bool:
        says = self.server.rogue.says.get(verb, yes)
        if says == HANG:
            self.server.rogue.over.wait(5)
        if says in {HANG, CUT}:
            return False
        self.wfile.write(f"{says}\r\n".encode())
        return True

    def _to_tls(self, context: ssl.SSLContext) -> bool:
        try:
            self.request = context.wrap_socket(self.connection, server_side=True)
        except OSError:
            return False
        self.connection = self.request
        self.setup()  # reads and writes through it from now on
        return True

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
        with suppress(OSError):
            self.request.close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    rogue: Rogue


@contextmanager
def smtp_server(**told: Any) -> Iterator[Rogue]:
    rogue = Rogue(**told)
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.rogue, rogue.port = rogue, server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield rogue
        finally:
            rogue.over.set()
            server.shutdown()
            thread.join()


@dataclass
class Provider:
    """A provider's API. `says` is its answer: status and JSON, or CUT or HANG after it has read the request."""

    says: tuple[int, object] | str = (200, {})
    port: int = 0
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


class _Ask(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]  # set below
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_json = "form" not in (self.headers["Content-Type"] or "json")
        provider.asked.append((self.path, dict(self.headers), json.loads(body) if is_json else body))
        if provider.says == HANG:
            provider.over.wait(5)
        if isinstance(provider.says, str):
            self.close_connection = True
            return
        status, answer = provider.says
        said = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.send_header("Content-Type", "text/html" if isinstance(answer, str) else "application/json")
        self.send_header("X-Message-Id", "1")  # some name the letter there
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
        pass


@contextmanager
def provider_server(**told: Any) -> Iterator[Provider]:
    provider = Provider(**told)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Ask) as server:
        server.daemon_threads, server.block_on_close = True, False
        server.provider, provider.port = provider, server.server_address[1]  # type: ignore[attr-defined]  # for _Ask
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            provider.over.set()
            server.shutdown()
            thread.join()


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for `host`, as a file to be trusted, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    today = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today)
        .not_valid_after(today + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = folder / "certificate.pem"
    written.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    pem, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(pem, plain, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(written, secret)
    return written, context
