"""The checker goes only where the public may: tricks, beside a loopback server that nobody may reach; rude servers."""

import gzip
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, repeat

import pytest

from roadmap import fetching
from roadmap.addresses import RefusedError, is_public, read
from roadmap.fetching import Fetcher, Limits
from tests.roadmap.servers import Server, answer, certificate, page, redirect, running

AGENT = "Waymark test"
OPEN, CLOSED = "127.0.0.2", "127.0.0.1"  # both on this machine; tests hold the first to be public
NAME = "fixture.waymark.dev"

# What leads to this machine or its network, or nowhere at all, in writing. P is the port of the closed server.
WRITTEN = [
    "http://127.0.0.1:P/",
    "http://127.0.0.1.:P/",
    "http://127.1:P/",
    "http://127.0.1:P/",
    "http://2130706433:P/",
    "http://0x7f000001:P/",
    "http://0x7f.0.0.1:P/",
    "http://0x7f.1:P/",
    "http://0177.0.0.1:P/",
    "http://017700000001:P/",
    "http://127.0.0.01:P/",
    "http://127.0.0.1%00.example.com:P/",
    "http://0:P/",
    "http://0.0.0.0:P/",
    "http://00000:P/",
    "http://[::]:P/",
    "http://[::1]:P/",
    "http://[::1%25lo]:P/",
    "http://[0:0:0:0:0:0:0:1]:P/",
    "http://[::ffff:127.0.0.1]:P/",
    "http://[::ffff:7f00:1]:P/",
    "http://[::127.0.0.1]:P/",
    "http://[64:ff9b::7f00:1]:P/",
    "http://[64:ff9b:1::7f00:1]:P/",
    "http://[2002:7f00:1::]:P/",
    "http://[2001:0:7f00:1::]:P/",
    "http://[fe80::1]:P/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[ff02::1]:P/",
    "http://localhost:P/",
    "http://LOCALHOST:P/",
    "http://localhost.:P/",
    "http://app.localhost:P/",
    "http://localhost.localdomain:P/",
    "http://printer.local:P/",
    "http://router:P/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://metadata/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254:80/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/",
    "http://192.168.1.1/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://198.18.0.1/",
    "http://203.0.113.9/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://１２７.０.０.１:P/",
    "http://①②⑦.⓪.⓪.①:P/",
    "http://127。0。0。1:P/",
    "http://ⓛocalhost:P/",
    "http://example.com@127.0.0.1:P/",
    "http://127.0.0.1:P@example.com/",
    "http://user:secret@example.com/",
    "http://127.0.0.1:P\\@example.com/",
    "http://example.com\\.127.0.0.1:P/",
    "http://127.0.0.1:P\r\nHost: example.com/",
    "http://exam\tple.com/",
    "http://example.com/ HTTP/1.1\r\nX: y",
    "http://127.0.0.1:22/",
    "http://example.com:25/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:eighty/",
    "http://[::1/",
    "http:///etc/passwd",
    "http://",
    "//127.0.0.1:P/",
    "file:///etc/passwd",
    "file://127.0.0.1:P/",
    "gopher://127.0.0.1:P/_GET%20/",
    "ftp://127.0.0.1:P/",
    "dict://127.0.0.1:P/info",
    "ldap://127.0.0.1:P/",
    "jar:http://127.0.0.1:P/!/",
    "data:text/html,hello",
    "javascript:alert(1)",
    "unix:/var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    f"http://example.com/{'a' * 2000}",
    f"http://{'a' * 64}.com/",
    "http://ex..ample.com/",
]
# Where a name may be made to lead.
INWARD = [
    "0.0.0.0",  # noqa: S104  # an address to be refused
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    CLOSED,
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.10",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.251",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1111%eth0",
    "fec0::1",
    "ff02::1",
    "no address",
]


@pytest.fixture(scope="module")
def closed() -> Iterator[Server]:
    with running(CLOSED) as server:
        yield server


@pytest.fixture
def public(closed: Server) -> Iterator[Server]:
    """On the same port as the closed one, at an address that tests hold to be public."""
    with running(OPEN, closed.port) as server:
        yield server


def fetcher(closed: Server, **parts) -> Fetcher:
    return Fetcher(AGENT, frozenset({80, 443, closed.port}), **parts)


def visitor(server: Server, *addresses: str, **parts) -> Fetcher:
    """Knows one name, which leads to the open address (or to those given), and holds that one to be public."""
    return Fetcher(
        AGENT,
        frozenset({server.port}),
        resolve=lambda _host, _port: list(addresses or (OPEN,)),
        may_connect=lambda ip, port: (ip, port) == (OPEN, server.port),
        **parts,
    )


@pytest.mark.parametrize("written", WRITTEN)
def test_a_written_trick_is_refused_and_reaches_nobody(closed, written):
    before = closed.connections

    got = fetcher(closed).ask(written.replace(":P", f":{closed.port}"))

    assert (got.trouble, got.status) == ("refused", None)
    assert got.detail
    assert closed.connections == before


def test_the_closed_server_would_have_been_reached(closed):
    before = closed.connections

    got = fetcher(closed, resolve=lambda *_: [CLOSED], may_connect=lambda *_: True).ask(
        f"http://{NAME}:{closed.port}/"
    )

    assert got.status == 200
    assert closed.connections > before


@pytest.mark.parametrize("ip", INWARD)
def test_a_name_that_leads_inward_is_refused_when_connecting(closed, ip):
    before = closed.connections

    alone = fetcher(closed, resolve=lambda *_: [ip]).ask(f"http://{NAME}:{closed.port}/")
    beside = fetcher(closed, resolve=lambda *_: ["93.184.215.14", ip]).ask(f"https://{NAME}/")

    assert alone.trouble == beside.trouble == "refused"
    assert closed.connections == before


@pytest.mark.parametrize(
    "ip", ["93.184.215.14", "1.1.1.1", "2606:4700:4700::1111", "192.0.1.1", "100.128.0.1"]
)
def test_public_addresses_are_open(ip):
    assert is_public(ip)


def test_a_name_that_changes_its_mind_is_not_followed(public, closed):
    answers = chain([[OPEN]], repeat([CLOSED]))
    asked = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    before = closed.connections
    got = replace(visitor(public), resolve=rebinding).ask(f"http://{NAME}:{public.port}/")

    assert public.visits == [
        ("HEAD", "/", f"{NAME}:{public.port}")
    ]  # one answer of the resolver, one connection
    assert asked == [NAME, NAME]
    assert got.status == 200  # what HEAD said; the question by GET was refused
    assert closed.connections == before


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:P/",
        "http://localhost:P/",
        "//127.0.0.1:P/",
        "http://[::ffff:127.0.0.1]:P/",
        "http://2130706433:P/",
        "http://017700000001:P/",
        "http://user@127.0.0.1:P/",
        "http://inward.waymark.dev:P/",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:P/_",
        "http://[oops/",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_inward_is_refused(public, closed, location, status):
    public.says["/"] = redirect(location.replace(":P", f":{closed.port}"), status)
    asks = replace(visitor(public), resolve=lambda host, _: [CLOSED if host.startswith("inward") else OPEN])
    before = closed.connections

    got = asks.ask(f"http://{NAME}:{public.port}/")

    assert got.trouble == "refused"
    assert [hop.status for hop in got.hops] == [status]
    assert closed.connections == before


def test_proxies_of_the_environment_are_not_used(public, closed, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{CLOSED}:{closed.port}")
    before = closed.connections

    assert visitor(public).ask(f"http://{NAME}:{public.port}/").status == 200
    assert closed.connections == before


def test_head_comes_first_and_a_page_is_looked_at(public):
    got = visitor(public).ask(f"http://{NAME}:{public.port}/a?b=c")

    assert [visit[:2] for visit in public.visits] == [("HEAD", "/a?b=c"), ("GET", "/a?b=c")]
    assert "<title>Fine</title>" in got.page


def test_of_a_file_the_head_is_enough(public):
    public.says["/paper.pdf"] = answer(200, b"%PDF", Content_Type="application/pdf")

    assert visitor(public).ask(f"http://{NAME}:{public.port}/paper.pdf").status == 200
    assert [visit[0] for visit in public.visits] == ["HEAD"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 501])
def test_a_head_that_fails_is_asked_again_with_get(public, status):
    def say(handler) -> None:
        (page("Fine") if handler.command == "GET" else answer(status))(handler)

    public.says["/"] = say

    assert visitor(public).ask(f"http://{NAME}:{public.port}/").status == 200


@pytest.mark.parametrize("status", [429, 503])
def test_whoever_asks_for_patience_is_asked_once(public, status):
    public.says["/"] = answer(status, Retry_After="120")

    got = visitor(public).ask(f"http://{NAME}:{public.port}/")

    assert (got.status, got.retry_after, len(public.visits)) == (status, "120", 1)


def test_redirects_are_followed_and_told(public):
    public.says |= {"/": redirect("/two", 301), "/two": redirect("three", 302)}

    got = visitor(public).ask(f"http://{NAME}:{public.port}/")

    here = f"http://{NAME}:{public.port}"
    assert [(hop.status, hop.url) for hop in got.hops] == [(301, f"{here}/two"), (302, f"{here}/three")]
    assert (got.url, got.status) == (f"{here}/three", 200)


def test_six_redirects_are_one_too_many(public):
    public.says["/"] = redirect("/")

    got = visitor(public).ask(f"http://{NAME}:{public.port}/")

    assert (got.trouble, len(public.visits)) == ("redirects", 6)


def test_a_body_without_end_is_read_up_to_the_limit(public):
    sent = []

    def say(handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        while handler.command == "GET":
            handler.wfile.write(b"x" * 65536)
            sent.append(65536)

    public.says["/"] = say

    got = visitor(public, limits=Limits(bytes=50_000)).ask(f"http://{NAME}:{public.port}/")

    assert (got.status, len(got.page)) == (200, 50_000)
    assert sum(sent) < 20_000_000  # what stood in the machine's own buffers


def test_what_is_packed_stays_packed(public):
    bomb = gzip.compress(b"0" * 30_000_000)
    public.says["/"] = page("x", Content_Encoding="gzip")
    public.says["/bomb"] = answer(200, bomb, Content_Type="text/html", Content_Encoding="gzip")

    got = visitor(public).ask(f"http://{NAME}:{public.port}/bomb")

    assert (got.status, got.page) == (200, "")


@pytest.mark.parametrize("part", ["headers", "body", "silence"])
def test_bytes_that_trickle_end_at_the_deadline(public, part):
    def say(handler) -> None:
        if part != "silence":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
        if part == "body":
            handler.wfile.write(b"\r\n")
        for _ in range(60):
            time.sleep(0.05)
            if part != "silence":
                handler.wfile.write(b"X: y\r\n")

    public.says["/"] = say
    began = time.monotonic()

    got = visitor(public, limits=Limits(read_seconds=0.4, total_seconds=0.8)).ask(
        f"http://{NAME}:{public.port}/"
    )

    assert time.monotonic() - began < 2
    assert (got.status, got.trouble) == ((200, "") if part == "body" else (None, "timeout"))


def test_an_answer_that_is_no_http_is_trouble(public):
    public.says["/"] = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")

    assert visitor(public).ask(f"http://{NAME}:{public.port}/").trouble == "connection"


def test_nobody_at_the_door_is_trouble(public):
    port = public.port
    gone = replace(visitor(public), ports=frozenset({1}), may_connect=lambda ip, _: ip == OPEN)

    assert gone.ask(f"http://{NAME}:1/").trouble == "connection"
    assert visitor(public, "").ask(f"http://{NAME}:{port}/").trouble == "refused"


def test_a_name_that_nobody_has_is_trouble(public):
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("Name or service not known")

    assert replace(visitor(public), resolve=unknown).ask(f"http://{NAME}:{public.port}/").trouble == "name"


def test_tls_is_verified_by_name_though_the_connection_goes_to_an_address(tmp_path):
    side, trusting = certificate(tmp_path, NAME)
    with running(OPEN, context=side) as server:
        known = visitor(server, trust=lambda: trusting)
        right = known.ask(f"https://{NAME}:{server.port}/")
        another = known.ask(f"https://another.waymark.dev:{server.port}/")
        unknown = visitor(server).ask(f"https://{NAME}:{server.port}/")

        assert right.status == 200
        assert {visit[2] for visit in server.visits} == {f"{NAME}:{server.port}"}
    assert another.trouble == unknown.trouble == "tls"


def test_trust_is_never_switched_off():
    assert fetching.trust().verify_mode == ssl.CERT_REQUIRED
    assert fetching.trust().check_hostname


@pytest.mark.parametrize(
    ("written", "url"),
    [
        (
            "HTTPS://Bücher.Example.COM:443/Straße?q=ä b".replace(" ", "+"),
            "https://xn--bcher-kva.example.com/Stra%C3%9Fe?q=%C3%A4+b",
        ),
        ("http://example.com.", "http://example.com/"),
        ("http://example.com#@127.0.0.1/", "http://example.com/"),
        ("https://example.com/a%20b#part", "https://example.com/a%20b"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
        ("https://my_blog.example.com/", "https://my_blog.example.com/"),
    ],
)
def test_an_address_is_asked_in_ascii(written, url):
    assert read(written).url == url


def test_a_refusal_says_why():
    with pytest.raises(RefusedError, match="private or reserved network"):
        read("http://10.0.0.1/")
