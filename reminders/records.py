"""What the DNS says of a mail domain, and what receivers make of it. Plain; the resolver comes with the question."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from ipaddress import ip_address
from typing import Any

import dns.exception
import dns.name
import dns.resolver
import dns.reversename
from dns.rdatatype import RdataType

from accounts.sentences import NOTHING, Sentence
from accounts.sentences import sentence as _

MOST_LOOKUPS = 10  # RFC 7208, 4.6.4
SECONDS = 5.0
_COSTS_A_LOOKUP = re.compile(
    r"^[-+~?]?(include:|a([:/]|$)|mx([:/]|$)|ptr([:/]|$)|exists:)|^redirect=", re.IGNORECASE
)
COMMON_SELECTORS = ("default", "mail", "dkim", "s1", "s2", "k1", "selector1", "selector2", "google", "pm")


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor: what was looked at and found, and what to do about it."""

    grade: Grade
    about: str
    found: Sentence
    remedy: Sentence = NOTHING


class Names:
    """Questions to a DNS resolver; what is not there is an empty answer, a resolver that fails raises NameTrouble."""

    def __init__(self, resolver: dns.resolver.Resolver | None = None) -> None:
        self.resolver = resolver or dns.resolver.Resolver()
        self.resolver.lifetime = SECONDS

    def texts(self, name: str) -> list[str]:
        return [b"".join(row.strings).decode(errors="replace") for row in self._ask(name, RdataType.TXT)]

    def mail_servers(self, name: str) -> list[str]:
        rows = sorted(self._ask(name, RdataType.MX), key=lambda row: int(row.preference))
        return [str(row.exchange).rstrip(".") for row in rows]

    def addresses(self, name: str) -> list[str]:
        return [str(row) for kind in (RdataType.A, RdataType.AAAA) for row in self._ask(name, kind)]

    def names_of(self, address: str) -> list[str]:
        return [
            str(row).rstrip(".") for row in self._ask(dns.reversename.from_address(address), RdataType.PTR)
        ]

    def _ask(self, name: str | dns.name.Name, kind: RdataType) -> list[Any]:
        try:
            return list(self.resolver.resolve(name, kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as trouble:
            raise NameTroubleError(str(trouble)) from trouble


class NameTroubleError(Exception):
    """The resolver gave no answer, so that nothing is known."""


def findings(domain: str, server: str, selector: str, names: Names) -> Iterator[Finding]:
    """All that is to be said of `domain`, from which letters come by way of the mail server `server`."""
    looks: dict[str, Callable[[], Finding]] = {
        "SPF": partial(_spf, domain, names),
        "DKIM": partial(_dkim, domain, selector, names),
        "DMARC": partial(_dmarc, domain, names),
        "MX": partial(_mx, domain, names),
        "PTR": partial(_ptr, server, names),
    }
    for about, look in looks.items():
        try:
            yield look()
        except NameTroubleError as trouble:
            yield Finding(
                Grade.WARN,
                about,
                _("the DNS gave no answer: %(why)s", why=str(trouble)[:200]),
                _("Try again, or look at the resolver of this machine."),
            )


def _spf(domain: str, names: Names) -> Finding:
    found = [text for text in names.texts(domain) if re.match(r"v=spf1( |$)", text, re.IGNORECASE)]
    if not found:
        return Finding(
            Grade.BAD,
            "SPF",
            _("%(domain)s has no SPF record", domain=domain),
            _(
                "Add a TXT record to %(domain)s, as in “v=spf1 mx -all”, that names the mail server.",
                domain=domain,
            ),
        )
    if len(found) > 1:
        return Finding(
            Grade.BAD,
            "SPF",
            _("%(domain)s has %(count)s SPF records, so that none counts", domain=domain, count=len(found)),
            _("Put them together into one."),
        )
    (record,) = found
    terms = record.split()[1:]
    if any(term.lower() in {"+all", "all"} for term in terms):
        return Finding(
            Grade.BAD,
            "SPF",
            _("it lets everybody send: %(record)s", record=record),
            _("End it with -all or ~all."),
        )
    lookups = sum(bool(_COSTS_A_LOOKUP.match(term)) for term in terms)
    if lookups > MOST_LOOKUPS:
        return Finding(
            Grade.BAD,
            "SPF",
            _("it needs %(count)s look-ups; receivers stop at ten", count=lookups),
            _("Name addresses (ip4:, ip6:) instead of some of the names."),
        )
    if not any(re.match(r"[-~?]all$|redirect=", term, re.IGNORECASE) for term in terms):
        return Finding(
            Grade.WARN,
            "SPF",
            _("it does not say how it ends: %(record)s", record=record),
            _("End it with -all or ~all."),
        )
    return Finding(Grade.OK, "SPF", _("%(record)s", record=record))


def _dkim(domain: str, selector: str, names: Names) -> Finding:
    tried = (selector,) if selector else COMMON_SELECTORS
    for name in tried:
        texts = [text for text in names.texts(f"{name}._domainkey.{domain}") if "p=" in text]
        if texts and re.search(r"p=\s*(;|$)", texts[0]):
            return Finding(
                Grade.BAD,
                "DKIM",
                _("the key %(name)s is withdrawn", name=name),
                _("Let the mail server sign with a key that stands in the DNS."),
            )
        if texts:
            return Finding(Grade.OK, "DKIM", _("there is a key named %(name)s", name=name))
    if selector:
        return Finding(
            Grade.BAD,
            "DKIM",
            _("there is no key %(name)s._domainkey.%(domain)s", name=selector, domain=domain),
            _("Add the TXT record that the mail server shows for signing."),
        )
    return Finding(
        Grade.WARN,
        "DKIM",
        _("none of the usual key names is there: %(names)s", names=", ".join(tried)),
        _("Let the mail server sign with DKIM, and say --selector NAME if the key has another name."),
    )


def _dmarc(domain: str, names: Names) -> Finding:
    """The record of the domain, or of the domains above it down to two labels, as receivers look."""
    labels = domain.split(".")
    for cut in range(max(1, len(labels) - 1)):
        above = ".".join(labels[cut:])
        found = [text for text in names.texts(f"_dmarc.{above}") if text.lower().startswith("v=dmarc1")]
        if len(found) > 1:
            return Finding(
                Grade.BAD,
                "DMARC",
                _("%(domain)s has several DMARC records", domain=above),
                _("Leave one of them."),
            )
        if found:
            return _policy(found[0])
    return Finding(
        Grade.BAD,
        "DMARC",
        _("%(domain)s has no DMARC record", domain=domain),
        _(
            "Add a TXT record to _dmarc.%(domain)s, as in “v=DMARC1; p=none; rua=mailto:you@%(domain)s”.",
            domain=domain,
        ),
    )


def _policy(record: str) -> Finding:
    if not re.search(r";\s*p=(none|quarantine|reject)\b", record, re.IGNORECASE):
        return Finding(
            Grade.BAD,
            "DMARC",
            _("it names no policy: %(record)s", record=record),
            _("Add p=none, quarantine or reject."),
        )
    return Finding(Grade.OK, "DMARC", _("%(record)s", record=record))


def _mx(domain: str, names: Names) -> Finding:
    servers = names.mail_servers(domain)
    if servers in (["."], [""]):
        return Finding(
            Grade.BAD,
            "MX",
            _("%(domain)s says that it takes no mail", domain=domain),
            _("Write from a domain that can be answered to."),
        )
    if servers:
        return Finding(Grade.OK, "MX", _("%(names)s", names=", ".join(servers)))
    if names.addresses(domain):
        return Finding(
            Grade.WARN,
            "MX",
            _("%(domain)s has no MX record, only an address", domain=domain),
            _("Add an MX record: answers and reports of failure need one."),
        )
    return Finding(
        Grade.BAD,
        "MX",
        _("%(domain)s takes no mail: it has neither MX nor address", domain=domain),
        _("Add an MX record: many receivers refuse senders that can’t be answered to."),
    )


def _ptr(server: str, names: Names) -> Finding:
    """Whether the address of the mail server has a name that leads back to it."""
    if not server:
        return Finding(Grade.OK, "PTR", _("a provider sends: its own affair"))
    addresses = [server] if _is_address(server) else names.addresses(server)
    if not addresses:
        return Finding(
            Grade.WARN,
            "PTR",
            _("the DNS knows no address of %(server)s", server=server),
            _("No harm if it is a name of this machine or network only, and passes mail on."),
        )
    for address in addresses:
        called = names.names_of(address)
        if not any(address in names.addresses(name) for name in called):
            return Finding(
                Grade.WARN,
                "PTR",
                _("%(address)s has no name that leads back to it", address=address),
                _("If %(server)s sends to the world itself, let its network give it one.", server=server),
            )
    return Finding(Grade.OK, "PTR", _("%(addresses)s", addresses=", ".join(addresses)))


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False
