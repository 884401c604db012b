"""The doctor of mail: a real mail server, a real (tiny) DNS server and a real https server tell it what it finds."""

import io
import socketserver
import threading
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from django.core.management import CommandError, call_command

from accounts import clock
from lms.places import mail
from reminders.emails.planning import plan
from reminders.models import Breaker, KindState, Suppression
from reminders.models.suppression import Why
from tests.cast import NOW, ines
from tests.fixtures.mail import free_port
from tests.reminders.moments import WEEK_LATER, at, quiet
from tests.reminders.rogue import CUT, certificate, provider_server, smtp_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("three_kinds")]
GOOD = {
    ("example.org", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"', '"some other thing"'],
    ("s1._domainkey.example.org", "TXT"): ['"v=DKIM1; k=rsa; " "p=MIIB"'],
    ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=quarantine"'],
    ("example.org", "MX"): ["10 mx.example.org."],
    ("1.0.0.127.in-addr.arpa", "PTR"): ["mx.example.org."],
    ("mx.example.org", "A"): ["127.0.0.1"],
    ("localhost", "A"): ["127.0.0.1"],
}


class _Answering(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        raw, sock = self.request
        asked = dns.message.from_wire(raw)
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        question = asked.question[0]
        name, kind = (
            question.name.to_text(omit_final_dot=True).lower(),
            dns.rdatatype.to_text(question.rdtype),
        )
        zone = self.server.zone  # type: ignore[attr-defined]  # set below
        if zone == "silent":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif rows := zone.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *rows))
        elif not any(known == name for known, _kind in zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        sock.sendto(answer.to_wire(), self.client_address)


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def dns_server(zone):
    server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Answering)
    server.zone = zone  # type: ignore[attr-defined]  # for _Answering
    return serving(server)


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, heads = self.server.says  # type: ignore[attr-defined]  # set below
        self.send_response(status)
        for name, value in heads.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        pass


class Clinic:
    """Everything in order, until a test spoils some of it; `examined()` is what the doctor then says."""

    def __init__(self, settings, tmp_path, monkeypatch) -> None:
        self.settings, self.zone = settings, dict(GOOD)
        self.mail_says: dict[str, str] = {}
        self.site_says = (404, {"X-Request-ID": "1"})
        self.arguments: list[str] = ["--selector", "s1"]
        self.file, self.context = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(self.file))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(self.file))
        settings.LETTERS_CONNECT_TIMEOUT, settings.LETTERS_READ_TIMEOUT = 0.5, 0.5
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.LETTERS_FROM_EMAIL = settings.DEFAULT_FROM_EMAIL = "Waymark <letters@example.org>"
        settings.LETTERS_BOUNCE_ADDRESS = "bounces@example.org"
        settings.IN_PRODUCTION = True
        settings.SITE_URL = settings.LETTERS_EMAIL = None

    def examined(self) -> tuple[str, int]:
        """What it says, and how many things it calls bad."""
        said = io.StringIO()
        with ExitStack() as running:
            names = running.enter_context(dns_server(self.zone))
            server = running.enter_context(smtp_server(tls=self.context, says=self.mail_says))
            site = running.enter_context(serving(ThreadingHTTPServer(("127.0.0.1", 0), _Site)))
            site.socket = self.context.wrap_socket(site.socket, server_side=True)
            site.says = self.site_says
            self.server, port = server, site.server_address[1]
            self.settings.SITE_URL = self.settings.SITE_URL or f"https://localhost:{port}"
            if self.settings.LETTERS_EMAIL is None:
                self.use(f"submission://localhost:{server.port}")
            where = f"127.0.0.1:{names.server_address[1]}"
            try:
                call_command("maildoctor", "--resolver", where, *self.arguments, stdout=said)
            except CommandError as bad:
                return said.getvalue(), int(str(bad).split()[0])
        return said.getvalue(), 0

    def use(self, url: str) -> None:
        told = mail(url)
        self.settings.LETTERS_EMAIL = {}
        self.settings.EMAIL_BACKEND = told["backend"]
        self.settings.EMAIL_HOST, self.settings.EMAIL_PORT = told.get("host", ""), told.get("port", 0)
        self.settings.EMAIL_HOST_USER = told.get("username", "")
        self.settings.EMAIL_HOST_PASSWORD = told.get("password", "")
        self.settings.EMAIL_USE_TLS = told.get("use_tls", False)
        self.settings.EMAIL_USE_SSL = told.get("use_ssl", False)


@pytest.fixture
def clinic(settings, tmp_path, monkeypatch) -> Clinic:
    KindState.objects.claim_planning("quiet", timedelta(minutes=1), clock.database_now())
    return Clinic(settings, tmp_path, monkeypatch)


def test_all_is_well_and_nothing_was_sent(clinic):
    said, bad = clinic.examined()

    assert bad == 0, said
    lines = [line for line in said.splitlines() if not line.startswith(" ")]
    assert [line for line in lines if not line.startswith("ok")] == [], said
    assert clinic.server.contents == []
    assert [c for c in clinic.server.commands if c.startswith("mail")] == ["mail FROM:<bounces@example.org>"]
    assert "rset" in clinic.server.commands


def test_with_an_address_it_sends_one_letter_there(clinic):
    clinic.arguments += ["--to", "you@example.net"]
    said, bad = clinic.examined()

    assert bad == 0, said
    assert "the server took it" in said
    assert len(clinic.server.contents) == 1
    assert "rcpt TO:<you@example.net>" in clinic.server.commands


def spf_missing(clinic):
    clinic.zone[("example.org", "TXT")] = ['"some other thing"']


def spf_twice(clinic):
    clinic.zone[("example.org", "TXT")] = ['"v=spf1 -all"', '"v=spf1 mx -all"']


def spf_for_all(clinic):
    clinic.zone[("example.org", "TXT")] = ['"v=spf1 +all"']


def spf_too_long(clinic):
    clinic.zone[("example.org", "TXT")] = [
        f'"v=spf1 {" ".join(f"include:s{n}.example" for n in range(11))} -all"'
    ]


def dkim_missing(clinic):
    del clinic.zone[("s1._domainkey.example.org", "TXT")]


def dkim_withdrawn(clinic):
    clinic.zone[("s1._domainkey.example.org", "TXT")] = ['"v=DKIM1; p="']


def dmarc_missing(clinic):
    del clinic.zone[("_dmarc.example.org", "TXT")]


def dmarc_without_policy(clinic):
    clinic.zone[("_dmarc.example.org", "TXT")] = ['"v=DMARC1; rua=mailto:x@example.org"']


def no_mail_at_all(clinic):
    clinic.zone[("example.org", "MX")] = ["0 ."]


def no_mx(clinic):
    del clinic.zone[("example.org", "MX")]


def no_domain(clinic):
    clinic.settings.DEFAULT_FROM_EMAIL = clinic.settings.LETTERS_FROM_EMAIL = "waymark@localhost"


def no_https(clinic):
    clinic.settings.SITE_URL = "http://learn.example.org"


def away(clinic):
    clinic.use(f"submission://localhost:{free_port()}")


def refuses_sender(clinic):
    clinic.mail_says["MAIL"] = "550 5.7.1 not you"


def hangs_up(clinic):
    clinic.mail_says["MAIL"] = CUT


def refuses_and_hangs_up(clinic):
    refuses_sender(clinic)
    clinic.mail_says["RSET"] = CUT


def another_site(clinic):
    clinic.site_says = (302, {"Location": "https://sign-in.example.org/"})


def waiting(clinic):
    quiet(ines())
    at(WEEK_LATER)
    plan(WEEK_LATER)
    at(WEEK_LATER + timedelta(hours=3))


def no_worker(clinic):
    KindState.objects.update(planned_at=clock.database_now() - timedelta(minutes=40, seconds=5))


@pytest.mark.parametrize(
    ("spoil", "about", "words"),
    [
        (spf_missing, "SPF", "no SPF record"),
        (spf_twice, "SPF", "2 SPF records"),
        (spf_for_all, "SPF", "lets everybody send"),
        (spf_too_long, "SPF", "11 look-ups"),
        (dkim_missing, "DKIM", "no key s1._domainkey.example.org"),
        (dkim_withdrawn, "DKIM", "withdrawn"),
        (dmarc_missing, "DMARC", "no DMARC record"),
        (dmarc_without_policy, "DMARC", "names no policy"),
        (no_mail_at_all, "MX", "takes no mail"),
        (no_mx, "MX", "neither MX nor address"),
        (no_domain, "From", "WAYMARK_FROM_EMAIL"),
        (no_https, "site", "without https"),
        (away, "server", "refused"),
        (refuses_sender, "server", "550 5.7.1 not you"),
        (hangs_up, "server", "hangs up when asked to take a letter"),
        (refuses_and_hangs_up, "server", "550 5.7.1 not you"),
        (another_site, "unsubscribe", "answers 302"),
        (waiting, "letters", "1 have waited"),
        (no_worker, "worker", "no worker has planned for 40 minutes: is one running?"),
    ],
)
def test_what_is_bad_is_named_with_its_remedy(clinic, spoil, about, words):
    spoil(clinic)

    said, bad = clinic.examined()

    assert bad >= 1
    lines = said.splitlines()
    found = [n for n, line in enumerate(lines) if line.startswith(f"bad   {about}:")]
    assert found, said
    assert words in " ".join(lines[found[0] : found[0] + 2])
    assert lines[found[0] + 1].startswith("      -> ")


def silent_dns(clinic):
    clinic.zone = "silent"


def no_way_back(clinic):
    clinic.settings.LETTERS_BOUNCE_ADDRESS = ""


def other_house(clinic):
    clinic.settings.LETTERS_BOUNCE_ADDRESS = "bounces@example.net"


def open_breaker(clinic):
    Breaker.objects.of().open("451 later", NOW)


def no_ptr(clinic):
    del clinic.zone[("1.0.0.127.in-addr.arpa", "PTR")]


def nameless_server(clinic):
    del clinic.zone[("localhost", "A")]


def unknown_key(clinic):
    clinic.arguments = []
    del clinic.zone[("s1._domainkey.example.org", "TXT")]


def never_planned(clinic):
    KindState.objects.all().delete()


@pytest.mark.parametrize(
    ("spoil", "about", "words"),
    [
        (silent_dns, "SPF", "gave no answer"),
        (no_way_back, "reports", "letters@example.org"),
        (other_house, "reports", "another domain"),
        (open_breaker, "stream", "451 later"),
        (no_ptr, "PTR", "no name that leads back"),
        (nameless_server, "PTR", "knows no address of localhost"),
        (unknown_key, "DKIM", "usual key names"),
        (never_planned, "worker", "never planned"),
    ],
)
def test_what_is_doubtful_is_said_and_is_no_failure(clinic, spoil, about, words):
    spoil(clinic)

    said, bad = clinic.examined()

    assert bad == 0, said
    line = next(line for line in said.splitlines() if line.startswith(f"warn  {about}:"))
    assert words in line


def test_suppressed_addresses_are_counted(clinic):
    Suppression.objects.suppress("ines@example.org", Why.BOUNCED, "", NOW)

    assert "1 are suppressed" in clinic.examined()[0]


def test_a_server_without_tls_is_warned_of_and_worse_with_a_password(clinic):
    with smtp_server() as plain:
        clinic.use(plain.url)
        here = clinic.examined()[0]

    assert "on this machine" in here


def test_a_provider_is_asked_for_its_key_and_told_of_its_webhook(clinic):
    with provider_server() as provider:
        clinic.use("anymail+postmark:")
        clinic.settings.ANYMAIL = {"POSTMARK_API_URL": provider.url}
        without, bad = clinic.examined()
        clinic.settings.ANYMAIL = {"POSTMARK_API_URL": provider.url, "POSTMARK_SERVER_TOKEN": "k"}
        clinic.settings.WEBHOOK_SECRET = "hook:a-password-of-twenty"
        keyed = clinic.examined()

    assert bad == 1
    assert "POSTMARK_SERVER_TOKEN" in without
    assert "WAYMARK_WEBHOOK_SECRET" in without
    assert keyed[1] == 0
    assert "may tell of bounces" in keyed[0]
    assert provider.asked == []


def test_two_streams_are_both_looked_at(clinic):
    clinic.settings.LETTERS_EMAIL = mail(f"submission://localhost:{free_port()}")

    said, bad = clinic.examined()

    assert "bad   server of reminders:" in said
    assert "server of account mail:" in said
    assert bad >= 1
