"""Servers of this machine for tests that ask real ones: one that counts who comes, one that answers as it is told."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Say = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers each path as `says` has it; `visits` lists method, path and Host header of all who came."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self.says: dict[str, Say] = {}
        self.visits: list[tuple[str, str, str]] = []
        self.connections = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.visits.append((self.command, self.path, self.headers.get("Host", "")))
                self.close_connection = True
                with suppress(OSError):
                    server.says.get(self.path, page("Fine", "Well"))(self)

            do_HEAD = do_GET  # noqa: N815  # the name is http.server's

            def log_message(self, *_: object) -> None:
                pass

        class Threaded(ThreadingHTTPServer):
            daemon_threads = True
            address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

            def get_request(self) -> tuple[socket.socket, object]:
                wire, peer = super().get_request()
                server.connections += 1
                return (context.wrap_socket(wire, server_side=True) if context else wire), peer

            def handle_error(self, *_: object) -> None:
                pass

        self.http = Threaded((host, port), Handler)
        self.port = int(self.http.server_address[1])
        self.host = host


@contextmanager
def running(
    host: str = "127.0.0.2", port: int = 0, context: ssl.SSLContext | None = None
) -> Iterator[Server]:
    server = Server(host, port, context)
    thread = Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def page(title: str, heading: str = "", status: int = 200, **headers: str) -> Say:
    body = f"<!doctype html><title>{title}</title><h1>{heading}</h1>".encode()
    return answer(status, body, Content_Type="text/html; charset=utf-8", **headers)


def redirect(location: str, status: int = 302) -> Say:
    return answer(status, b"", Location=location)


def answer(status: int, body: bytes = b"", **headers: str) -> Say:
    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return say


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side for a host of this name, and the trust of a client who knows its certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)  # noqa: TID251  # what OpenSSL compares with
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    side.load_cert_chain(file)
    return side, ssl.create_default_context(cafile=str(file))
